import Faults
import Reactions

/// All that the demo saw: what the story and its JSON are made of, and what it comes to.
struct DemoOutcome: Sendable {
    var seed: UInt64
    /// Where everything is kept.
    var folder: String
    var recorded: Recorded
    /// What is to happen to the ledgers.
    var schedule: Schedule
    var script: ProducerScript
    /// In the order in which they were made.
    var trials: [DemoTrial]

    struct Recorded: Sendable {
        var path: String
        var connections: Int
        var requests: Int
        var answers: Int
        var nanoseconds: Int64
    }

    /// What the demo came to.
    enum Verdict: Hashable, Sendable {
        /// Silence and noise were told from health: as promised.
        case shown
        /// Some strikes did no harm: they struck nothing that matters.
        case harmless
        /// What must not be.
        case defect(String)
    }

    var verdict: Verdict {
        var isHarmless = false
        for trial in trials {
            switch trial.judgement {
            case .asPromised: break
            case .harmless: isHarmless = true
            case .wrong(let why): return .defect("\(trial.subject.name): \(why)")
            }
        }
        return isHarmless ? .harmless : .shown
    }

    var exitCode: ExitCode {
        switch verdict {
        case .shown: .done
        case .harmless: .inconclusive
        case .defect: .defect
        }
    }

    /// How often a rule is to strike the ledgers. A condition has no strikes.
    func planned(_ rule: String) -> Int {
        schedule.strikes.count { $0.rule == rule && $0.isPlanned }
    }

    /// What one strike of the ledgers' schedule does to the naive one.
    func consequence(of strike: String) -> Consequence? {
        schedule.strikes.first { $0.id == strike }.map { Consequence(of: $0, in: script) }
    }
}

extension DemoTrial {
    enum Judged: Hashable, Sendable {
        case asPromised
        case harmless
        case wrong(String)
    }

    /// The run that was disturbed; nil where there is none.
    var disturbed: Judgement? { result.runs.first?.judgement }

    /// What it came to, against what it must come to.
    var judgement: Judged {
        let verdict = result.verdict
        let isUnharmed = verdict == .tolerated || verdict == .recovered
        switch subject {
        case .ledger(.careful): return isUnharmed ? .asPromised : .wrong(said)
        case .ledger(.naive):
            return verdict == .failedSilently ? .asPromised : isUnharmed ? .harmless : .wrong(said)
        case .ledger(.strict):
            return verdict == .failedLoudly ? .asPromised : isUnharmed ? .harmless : .wrong(said)
        case .retryingClient:
            guard isUnharmed else { return .wrong(said) }
            let isFound = disturbed?.symptoms.contains { $0.kind == .silentRetry } ?? false
            return isFound ? .asPromised : .harmless
        }
    }

    private var said: String {
        let reasons = (disturbed?.reasons ?? []) + result.baseline.unstable
        return "\(result.verdict.rawValue)" + (reasons.first.map { ", \($0)" } ?? "")
    }
}
