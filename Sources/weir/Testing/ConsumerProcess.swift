import Platform
import Recordings
import Text

/// The program under test, as Weir started it for one run: its lines, and its end.
///
/// It has a process group of its own, which is ended as a whole, also when the program ends by
/// itself: nothing that it started is left, unless it left the group.
final class ConsumerProcess: ChildProcessHandler {
    /// From SIGTERM until SIGKILL, in nanoseconds.
    static let graceNanoseconds: Int64 = 3_000_000_000
    /// Lines beyond so many, and so many bytes of them, are counted but not kept.
    static let maximumLines: UInt64 = 100_000
    static let maximumBytes: UInt64 = 16 << 20
    /// So many lines are shown when it ends before its time.
    private static let shownLines = 5

    /// As it was started.
    let words: [String]
    /// Hears each line that is kept.
    private let tellLine: (Event.OutputStream, String) -> Void
    private let tellExit: (Int32) -> Void
    private var process: ChildProcess?
    private var output = LineSplitter()
    private var errors = LineSplitter()
    private var lastLines: [String] = []
    private var lines: UInt64 = 0
    private var bytes: UInt64 = 0
    /// How many lines were not kept.
    private(set) var missedLines: UInt64 = 0
    /// 128 and the signal's number where a signal ended it; nil while it runs.
    private(set) var exitCode: Int32?

    /// Starts it.
    /// - Parameters:
    ///   - tellLine: hears each of its lines.
    ///   - tellExit: hears its exit code, after its last line.
    init(
        _ words: [String], environment: [(name: String, value: String)], on network: SystemNetwork,
        tellLine: @escaping (Event.OutputStream, String) -> Void,
        tellExit: @escaping (Int32) -> Void
    ) throws(Failure) {
        self.words = words
        self.tellLine = tellLine
        self.tellExit = tellExit
        do throws(Errno) {
            let process = try ChildProcess(
                words, environment: environment, network: network, handler: self)
            process.takesItsGroupAlong = true
            self.process = process
        } catch {
            throw Failure(
                .unreachable,
                "\(Self.shown(words)) cannot be started: \(error); check the command behind --")
        }
    }

    /// A command as it is shown.
    static func shown(_ words: [String]) -> String {
        "\(EscapedText(words.map(shellQuoted).joined(separator: " "), limit: 200))"
    }

    /// How it ended, with its last lines; for an error.
    var account: String {
        guard let exitCode else { return lastWords }
        return "it ended with exit code \(exitCode); \(lastWords)"
    }

    private var lastWords: String {
        guard !lastLines.isEmpty else { return "it printed nothing" }
        return "its last lines:" + lastLines.map { "\n  \(EscapedText($0, limit: 200))" }.joined()
    }

    /// Asks it to end.
    func terminate() { process?.signal(.terminate) }

    /// Ends it at once; that is still heard.
    func kill() { process?.kill() }

    /// Ends it at once, and hears no more of it.
    func abandon() { process?.abandon() }

    func wrote(
        _ process: ChildProcess, _ bytes: UnsafeRawBufferPointer, to output: ChildProcess.Output
    ) {
        switch output {
        case .output: self.output.receive(bytes) { take($0, .standardOutput) }
        case .error: errors.receive(bytes) { take($0, .standardError) }
        }
    }

    private func take(_ line: String, _ source: Event.OutputStream) {
        lastLines.append(line)
        if lastLines.count > Self.shownLines { lastLines.removeFirst() }
        lines += 1
        bytes += UInt64(line.utf8.count)
        guard lines <= Self.maximumLines, bytes <= Self.maximumBytes else {
            missedLines += 1
            return
        }
        tellLine(source, line)
    }

    func exited(_ process: ChildProcess, _ ending: ChildProcess.Ending) {
        output.end { take($0, .standardOutput) }
        errors.end { take($0, .standardError) }
        exitCode = ending.exitCode
        tellExit(ending.exitCode)
    }
}
