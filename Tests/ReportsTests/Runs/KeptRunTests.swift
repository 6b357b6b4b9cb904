import Recordings
import Testing
import Text

@testable import Reactions
@testable import Reports

/// Replays' folders, shown and compared.
@Suite struct KeptRunTests {
    @Test func `a replay is told as far as its files say something, and that nobody judged it`()
        throws
    {
        let tally = Self.tally(Self.summary, Self.reactions, Self.outcomes)
        #expect(tally.isWhole)
        try Golden.expect(tally.text(), equals: "kept-replay.txt")
        try Golden.expect(tally.junit, equals: "kept-replay.xml")
        try Golden.expect(tally.markdown, equals: "kept-replay.md.txt")
        let json = try JSONReader.read(tally.json)
        #expect(json["judged"] == false)
        #expect(json["compared"]?["same"] == 40)
    }

    @Test func `what is missing or broken in a folder is said`() throws {
        let tally = Self.tally(nil, Self.reactions + ["{\"type\":\"ans", "7"], Self.outcomes)
        #expect(
            tally.problems == [
                "summary.json is missing: the replay still runs, or was stopped before its end",
                "2 lines of reactions.jsonl cannot be read and are left out",
            ])
        #expect(Self.tally("{", [], []).problems == ["summary.json cannot be read: it is no JSON"])
    }

    @Test func `a newer version is refused by name, and an unknown field is not`() throws {
        let newer = Self.tally(
            Self.summary,
            ["{\"type\":\"reactions\",\"version\":2}"] + Self.reactions.dropFirst(),
            Self.outcomes)
        #expect(
            newer.problems == [
                "reactions.jsonl is of version 2, which is newer than what is known here (1); use "
                    + "the weir that wrote it, or a newer one"
            ])
        #expect(newer.text().contains("answers       none"))
        let more = Self.reactions.map { $0.replacing("\"type\"", with: "\"new\":1,\"type\"") }
        #expect(Self.tally(Self.summary, more, Self.outcomes).isWhole)
    }

    @Test func `hostile lines are counted, and act on no terminal`() {
        let lines = [
            "{\"type\":\"answer\",\"compared\":\"\\u001b[2J\",\"message\":-1,\"t_ns\":1e999}",
            "{\"type\":\"answer\",\"compared\":\"different\",\"t_ns\":-9223372036854775808,"
                + "\"differs_at\":18446744073709551615,\"kind\":\"\\u202e\","
                + "\"actual\":\"\\u0000\"}",
            String(repeating: "[", count: 100_000), "\u{0}",
        ]
        let text = Self.tally(nil, lines, lines).text()
        for scalar in text.unicodeScalars {
            #expect(scalar == "\n" || (scalar.value >= 0x20 && scalar.value != 0x202e))
        }
    }

    @Test func `the same replay twice is alike`() {
        let comparison = RunComparison(Self.facts("a", "same"), with: Self.facts("b", "same"))
        #expect(!comparison.isDifferent)
        #expect(comparison.text().hasPrefix("ALIKE: no difference was found\n"))
    }

    @Test func `two replays differ in answers, strikes and times, each told with its place`()
        throws
    {
        let comparison = RunComparison(
            Self.facts("a", "same"),
            with: Self.facts("b", "different", service: 90_000_000, outcome: "skipped"))
        #expect(comparison.counts == [.answer: 40, .strike: 1, .time: 1])
        try Golden.expect(comparison.text(), equals: "compare-replays.txt")
        let json = try JSONReader.read(comparison.json)
        #expect(json["different"] == true)
        #expect(json["differences"]?.array?.count == 22)
    }

    @Test func `of several answers to one message each is compared`() {
        func facts(_ row: String) -> ReplayFacts {
            var facts = ReplayFacts(folder: "a")
            // As of PostgreSQL: rows, then CommandComplete and ReadyForQuery.
            for (part, compared) in ["same", row, "same", "same"].enumerated() {
                let number = part > 0 ? "\"part\":\(part)," : ""
                let line = Self.answer(5, compared, 1).replacing(
                    "\"copy\"", with: "\(number)\"copy\"")
                facts.receiveReaction(Array(line.utf8))
            }
            facts.finish()
            return facts
        }
        let comparison = RunComparison(facts("same"), with: facts("different"))
        #expect(comparison.counts == [.answer: 1])
        #expect(
            comparison.differences.first?.place == "connection 1, message 5, its answer 2")
        #expect(comparison.compared.first == "4 answers")
        #expect(!RunComparison(facts("different"), with: facts("different")).isDifferent)
    }

    @Test func `two regressions with one seed are two, in a comparison and for JUnit`() throws {
        func run(_ folder: String, _ verdict: Verdict) -> TestResult.JudgedRun {
            TestResult.JudgedRun(
                seed: 7, folder: folder, nanoseconds: 1, judgement: Judgement(verdict))
        }
        var result = DrawnResults.tolerated
        result.runs = [
            run("regressions/001-lost/seed-7", .failedSilently),
            run("regressions/002-twice/seed-7/again-1", .tolerated), run("seed-7", .recovered),
        ]
        let same = RunComparison(result, in: "a", with: result, in: "a")
        #expect(!same.isDifferent && same.notes.isEmpty)
        #expect(same.compared.first == "3 seeds")
        // Another run of the same schedule counts there.
        var other = result
        other.runs[1].folder = "regressions/002-twice/seed-7"
        other.runs[1].judgement = Judgement(.recovered)
        let comparison = RunComparison(result, in: "a", with: other, in: "b")
        #expect(comparison.differences.map(\.place) == ["regression 002-twice"])
        // A regression's seed is not that of a run without one.
        other.runs = [run("seed-7", .recovered)]
        #expect(!RunComparison(result, in: "a", with: other, in: "b").isDifferent)
        let xml = VerdictJUnit(result).text
        for name in ["regression 001-lost", "regression 002-twice", "seed 7"] {
            #expect(xml.ranges(of: " name=\"\(name)\"").count == 1)
        }
    }

    @Test func `noise of times is no difference`() {
        for service in [Int64(1_000_000), 19_000_000, 2_000_000] {
            let one = Self.facts("a", "same", service: 1_000_000)
            let other = Self.facts("b", "same", service: service)
            #expect(!RunComparison(one, with: other).isDifferent)
            #expect(!RunComparison(other, with: one).isDifferent)
        }
    }

    @Test func `two tests differ in verdicts, symptoms and expectations`() throws {
        var after = DrawnResults.loud
        after.runs[0].judgement.symptoms.removeLast()
        let comparison = RunComparison(
            DrawnResults.silent, in: "runs/before", with: after, in: "runs/after")
        try Golden.expect(comparison.text(), equals: "compare-tests.txt")
        #expect(comparison.counts[.newSymptom] == 1 && comparison.counts[.goneSymptom] == 1)
        let same = RunComparison(after, in: "a", with: after, in: "b")
        #expect(!same.isDifferent)
    }

    // MARK: - Files

    private static let summary =
        "{\"version\":1,\"recording\":\"orders.weir\",\"seed\":7,\"to\":\"127.0.0.1:6379\","
        + "\"ending\":\"interrupted\",\"duration_ns\":12345678901,"
        + "\"repeat\":\"weir replay orders.weir --to :6379 --seed 7\","
        + "\"warnings\":[\"1 of 2 planned strikes was not applied\"]}"

    private static let reactions =
        ["{\"type\":\"reactions\",\"version\":1}"]
        + (1...40).map { answer($0, "same", 1_000_000) }
        + [
            "{\"type\":\"answer\",\"t_ns\":4213000000,\"connection\":3,\"attempt\":2,"
                + "\"message\":41,\"copy\":0,\"bytes\":4,\"compared\":\"different\","
                + "\"differs_at\":1,"
                + "\"expected\":\":5\\\\r\\\\n\",\"actual\":\":6\\\\r\\\\n\",\"kind\":\"GET\","
                + "\"error\":true,\"strike\":\"redelivery@3u17\"}",
            "{\"type\":\"close\",\"t_ns\":1,\"by\":\"server\",\"unasked\":true}",
        ]

    private static let outcomes = [
        "{\"type\":\"outcomes\",\"version\":1}",
        "{\"type\":\"outcome\",\"id\":\"redelivery@3u17\",\"outcome\":\"applied\"}",
        "{\"type\":\"outcome\",\"id\":\"cut@1u2\",\"outcome\":\"skipped\",\"reason\":\"\"}",
    ]

    private static func answer(_ message: Int, _ compared: String, _ service: Int64) -> String {
        "{\"type\":\"answer\",\"t_ns\":\(message),\"connection\":1,\"attempt\":1,"
            + "\"message\":\(message),\"copy\":0,\"bytes\":5,\"service_ns\":\(service),"
            + "\"compared\":\"\(compared)\"}"
    }

    private static func tally(
        _ summary: String?, _ reactions: [String], _ outcomes: [String]
    ) -> RunTally {
        var tally = RunTally(folder: "runs/latest")
        tally.receiveSummary(summary.map { Array($0.utf8) })
        for line in reactions { tally.receiveReaction(Array(line.utf8)) }
        for line in outcomes { tally.receiveOutcome(Array(line.utf8)) }
        tally.finish()
        return tally
    }

    private static func facts(
        _ folder: String, _ compared: String, service: Int64 = 1_000_000,
        outcome: String = "applied"
    ) -> ReplayFacts {
        var facts = ReplayFacts(folder: folder)
        facts.receiveSummary(Array(summary.utf8))
        for message in 1...40 {
            facts.receiveReaction(Array(answer(message, compared, service).utf8))
        }
        facts.receiveOutcome(
            Array("{\"type\":\"outcome\",\"id\":\"cut@1u2\",\"outcome\":\"\(outcome)\"}".utf8))
        facts.finish()
        return facts
    }
}
