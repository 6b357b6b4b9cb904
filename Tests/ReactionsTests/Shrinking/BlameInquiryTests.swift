import Testing

@testable import Reactions

@Suite struct BlameInquiryTests {
    /// Runs it over an oracle that is told the ids that stay.
    static func run(
        _ causes: [String], suspects: Int? = nil, _ shows: (Set<String>) -> Bool
    ) -> (blame: Blame?, runs: Int) {
        var inquiry = BlameInquiry(causes: causes, suspects: suspects ?? causes.count)
        var runs = 0
        while runs < 1_000, let part = inquiry.next() {
            runs += 1
            inquiry.receive(shows(Set(part.map { causes[$0] })))
        }
        return (inquiry.blame, runs)
    }

    @Test
    func `a strike that shows it alone, and without which it is gone, is settled in six runs`() {
        let (blame, runs) = Self.run(["a", "b", "c"]) { $0.contains("a") }
        #expect(
            blame == Blame(strikes: ["a"], with: .init(3, of: 3), without: .init(0, of: 3)))
        #expect(blame?.isSettled == true)
        #expect(runs == 6)
    }

    @Test func `a suspect that does not show it alone costs one run`() {
        let (blame, runs) = Self.run(["a", "b", "c"]) { $0.contains("c") }
        #expect(blame?.strikes == ["c"])
        #expect(runs == 8)
    }

    @Test func `where others make it too, that is said, and it is held against nothing at all`() {
        let (blame, runs) = Self.run(["a", "b", "c"]) { !$0.isEmpty }
        #expect(blame?.strikes == ["a"])
        #expect(blame?.isSettled == true)
        #expect(
            blame?.notes == [
                "it also shows without it, while the other 2 stay: others make it too, so it was "
                    + "held against none at all"
            ])
        #expect(runs == 3 + 1 + 3)
    }

    @Test func `where it shows without any strike, it is not settled`() {
        let (blame, _) = Self.run(["a", "b"]) { _ in true }
        #expect(blame?.isSettled == false)
        #expect(blame?.without == .init(1, of: 1))
        #expect(blame?.notes.last == "not settled")
    }

    @Test func `an inquiry that a run ends which cannot be made proves nothing`() {
        var inquiry = BlameInquiry(causes: ["a", "b"], suspects: 2)
        // Three runs with a alone, and one without it.
        for shown in [true, true, true, false] {
            #expect(inquiry.next() != nil)
            inquiry.receive(shown)
        }
        inquiry.end(because: "no data")
        #expect(inquiry.next() == nil)
        #expect(
            inquiry.blame
                == Blame(
                    strikes: ["a"], with: .init(3, of: 3), without: .init(0, of: 0),
                    notes: ["not settled: no data"]))
        #expect(inquiry.blame?.isSettled == false)
        var first = BlameInquiry(causes: ["a", "b"], suspects: 2)
        first.end(because: "no data")
        #expect(first.blame?.strikes == [])
    }

    @Test func `two strikes that only show it together are found and blamed together`() {
        let causes = (0..<100).map { "s\($0)" }
        let (blame, runs) = Self.run(causes, suspects: 16) { $0.isSuperset(of: ["s3", "s77"]) }
        #expect(
            blame
                == Blame(
                    strikes: ["s3", "s77"], with: .init(3, of: 3), without: .init(0, of: 3)))
        print("\(runs) runs")
        #expect(runs <= 50)
    }

    @Test func `what does not show again is not settled, and says so`() {
        let (blame, runs) = Self.run(["a", "b"]) { _ in false }
        #expect(
            blame
                == Blame(
                    strikes: [], with: .init(0, of: 3), without: .init(0, of: 0),
                    notes: ["it did not show again in 3 runs of the whole schedule", "not settled"])
        )
        #expect(runs == 2 + 3)
    }

    @Test func `what shows in some runs only is not settled, and the counts say how often`() {
        var runs = 0
        let (blame, _) = Self.run(["a", "b"]) { part in
            runs += 1
            return part.contains("a") && runs % 2 == 1
        }
        #expect(blame?.strikes == ["a"])
        #expect(blame?.with == .init(2, of: 3))
        #expect(blame?.without == .init(0, of: 3))
        #expect(blame?.isSettled == false)
    }

    @Test func `nothing planned is nothing to blame`() {
        #expect(Self.run([]) { _ in true }.runs == 0)
        #expect(Self.run([]) { _ in true }.blame?.isSettled == false)
    }

    @Test func `whatever the oracle says, it ends within a stated number of runs`() {
        let seed: UInt64 = 9
        print("seed \(seed)")
        var random = SeededRandom(state: seed)
        for _ in 0..<2_000 {
            let causes = (0..<random.below(40)).map { "s\($0)" }
            let (blame, runs) = Self.run(causes, suspects: Int(random.below(18))) { _ in
                random.below(2) == 0
            }
            #expect(blame != nil)
            #expect(runs <= 4 + 3 + 48 + 3 + 3 + 16)
        }
    }
}
