import Platform
import Text

/// Says which run of how many it is, and how long the rest may take.
final class TestProgress {
    private let console: Console
    private let log: RunLog
    private let loop: TestLoop
    /// How many runs there will be; more may come.
    var total: Int
    private var done = 0
    private var spentNanoseconds: Int64 = 0
    private var began: MonotonicTime
    /// Why this run is made again.
    private var reason = ""

    init(_ console: Console, _ log: RunLog, _ loop: TestLoop, runs total: Int) {
        self.console = console
        self.log = log
        self.loop = loop
        self.total = total
        began = loop.network.now
    }

    /// Hears of a trial's runs.
    func watch(_ trial: Trial) {
        trial.began = { [unowned self] name in begin(name, trial.bench) }
        trial.ended = { [unowned self] name, take in end(name, take) }
        trial.repeats = { [unowned self] name, late in again(name, late) }
    }

    private func again(_ name: String, _ late: UInt64) {
        total += 1
        reason = ", because \(late.counted("answer")) came late"
        console.endProgress()
        log.log(
            .info, "late",
            "\(name): \(late.counted("answer")) came late; the same again, to see whether "
                + "\(late == 1 ? "it is" : "they are") late again")
    }

    private func begin(_ name: String, _ bench: Bench) {
        console.endProgress()
        began = loop.network.readClock()
        bench.progressed = { [unowned self] run in show(run, name) }
    }

    private func show(_ run: ReplayRun, _ name: String) {
        let counts = run.counts
        let played = counts.messagesSent + counts.messagesUnsent
        console.showProgress(
            "run \(done + 1) of \(max(total, done + 1)), \(name)\(reason)",
            done: run.isPlayed && played > 0 ? counts.messages : played,
            of: counts.messages > 0 ? counts.messages : nil, note: timeLeft, at: loop.network.now)
    }

    private var timeLeft: String {
        guard done > 0 else { return "" }
        let each = spentNanoseconds / Int64(done)
        let spent = min(loop.network.now.nanoseconds(since: began), each)
        let (left, isTooLong) = each.multipliedReportingOverflow(by: Int64(max(1, total - done)))
        guard !isTooLong else { return "" }
        return "about \(TimeAmount(nanoseconds: max(0, left - spent)).forPeople) left"
    }

    private func end(_ name: String, _ take: Take) {
        done += 1
        reason = ""
        let took = loop.network.readClock().nanoseconds(since: began)
        spentNanoseconds += took
        let answers = take.report.reactions.answers
        let missing = answers[.missing]
        let requests = take.report.served.requests
        let came =
            requests > 0
            ? requests.counted("request") : (answers.total - missing).counted("answer")
        var text = "\(name): \(came)"
        if missing > 0 { text += ", \(missing.grouped) missing" }
        let applied = take.outcomes.entries.count { $0.outcome.result == .applied }
        if applied > 0 { text += ", \(applied) strike\(applied == 1 ? "" : "s")" }
        text += ", \(TimeAmount(nanoseconds: took).forPeople)"
        if let crash = take.crash { text += "; the consumer ended: exit code \(crash.exitCode)" }
        log.log(.info, "run", text)
    }
}
