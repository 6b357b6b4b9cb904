import Faults
import Reactions
import Recordings
import Text

/// The summary for people, on at most a screen.
extension ReplayReport {
    package var text: String {
        var lines = [headline, ""]
        lines += sentLines
        lines += struckLines
        lines += run.role == .client ? reactionLines : servingLines
        lines += timeLines
        lines += exampleLines
        lines.append("")
        lines += warnings.map { "warning: \($0)" }
        if !warnings.isEmpty { lines.append("") }
        lines.append("kept in    \(EscapedText(run.folder))")
        lines.append("repeat it  \(run.repeating)")
        return lines.map { $0 + "\n" }.joined()
    }

    private var headline: String {
        let verb =
            switch run.ending {
            case .completed: "replayed"
            case .interrupted: "replayed a part of"
            case .unreadable: "replayed what could be read of"
            }
        if run.role == .server { return servingHeadline }
        let speed = run.speed == "1x" ? "" : " at \(run.speed)"
        return "\(verb) \(EscapedText(run.recording)) to \(EscapedText(run.consumer)) in "
            + "\(time(run.nanoseconds)) (\(run.pacing) pacing\(speed), seed \(run.seed))"
    }

    private var sentLines: [String] {
        var parts: [String] = []
        if run.framing == .none {
            parts.append("\(bytes(sent.bytes)), not read as messages")
        } else {
            parts.append("\(amount(sent.originals, "message")) of \(sent.messages.grouped)")
            if sent.copies > 0 {
                parts.append("\(sent.copies.grouped) \(sent.copies == 1 ? "copy" : "copies")")
            }
            if sent.resent > 0 { parts.append("\(sent.resent.grouped) again after a reconnect") }
            parts.append(bytes(sent.bytes))
        }
        var connections = "on \(amount(sent.connections, "connection"))"
        if sent.reconnects > 0, run.role == .client {
            connections += " and \(amount(sent.reconnects, "reconnection"))"
        }
        var lines = ["sent       \(parts.joined(separator: ", ")) \(connections)"]
        let leftOut = [
            (sent.partial, "picked up in the middle"), (sent.notAskedFor, "not asked for"),
            (sent.reattempted, "later attempts"),
            (sent.refusedInRecording, "refused when recorded"),
        ].filter { $0.0 > 0 }
        if !leftOut.isEmpty {
            let list = leftOut.map { "\($0.0.grouped) \($0.1)" }.joined(separator: ", ")
            lines.append("left out   \(list)")
        }
        return lines
    }

    private var struckLines: [String] {
        guard !rules.isEmpty || !conditions.isEmpty else { return ["struck     nothing"] }
        var table = TextTable([
            .init("struck"), .init("planned", .right), .init("applied", .right),
            .init("pre-empted", .right), .init("skipped", .right), .init("ruled out", .right),
            .init("label"),
        ])
        for rule in rules {
            table.append([
                "  " + rule.rule, rule.planned.grouped, rule.applied.grouped,
                rule.preempted.grouped, rule.skipped.grouped, rule.ruledOut.grouped,
                rule.label.rawValue,
            ])
        }
        var lines = rules.isEmpty ? ["struck"] : table.lines()
        for rule in rules {
            // A linear search: a rule has few reasons, and rules are tens.
            for reason in rule.reasons.prefix(3) {
                lines.append(
                    "    \(rule.rule): \(reason.count.grouped) did not strike: "
                        + "\(EscapedText(reason.text, limit: 100))")
            }
        }
        for condition in conditions {
            let kind = condition.effect.kind
            let route = condition.route.map { " on \(EscapedText($0.name, limit: 60))" } ?? ""
            lines.append(
                "  \(condition.id): \(kind.name) \(condition.effect.settingsText)\(route), "
                    + kind.label.rawValue)
        }
        if delays.drawn.count > 0 {
            lines.append(
                "  held \(amount(delays.drawn.count, "message")): drawn p50 "
                    + "\(time(delays.drawn.percentile(50))), p99 "
                    + "\(time(delays.drawn.percentile(99))); achieved p50 "
                    + "\(time(delays.applied.percentile(50))), p99 "
                    + "\(time(delays.applied.percentile(99)))")
        }
        return lines
    }

    private var reactionLines: [String] {
        let reactions = reactions
        var lines: [String] = []
        if reactions.answers.total > 0 || reactions.turns.total == 0 {
            lines.append("answers    \(list(reactions.answers))")
        }
        if reactions.turns.total > 0 { lines.append("turns      \(list(reactions.turns))") }
        if reactions.pushes.total > 0 { lines.append("pushes     \(list(reactions.pushes))") }
        if reactions.errorAnswers + reactions.recordedErrorAnswers > 0 {
            lines.append(
                "errors     \(amount(reactions.errorAnswers, "error answer")), "
                    + "\(reactions.newErrorAnswers.grouped) of them where the recording has none; "
                    + "\(reactions.recordedErrorAnswers.grouped) in the recording")
        }
        let deeds: [(UInt64, String)] = [
            (reactions.closes, "closed"), (reactions.resets, "reset"),
            (reactions.failures, "failed"), (reactions.attemptsRefused, "refused"),
        ]
        var ends = deeds.filter { $0.0 > 0 }.map { "\($0.0.grouped) \($0.1)" }
        if reactions.unaskedEnds > 0 {
            ends.append("\(reactions.unaskedEnds.grouped) of them unasked")
        }
        lines.append("ends       \(ends.isEmpty ? "none" : ends.joined(separator: ", "))")
        let rest: [(UInt64, String)] = [
            (reactions.silences, "silent past a deadline"), (reactions.stalls, "stopped reading"),
            (reactions.lostSyncs, "could not be read as messages any more"),
        ]
        let others = rest.filter { $0.0 > 0 }.map { "\($0.1): \($0.0.grouped)" }
        if !others.isEmpty { lines.append("besides    \(others.joined(separator: ", "))") }
        return lines
    }

    private func list(_ counts: ComparedCounts) -> String {
        var parts = Compared.allCases.filter { counts[$0] > 0 || $0 == .same }.map {
            "\(counts[$0].grouped) \($0 == .cutShort ? "cut short" : $0.rawValue)"
        }
        if counts.notCompared > 0 { parts.append("\(counts.notCompared.grouped) not compared") }
        return parts.joined(separator: ", ")
    }

    private var timeLines: [String] {
        var lines: [String] = []
        let times = reactions.serviceTimes
        if times.all.count > 0 {
            var table = TextTable(
                [.init("service"), .init("n", .right)]
                    + ["p50", "p90", "p99", "max"].map { .init($0, .right) })
            table.append(["  all"] + row(times.all))
            if times.kinds.count > 1 {
                for (kind, histogram) in times.sortedKinds.prefix(Self.shownKinds) {
                    let name = kind.isEmpty ? "(unknown)" : "\(EscapedText(kind, limit: 30))"
                    table.append(["  " + name] + row(histogram))
                }
            }
            lines += table.lines()
            if times.kinds.count > Self.shownKinds {
                lines.append("  … \(times.kinds.count - Self.shownKinds) kinds more")
            }
        }
        if delays.lateness.count > 0 {
            let lateness = delays.lateness
            lines.append(
                "lateness   p50 \(time(lateness.percentile(50))), p99 "
                    + "\(lateness.percentile99.map(time) ?? "too few to say"), max "
                    + "\(time(lateness.maximum)), of \(amount(lateness.count, "send"))")
        }
        return lines
    }

    /// More kinds of message than this are not listed.
    private static let shownKinds = 6

    private func row(_ times: DurationHistogram) -> [String] {
        [
            times.count.grouped, time(times.percentile(50)), time(times.percentile(90)),
            times.percentile99.map(time) ?? "too few to say", time(times.maximum),
        ]
    }

    func time(_ nanoseconds: Int64) -> String {
        TimeAmount(nanoseconds: nanoseconds).forPeople
    }

    private func bytes(_ count: UInt64) -> String { ByteCount(bytes: count).forPeople }
}
