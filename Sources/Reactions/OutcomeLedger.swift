import Faults
import Recordings

/// Keeps account of a schedule's strikes: every one has exactly one outcome in the end.
///
/// Strikes that the schedule itself pre-empts or skips have theirs from the start.
package struct OutcomeLedger: Sendable {
    /// A strike and what became of it.
    package struct Entry: Hashable, Sendable {
        package var strike: Strike
        package var outcome: StrikeOutcome
        package var instant: Instant?
    }

    /// Of a rule's strikes, how many came to what, and why.
    package struct RuleCounts: Hashable, Sendable {
        package var rule: String
        package var label: FaultLabel
        /// Those that the schedule does not pre-empt or skip itself: the sum of the next three.
        package var planned: UInt64 = 0
        package var applied: UInt64 = 0
        package var preempted: UInt64 = 0
        package var skipped: UInt64 = 0
        /// Those that were pre-empted or skipped when the schedule was made.
        package var ruledOut: UInt64 = 0
        /// Why strikes were pre-empted or skipped, the commonest first.
        package var reasons: [Reason] = []

        package init(rule: String, label: FaultLabel) {
            self.rule = rule
            self.label = label
        }
    }

    /// Why a strike was not applied, and how often.
    package struct Reason: Hashable, Sendable {
        package var text: String
        package var count: UInt64
    }

    /// Reasons beyond this many of one rule are not told.
    package static let maximumReasons = 16
    /// What is said of a strike of which the replay said nothing.
    package static let untold = "the replay told nothing of it"

    private let strikes: [Strike]
    private var outcomes: [String: (outcome: StrikeOutcome, instant: Instant)] = [:]

    package init(_ schedule: Schedule) { strikes = schedule.strikes }

    /// Takes an event of the replay; what it says of a strike the second time does not count.
    package mutating func receive(_ event: Event) {
        guard case .strike(let outcome) = event.fact, outcomes[outcome.id] == nil else { return }
        outcomes[outcome.id] = (outcome, event.instant)
    }

    /// Whether the replay told what became of a strike, or the schedule did.
    package func isTold(_ strike: Strike) -> Bool {
        !strike.isPlanned || outcomes[strike.id] != nil
    }

    /// Each strike with its outcome, in the schedule's order.
    package var entries: some Collection<Entry> {
        strikes.lazy.map { strike in entry(strike) }
    }

    /// A strike with its outcome.
    package func entry(_ strike: Strike) -> Entry {
        switch strike.state {
        case .preempted(let by):
            return Entry(
                strike: strike,
                outcome: StrikeOutcome(id: strike.id, result: .preempted, reason: "by \(by)"))
        case .skipped(let reason):
            return Entry(
                strike: strike,
                outcome: StrikeOutcome(id: strike.id, result: .skipped, reason: reason))
        case .planned:
            guard let told = outcomes[strike.id] else {
                return Entry(
                    strike: strike,
                    outcome: StrikeOutcome(id: strike.id, result: .skipped, reason: Self.untold))
            }
            return Entry(strike: strike, outcome: told.outcome, instant: told.instant)
        }
    }

    /// The rules that have strikes, in the order of their first one.
    package var rules: [RuleCounts] {
        var rules: [RuleCounts] = []
        var places: [String: Int] = [:]
        for entry in entries {
            let strike = entry.strike
            let place = places[strike.rule] ?? rules.count
            if place == rules.count {
                places[strike.rule] = place
                rules.append(RuleCounts(rule: strike.rule, label: strike.label))
            }
            rules[place].add(entry, isPlanned: strike.isPlanned)
        }
        for place in rules.indices {
            rules[place].reasons.sort { ($1.count, $0.text) < ($0.count, $1.text) }
        }
        return rules
    }
}

extension OutcomeLedger.RuleCounts {
    fileprivate mutating func add(_ entry: OutcomeLedger.Entry, isPlanned: Bool) {
        if isPlanned {
            planned += 1
            switch entry.outcome.result {
            case .applied: applied += 1
            case .preempted: preempted += 1
            case .skipped: skipped += 1
            }
        } else {
            ruledOut += 1
        }
        guard entry.outcome.result != .applied else { return }
        let reason =
            entry.outcome.result == .preempted && !isPlanned
            ? "another strike took its message" : entry.outcome.reason
        if let place = reasons.firstIndex(where: { $0.text == reason }) {
            reasons[place].count += 1
        } else if reasons.count < OutcomeLedger.maximumReasons {
            reasons.append(OutcomeLedger.Reason(text: reason, count: 1))
        }
    }
}
