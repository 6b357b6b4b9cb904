import Faults
import Reactions
import Testing

@testable import weir

/// What blame's runs cost, and what they rest on.
@Suite struct BlameRunsTests {
    private static let schedule = Schedule(
        seed: 1,
        strikes: (1...2).map { message in
            Strike(
                id: "drop@1u\(message)", rule: "drop", connection: 1, direction: .upstream,
                message: UInt64(message), effect: .drop)
        })

    @Test func `clean runs that a part needs are counted too`() throws {
        var spent = 10
        var folders: [String] = []
        let runs = BlameRuns(of: Self.schedule, named: "seed-7", spent: { spent }) { _, folder in
            // Two clean runs for each new part that drops something, as a trial makes them.
            spent += folders.isEmpty ? 3 : 1
            folders.append(folder)
            return BlameRuns.Answer(judgement: Judgement(.tolerated))
        }
        _ = try runs.judgement(keeping: ["drop@1u1"], number: 0)
        #expect(runs.runs == 3)
        // Somebody else's.
        spent += 5
        _ = try runs.judgement(keeping: ["drop@1u1"], number: 1)
        #expect(runs.runs == 4)
        _ = try runs.judgement(keeping: ["drop@1u1"], number: 1)
        #expect(runs.runs == 4)
        #expect(folders == ["blame/seed-7-1", "blame/seed-7-2"])
    }

    @Test func `what was held against clean runs that differ is no answer`() {
        var spent = 0
        let runs = BlameRuns(of: Self.schedule, named: "seed-7", spent: { spent }) { _, _ in
            spent += 3
            return BlameRuns.Answer(
                judgement: Judgement(.inconclusive), unstable: "the probe rows differs")
        }
        let failure = #expect(throws: Failure.self) {
            try runs.judgement(keeping: ["drop@1u1"], number: 0)
        }
        #expect(failure?.message.contains("the probe rows differs") == true)
        #expect(runs.runs == 3)
    }
}
