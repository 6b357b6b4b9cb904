import Testing

@testable import Reactions

/// The decision table of Sources/README.md, row by row, and that the rows stand in their order.
@Suite struct DecisionTests {
    /// Faults were asked for and applied, all was compared, nothing was found.
    private var clean: Decision {
        var decision = Decision()
        decision.strikes.planned = 2
        decision.strikes.applied = 2
        decision.compared = 10
        return decision
    }

    /// The rows, each with what makes it fit, and what it comes to.
    private typealias Row = (
        change: @Sendable (inout Decision) -> Void, verdict: Verdict, says: String
    )

    private static let rows: [Row] = [
        ({ $0.defect = "an assertion" }, .defect, "Weir itself"),
        ({ $0.unstable = ["a counter"] }, .inconclusive, "baseline is not stable: a counter"),
        ({ $0.cutShort = "the run was interrupted" }, .inconclusive, "interrupted"),
        (
            {
                $0.effects = 2
                $0.silentEffects = 1
            }, .failedSilently, "1 effect that"
        ),
        ({ $0.effects = 2 }, .failedLoudly, "2 effects that"),
        ({ $0.strikes.applied = 0 }, .inconclusive, "none was applied"),
        (
            {
                $0.missed = 1
                $0.missedReason = "no such message"
            }, .inconclusive, "1 strike could not be done by Weir: no such message"
        ),
        ({ $0.unsent = 3 }, .inconclusive, "3 messages could not be sent"),
        ({ $0.openProbes = 1 }, .inconclusive, "a probe differs where a strike cut off"),
        ({ $0.compared = 0 }, .inconclusive, "nothing could be compared"),
        ({ $0.mildSymptoms = 1 }, .recovered, "1 symptom, over"),
        ({ $0.troubles = 2 }, .recovered, "2 errors or closes, over"),
    ]

    @Test(arguments: rows.indices)
    func `each row by itself`(_ index: Int) {
        var decision = clean
        Self.rows[index].change(&decision)
        let (verdict, reasons) = decision.verdict
        #expect(verdict == Self.rows[index].verdict)
        #expect(reasons.first?.contains(Self.rows[index].says) == true, "\(reasons)")
    }

    @Test(arguments: rows.indices)
    func `an earlier row stands before every later one`(_ index: Int) {
        for later in Self.rows.indices where later > index {
            var decision = clean
            Self.rows[later].change(&decision)
            Self.rows[index].change(&decision)
            #expect(decision.verdict.verdict == Self.rows[index].verdict, "\(index), \(later)")
        }
    }

    @Test func `no row: tolerated`() { #expect(clean.verdict.verdict == .tolerated) }

    @Test func `faults that were asked for and came to none leave it open`() {
        var decision = clean
        decision.strikes = StrikeCounts()
        #expect(decision.verdict.verdict == .inconclusive)
        #expect(decision.verdict.reasons.first?.contains("none was planned") == true)
        decision.asksForFaults = false
        #expect(decision.verdict.verdict == .tolerated, "a clean run is judged all the same")
    }

    @Test func `conditions that cover nothing of what was played are no faults`() {
        var decision = clean
        decision.strikes = StrikeCounts()
        decision.idleConditions = 2
        #expect(decision.verdict.verdict == .inconclusive)
        #expect(
            decision.verdict.reasons.first?.contains(
                "2 conditions were planned, covering nothing of what was played") == true)
    }

    @Test func `a condition is a fault that was applied`() {
        var decision = clean
        decision.strikes = StrikeCounts()
        decision.strikes.conditions = 1
        #expect(decision.verdict.verdict == .tolerated)
    }

    @Test func `of several runs the worst counts`() {
        let rising: [Verdict] = [
            .tolerated, .recovered, .inconclusive, .failedLoudly, .failedSilently, .defect,
        ]
        for count in 1...rising.count {
            #expect(Verdict.worst(of: rising.prefix(count).reversed()) == rising[count - 1])
        }
        #expect(Verdict.worst(of: []) == nil)
    }
}
