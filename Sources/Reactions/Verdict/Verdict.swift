import Recordings

/// What a faulted run came to, judged against the baseline.
package enum Verdict: String, Hashable, Sendable, CaseIterable {
    /// No symptom.
    case tolerated
    /// Lateness, error answers or closes that ended before the run did; nothing wrong or missing.
    case recovered
    case failedLoudly = "failed-loudly"
    case failedSilently = "failed-silently"
    /// Nothing can be said, and why is said.
    case inconclusive
    /// A defect of Weir's own.
    case defect
}

/// The judgement of one run: the verdict, and all that it rests on.
package struct Judgement: Hashable, Sendable {
    package var verdict: Verdict
    /// Why it is inconclusive, or what else decided; the first is the one to read. `reason` is a
    /// sentence without a full stop.
    package var reasons: [String] = []
    /// A crash first, then probes, then the other effects by time, then what makes no failure, by
    /// place; at most `maximumSymptoms`.
    package var symptoms: [Symptom] = []
    /// How many there are of each kind, those that are not listed too.
    package var symptomCounts: [Symptom.Kind: UInt64] = [:]
    /// How much of what was compared differs, whether it is listed or not.
    package var differing = Differing()
    package var strikes = StrikeCounts()
    package var coverage = Coverage()
    /// From the first strike's effect to the end of the last one; nil where nothing was to recover
    /// from.
    package var recoveryNanoseconds: Int64?
    /// nil where its schedule was run once, because nothing was late.
    package var repeats: Repeats?

    package static let maximumSymptoms = 200

    /// What differs from the baseline: probes, and all else that is compared (answers, pushes,
    /// turns, sessions).
    package struct Differing: Hashable, Sendable {
        package var answers: UInt64 = 0
        package var probes: UInt64 = 0

        package init() {}
    }

    package init(_ verdict: Verdict) { self.verdict = verdict }
}

/// A schedule's strikes, by what became of them.
package struct StrikeCounts: Hashable, Sendable {
    package var planned: UInt64 = 0
    package var applied: UInt64 = 0
    package var preempted: UInt64 = 0
    package var skipped: UInt64 = 0
    /// Those that the schedule itself rules out, so that nobody planned them.
    package var preemptedBefore: UInt64 = 0
    package var skippedBefore: UInt64 = 0
    /// Conditions of the schedule (latency, bandwidth, …), which are no strikes: those that cover
    /// anything of what was played.
    package var conditions: UInt64 = 0

    package init() {}
}

/// How much was looked at, and what was not: it stands on the verdict's first lines.
package struct Coverage: Hashable, Sendable {
    /// Compared with the baseline.
    package var answers: UInt64 = 0
    package var pushes: UInt64 = 0
    package var turns: UInt64 = 0
    package var probes: UInt64 = 0
    /// What a consumer that dials asked for.
    package var requests: UInt64 = 0
    /// Answers that could not be compared, and why.
    package var notCompared: [Reason] = []
    /// Tokens that were masked because clean runs differ there, of how many tokens compared.
    package var maskedTokens: UInt64 = 0
    package var tokens: UInt64 = 0
    /// What this way of running cannot see.
    package var notObservable: [Symptom.Kind] = []
    /// What was not looked at, though it could have been: "no probe was given", say.
    package var notTried: [String] = []
    /// Kinds of messages with too few clean samples to judge lateness by, and how many answers.
    package var tooFewToSay: [Reason] = []

    package struct Reason: Hashable, Sendable {
        package var text: String
        package var count: UInt64

        package init(_ text: String, _ count: UInt64) {
            self.text = text
            self.count = count
        }
    }

    package init() {}
}
