import Foundation

/// The built binary, run as a user runs it.
///
/// ```swift
/// let run = try WeirProcess.run(["version"])
/// #expect(run.exitCode == 0)
/// ```
/// For one that goes on until it is told to end: `start`, `wait(for:)`, `interrupt`, `finish`.
final class WeirProcess: Sendable {
    /// How a run ended, and what it wrote.
    struct Result: Sendable {
        /// 128 + the signal's number where a signal ended it, as a shell says.
        var exitCode: Int32
        var output: String
        var errors: String
        /// Standard output as it is, for results that are no text.
        var outputBytes: Data
    }

    /// What went wrong with running it; the test cannot go on.
    struct RunFailure: Error, CustomStringConvertible {
        var description: String
    }

    /// A run that takes longer than this hangs.
    static let timeLimit: TimeInterval = 60

    private let process: Process
    private let output = CollectedText()
    private let errors = CollectedText()
    private let hasEnded = DispatchSemaphore(value: 0)

    /// Runs it to its end.
    static func run(
        _ arguments: [String], input: String = "", environment: [String: String] = [:],
        in folder: URL? = nil, timeLimit: TimeInterval = timeLimit
    ) throws -> Result {
        let weir = try WeirProcess.start(
            arguments, input: input, environment: environment, in: folder)
        return try weir.finish(within: timeLimit)
    }

    /// Starts it, and leaves it running.
    /// - Parameters:
    ///   - environment: set in addition to this process's own.
    ///   - folder: where it runs.
    static func start(
        _ arguments: [String], input: String = "", environment: [String: String] = [:],
        in folder: URL? = nil
    ) throws -> WeirProcess {
        try WeirProcess(
            try binary(), arguments, input: input, environment: environment, in: folder)
    }

    /// Runs another program.
    init(
        _ program: URL, _ arguments: [String], input: String = "",
        environment: [String: String] = [:], in folder: URL? = nil
    ) throws {
        process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if let folder { process.currentDirectoryURL = folder }
        let standardInput = Pipe()
        process.standardInput = standardInput
        process.standardOutput = output.pipe
        process.standardError = errors.pipe
        let hasEnded = hasEnded
        process.terminationHandler = { _ in hasEnded.signal() }
        try process.run()
        output.collect()
        errors.collect()
        // A few kilobytes fit into the pipe, so that this does not wait for anyone.
        try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
    }

    /// Waits until it has written that to standard error.
    func wait(for text: String, within limit: TimeInterval = timeLimit) throws {
        guard errors.wait(for: text, within: limit) else {
            process.terminate()
            throw RunFailure(description: "it never wrote \"\(text)\", but: \(errors.text)")
        }
    }

    /// What it has written to standard error until now.
    var errorsSoFar: String { errors.text }

    var processIdentifier: Int32 { process.processIdentifier }

    /// As Ctrl-C does.
    func interrupt() { kill(process.processIdentifier, SIGINT) }

    func terminate() { kill(process.processIdentifier, SIGTERM) }

    /// Ends it at once, as a crash of the machine would.
    func killAtOnce() { kill(process.processIdentifier, SIGKILL) }

    /// Waits for its end.
    func finish(within limit: TimeInterval = timeLimit) throws -> Result {
        guard hasEnded.wait(timeout: .now() + limit) == .success else {
            killAtOnce()
            throw RunFailure(description: "it did not end within \(limit) s: \(errors.text)")
        }
        process.waitUntilExit()
        guard output.waitForEnd(within: limit), errors.waitForEnd(within: limit) else {
            throw RunFailure(description: "something that it started holds its output open")
        }
        let bySignal = process.terminationReason == .uncaughtSignal
        return Result(
            exitCode: process.terminationStatus + (bySignal ? 128 : 0), output: output.text,
            errors: errors.text, outputBytes: output.data)
    }

    /// Beside the test bundle: both are built together. `WEIR_BINARY` overrules it.
    static func binary() throws -> URL {
        if let path = ProcessInfo.processInfo.environment["WEIR_BINARY"] {
            return URL(fileURLWithPath: path)
        }
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let binary = tests.deletingLastPathComponent().appendingPathComponent("weir")
        guard FileManager.default.isExecutableFile(atPath: binary.path) else {
            throw RunFailure(description: "no weir stands beside \(tests.path); build it first")
        }
        return binary
    }
}
