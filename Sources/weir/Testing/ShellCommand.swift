import Platform
import Text

/// One run of a command of the shell: a reset, a probe, a health check.
final class ShellCommand: ChildProcessHandler {
    /// What a command writes is kept up to this many bytes of each output; more makes it fail.
    static let maximumOutput = 1 << 20
    /// So many bytes of what it wrote are shown when it fails.
    private static let shownBytes = 600

    /// How it went.
    struct Outcome {
        /// 128 and the signal's number where a signal ended it.
        var exitCode: Int32
        var tookNanoseconds: UInt64
        var output: [UInt8]
        var errors: [UInt8]
        /// It was ended because it took too long.
        var isLate = false
        /// It wrote more than is kept.
        var isTooLong = false

        /// Why it cannot be relied on; nil: it did what it is for.
        var problem: String? {
            if isLate { return "it took too long and was ended (--command-timeout)" }
            if isTooLong {
                return "it printed more than \(ByteCount(bytes: UInt64(maximumOutput)).forPeople);"
                    + " let it print less, or a checksum"
            }
            return exitCode == 0 ? nil : "its exit code is \(exitCode)"
        }

        /// What it last wrote, for a message: errors before results.
        var lastWords: String {
            let text = errors.isEmpty ? output : errors
            let shown = text.suffix(shownBytes).drop { $0 == UInt8(ascii: "\n") }
            let trimmed = shown.prefix(shown.reversed().drop { $0 == UInt8(ascii: "\n") }.count)
            guard !trimmed.isEmpty else { return "it printed nothing" }
            return "it printed \"\(EscapedText(String(decoding: trimmed, as: UTF8.self)))\""
        }
    }

    private let network: SystemNetwork
    private let started: MonotonicTime
    private var process: ChildProcess?
    private var output: [UInt8] = []
    private var errors: [UInt8] = []
    private var isTooLong = false
    private var isLate = false
    /// nil while it runs.
    private(set) var outcome: Outcome?

    /// Starts it.
    init(
        _ command: String, environment: [(name: String, value: String)],
        on network: SystemNetwork
    ) throws(Failure) {
        self.network = network
        started = network.readClock()
        do throws(Errno) {
            process = try ChildProcess(
                shell: command, environment: environment, network: network, handler: self)
        } catch {
            throw Failure(.unreachable, "/bin/sh cannot be started: \(error); free some memory")
        }
    }

    /// Runs it to its end.
    static func run(
        _ command: String, environment: [(name: String, value: String)],
        atMost limit: TimeAmount, on loop: TestLoop
    ) throws(Failure) -> Outcome {
        let running = try ShellCommand(command, environment: environment, on: loop.network)
        defer { running.process?.abandon() }
        if try !loop.wait(atMost: limit.nanoseconds, until: { running.outcome != nil }) {
            running.endLate()
            try loop.wait { running.outcome != nil }
        }
        guard let outcome = running.outcome else {
            throw Failure(.defect, "a command ended without an outcome; please report this")
        }
        return outcome
    }

    /// Ends it, because it takes too long.
    func endLate() {
        isLate = true
        process?.kill()
    }

    /// Ends it, and hears no more of it.
    func abandon() { process?.abandon() }

    func wrote(
        _ process: ChildProcess, _ bytes: UnsafeRawBufferPointer, to output: ChildProcess.Output
    ) {
        switch output {
        case .output: keep(bytes, in: &self.output)
        case .error: keep(bytes, in: &errors)
        }
    }

    private func keep(_ bytes: UnsafeRawBufferPointer, in kept: inout [UInt8]) {
        let room = Self.maximumOutput - kept.count
        if bytes.count > room { isTooLong = true }
        kept += bytes.prefix(max(0, room))
    }

    func exited(_ process: ChildProcess, _ ending: ChildProcess.Ending) {
        let took = network.readClock().nanoseconds(since: started)
        outcome = Outcome(
            exitCode: ending.exitCode, tookNanoseconds: UInt64(clamping: took), output: output,
            errors: errors, isLate: isLate, isTooLong: isTooLong)
    }
}

extension ChildProcess.Ending {
    /// As a shell says it.
    var exitCode: Int32 {
        switch self {
        case .exited(let code): code
        case .killed(let signal): 128 + signal
        }
    }
}
