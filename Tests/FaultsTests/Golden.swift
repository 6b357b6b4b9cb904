import Foundation
import Testing

/// Texts that are compared with a file in `Golden/`; `GOLDEN_UPDATE=1` rewrites the files, to be
/// reviewed as a diff.
enum Golden {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().appendingPathComponent("Golden")

    static func expect(
        _ text: String, equals name: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let file = folder.appendingPathComponent(name)
        if ProcessInfo.processInfo.environment["GOLDEN_UPDATE"] == "1" {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let wanted = try? String(contentsOf: file, encoding: .utf8)
        let advice: Comment = "GOLDEN_UPDATE=1 rewrites Golden/\(name); review the difference"
        #expect(text == wanted, advice, sourceLocation: sourceLocation)
    }

    /// Each input with the mistake that is found in it, below it and indented.
    static func mistakes(_ inputs: [String], _ check: (String) throws -> Void) -> String {
        inputs.map { input in
            do {
                try check(input)
                return "\(input)\n    (no mistake)\n"
            } catch {
                return "\(input)\n    \(error)\n"
            }
        }.joined(separator: "\n")
    }
}
