import Foundation

/// The repository's own files, read from where this file was compiled.
enum SourceTree {
    /// Three steps up from Tests/TidyTests/SourceTree.swift.
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// All text that people wrote, in the order of its paths: no build products, no run folders.
    static let files: [SourceFile] = {
        let places = [
            "Package.swift", "README.md", "LICENSE", ".gitignore", ".swift-format",
            ".ci", "Sources", "Tests", "Recordings", "Scripts",
        ]
        return places.flatMap(filesBelow).sorted { $0.path < $1.path }
    }()

    static let swift = files.filter { $0.path.hasSuffix(".swift") }
    static let sources = swift.filter { $0.path.hasPrefix("Sources/") }
    static let documents = files.filter { $0.path.hasSuffix(".md") }

    static func file(_ path: String) -> SourceFile? {
        files.first { $0.path == path }
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    private static func filesBelow(_ path: String) -> [SourceFile] {
        let place = root.appending(path: path).path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: place, isDirectory: &isFolder) else {
            return []
        }
        guard isFolder.boolValue else {
            return [SourceFile(at: place, path: path)].compactMap(\.self)
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
        return names.flatMap { filesBelow("\(path)/\($0)") }
    }
}

/// One file of the repository: its text, and its text as a compiler sees it.
struct SourceFile: Sendable {
    let path: String
    let text: String
    let lines: [String]

    /// Lines with comments and the contents of string literals blanked, where it is Swift.
    let code: [String]

    init(path: String, text: String) {
        self.path = path
        self.text = text
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        code = path.hasSuffix(".swift") ? SwiftCode(text).lines : lines
    }

    /// nil for what is not text, as a recording.
    init?(at place: String, path: String) {
        guard let data = FileManager.default.contents(atPath: place), !data.contains(0),
            let text = String(data: data, encoding: .utf8)
        else { return nil }
        self.init(path: path, text: text)
    }

    /// `Sources/Text/JSON/Value.swift` belongs to `Text`.
    var target: String {
        let parts = path.split(separator: "/")
        return parts.count > 2 ? String(parts[1]) : ""
    }
}
