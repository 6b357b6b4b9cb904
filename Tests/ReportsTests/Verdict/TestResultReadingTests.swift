import Recordings
import Testing
import Text

@testable import Reactions
@testable import Reports

@Suite struct TestResultReadingTests {
    @Test func `whatever a test found is read back from verdict.json as it was`() throws {
        let seed: UInt64 = 20_261_124
        print("seed \(seed)")
        var random = RandomResults(seed: seed)
        for round in 0..<300 {
            let result = random.result()
            for style in [JSONWriter.Style.compact, .pretty] {
                let text = result.json(style)
                let again = try TestResult(reading: Array(text.utf8), file: "verdict.json")
                #expect(again == result, "round \(round)")
                #expect(again.json(style) == text, "round \(round)")
            }
        }
    }

    @Test func `what is cut anywhere is refused, with the file's name`() {
        let text = Array(Self.text.utf8)
        for end in text.indices.dropLast() {
            #expect(throws: DocumentError.self) {
                try TestResult(reading: Array(text[..<end]), file: "verdict.json")
            }
        }
        #expect(Self.error("").hasPrefix("verdict.json:1:1: "))
    }

    @Test(arguments: [
        (#""loud":false"#, #""laud":false"#, #"symptoms[0].laud: this name is not known"#),
        (#""loud":false"#, #""loud":true"#, "symptoms[0].loud: a symptom is loud where"),
        (#""version":1"#, #""version":2"#, "version: version 2 is newer than what is known here"),
        (#""version":1"#, #""version":0"#, "version: version 0 is not known here; run the test"),
        (#""with":"3/3""#, #""with":"4/3""#, "blame.with: this is no count of runs"),
        (#""with":"3/3""#, #""with":"-1/-2""#, "blame.with: this is no count of runs"),
        (#""settled":true"#, #""settled":false"#, "blame.settled: it is settled where"),
        (
            #""symptom":"inconsistent""#, #""symptom":"inconsistant""#,
            #"did you mean "inconsistent""#
        ),
        (#""expected":":5\\r\\n""#, #""expected":":5\\q""#, "expected: this is no escaped text"),
        (#""expected":":5\\r\\n""#, #""expected":"5…""#, "expected: this is no escaped text"),
        (#""connection":3"#, #""connection":4294967296"#, "connection: 4294967296 is out of range"),
        (#""connection":3"#, #""connection":3.5"#, "connection: 3.5 is out of range"),
        (#""seed":7,"duration_ns""#, #""seed":8,"duration_ns""#, "seed: the run that earned"),
        (#""planned":1"#, #""planned":2"#, "what stands here is not what \"runs\" says"),
        (#""started":"2026-11-24"#, #""started":"2026-13-24"#, "started: this is no moment"),
        (#""protocol":"redis""#, #""protocol":"radis""#, "protocol: "),
        (#""share":"0.4%""#, #""share":"0.5%""#, "masked.share: 7 of 1750 are 0.4%"),
        (#","not_tried":[]"#, "", #""not_tried" is missing; add it"#),
    ])
    func `what is wrong is said with its place`(right: String, wrong: String, said: String) throws {
        let place = try #require(Self.text.firstRange(of: right), "\(right) is not there")
        let error = Self.error(Self.text.replacingCharacters(in: place, with: wrong))
        #expect(error.contains(said))
        #expect(error.hasPrefix("verdict.json:1: "))
    }

    @Test(arguments: [
        (#""alike":3"#, #""alike":4"#, "repeats: of 2 repeats and the first run 4 cannot"),
        (#""alike":3"#, #""alike":0"#, "repeats: of 2 repeats and the first run 0 cannot"),
        (#""runs":2"#, #""runs":0"#, "repeats: of 0 repeats and the first run 3 cannot"),
        (#""alike":3,"#, "", #""alike" is missing; add it"#),
    ])
    func `repeats that cannot be are refused`(right: String, wrong: String, said: String) {
        let text = DrawnResults.hiccup.json()
        #expect(Self.error(text).isEmpty)
        #expect(Self.error(text.replacing(right, with: wrong)).contains(said))
    }

    @Test func `a place that has no message must not be given one`() throws {
        let text = DrawnResults.crash.json()
        let wrong = text.replacingFirst(#""message":null"#, with: #""message":3"#)
        #expect(Self.error(wrong).contains("a process has no message; write null"))
    }

    @Test func `of very many symptoms a bounded number is written, and the counts stay`() throws {
        let result = DrawnResults.flood(100_000)
        let text = result.json()
        #expect(text.utf8.count < 300_000)
        let again = try TestResult(reading: Array(text.utf8), file: "verdict.json")
        #expect(again.runs[0].judgement.symptoms.count == 200)
        #expect(again.runs[0].judgement.symptomCounts == [.inconsistent: 100_000])
    }

    private static let text = DrawnResults.silent.json()

    /// What is said of a text that is wrong; empty where it is read.
    private static func error(_ text: String) -> String {
        do throws(DocumentError) {
            _ = try TestResult(reading: Array(text.utf8), file: "verdict.json")
            return ""
        } catch {
            return error.description
        }
    }
}

extension String {
    fileprivate func firstRange(of text: String) -> Range<Index>? { ranges(of: text).first }

    fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
        self[..<range.lowerBound] + text + self[range.upperBound...]
    }

    fileprivate func replacingFirst(_ text: String, with other: String) -> String {
        firstRange(of: text).map { replacingCharacters(in: $0, with: other) } ?? self
    }
}
