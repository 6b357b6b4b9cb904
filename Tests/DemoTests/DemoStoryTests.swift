import Faults
import Testing

@testable import weir

@Suite struct DemoStoryTests {
    @Test func `it has shown its point when only the naive ledger is wrong, and only disturbed`() {
        #expect(outcome().verdict == .shown)
        #expect(outcome().exitCode == .done)
    }

    @Test func `strikes that do no harm are inconclusive, and another seed is named`() {
        let outcome = outcome(naive: [:])
        #expect(outcome.verdict == .harmless)
        #expect(outcome.exitCode == .inconclusive)
        #expect(DemoStory(outcome: outcome).text.contains("weir demo --seed 8\n"))
    }

    @Test func `a careful ledger that is wrong is a defect, and so is an undisturbed one`() {
        let careful = outcome(careful: ["alice": 2])
        #expect(careful.verdict == .defect("the careful ledger has wrong balances"))
        #expect(careful.exitCode == .defect)
        let undisturbed = outcome(undisturbed: ["alice": 2])
        #expect(
            undisturbed.verdict == .defect("the naive, undisturbed ledger has wrong balances"))
    }

    @Test func `a strike without an outcome is a defect`() {
        var outcome = outcome()
        outcome.runs[1].strikes.planned += 1
        #expect(outcome.verdict == .defect("a strike on the naive ledger is not accounted for"))
        #expect(DemoStory(outcome: outcome).text.contains("NOT AS IT MUST BE"))
    }

    @Test func `the story names each wrong balance with the strikes behind it`() {
        let text = DemoStory(outcome: outcome()).text
        #expect(
            text.contains(
                """
                  account  must be  is  wrong by  exposed to        which alone makes
                  alice          1   3        +2  duplicate@1u2                    +2
                  bob           -1  -4        -3  no single strike

                """))
        #expect(text.contains("and none of its answers said so"))
    }

    @Test func `where an answer gave it away, the story does not call it silent`() {
        var outcome = outcome()
        outcome.runs[1].answers.different = 1
        #expect(!DemoStory(outcome: outcome).text.contains("none of its answers"))
    }

    @Test func `the last seed of all is followed by the first`() {
        var outcome = outcome(naive: [:])
        outcome.seed = .max
        #expect(DemoStory(outcome: outcome).text.contains("weir demo --seed 0\n"))
    }
}

/// Balances that differ by so much, of `alice` (1) and `bob` (-1).
private func outcome(
    undisturbed: [String: Int64] = [:], naive: [String: Int64] = ["alice": 2, "bob": -3],
    careful: [String: Int64] = [:]
) -> DemoOutcome {
    let expected: [String: Int64] = ["alice": 1, "bob": -1]
    func run(
        _ edition: Ledger.Edition, _ isDisturbed: Bool, _ shifts: [String: Int64]
    ) -> DemoOutcome.Run {
        let strike = Strike(
            id: "duplicate@1u2", rule: "duplicate", connection: 1, direction: .upstream,
            message: 2, effect: .duplicate(copies: 1, afterNanoseconds: 0))
        var consequence = Consequence(of: strike, in: ProducerScript(seed: 7))
        consequence.shifts = ["alice": 2]
        return DemoOutcome.Run(
            edition: edition, isDisturbed: isDisturbed, folder: "kept/\(edition)",
            strikes: .init(planned: 1, applied: 1), answers: .init(same: 10),
            balances: BalanceComparison(
                expected: expected, actual: expected.merging(shifts) { $0 + $1 }),
            consequences: [consequence])
    }
    return DemoOutcome(
        seed: 7, folder: "kept",
        recorded: .init(
            path: "kept/ledger.weir", connections: 5, requests: 10, answers: 10,
            nanoseconds: 600_000_000),
        rules: [.init(name: "duplicate", planned: 1)],
        runs: [
            run(.naive, false, undisturbed), run(.naive, true, naive),
            run(.careful, true, careful),
        ])
}
