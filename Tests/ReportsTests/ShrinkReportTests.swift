import Faults
import Reactions
import Recordings
import Reports
import Testing

@Suite struct ShrinkReportTests {
    private static func report(
        _ ending: ShrinkReport.Ending, left: Int, of count: Int, shown: Blame.Count
    ) -> ShrinkReport {
        let strikes = (1...count).map { number in
            Strike(
                id: "duplicate@1u\(number)", rule: "duplicate", connection: 1,
                direction: .upstream, message: UInt64(number),
                effect: .duplicate(copies: 1, afterNanoseconds: 0))
        }
        var report = ShrinkReport(
            run: "seed-7",
            symptom: Symptom(
                .inconsistent, .probe("balance"), at: Instant(nanoseconds: 0), isEffect: true,
                evidence: .exitCode(expected: 0, actual: 1)),
            ending: ending,
            best: ShrinkCandidate(strikes: Array(strikes.prefix(left)), conditions: []),
            of: Schedule(seed: 7, strikes: strikes), messages: .init(2, of: 1_302),
            connections: .init(1, of: 5), isAsap: true, confirmation: shown, candidates: 27,
            replays: 1_043, nanoseconds: 12_000_000_000)
        report.folder = "runs/latest/shrunk"
        report.repeating = "weir test …"
        return report
    }

    @Test func `it says what is enough, and how to see it again`() {
        let report = Self.report(
            .searched(.smallest), left: 2, of: 500, shown: Blame.Count(3, of: 3))
        #expect(
            report.text == """
                2 of 500 faults are enough, and none of them can be left out:
                  probe balance: its exit code is 1 instead of 0

                strikes      2 of 500: duplicate@1u1, duplicate@1u2
                recording    2 of 1,302 messages, 1 of 5 connections, as fast as it goes
                shows again  in 3 of 3 runs
                took         1,043 replays of 27 candidates, 12.0 s
                kept in      runs/latest/shrunk
                repeat it    weir test …

                """)
    }

    @Test func `a search that did not end says that less may be enough, and how to go on`() {
        var report = Self.report(.interrupted, left: 20, of: 500, shown: Blame.Count(0, of: 0))
        report.resuming = "weir shrink runs/latest --resume"
        let lines = report.text.split(separator: "\n")
        #expect(lines.first == "20 of 500 faults left when it was interrupted:")
        #expect(lines.last == "go on        weir shrink runs/latest --resume")
        #expect(report.text.contains("duplicate@1u16 and 4 more"))
        #expect(!report.text.contains("shows again"))
    }

    @Test func `a symptom that comes and goes is called so`() {
        let report = Self.report(
            .searched(.smallest), left: 1, of: 2, shown: Blame.Count(1, of: 3))
        #expect(report.text.hasPrefix("1 of 2 faults is enough:\n"))
        #expect(report.text.contains("shows again  in 1 of 3 runs: it comes and goes\n"))
    }

    @Test func `where it did not show again there is nothing to keep`() {
        var report = Self.report(
            .searched(.notRepeated), left: 2, of: 2, shown: Blame.Count(0, of: 0))
        report.folder = nil
        report.repeating = nil
        #expect(report.text.hasPrefix("not repeated: the symptom did not show again"))
        #expect(!report.text.contains("strikes"))
    }

    @Test func `for machines it is one object`() {
        let json = Self.report(
            .outOfTime, left: 1, of: 2, shown: Blame.Count(0, of: 0)
        ).json()
        #expect(json.hasPrefix(#"{"version":1,"run":"seed-7","symptom":"inconsistent","found":"#))
        #expect(json.contains(#""ended":"out-of-time","strikes":["duplicate@1u1"],"#))
        #expect(json.hasSuffix("\n"))
    }
}
