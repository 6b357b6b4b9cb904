import Text

/// The decision table: what a verdict rests on, and which row applies. The first that fits counts.
///
/// It stands with its reasons in Sources/README.md; a test holds each row.
struct Decision {
    /// Weir itself went wrong, and how.
    var defect: String?
    /// Why the clean runs are no baseline.
    var unstable: [String] = []
    /// Why the run did not come to its end.
    var cutShort: String?
    /// Symptoms that make a failure, and those of them of which the consumer said nothing.
    var effects: UInt64 = 0
    var silentEffects: UInt64 = 0
    var asksForFaults = true
    var strikes = StrikeCounts()
    /// Conditions that cover nothing of what was played.
    var idleConditions: UInt64 = 0
    /// Strikes that were missed for a reason of Weir's own, and the first reason.
    var missed: UInt64 = 0
    var missedReason = ""
    /// Messages that Weir did not send, though nothing kept it from that.
    var unsent: UInt64 = 0
    /// Probes that differ where no clean run can leave out what a strike kept from being sent.
    var openProbes: UInt64 = 0
    /// Answers, pushes, turns and probes that were compared.
    var compared: UInt64 = 0
    /// Symptoms that ended before the run did.
    var mildSymptoms: UInt64 = 0
    /// Error answers to touched messages, closes and refused connections that did no harm.
    var troubles: UInt64 = 0

    var verdict: (verdict: Verdict, reasons: [String]) {
        if let defect { return (.defect, ["Weir itself went wrong: \(defect)"]) }
        if !unstable.isEmpty {
            return (.inconclusive, unstable.map { "the baseline is not stable: \($0)" })
        }
        if let cutShort { return (.inconclusive, [cutShort]) }
        if silentEffects > 0 {
            return (.failedSilently, ["\(counted(silentEffects)), and the consumer said nothing"])
        }
        if effects > 0 {
            return (.failedLoudly, ["\(counted(effects)), and the consumer said so"])
        }
        let doubts = doubts
        if !doubts.isEmpty { return (.inconclusive, doubts) }
        if mildSymptoms > 0 || troubles > 0 { return (.recovered, [recovery]) }
        return (.tolerated, [])
    }

    /// Why nothing can be said although nothing was found.
    private var doubts: [String] {
        var doubts: [String] = []
        if asksForFaults, strikes.conditions == 0, strikes.applied == 0 {
            doubts.append(nothingApplied)
        }
        if missed > 0 {
            doubts.append(
                "\(missed.counted("strike")) could not be done by Weir: \(missedReason)")
        }
        if unsent > 0 {
            doubts.append(
                "\(unsent.counted("message")) could not be sent, though the consumer did not end "
                    + "the connection; its reactions.jsonl says how it ended")
        }
        if openProbes > 0 {
            doubts.append(
                "a probe differs where a strike cut off a connection that is "
                    + "not read as messages, so that no clean run can leave out what was not sent; "
                    + "give a --protocol")
        }
        if compared == 0 {
            doubts.append("nothing could be compared; give a --probe, or another --protocol")
        }
        return doubts
    }

    private var nothingApplied: String {
        if strikes.planned > 0 {
            return "faults were planned, and none was applied; outcomes.jsonl says why"
        }
        if idleConditions > 0 {
            return "\(idleConditions.counted("condition")) \(idleConditions == 1 ? "was" : "were") "
                + "planned, covering nothing of what was played; raise the chance, try another "
                + "seed, or widen connections=, messages= or window="
        }
        return "faults were asked for, and none was planned; raise the chances, or try another seed"
    }

    private var recovery: String {
        var parts: [String] = []
        if mildSymptoms > 0 { parts.append(mildSymptoms.counted("symptom")) }
        if troubles > 0 { parts.append(troubles.counted("error or close", "errors or closes")) }
        return parts.joined(separator: " and ") + ", over before the run was; nothing is wrong or "
            + "missing"
    }

    private func counted(_ number: UInt64) -> String {
        "\(number.counted("effect")) that the baseline does not have"
    }
}

extension UInt64 {
    fileprivate func counted(_ one: String, _ many: String) -> String {
        "\(grouped) \(self == 1 ? one : many)"
    }
}

extension Verdict {
    /// The worse, the higher: what several runs come to together is the worst of them. An unstable
    /// baseline is `TestResult`'s to put first: it makes every run of its test inconclusive.
    package var rank: Int {
        switch self {
        case .tolerated: 0
        case .recovered: 1
        case .inconclusive: 2
        case .failedLoudly: 3
        case .failedSilently: 4
        case .defect: 5
        }
    }

    /// nil of none.
    package static func worst(of verdicts: some Sequence<Verdict>) -> Verdict? {
        verdicts.max { $0.rank < $1.rank }
    }
}
