import Platform
import Recordings
import Text

/// The program under test, as Weir started it for one run: its lines, and its end.
///
/// It has a process group of its own, which is ended as a whole, also when the program ends by
/// itself: nothing that it started is left, unless it left the group.
final class ConsumerProcess: ChildProcessHandler {
    /// From SIGTERM until SIGKILL, in nanoseconds.
    static let graceNanoseconds: Int64 = 2_000_000_000
    /// Of what it writes beyond so many bytes only loud lines are kept; the rest is counted.
    static let maximumBytes: UInt64 = 4 << 20
    /// Loud lines beyond so many bytes more are counted only, like the rest.
    static let maximumLoudBytes: UInt64 = 1 << 20
    /// So many lines are shown when it ends before its time.
    private static let shownLines = 5

    /// As it was started.
    let words: [String]
    /// Says that something is wrong.
    private let loud: Pattern
    /// Hears each line that is kept.
    private let tellLine: (Event.OutputStream, String) -> Void
    private let tellExit: (Int32) -> Void
    private var process: ChildProcess?
    private var output = LineSplitter()
    private var errors = LineSplitter()
    private var lastLines: [String] = []
    private var room = maximumBytes
    private var loudRoom = maximumLoudBytes
    private var missedLineBytes: UInt64 = 0
    /// How many bytes were not kept: whole lines, and what was cut off of long ones.
    var missedBytes: UInt64 { missedLineBytes + output.cutBytes + errors.cutBytes }
    /// 128 and the signal's number where a signal ended it; nil while it runs.
    private(set) var exitCode: Int32?

    /// Starts it.
    /// - Parameters:
    ///   - loud: what it never writes too much of.
    ///   - tellLine: hears each of its lines that is kept.
    ///   - tellExit: hears its exit code, after its last line.
    init(
        _ words: [String], environment: [(name: String, value: String)], loud: Pattern,
        on network: SystemNetwork,
        tellLine: @escaping (Event.OutputStream, String) -> Void,
        tellExit: @escaping (Int32) -> Void
    ) throws(Failure) {
        self.words = words
        self.loud = loud
        self.tellLine = tellLine
        self.tellExit = tellExit
        do throws(Errno) {
            let process = try ChildProcess(
                words, environment: environment, network: network, handler: self)
            process.takesItsGroupAlong = true
            self.process = process
            do throws(Errno) {
                try process.tieToThisProcess()
            } catch {
                process.abandon()
                throw error
            }
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
        let shown = lastLines.map { "\"\(EscapedText($0, limit: 200))\"" }
        return "its last lines: " + shown.joined(separator: ", ")
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
        note(line)
        if keeps(line) { tellLine(source, line) }
    }

    private func keeps(_ line: String) -> Bool {
        let count = UInt64(line.utf8.count) + 1
        if room >= count {
            room -= count
            return true
        }
        // A line that is short enough all the same would hide that those before it are missing.
        room = 0
        if loudRoom >= count, loud.matches(in: Array(line.utf8).span) {
            loudRoom -= count
            return true
        }
        missedLineBytes += count
        return false
    }

    private func note(_ line: String) {
        lastLines.append(line)
        if lastLines.count > Self.shownLines { lastLines.removeFirst() }
    }

    func exited(_ process: ChildProcess, _ ending: ChildProcess.Ending) {
        output.end { take($0, .standardOutput) }
        errors.end { take($0, .standardError) }
        exitCode = ending.exitCode
        tellExit(ending.exitCode)
    }
}
