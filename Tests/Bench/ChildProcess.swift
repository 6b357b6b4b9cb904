import Foundation

/// A process that the bench started, and ends.
final class ChildProcess {
    private let process = Process()
    private let name: String
    private let log: URL

    /// Looks for the command where PATH says, and where Debian keeps servers. What it writes to
    /// stderr goes to a file in the folder.
    init(_ command: String, _ arguments: [String], in folder: URL) throws(BenchError) {
        name = command
        log = folder.appending(path: "stderr.log")
        guard let path = Self.find(command) else { throw BenchError("there is no \(command)") }
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        process.standardError = FileHandle(forWritingAtPath: log.path)
        do {
            try process.run()
        } catch {
            throw BenchError("\(command): \(error.localizedDescription)")
        }
    }

    deinit { stop() }

    /// Ends it in order; by force when it does not within 5 seconds.
    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        let deadline = secondsNow() + 5
        while process.isRunning, secondsNow() < deadline { usleep(2_000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// Waits until something listens on the port; asked of the kernel, not by connecting.
    func awaitListener(on port: UInt16) throws(BenchError) {
        let deadline = secondsNow() + 5
        while !Ports.isListenedOn(port) {
            guard process.isRunning else {
                let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
                let last = text.split(separator: "\n").last ?? "it said nothing"
                throw BenchError("\(name) ended at once: \(last)")
            }
            guard secondsNow() < deadline else {
                throw BenchError("\(name) does not listen after 5 seconds")
            }
            usleep(2_000)
        }
    }

    /// User and system time of it and its ended children so far.
    var cpuSeconds: Double {
        guard
            let text = try? String(
                contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8),
            // The command's name stands in parentheses and may hold anything.
            let end = text.lastIndex(of: ")")
        else { return 0 }
        let fields = text[end...].split(separator: " ").dropFirst(12).prefix(4)
        return fields.compactMap { Double($0) }.reduce(0, +) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Runs a command to its end and gives what it printed.
    static func output(of command: String, _ arguments: [String]) throws(BenchError) -> String {
        guard let path = find(command) else { throw BenchError("there is no \(command)") }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            throw BenchError("\(command): \(error.localizedDescription)")
        }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchError("\(command) ended with \(process.terminationStatus)")
        }
        return String(decoding: data, as: UTF8.self)
    }

    private static func find(_ command: String) -> String? {
        if command.contains("/") { return command }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/bin"]
        return folders.map { "\($0)/\(command)" }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }
}

/// Ports of the loopback that are free, and those that are listened on.
struct Ports {
    private var last: UInt16 = 20_000

    /// A port below those that the kernel gives to clients.
    mutating func next() -> UInt16 {
        repeat { last = last >= 29_999 ? 20_000 : last + 1 } while Self.isListenedOn(last)
        return last
    }

    static func isListenedOn(_ port: UInt16) -> Bool {
        let digits = String(port, radix: 16, uppercase: true)
        let hex = String(repeating: "0", count: 4 - digits.count) + digits
        let table = (try? String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)) ?? ""
        return table.contains(":\(hex) 00000000:0000 0A")
    }
}
