import Foundation
import Testing

/// Texts that are kept in files, one case a file: GOLDEN_UPDATE=1 rewrites them, and the difference
/// is reviewed.
enum Golden {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().appendingPathComponent("Golden")

    static func expect(
        _ text: String, equals name: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let file = folder.appendingPathComponent(name)
        if ProcessInfo.processInfo.environment["GOLDEN_UPDATE"] == "1" {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let wanted = try? String(contentsOf: file, encoding: .utf8)
        let advice: Comment = "GOLDEN_UPDATE=1 rewrites Golden/\(name); review the difference"
        #expect(text == wanted, advice, sourceLocation: sourceLocation)
    }
}
