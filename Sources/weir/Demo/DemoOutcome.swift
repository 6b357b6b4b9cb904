/// All that the demo saw: what the story and its JSON are made of, and what it comes to.
struct DemoOutcome: Sendable {
    var seed: UInt64
    /// Where everything is kept.
    var folder: String
    var recorded: Recorded
    /// In the plan's order.
    var rules: [Rule]
    /// In the order in which they ran.
    var runs: [Run]

    struct Recorded: Sendable {
        var path: String
        var connections: Int
        var requests: Int
        var answers: Int
        var nanoseconds: Int64
    }

    struct Rule: Sendable {
        var name: String
        /// Strikes in the schedule that are to happen. A condition has none.
        var planned: Int
    }

    /// One replay to a ledger of its own.
    struct Run: Sendable {
        var edition: Ledger.Edition
        var isDisturbed: Bool
        var folder: String
        var strikes: Strikes
        var answers: Answers
        var balances: BalanceComparison
        /// Of the strikes that were applied, those that put a balance wrong which is wrong.
        var consequences: [Consequence]

        var name: String { isDisturbed ? edition.rawValue : "\(edition.rawValue), undisturbed" }
    }

    struct Strikes: Sendable {
        var planned = 0
        var applied = 0
        var preempted = 0
        var skipped = 0
    }

    struct Answers: Sendable {
        var same: UInt64 = 0
        var different: UInt64 = 0
        var missing: UInt64 = 0
        var errors: UInt64 = 0
    }

    /// What the demo came to.
    enum Verdict: Hashable, Sendable {
        /// The naive ledger is wrong under disturbance, the careful one is right: as promised.
        case shown
        /// The strikes did no harm: they struck nothing that matters.
        case harmless
        /// What must not be.
        case defect(String)
    }

    var verdict: Verdict {
        for run in runs {
            let strikes = run.strikes
            if strikes.planned != strikes.applied + strikes.preempted + strikes.skipped {
                return .defect("a strike on the \(run.name) ledger is not accounted for")
            }
            let mustBeRight = run.edition == .careful || !run.isDisturbed
            if mustBeRight, !run.balances.wrong.isEmpty {
                return .defect("the \(run.name) ledger has wrong balances")
            }
        }
        let isHarmed = runs.contains { !$0.balances.wrong.isEmpty }
        return isHarmed ? .shown : .harmless
    }

    var exitCode: ExitCode {
        switch verdict {
        case .shown: .done
        case .harmless: .inconclusive
        case .defect: .defect
        }
    }
}
