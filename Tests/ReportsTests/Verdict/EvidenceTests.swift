import Recordings
import Testing
import Text

@testable import Reactions
@testable import Reports

@Suite struct EvidenceTests {
    @Test(arguments: [80, 120])
    func `a symptom is told with its bytes and what happened around it`(width: Int) throws {
        try Golden.expect(
            Self.text(DrawnResults.silent, width: width), equals: "verdict/evidence-\(width).txt")
    }

    @Test(arguments: VerdictTextTests.drawn.map(\.0))
    func `evidence of any kind stays within its columns, and acts on no terminal`(
        name: String
    ) throws {
        let result = try #require(VerdictTextTests.drawn.first { $0.0 == name }).1
        for width in [80, 120] {
            for line in Self.text(result, width: width).split(separator: "\n") {
                let line = String(line)
                #expect("\(PrintableText(line))" == line, "something acts on the terminal")
                // What is copied is not broken.
                let isCommand = line.contains("weir ") || line.contains("long-name")
                #expect(isCommand || PrintableText(line).columns <= width, "\(line)")
            }
        }
        try Golden.expect(
            Self.text(result, width: 80), equals: "verdict/evidence-of-\(name).txt")
    }

    @Test func `colours are put on a terminal only, and marks always`() {
        let plain = Self.text(DrawnResults.silent, width: 80)
        let colored = Self.text(DrawnResults.silent, width: 80, isColored: true)
        #expect(plain.contains("^^") && colored.contains("^^"))
        #expect(!plain.contains("\u{1b}"))
        #expect(colored.replacing(/\u{1b}\[\d+m/, with: "") == plain)
    }

    @Test(arguments: [
        ("abc", "abc", 0, "both     61 62 63"),
        (":9\r\n", ":10\r\n", 3, "expected 3a 39    0d 0a"),
        ("", "x", 2, "expected"),
        ("x", "", 2, "expected 78"),
    ])
    func `what differs is marked, and what ends alike stands under each other`(
        expected: String, actual: String, marks: Int, first: String
    ) {
        let rows = SideBySide(
            expected: Array(expected.utf8), actual: Array(actual.utf8), offset: 0, areWhole: true,
            on: ReportPage()
        ).lines(indent: 0)
        #expect(rows.first?.hasPrefix(first) == true)
        #expect(rows.joined().count { $0 == "^" } == (marks == 0 ? 0 : marks == 3 ? 6 : 3))
    }

    @Test func `of any two runs of bytes the rows hold all of both, and mark what is not in both`()
    {
        let seed: UInt64 = 11
        print("seed \(seed)")
        var random = RandomResults(seed: seed)
        for _ in 0..<500 {
            let (expected, actual) = (random.bytes(), random.bytes())
            for areWhole in [true, false] {
                let rows = SideBySide(
                    expected: expected, actual: actual, offset: 0, areWhole: areWhole,
                    on: ReportPage()
                ).lines(indent: 0)
                func hex(_ labels: [String]) -> [UInt8] {
                    rows.filter { row in labels.contains { row.hasPrefix($0) } }.flatMap { row in
                        row.dropFirst(9).prefix(48).split(separator: " ").compactMap {
                            UInt8($0, radix: 16)
                        }
                    }
                }
                #expect(hex(["expected", "both"]) == expected)
                #expect(hex(["actual", "both"]) == actual)
                #expect(rows.contains { $0.contains("^") } == (expected != actual))
            }
        }
    }

    @Test func `a timeline keeps what is about the strike, and a bounded number of the rest`() {
        let timeline = DrawnTimelines.timelines(of: DrawnResults.silent.runs[0].judgement.symptoms)[
            0]
        let texts = timeline.entries.map(\.text)
        #expect(texts.contains("applies redelivery@3u17"))
        #expect(!texts.contains { $0.contains("other@9u1") || $0.contains("another connection") })
        #expect(!texts.contains { $0.contains("second piece") })
        #expect(texts.count <= 10 + 5 + 4)
        #expect(timeline.omitted > 20)
        #expect(timeline.entries.map(\.instant) == timeline.entries.map(\.instant).sorted())
    }

    @Test func `a flood of events and symptoms stays bounded`() {
        let symptoms = DrawnResults.flood(5_000).runs[0].judgement.symptoms
        let timelines = DrawnTimelines.timelines(of: symptoms)
        #expect(timelines.count == TimelineCollector.maximumSymptoms)
        #expect(timelines.allSatisfy { $0.entries.count <= 19 })
    }

    static func text(_ result: TestResult, width: Int, isColored: Bool = false) -> String {
        let page = ReportPage(width: width, isColored: isColored)
        let text = VerdictText(result, on: page, isReport: true)
        guard let run = result.decidingRun else { return text.firstScreen }
        let symptoms = SymptomGroup.groups(run.judgement.symptoms).map(\.first)
            .prefix(VerdictText.usualSymptoms)
        let evidence = VerdictText.Evidence(
            run: run, folder: "runs/latest/seed-7",
            timelines: DrawnTimelines.timelines(of: Array(symptoms)), note: nil,
            limit: VerdictText.usualSymptoms)
        return ([text.firstScreen] + text.sections(evidence)).joined(separator: "\n")
    }
}
