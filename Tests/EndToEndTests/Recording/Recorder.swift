import Foundation
import Testing

/// `weir record` in front of an echo server, and the recording in a folder of its own.
final class Recorder {
    let server: EchoServer
    let folder: TemporaryFolder
    let weir: WeirProcess
    /// Where clients connect.
    let port: UInt16
    let path: String

    init(
        _ options: [String] = [], in folder: TemporaryFolder? = nil, server: EchoServer? = nil
    ) throws {
        let server = try server ?? EchoServer()
        let folder = try folder ?? TemporaryFolder()
        path = folder.path("r.weir")
        weir = try WeirProcess.start(
            ["record", "--listen", ":0", "--upstream", ":\(server.port)", "--output", path]
                + options)
        self.server = server
        self.folder = folder
        port = try Self.port(of: weir)
    }

    /// The port that it says it listens on.
    static func port(of weir: WeirProcess) throws -> UInt16 {
        try weir.wait(for: "recording to ")
        let words = weir.errorsSoFar.components(separatedBy: "127.0.0.1:")
        let digits = try #require(words.dropFirst().first).prefix { $0.isNumber }
        return try #require(UInt16(digits))
    }

    /// Ends it as Ctrl-C does.
    func interrupt() throws -> WeirProcess.Result {
        weir.interrupt()
        return try weir.finish()
    }

    /// What `weir show --json` says; nothing before the file's first block is on the disk.
    func shown() throws -> [String: Any] {
        let run = try WeirProcess.run(["show", path, "--json"])
        if run.outputBytes.isEmpty { return [:] }
        return try #require(
            try JSONSerialization.jsonObject(with: run.outputBytes) as? [String: Any])
    }

    /// Asks `weir show` until it has so many bytes upstream on connection 1, for ten seconds.
    func waitUntilOnDisk(_ bytes: Int) throws {
        let end = Date(timeIntervalSinceNow: 10)
        while Date() < end {
            if try upstreamBytes() == bytes { return }
        }
        throw WeirProcess.RunFailure(description: "\(bytes) bytes never came to the disk")
    }

    func upstreamBytes() throws -> Int {
        let connections = try shown()["connections"] as? [[String: Any]] ?? []
        let link = connections.first?["upstream"] as? [String: Any]
        return link?["bytes"] as? Int ?? 0
    }

    /// The bytes of one link, as `weir export` gives them.
    func exported(_ direction: String, connection: Int = 1) throws -> Data {
        try Self.exported(path, direction, connection: connection, in: folder).bytes
    }

    /// By way of a file: as standard output they would be made text, which takes seconds.
    static func exported(
        _ path: String, _ direction: String, connection: Int = 1, in folder: TemporaryFolder
    ) throws -> (bytes: Data, exitCode: Int32) {
        let file = folder.path("exported.\(direction)")
        let run = try WeirProcess.run([
            "export", path, "--raw", direction, "--connection", "\(connection)", "--output", file,
            "--force",
        ])
        return (try Data(contentsOf: URL(fileURLWithPath: file)), run.exitCode)
    }

    /// Bytes whose period of 50,021 fits into no buffer or block.
    static func bytes(_ count: Int) -> Data {
        var state: UInt64 = 7
        let period = Data(
            (0..<50_021).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 33)
            })
        var bytes = Data()
        while bytes.count < count { bytes += period }
        return bytes.prefix(count)
    }
}
