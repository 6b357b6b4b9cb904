import Foundation

/// A program that was started by a test: a server, a client, or the built `weir`.
///
/// What it writes to either output is collected as it comes, so that it never waits for a reader.
final class RunningProgram: Sendable {
    /// What went wrong with running it; the test cannot go on.
    struct RunFailure: Error, CustomStringConvertible {
        var description: String
    }

    /// A program that takes longer than this hangs.
    static let timeLimit: TimeInterval = 120

    private let name: String
    private let process = Process()
    private let collected = Collected()

    /// What came, and whether more can.
    private final class Collected: Sendable {
        let changed = NSCondition()
        // Read and written with the condition locked.
        nonisolated(unsafe) var data = Data()
        nonisolated(unsafe) var hasEnded = false

        func wait(until end: Date, _ holds: (Collected) -> Bool) -> Bool {
            changed.withLock {
                while !holds(self) {
                    guard changed.wait(until: end) else { return holds(self) }
                }
                return true
            }
        }
    }

    /// - Parameters:
    ///   - environment: set in addition to this process's own.
    ///   - folder: where it runs; nil: where this process does.
    init(
        _ name: String, _ arguments: [String], environment: [String: String] = [:],
        in folder: String? = nil
    ) throws {
        self.name = name
        guard let path = Self.path(of: name) else {
            throw RunFailure(description: "\(name) is not installed")
        }
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        if !environment.isEmpty {
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        }
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try Self.withoutBlockedSignals { try process.run() }
        try pipe.fileHandleForWriting.close()
        let collected = collected
        Thread.detachNewThread {
            while true {
                let data = pipe.fileHandleForReading.availableData
                collected.changed.withLock {
                    collected.data += data
                    collected.hasEnded = data.isEmpty
                    collected.changed.broadcast()
                }
                if data.isEmpty { return }
            }
        }
    }

    /// Ends what the test has left running.
    deinit {
        if process.isRunning { kill() }
    }

    /// Runs a program to its end.
    @discardableResult
    static func run(_ name: String, _ arguments: [String]) throws -> (exitCode: Int32, text: String)
    {
        let program = try RunningProgram(name, arguments)
        return (try program.finish(), program.text)
    }

    /// All that it has written.
    var text: String {
        collected.changed.withLock { String(decoding: collected.data, as: UTF8.self) }
    }

    var processIdentifier: Int32 { process.processIdentifier }

    func interrupt() { signal(SIGINT) }
    func terminate() { signal(SIGTERM) }
    func kill() { signal(SIGKILL) }
    func signal(_ number: Int32) { Foundation.kill(process.processIdentifier, number) }

    /// Waits until it has written that, so many times.
    func wait(for text: String, times: Int = 1) throws {
        let wanted = Data(text.utf8)
        let end = Date(timeIntervalSinceNow: Self.timeLimit)
        var start = 0
        var left = times
        _ = collected.wait(until: end) { collected in
            // What it writes may be long: each byte is looked at once.
            while left > 0,
                let place = collected.data.range(of: wanted, in: start..<collected.data.count)
            {
                left -= 1
                start = place.upperBound
            }
            start = max(start, collected.data.count - wanted.count + 1)
            return left == 0 || collected.hasEnded
        }
        guard left == 0 else {
            throw RunFailure(
                description: "\(name) did not write \"\(text)\" \(times) times, but: \(self.text)")
        }
    }

    /// Waits for its end; its exit code, or 128 + the signal that ended it.
    func finish() throws -> Int32 {
        let end = Date(timeIntervalSinceNow: Self.timeLimit)
        guard collected.wait(until: end, { $0.hasEnded }) else {
            kill()
            throw RunFailure(description: "\(name) did not end: \(text)")
        }
        process.waitUntilExit()
        return process.terminationStatus + (process.terminationReason == .exit ? 0 : 128)
    }

    /// A program inherits which signals the thread that starts it has blocked, and those of a
    /// dispatch queue have nearly all: it would never hear the interrupt.
    private static func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
        var none = sigset_t()
        var blocked = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &blocked)
        defer { pthread_sigmask(SIG_SETMASK, &blocked, nil) }
        try body()
    }

    /// Whether all of these can be run here.
    static func areInstalled(_ names: String...) -> Bool { areInstalled(names) }

    static func areInstalled(_ names: [String]) -> Bool {
        names.allSatisfy { path(of: $0) != nil }
    }

    /// Debian keeps PostgreSQL's programs apart by version; the newest comes first.
    private static let postgreSQLFolders: [String] = {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return versions.compactMap { Int($0) }.sorted(by: >).map { "\(root)/\($0)/bin" }
    }()

    /// `weir` stands beside the tests; `WEIR_BINARY` overrules it. Servers live where an ordinary
    /// user's PATH does not look.
    static func path(of name: String) -> String? {
        let environment = ProcessInfo.processInfo.environment
        if name == "weir" {
            let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            return environment["WEIR_BINARY"]
                ?? tests.deletingLastPathComponent().appendingPathComponent("weir").path
        }
        let search = environment["PATH"] ?? ""
        let folders = search.components(separatedBy: ":") + ["/usr/sbin", "/sbin"]
        return (folders + postgreSQLFolders).map { "\($0)/\(name)" }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }
}
