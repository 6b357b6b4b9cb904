import Reactions
import Recordings
import Text

/// A test's result for people. Its first screen answers: what failed, under which strike, silent or
/// loud, how sure that is, and how to see it again.
package struct VerdictText: Sendable {
    let result: TestResult
    let page: ReportPage

    package init(_ result: TestResult, on page: ReportPage = ReportPage()) {
        self.result = result
        self.page = page
    }

    /// So many lines of symptoms stand on the first screen; those after them have one line each.
    private static let symptomLines = 11
    /// Symptoms that have a line.
    private static let shownSymptoms = 5

    /// What `weir test` prints: within 24 lines of 80 columns where there is little to say.
    package var firstScreen: String {
        var parts = [[headline] + summaryLines]
        if let judgement = result.decidingRun?.judgement {
            parts += symptomParts(judgement)
        }
        parts.append(closingLines)
        return parts.filter { !$0.isEmpty }.map { $0.map { $0 + "\n" }.joined() }
            .joined(separator: "\n")
    }

    private var headline: String {
        let verdict = result.verdict
        let word = page.styled(verdict.words.uppercased(), verdict.style)
        return "\(word): \(verdict.meaning)"
    }

    /// What was tested, and the gaps of it.
    private var summaryLines: [String] {
        let test = result.test
        let name = { (text: String) in PrintableText(text, limit: 60) }
        var what = "\(name(test.recording)) to \(name(test.consumer))"
        let run = result.decidingRun
        if let run {
            let time = TimeAmount(nanoseconds: run.nanoseconds).forPeople
            what += ", seed \(run.seed), \(time)"
        }
        var lines = page.labelled("tested", what)
        let judgement = run?.judgement ?? Judgement(result.verdict)
        for reason in judgement.reasons.prefix(3) {
            lines += page.labelled("why", "\(PrintableText(reason, limit: 300))")
        }
        for reason in result.baseline.unstable.prefix(3) {
            lines += page.labelled("unstable", "\(PrintableText(reason, limit: 300))")
        }
        if let recovery = judgement.recoveryNanoseconds {
            lines += page.labelled(
                "recovered", "within \(TimeAmount(nanoseconds: recovery).forPeople)")
        }
        return lines + coverageLines(judgement)
    }

    /// Each symptom as far as there is room, then how many more there are.
    private func symptomParts(_ judgement: Judgement) -> [[String]] {
        var parts: [[String]] = []
        var room = Self.symptomLines
        var shown = 0
        for symptom in judgement.symptoms {
            let lines = symptomLines(symptom, of: judgement.symptoms.count, number: shown + 1)
            guard shown == 0 || lines.count < room else { break }
            parts.append(lines)
            room -= lines.count + 1
            shown += 1
        }
        var rest: [String] = []
        for symptom in judgement.symptoms.dropFirst(shown).prefix(Self.shownSymptoms - shown) {
            rest.append(
                "\(PrintableText("and \(symptom.kind.words): \(symptom.sentence)", limit: 78))")
            shown += 1
        }
        let all = judgement.symptomCounts.values.reduce(UInt64(0)) { $0.addingClamped($1) }
        let left = all > UInt64(shown) ? all - UInt64(shown) : 0
        if left > 0 {
            let kinds = Symptom.Kind.allCases.compactMap { kind in
                judgement.symptomCounts[kind].map { "\($0.grouped) \(kind.words)" }
            }
            rest += page.broken(
                "… \(left.counted("symptom")) more (in all: \(kinds.joined(separator: ", ")))",
                width: page.width)
        }
        if !rest.isEmpty { parts.append(rest) }
        return parts
    }

    /// What was found, where, under which strike, silent or loud, and how sure.
    private func symptomLines(_ symptom: Symptom, of count: Int, number: Int) -> [String] {
        let title = page.styled(symptom.kind.words, .bold)
        let space = String(
            repeating: " ", count: max(1, ReportPage.labelWidth - symptom.kind.words.count))
        let wrapped = page.labelled("", symptom.sentence)
        var lines = [title + space + (wrapped.first?.dropFirst(ReportPage.labelWidth) ?? "")]
        lines += wrapped.dropFirst()
        switch symptom.evidence {
        case .bytes(let difference):
            lines.append("  expected    \(Self.shortText(difference.expected))")
            lines.append("  actual      \(Self.shortText(difference.actual))")
        case .missing(let expected, _):
            lines.append("  expected    \(Self.shortText(expected))")
        case .resent(_, let request):
            lines.append("  request     \(Self.shortText(request))")
        case .lateness, .exitCode, .words: break
        }
        lines += page.labelled("  strike", symptom.strikeList)
        lines += page.labelled("  how sure", symptom.proof)
        for note in symptom.blame?.notes.prefix(2) ?? [] {
            lines += page.labelled("", "\(PrintableText(note, limit: 200))")
        }
        lines += page.labelled("  said so?", symptom.loudness)
        return lines
    }

    private static func shortText(_ bytes: [UInt8]) -> String {
        bytes.isEmpty ? "nothing" : "\(EscapedText(bytes.span, limit: 30))"
    }
}

extension UInt64 {
    /// The sum, or the largest number.
    func addingClamped(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
