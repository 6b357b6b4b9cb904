import Reactions
import Recordings
import Text

/// How much was looked at, what was not, and where to go on.
extension VerdictText {
    func coverageLines(_ judgement: Judgement) -> [String] {
        let coverage = judgement.coverage
        let looked = [
            (coverage.answers, "answer"), (coverage.pushes, "push"), (coverage.turns, "turn"),
            (coverage.requests, "request"), (coverage.probes, "probe"),
        ].filter { $0.0 > 0 }.map { $0.1 == "push" ? Self.pushes($0.0) : $0.0.counted($0.1) }
        let clean = UInt64(clamping: result.baseline.cleanRuns).counted("run")
        let what = looked.isEmpty ? "nothing" : looked.joined(separator: ", ")
        var lines = page.labelled("compared", "\(what), with \(clean) without faults")
        if coverage.maskedTokens > 0 {
            lines += page.labelled(
                "masked",
                "\(coverage.maskedTokens.grouped) of \(coverage.tokens.counted("field")) "
                    + "(\(coverage.maskedShare)), which vary by themselves")
        }
        for reason in coverage.notCompared.prefix(3) {
            lines += page.labelled("not compared", Self.text(reason))
        }
        if let reason = coverage.tooFewToSay.first {
            let kinds = UInt64(coverage.tooFewToSay.count - 1)
            let more = kinds > 0 ? ", and \(kinds.counted("kind")) more" : ""
            lines += page.labelled(
                "times", "too few answers to say what is late: \(Self.text(reason))\(more)")
        }
        lines += repeatLines(judgement)
        if !coverage.notObservable.isEmpty {
            let kinds = coverage.notObservable.map(\.plural).joined(separator: ", ")
            lines += page.labelled("not visible", "\(kinds): this way of running cannot see them")
        }
        for what in coverage.notTried.prefix(3) {
            lines += page.labelled("not tried", "\(PrintableText(what, limit: 200))")
        }
        return lines + page.labelled("strikes", Self.text(judgement.strikes))
    }

    /// What came of running again because answers were late.
    private func repeatLines(_ judgement: Judgement) -> [String] {
        var lines: [String] = []
        if let repeats = judgement.repeats {
            let all = repeats.runs.addingClamped(1)
            if repeats.alike < all {
                lines += page.labelled(
                    "repeated",
                    "\(repeats.alike.grouped) of \(all.counted("run")) of the same schedule "
                        + "came to this: it comes and goes")
            }
            if repeats.lateAgain > 0 {
                lines += page.labelled(
                    "late again",
                    "\(repeats.lateAgain.counted("answer")), in each of "
                        + repeats.runs.counted("repeat"))
            }
            lines += notCounted(repeats, "")
        }
        // A clean run that is judged itself has said so already.
        if let repeats = result.baseline.repeats, judgement.repeats != repeats {
            lines += notCounted(repeats, " of a clean run")
        }
        return lines
    }

    private func notCounted(_ repeats: Repeats, _ whose: String) -> [String] {
        guard repeats.notLateAgain > 0 else { return [] }
        let late = repeats.notLateAgain.counted("late answer")
        return page.labelled(
            "not counted",
            "\(late)\(whose), not late each time in \(repeats.runs.counted("repeat"))")
    }

    private static func pushes(_ count: UInt64) -> String {
        "\(count.grouped) push\(count == 1 ? "" : "es")"
    }

    static func text(_ reason: Coverage.Reason) -> String {
        "\(reason.count.grouped): \(PrintableText(reason.text, limit: 200))"
    }

    /// `12 planned: 11 applied, 1 pre-empted; 6 ruled out before: 1 pre-empted, 5 skipped`
    static func text(_ strikes: StrikeCounts) -> String {
        var parts = ["none planned"]
        if strikes.planned > 0 {
            let missed = missed(strikes.preempted, strikes.skipped).map { ", " + $0 }.joined()
            parts = [
                "\(strikes.planned.grouped) planned: \(strikes.applied.grouped) applied\(missed)"
            ]
        }
        let (sum, overflow) =
            strikes.preemptedBefore.addingReportingOverflow(strikes.skippedBefore)
        let ruledOut = overflow ? UInt64.max : sum
        if ruledOut > 0 {
            let how = missed(strikes.preemptedBefore, strikes.skippedBefore)
            parts.append(
                "\(ruledOut.grouped) ruled out before: \(how.joined(separator: ", "))")
        }
        if strikes.conditions > 0 { parts.append(strikes.conditions.counted("condition")) }
        return parts.joined(separator: "; ")
    }

    private static func missed(_ preempted: UInt64, _ skipped: UInt64) -> [String] {
        [(preempted, "pre-empted"), (skipped, "skipped")].filter { $0.0 > 0 }
            .map { "\($0.0.grouped) \($0.1)" }
    }

    /// The expectations that did not hold, the other seeds, and how to go on.
    var closingLines: [String] {
        var lines: [String] = []
        for expectation in result.expectations where expectation.held != true {
            let verb = expectation.held == nil ? "could not be decided" : "did not hold"
            // Why nothing can be decided against an unstable baseline is said above.
            let isSaid = expectation.held == nil && !result.baseline.unstable.isEmpty
            let found = isSaid ? "" : ", \(PrintableText(expectation.found, limit: 200))"
            lines += page.labelled(
                "expectation", "\(PrintableText(expectation.text, limit: 80)): \(verb)\(found)")
        }
        let held = UInt64(result.expectations.count { $0.held == true })
        if held > 0 { lines += page.labelled("expectations", "\(held.grouped) held") }
        if result.runs.count > 1 { lines += page.labelled("seeds", seeds) }
        // A command is copied: it is never broken.
        lines.append("repeat it     \(PrintableText(result.test.repeating))")
        let folder = "\(PrintableText(result.test.folder))"
        let hasEvidence = !isReport && result.runs.contains { !$0.judgement.symptoms.isEmpty }
        lines.append(
            hasEvidence ? "evidence      weir report \(folder)" : "kept in       \(folder)")
        return lines
    }

    /// `7 failed silently; 8, 9 and 10 tolerated`
    private var seeds: String {
        let order: [Verdict] = [
            .defect, .failedSilently, .failedLoudly, .inconclusive, .recovered, .tolerated,
        ]
        var parts: [String] = []
        for verdict in order {
            let seeds = result.runs.filter { $0.judgement.verdict == verdict }.map(\.seed)
            guard !seeds.isEmpty else { continue }
            let shown = seeds.prefix(Self.shownSeeds).map { "\($0)" }.joined(separator: ", ")
            let rest = seeds.count - Self.shownSeeds
            parts.append("\(shown)\(rest > 0 ? " and \(rest) more" : "") \(verdict.words)")
        }
        return parts.joined(separator: "; ")
    }

    private static let shownSeeds = 6
}
