import Testing
import Text

@testable import Reactions
@testable import Reports

@Suite struct VerdictTextTests {
    static let drawn: [(String, TestResult)] = [
        ("silent", DrawnResults.silent), ("loud", DrawnResults.loud),
        ("crash", DrawnResults.crash), ("inconclusive", DrawnResults.inconclusive),
        ("recovered", DrawnResults.recovered), ("tolerated", DrawnResults.tolerated),
        ("hiccup", DrawnResults.hiccup), ("flaky", DrawnResults.flaky),
        ("hostile", DrawnResults.hostile), ("flood", DrawnResults.flood(100_000)),
    ]

    @Test(arguments: drawn)
    func `the first screen says what failed, why, how sure, and how to see it again`(
        name: String, result: TestResult
    ) throws {
        let text = VerdictText(result).firstScreen
        try Golden.expect(text, equals: "verdict/\(name).txt")
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 31)
    }

    @Test(arguments: [
        "silent", "crash", "inconclusive", "recovered", "tolerated", "hiccup", "flaky",
    ])
    func `with little to say it fits a terminal of 24 lines and 80 columns`(name: String) throws {
        let result = try #require(Self.drawn.first { $0.0 == name }).1
        let lines = VerdictText(result).firstScreen.split(
            separator: "\n", omittingEmptySubsequences: false)
        // The last one is empty: the prompt's.
        #expect(lines.count <= 24)
        #expect(lines.allSatisfy { PrintableText(String($0)).columns <= 80 })
    }

    @Test func `answers of a connection that have the same thing wrong are told once`() {
        let groups = SymptomGroup.groups(DrawnResults.flood(50).runs[0].judgement.symptoms)
        #expect(groups.map(\.count) == [50])
        #expect(groups[0].sentence.hasPrefix("connection 3, message 1 and 49 more up to 50: "))
        // Another kind, a probe, another connection: each is told.
        let loud = DrawnResults.loud.runs[0].judgement.symptoms
        let silent = DrawnResults.silent.runs[0].judgement.symptoms
        #expect(SymptomGroup.groups(loud + silent + silent).map(\.count) == [1, 1, 2])
        let probes = DrawnResults.hostile.runs[0].judgement.symptoms
        #expect(SymptomGroup.groups(probes + probes).count == 4)
    }

    @Test func `text from outside acts on no terminal, and breaks no line`() {
        for page in [ReportPage(), ReportPage(width: 120), ReportPage(width: 0)] {
            for scalar in VerdictText(DrawnResults.hostile, on: page).firstScreen.unicodeScalars {
                #expect(scalar == "\n" || (scalar.value >= 0x20 && scalar.value != 0x7f))
                #expect(scalar.value != 0x202e)
            }
        }
    }

    @Test func `whatever the result is, there is a text of bounded length`() {
        let seed: UInt64 = 7
        print("seed \(seed)")
        var random = RandomResults(seed: seed)
        for _ in 0..<300 {
            let text = VerdictText(random.result()).firstScreen
            #expect(text.utf8.count < 10_000)
        }
    }
}
