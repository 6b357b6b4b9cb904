import Reactions
import Recordings
import Text

/// A test's result as JUnit's XML, which CI servers read: a test case for each seed and each
/// expectation. A failure is the consumer's; an error is what could not be decided.
package struct VerdictJUnit: Sendable {
    /// More symptoms of one seed than this are counted, not listed.
    static let listedSymptoms = 20
    /// More seeds than this have no test case of their own.
    static let listedRuns = 10_000

    private let result: TestResult

    package init(_ result: TestResult) { self.result = result }

    package var text: String {
        var suite = JUnitSuite(
            name: "\(result.test.recording) to \(result.test.consumer)",
            started: result.test.started)
        suite.properties = [
            ("identity", result.test.identity), ("protocol", result.test.framing.description),
            ("folder", result.test.folder), ("repeat", result.test.repeating),
        ]
        for run in result.runs.prefix(Self.listedRuns) { suite.cases.append(testCase(run)) }
        if result.runs.isEmpty {
            let reasons = (result.baseline.unstable + [result.verdict.meaning]).joined(
                separator: "; ")
            suite.cases.append(
                JUnitSuite.Case(
                    name: "the runs without faults", nanoseconds: 0,
                    outcome: .error(result.verdict.rawValue, reasons, ""), output: ""))
        }
        for expectation in result.expectations { suite.cases.append(testCase(expectation)) }
        return suite.text
    }

    private func testCase(_ run: TestResult.JudgedRun) -> JUnitSuite.Case {
        let judgement = run.judgement
        let details = details(run)
        let message = message(judgement)
        let results = expectations.compactMap { expectation in
            expectation.result(of: judgement, seed: run.seed).map { (expectation, $0) }
        }
        let broken = results.first { $0.1.held == false }?.1
        let outcome: JUnitSuite.Outcome
        switch judgement.verdict {
        // Against a baseline that does not stand nothing is said, whatever a run looked like.
        case _ where !result.baseline.unstable.isEmpty:
            outcome = .error("inconclusive", result.baseline.unstable[0], details)
        case .tolerated, .recovered:
            outcome =
                broken.map { .failure("expectation", "\($0.text): \($0.found)", details) }
                ?? .passed
        // Expectations may let a failure pass: a loud one, say.
        case .failedLoudly, .failedSilently:
            let isAllowed =
                areExpectationsMet
                || (broken == nil && results.contains { $0.0.isOfFailures && $0.1.held == true })
            outcome =
                isAllowed ? .passed : .failure(judgement.verdict.rawValue, message, details)
        case .inconclusive, .defect:
            outcome = .error(judgement.verdict.rawValue, message, details)
        }
        return JUnitSuite.Case(
            name: run.title, nanoseconds: run.nanoseconds, outcome: outcome,
            output: outcome.isPassed ? details : "")
    }

    /// Those that can be asked again, of one run.
    private var expectations: [Expectation] {
        result.expectations.compactMap { try? Expectation(parsing: $0.text) }
    }

    private var areExpectationsMet: Bool {
        !result.expectations.isEmpty && result.expectations.allSatisfy { $0.held == true }
    }

    private func testCase(_ expectation: ExpectationResult) -> JUnitSuite.Case {
        let outcome: JUnitSuite.Outcome =
            switch expectation.held {
            case true?: .passed
            case false?: .failure("expectation", expectation.found, "")
            case nil: .error("undecided", expectation.found, "")
            }
        return JUnitSuite.Case(
            name: "expectation: \(expectation.text)", nanoseconds: 0, outcome: outcome, output: "")
    }

    private func message(_ judgement: Judgement) -> String {
        if let symptom = judgement.symptoms.first {
            return "\(judgement.verdict.words): \(symptom.kind.words): \(symptom.sentence)"
        }
        return judgement.reasons.first ?? judgement.verdict.meaning
    }

    private func details(_ run: TestResult.JudgedRun) -> String {
        let text = VerdictText(result)
        let judgement = run.judgement
        var lines = ["\(judgement.verdict.words): \(judgement.verdict.meaning)"]
        lines += judgement.reasons.map { "\(PrintableText($0, limit: 300))" }
        lines += text.coverageLines(judgement)
        let groups = SymptomGroup.groups(judgement.symptoms).prefix(Self.listedSymptoms)
        for group in groups {
            lines.append("")
            lines += text.symptomLines(group)
        }
        let all = judgement.symptomCounts.values.reduce(UInt64(0)) { $0.addingClamped($1) }
        let listed = groups.reduce(UInt64(0)) { $0 + $1.count }
        if all > listed { lines.append("… \((all - listed).counted("symptom")) more") }
        lines.append("repeat it: \(PrintableText(result.test.repeating))")
        return lines.joined(separator: "\n")
    }
}

extension TestResult.JudgedRun {
    /// `seed 7`, or which regression it is; printable.
    var title: String {
        guard let regression else { return "seed \(seed)" }
        return "regression \(PrintableText(regression, limit: 100))"
    }
}

/// A JUnit test suite, as XML 1.0.
struct JUnitSuite: Sendable {
    /// What became of a case: kind, message, details.
    enum Outcome: Sendable {
        case passed
        case failure(String, String, String)
        case error(String, String, String)
        case skipped(String)

        var isPassed: Bool { if case .passed = self { true } else { false } }
    }

    /// A test case.
    struct Case: Sendable {
        var name: String
        var nanoseconds: Int64
        var outcome: Outcome
        var output: String
    }

    var name: String
    var started: Timestamp?
    var properties: [(name: String, value: String)] = []
    var cases: [Case] = []

    init(name: String, started: Timestamp?) {
        self.name = name
        self.started = started
    }

    var text: String {
        var failures = 0
        var errors = 0
        var skipped = 0
        for testCase in cases {
            switch testCase.outcome {
            case .passed: break
            case .failure: failures += 1
            case .error: errors += 1
            case .skipped: skipped += 1
            }
        }
        let nanoseconds = cases.reduce(Int64(0)) { sum, testCase in
            let (sum, overflow) = sum.addingReportingOverflow(max(0, testCase.nanoseconds))
            return overflow ? .max : sum
        }
        let counts =
            "tests=\"\(cases.count)\" failures=\"\(failures)\" errors=\"\(errors)\" "
            + "skipped=\"\(skipped)\" time=\"\(Self.seconds(nanoseconds))\""
        var lines = [
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites name=\"weir\" \(counts)>",
        ]
        // ISO 8601 without a zone, as the format's schema has it; it is UTC.
        let timestamp = started.map { " timestamp=\"\($0.description.prefix(19))\"" } ?? ""
        lines.append("  <testsuite name=\(XML.attribute(name))\(timestamp) \(counts)>")
        if !properties.isEmpty {
            lines.append("    <properties>")
            for (name, value) in properties {
                lines.append(
                    "      <property name=\(XML.attribute(name)) value=\(XML.attribute(value))/>")
            }
            lines.append("    </properties>")
        }
        for testCase in cases { lines += self.lines(testCase) }
        lines += ["  </testsuite>", "</testsuites>"]
        return lines.map { $0 + "\n" }.joined()
    }

    private func lines(_ testCase: Case) -> [String] {
        var content: [String] = []
        switch testCase.outcome {
        case .passed: break
        case .failure(let kind, let message, let details):
            content.append(Self.element("failure", kind, message, details))
        case .error(let kind, let message, let details):
            content.append(Self.element("error", kind, message, details))
        case .skipped(let message):
            content.append("      <skipped message=\(XML.attribute(message))/>")
        }
        if !testCase.output.isEmpty {
            content.append("      <system-out>\(XML.text(testCase.output))</system-out>")
        }
        let start =
            "    <testcase classname=\(XML.attribute("weir." + name)) "
            + "name=\(XML.attribute(testCase.name)) "
            + "time=\"\(Self.seconds(testCase.nanoseconds))\""
        guard !content.isEmpty else { return [start + "/>"] }
        return [start + ">"] + content + ["    </testcase>"]
    }

    private static func element(
        _ name: String, _ kind: String, _ message: String, _ details: String
    ) -> String {
        "      <\(name) type=\(XML.attribute(kind)) message=\(XML.attribute(message))>"
            + "\(XML.text(details))</\(name)>"
    }

    /// `12.345`
    private static func seconds(_ nanoseconds: Int64) -> String {
        let millis = max(0, nanoseconds) / 1_000_000
        let digits = String(millis % 1_000)
        return "\(millis / 1_000)." + String(repeating: "0", count: 3 - digits.count) + digits
    }
}

/// Text within XML 1.0. A character that it cannot hold, not even escaped (most control characters,
/// U+FFFE), stands as `\x1b` or `\u{fffe}`.
enum XML {
    /// With its quotes.
    static func attribute(_ text: String) -> String { "\"\(escaped(text, isAttribute: true))\"" }

    static func text(_ text: String) -> String { escaped(text, isAttribute: false) }

    private static func escaped(_ text: String, isAttribute: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            // A parser makes a space of it in an attribute, and a line end of it in a text.
            case "\t", "\n", "\r":
                if isAttribute || scalar == "\r" {
                    escaped += "&#\(scalar.value);"
                } else {
                    escaped.unicodeScalars.append(scalar)
                }
            default:
                if isAllowed(scalar.value) {
                    escaped.unicodeScalars.append(scalar)
                } else if scalar.value < 0x80 {
                    escaped += "\(EscapedText(String(scalar)))"
                } else {
                    escaped += "\\u{\(String(scalar.value, radix: 16))}"
                }
            }
        }
        return escaped
    }

    /// XML 1.0 §2.2, without the control characters from U+007F to U+009F that it discourages.
    private static func isAllowed(_ value: UInt32) -> Bool {
        switch value {
        case 0x20...0x7e, 0xa0...0xd7ff, 0xe000...0xfffd: true
        case 0x10000...0x10_ffff: value & 0xfffe != 0xfffe
        default: false
        }
    }
}
