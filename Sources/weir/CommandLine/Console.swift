import Platform
import Reports
import Text

/// What a command talks through: results on standard output; log and progress on standard error.
final class Console {
    private let output: any TextOutput
    private let errors: any TextOutput
    private var log: Log
    private var progress: ProgressBar?
    /// Lines of the log that nobody took in time, since one was taken.
    private var missedLines = 0
    /// While traffic passes through this process: it does not wait for whoever reads the log. Lines
    /// that are not taken at once are left out, and their number is said later.
    var isLive = false
    /// Whether text may be coloured where it goes to a terminal.
    private let allowsColour: Bool

    /// - Parameter variable: reads the environment.
    init(
        output: any TextOutput, errors: any TextOutput, clock: @escaping () -> Timestamp,
        variable: (String) -> String?
    ) {
        self.output = output
        self.errors = errors
        log = Log(clock: clock)
        // https://no-color.org: set and not empty.
        allowsColour = (variable("NO_COLOR") ?? "").isEmpty && variable("TERM") != "dumb"
    }

    /// One that logs as this one does, with its results elsewhere.
    func writing(to output: any TextOutput) -> Console {
        Console(output: output, errors: errors, log: log)
    }

    private init(output: any TextOutput, errors: any TextOutput, log: Log) {
        self.output = output
        self.errors = errors
        self.log = log
        allowsColour = false
    }

    /// The process's own.
    static func standard() -> Console {
        Console(
            output: StandardOutput(.output), errors: StandardOutput(.error),
            clock: { Timestamp(nanoseconds: WallClock.read()) },
            variable: ProcessEnvironment.variable)
    }

    /// Takes `--log-format` and `--quiet`.
    func configure(_ arguments: Arguments) throws(UsageError) {
        log.format = try arguments.value(of: CommonOptions.logFormat) ?? .text
        log.isQuiet = arguments.has(CommonOptions.quiet)
    }

    /// Whether the log is for machines.
    var logsJSON: Bool { log.format == .json }

    /// Columns of standard output; nil where it is no terminal.
    var outputWidth: Int? { output.terminalWidth }

    /// Where reports are written: as wide as the terminal, within what reads well.
    var page: ReportPage {
        ReportPage(
            width: min(max(outputWidth ?? 80, 60), 120),
            isColored: allowsColour && output.terminalWidth != nil)
    }

    /// Writes a result, as it is, to standard output.
    func write(_ text: String) throws(Failure) {
        hideProgress()
        do throws(Errno) {
            try output.write(text)
        } catch {
            if error == .brokenPipe { throw .outputClosed }
            throw Failure(
                .unwritable, "standard output cannot be written: \(error); send it elsewhere")
        }
    }

    /// The text as it stands out on standard output, where that is a terminal.
    func styled(_ text: String, _ style: TextStyle) -> String {
        allowsColour && output.terminalWidth != nil ? style.applied(to: text) : text
    }

    /// Writes a line of the log to standard error; see `Log.line`.
    func log(
        _ level: LogLevel, _ type: String, _ message: String,
        fields: (inout JSONWriter) -> Void = { _ in }
    ) {
        guard var line = log.line(level, type, message, fields: fields) else { return }
        if log.format == .text, level != .info, allowsColour, errors.terminalWidth != nil {
            let style: TextStyle = level == .error ? .red : .yellow
            line = style.applied(to: String(line.dropLast())) + "\n"
        }
        hideProgress()
        guard isLive else { return say(line) }
        sayMissedLines()
        let wasTaken = (try? errors.offer(line)) ?? true
        if !wasTaken { missedLines += 1 }
    }

    private func sayMissedLines() {
        guard missedLines > 0,
            let line = log.line(
                .warning, "log_missed",
                "\(missedLines.grouped) lines of the log were left out, because nobody took them",
                fields: { $0.member("lines", missedLines) }),
            (try? errors.offer(line)) == true
        else { return }
        missedLines = 0
    }

    /// Shows how far a run has come, where it is time to; see `ProgressBar.update`. In the JSON log
    /// there is none.
    func showProgress(
        _ title: String, done: UInt64, of total: UInt64?, note: String, at time: MonotonicTime
    ) {
        guard !log.isQuiet, log.format == .text else { return }
        var bar = progress ?? ProgressBar(title: title)
        let text = bar.update(
            done: done, of: total, note: note, width: errors.terminalWidth, at: time.nanoseconds)
        progress = bar
        if let text { say(text) }
    }

    /// Takes the progress bar away.
    func endProgress() {
        hideProgress()
        progress = nil
    }

    private func hideProgress() {
        if let text = progress?.erase() { say(text) }
    }

    /// Who does not read the log does not stop the run.
    private func say(_ text: String) {
        if isLive { _ = try? errors.offer(text) } else { try? errors.write(text) }
    }
}
