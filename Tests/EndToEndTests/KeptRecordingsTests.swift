import Foundation
import Testing

/// The recordings in `Recordings/`, as the built binary reads them.
@Suite struct KeptRecordingsTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Recordings")

    private static let names =
        (FileManager.default.enumerator(atPath: folder.path)?
        .compactMap { $0 as? String }.filter { $0.hasSuffix(".weir") } ?? []).sorted()

    @Test func `there are recordings of each server and of the demo`() {
        for folder in ["redis/", "http1/", "postgresql/"] {
            #expect(Self.names.contains { $0.hasPrefix(folder) })
        }
        #expect(Self.names.contains("demo/ledger.weir"))
    }

    @Test(arguments: names)
    func `a kept recording is whole, and both directions are read as messages`(
        name: String
    ) throws {
        let path = Self.folder.appendingPathComponent(name).path
        #expect(try WeirProcess.run(["check", path]).exitCode == 0)

        let shown = try WeirProcess.run(["show", path, "--json"])
        #expect(shown.exitCode == 0)
        let object = try #require(
            try JSONSerialization.jsonObject(with: shown.outputBytes) as? [String: Any])
        // A server's folder is named after the protocol, which the first bytes tell; the
        // ledger's recordings say it.
        if let folder = name.split(separator: "/").first, !["demo", "regressions"].contains(folder)
        {
            let framing = object["framing"] as? String ?? ""
            #expect(framing.hasPrefix("reading \(folder): the first bytes look like \(folder);"))
        }
        let connections = try #require(object["connections"] as? [[String: Any]])
        #expect(!connections.isEmpty)
        for connection in connections {
            for direction in ["upstream", "downstream"] {
                let link = connection[direction] as? [String: Any]
                // Nothing answers a request to cancel.
                if link?["bytes"] as? Int == 0 { continue }
                #expect(link?["messages"] as? Int ?? 0 > 0, "\(name): \(direction)")
            }
        }
    }
}
