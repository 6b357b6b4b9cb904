import Foundation

/// A Redis of this test alone: on a port that was free, with its files in a folder of its own.
final class RedisServer {
    let port: UInt16
    let folder: URL
    private let program: RunningProgram

    /// - Parameter port: where it listens; nil: on one that is free.
    init(port: UInt16? = nil) throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("weir-redis-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let folder = folder
        if let port {
            self.port = port
            program = try Self.start(port, folder)
            try program.wait(for: Self.readyText)
        } else {
            (self.port, program) = try FreePort.start(saying: Self.readyText) {
                try Self.start($0, folder)
            }
        }
    }

    private static let readyText = "Ready to accept connections"

    private static func start(_ port: UInt16, _ folder: URL) throws -> RunningProgram {
        try RunningProgram(
            "redis-server",
            [
                "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--dir", folder.path,
                "--maxclients", "1000",
            ])
    }

    /// Ends it as the kernel does when memory is out.
    func kill() throws {
        program.kill()
        _ = try program.finish()
    }

    deinit {
        program.interrupt()
        _ = try? program.finish()
        try? FileManager.default.removeItem(at: folder)
    }

    /// A file in its folder.
    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
}

/// `weir record` in front of a server.
final class WeirRecorder {
    let port: UInt16
    let path: String
    private let program: RunningProgram

    init(upstream: UInt16, to path: String, _ options: [String] = []) throws {
        self.path = path
        program = try RunningProgram(
            "weir",
            ["record", "--listen", ":0", "--upstream", ":\(upstream)", "--output", path] + options)
        try program.wait(for: "recording to ")
        let words = program.text.components(separatedBy: "127.0.0.1:")
        guard words.count > 1, let port = UInt16(words[1].prefix { $0.isNumber }) else {
            throw RunningProgram.RunFailure(description: "no port in: \(program.text)")
        }
        self.port = port
    }

    /// Ends it as Ctrl-C does, and checks what it wrote.
    func finish() throws -> (exitCode: Int32, check: String) {
        program.interrupt()
        let exitCode = try program.finish()
        return (exitCode, try RunningProgram.run("weir", ["check", path]).text)
    }

    /// The bytes of one link, as `weir export` gives them.
    func exported(_ direction: String, connection: Int) throws -> Data {
        let file = "\(path).\(connection).\(direction)"
        let run = try RunningProgram.run(
            "weir",
            [
                "export", path, "--raw", direction, "--connection", "\(connection)", "--output",
                file,
            ])
        guard run.exitCode == 0 else { throw RunningProgram.RunFailure(description: run.text) }
        return try Data(contentsOf: URL(fileURLWithPath: file))
    }

    /// What `weir show --json` says.
    func shown() throws -> [String: Any] {
        let run = try RunningProgram.run("weir", ["show", path, "--json"])
        let object = try JSONSerialization.jsonObject(with: Data(run.text.utf8))
        return object as? [String: Any] ?? [:]
    }
}
