import Foundation

/// A Mosquitto of this test alone, on a port that was free.
final class MosquittoServer {
    static var isInstalled: Bool {
        RunningProgram.areInstalled("mosquitto", "mosquitto_pub", "mosquitto_sub", "stdbuf")
    }

    let port: UInt16
    private let folder: RecordingFolder
    private let program: RunningProgram

    init() throws {
        let folder = try RecordingFolder()
        self.folder = folder
        (port, program) = try FreePort.start(saying: " running") { port in
            let path = folder.path("mosquitto.conf")
            let settings = [
                "listener \(port) 127.0.0.1", "allow_anonymous true", "persistence false",
                "max_queued_messages 0", getuid() == 0 ? "user root" : "",
            ]
            try settings.joined(separator: "\n").write(
                toFile: path, atomically: true, encoding: .utf8)
            return try RunningProgram("mosquitto", ["-c", path, "-v"])
        }
    }

    deinit {
        program.terminate()
        _ = try? program.finish()
    }

    /// Starts `mosquitto_sub` over this port, and waits until it is subscribed.
    static func subscribe(_ port: UInt16, _ options: [String]) throws -> RunningProgram {
        // It would keep what it says to a pipe until there is much of it.
        let unbuffered = ["-oL", "mosquitto_sub", "-h", "127.0.0.1", "-p", "\(port)", "-d"]
        let subscriber = try RunningProgram("stdbuf", unbuffered + options)
        try subscriber.wait(for: "Subscribed (mid: 1)")
        return subscriber
    }
}

/// A NATS server of this test alone, on a port that it found free.
final class NATSServer {
    static var isInstalled: Bool { RunningProgram.areInstalled("nats-server") }

    let port: UInt16
    private let program: RunningProgram

    init() throws {
        program = try RunningProgram("nats-server", ["-a", "127.0.0.1", "-p", "-1"])
        try program.wait(for: "Server is ready")
        let place = program.text.firstMatch(of: #/client connections on 127.0.0.1:(\d+)/#)
        guard let port = place.flatMap({ UInt16($0.1) }) else {
            throw RunningProgram.RunFailure(description: "no port in: \(program.text)")
        }
        self.port = port
    }

    deinit {
        program.interrupt()
        _ = try? program.finish()
    }
}

/// A memcached of this test alone, on a port that was free.
final class MemcachedServer {
    static var isInstalled: Bool { RunningProgram.areInstalled("memcached") }

    let port: UInt16
    private let program: RunningProgram

    init() throws {
        (port, program) = try FreePort.start(saying: "server listening") { port in
            let user = getuid() == 0 ? ["-u", "root"] : []
            return try RunningProgram(
                "memcached", ["-l", "127.0.0.1", "-p", "\(port)", "-U", "0", "-vv"] + user)
        }
    }

    deinit {
        program.interrupt()
        _ = try? program.finish()
    }
}
