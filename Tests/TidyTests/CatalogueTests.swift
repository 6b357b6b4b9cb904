import Foundation
import Testing

/// The recordings that are kept, and what `Recordings/README.md` says of them.
@Suite struct CatalogueTests {
    @Test func `each recording has one row in the catalogue, and each row its recording`() throws {
        let document = try #require(SourceTree.file("Recordings/README.md"))
        #expect(Self.rows(of: document.lines).sorted() == Self.recordings().sorted())
    }

    @Test func `each scenario of Redis has its recording, and each of these its scenario`() {
        let scenarios = SourceTree.files.map(\.path).filter {
            $0.hasPrefix("Recordings/redis/scenarios/")
        }
        let names = scenarios.map { $0.split(separator: "/").last ?? "" }
        let wanted = names.map { "redis/" + $0.replacing(".sh", with: ".weir") }
        #expect(wanted.sorted() == Self.recordings().filter { $0.hasPrefix("redis/") }.sorted())
    }

    @Test func `the catalogue says of a recording what its scenario says in its first line`() throws
    {
        let document = try #require(SourceTree.file("Recordings/README.md"))
        for file in SourceTree.files where file.path.hasPrefix("Recordings/redis/scenarios/") {
            let name = file.path.split(separator: "/").last?.replacing(".sh", with: ".weir") ?? ""
            let said = file.lines.first?.dropFirst(2) ?? ""
            #expect(file.lines.first?.hasPrefix("# ") == true, "\(file.path)")
            let row = document.lines.first { $0.hasPrefix("| [redis/\(name)]") }
            #expect(row?.hasSuffix("| \(said) |") == true, "\(file.path)")
        }
    }

    @Test func `a row of the catalogue is read by its link`() {
        let rows = Self.rows(of: [
            "| Recording | What happens in it |", "|---|---|",
            "| [redis/errors.weir](redis/errors.weir) | what Redis refuses |",
            "| [other](https://example.org) | no recording |",
        ])
        #expect(rows == ["redis/errors.weir"])
    }

    /// The recordings that the catalogue's rows link to.
    private static func rows(of lines: [String]) -> [String] {
        lines.filter { $0.hasPrefix("| [") }.compactMap { line in
            let target = line.split(separator: "](").dropFirst().first?.prefix { $0 != ")" }
            return target.map(String.init).flatMap { $0.hasSuffix(".weir") ? $0 : nil }
        }
    }

    /// Their paths below Recordings; those of regressions have a list of their own.
    private static func recordings() -> [String] {
        let folder = SourceTree.root.appending(path: "Recordings").path
        let all = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return all.filter { $0.hasSuffix(".weir") && !$0.hasPrefix("regressions/") }
    }
}
