import Foundation
import Testing

/// A recording of clients that talk lines to an echo server, and a folder to replay it in.
struct ReplayFixture {
    let folder: TemporaryFolder
    let server: EchoServer
    let recording: String

    /// - Parameter lines: what each client says, one line at a time: the next once it is answered.
    init(_ lines: [[String]]) throws {
        folder = try TemporaryFolder()
        server = try EchoServer()
        let recorder = try Recorder(["--protocol", "line"], in: folder, server: server)
        recording = recorder.path
        for client in lines {
            let socket = try LoopbackClient(port: recorder.port)
            for line in client {
                let bytes = Data((line + "\n").utf8)
                try socket.send(bytes)
                _ = socket.receive(bytes.count)
            }
            socket.finish()
            _ = socket.receive()
        }
        _ = try recorder.interrupt()
    }

    /// So many lines from each of so many clients.
    init(clients: Int, lines: Int) throws {
        try self.init(
            (1...clients).map { client in
                (1...lines).map { "client \(client) says line \($0)" }
            })
    }

    func replay(
        _ options: [String] = [], to port: UInt16? = nil
    ) throws -> WeirProcess.Result {
        try WeirProcess.run(arguments(options, to: port), in: folder.url)
    }

    func arguments(_ options: [String], to port: UInt16? = nil) -> [String] {
        ["replay", recording, "--to", ":\(port ?? server.port)"] + options
    }

    /// The lines of a file in a run's folder, as objects.
    func lines(_ run: String, _ file: String) throws -> [[String: Any]] {
        try text(run, file).split(separator: "\n").map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            return try #require(object as? [String: Any])
        }
    }

    func text(_ run: String, _ file: String) throws -> String {
        try String(contentsOfFile: folder.path("\(run)/\(file)"), encoding: .utf8)
    }

    /// The files that are in a run's folder.
    func files(_ run: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path(run)).sorted()
    }

    static let allFiles = [
        "log", "outcomes.jsonl", "plan.json", "reactions.jsonl", "replay.weir", "schedule.jsonl",
        "summary.json",
    ]
}

/// A summary as `--json` prints it.
struct Summary {
    let object: [String: Any]

    init(_ text: String) throws {
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
        object = try #require(value as? [String: Any])
    }

    /// A number in a part of it: `answers`, `same`.
    subscript(part: String, key: String) -> Int? {
        (object[part] as? [String: Any])?[key] as? Int
    }
}
