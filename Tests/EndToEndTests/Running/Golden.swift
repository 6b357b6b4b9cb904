import Foundation
import Testing

/// Texts that are compared with a file in `Golden/`; `GOLDEN_UPDATE=1` rewrites the files, to be
/// reviewed as a diff.
enum Golden {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Golden")

    private static let isUpdating =
        ProcessInfo.processInfo.environment["GOLDEN_UPDATE"] == "1"

    /// - Parameter name: the file's path in `Golden/`: `help/version.txt`.
    static func expect(
        _ text: String, equals name: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let file = folder.appendingPathComponent(name)
        if isUpdating {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let wanted = try? String(contentsOf: file, encoding: .utf8)
        let advice: Comment = "GOLDEN_UPDATE=1 rewrites Golden/\(name); review the difference"
        #expect(text == wanted, advice, sourceLocation: sourceLocation)
    }

    /// The names of the files in one folder of `Golden/`.
    static func names(in subfolder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            atPath: folder.appendingPathComponent(subfolder).path
        ).sorted()
    }
}
