import Foundation
import Testing

/// The recordings that are kept, and what `Recordings/README.md` says of them.
@Suite struct CatalogueTests {
    @Test func `each recording has one row in the catalogue, and each row its recording`() throws {
        let document = try #require(SourceTree.file("Recordings/README.md"))
        #expect(Self.rows(of: document.lines).sorted() == Self.recordings().sorted())
    }

    @Test func `each scenario has its recording, and each of these its scenario`() {
        let wanted = Self.scenarios().map { Self.recording(of: $0) }
        #expect(!wanted.isEmpty)
        #expect(
            wanted.sorted() == Self.recordings().filter { !$0.hasPrefix("demo/") }.sorted())
    }

    @Test func `the catalogue says of a recording what its scenario says in its first line`() throws
    {
        let document = try #require(SourceTree.file("Recordings/README.md"))
        for file in Self.scenarios() {
            let name = Self.recording(of: file)
            let said = file.lines.first?.dropFirst(2) ?? ""
            #expect(file.lines.first?.hasPrefix("# ") == true, "\(file.path)")
            let row = document.lines.first { $0.hasPrefix("| [\(name)]") }
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

    private static func scenarios() -> [SourceFile] {
        SourceTree.files.filter {
            $0.path.hasPrefix("Recordings/") && $0.path.contains("/scenarios/")
        }
    }

    /// `redis/errors.weir` of `Recordings/redis/scenarios/errors.sh`.
    private static func recording(of scenario: SourceFile) -> String {
        let path = String(scenario.path.dropFirst("Recordings/".count))
        return path.replacing("/scenarios/", with: "/").replacing(".sh", with: ".weir")
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
