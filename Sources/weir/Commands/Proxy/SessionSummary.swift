import Engine
import Faults
import Recordings
import Text

/// The counters while it runs, and the summary at the end.
extension SessionLog {
    func liveText(_ session: Session) -> String {
        let counters = session.counters
        let recorder = session.recorder.counters
        var text =
            "\(counters.openConnections.grouped) of \(counters.connections.grouped) connections "
            + "open, \(amount(counters.upstream.bytes)) up, \(amount(counters.downstream.bytes)) "
            + "down"
        if settings.path != nil { text += ", \(amount(recorder.fileBytes)) recorded" }
        if recorder.missingBytes > 0 { text += ", \(amount(recorder.missingBytes)) missing" }
        return text
    }

    /// What came of it, and what to type next: on standard output, or in the JSON log.
    func summarise(_ session: Session, _ rules: LiveRules?) throws(Failure) {
        let counters = session.counters
        let recorder = session.recorder.counters
        let lasted = session.instant.nanoseconds
        let isWhole = session.recorder.failure == nil && !session.recorder.isIncomplete
        guard !console.logsJSON else {
            logSummary(session, rules, isWhole: isWhole)
            return
        }
        var table = TextTable([.init(""), .init("", .right), .init("", .right), .init("")])
        func row(_ name: String, _ link: LinkCounters) {
            table.append([name, amount(link.bytes), "in \(link.chunks.grouped)", "chunks"])
        }
        row("upstream", counters.upstream)
        row("downstream", counters.downstream)
        var lines = [
            "\(done): \(counters.connections.counted("connection")) in \(time(lasted))"
                + (settings.path == nil ? "" : ", \(amount(recorder.fileBytes))")
        ]
        lines += table.lines(indent: 2)
        if counters.refusals > 0 {
            lines.append("  \(counters.refusals.counted("connection")) did not reach the server")
        }
        if counters.connections == 0 {
            lines.append("  no client connected: do they use the address that it listened on?")
        }
        if let detection { lines.append("  \(detection.sentence)") }
        if session.recorder.isIncomplete {
            lines.append(
                "  NOT WHOLE: \(amount(recorder.missingBytes)) passed unrecorded; "
                    + "weir check names the gaps")
        } else if let failure = session.recorder.failure {
            lines.append(
                "  NOT SAVED: \(Self.text(of: failure)); \(Self.advice(after: failure))")
        }
        if let rules { lines += self.lines(of: rules) }
        if counters.redeliveries > 0 {
            lines.append(
                counters.redeliveries == 1
                    ? "  1 copy was sent on a connection of its own"
                    : "  \(counters.redeliveries.grouped) copies were sent on connections of "
                        + "their own")
        }
        if let path = settings.path {
            lines.append("look into it: weir show \(shellQuoted(path))")
        }
        try console.write(lines.joined(separator: "\n") + "\n")
    }

    private func amount(_ bytes: UInt64) -> String { ByteCount(bytes: bytes).forPeople }
}

/// The summary for machines, and what came of rules.
extension SessionLog {
    private var done: String {
        settings.path.map { "recorded \(EscapedText($0))" } ?? "passed on"
    }

    private func logSummary(_ session: Session, _ rules: LiveRules?, isWhole: Bool) {
        let counters = session.counters
        let recorder = session.recorder.counters
        let lasted = session.instant.nanoseconds
        let event = verb == "record" ? "recorded" : "summary"
        console.log(isWhole ? .info : .error, event, done) { line in
            if let path = settings.path { line.member("output", path) }
            line.member("duration_ns", lasted)
            line.member("connections", counters.connections)
            line.member("refused", counters.refusals)
            line.member("redeliveries", counters.redeliveries)
            line.member("upstream_bytes", counters.upstream.bytes)
            line.member("upstream_chunks", counters.upstream.chunks)
            line.member("downstream_bytes", counters.downstream.bytes)
            line.member("downstream_chunks", counters.downstream.chunks)
            line.member("file_bytes", recorder.fileBytes)
            line.member("missing_bytes", recorder.missingBytes)
            line.member("missing_events", recorder.missingEvents)
            line.member("gaps", recorder.gaps)
            if let failure = session.recorder.failure {
                line.member("failure", Self.text(of: failure))
            }
        }
        guard let rules, !rules.plan.rules.isEmpty else { return }
        for tally in rules.tallies + rules.pastTallies {
            console.log(.info, "rule", text(of: tally, rules)) { line in
                line.member("rule", tally.rule)
                line.member("rolled", tally.rolled)
                line.member("struck", tally.struck)
                line.member("applied", tally.applied)
                line.member("preempted", tally.preempted)
                line.member("skipped", tally.skipped)
            }
        }
    }

    /// What struck, rule by rule, and how late what was held left.
    private func lines(of rules: LiveRules) -> [String] {
        var lines = (rules.tallies + rules.pastTallies).map { "  " + text(of: $0, rules) }
        if rules.swallowedAnswers > 0 {
            lines.append("  \(rules.swallowedAnswers.grouped) answers to copies were swallowed")
        }
        let (asked, achieved) = (rules.delaysAsked, rules.delaysAchieved)
        if asked.count > 0 {
            lines.append(
                "  held \(asked.count.grouped) sends: p50 \(time(achieved.percentile(50))) "
                    + "(asked \(time(asked.percentile(50)))), "
                    + "p99 \(time(achieved.percentile(99))) "
                    + "(asked \(time(asked.percentile(99))))")
        }
        return lines
    }

    private func text(of tally: RuleTally, _ rules: LiveRules) -> String {
        let rule = rules.plan.rules.first { $0.name == tally.rule }
        if rule?.fault is any ConditionFault { return "\(tally.rule): a condition" }
        var text = "\(tally.rule): \(tally.applied.grouped) applied"
        if tally.preempted > 0 { text += ", \(tally.preempted.grouped) pre-empted" }
        if tally.skipped > 0 { text += ", \(tally.skipped.grouped) skipped" }
        if tally.rolled > 0, let rule {
            text +=
                "; chance \(rule.target.chance) of \(tally.rolled.grouped) messages, "
                + "\(tally.struck.grouped) struck"
        }
        return text
    }
}
