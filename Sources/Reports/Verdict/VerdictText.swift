import Reactions
import Recordings
import Text

/// A test's result for people. Its first screen answers: what failed, under which strike, silent or
/// loud, how sure that is, and how to see it again.
package struct VerdictText: Sendable {
    let result: TestResult
    let page: ReportPage
    /// The evidence follows: nobody has to be told where it is.
    let isReport: Bool

    package init(
        _ result: TestResult, on page: ReportPage = ReportPage(), isReport: Bool = false
    ) {
        self.result = result
        self.page = page
        self.isReport = isReport
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
        // Where symptoms are told, the first reason only counts them.
        let isTold = !judgement.symptoms.isEmpty && judgement.verdict != .inconclusive
        let reasons = judgement.reasons.dropFirst(isTold ? 1 : 0).prefix(3)
        for reason in reasons {
            lines += page.labelled("why", "\(PrintableText(reason, limit: 300))")
        }
        for reason in result.baseline.unstable.prefix(3)
        where !reasons.contains(where: { $0.hasSuffix(reason) }) {
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
        let groups = SymptomGroup.groups(judgement.symptoms)
        for group in groups {
            let lines = symptomLines(group)
            guard shown == 0 || lines.count < room else { break }
            parts.append(lines)
            room -= lines.count + 1
            shown += 1
        }
        if !result.baseline.unstable.isEmpty, !parts.isEmpty {
            parts[0].insert("what was seen all the same, and proves nothing:", at: 0)
        }
        var rest: [String] = []
        for group in groups.dropFirst(shown).prefix(max(0, Self.shownSymptoms - shown)) {
            let line = "\(group.first.kind.words): \(group.sentence)"
            rest.append("\(PrintableText(line, limit: page.width))")
            shown += 1
        }
        let all = judgement.symptomCounts.values.reduce(UInt64(0)) { $0.addingClamped($1) }
        let told = groups.prefix(shown).reduce(UInt64(0)) { $0.addingClamped($1.count) }
        let left = all > told ? all - told : 0
        if left > 0 {
            let kinds = Symptom.Kind.allCases.compactMap { kind in
                judgement.symptomCounts[kind].map { "\(kind.plural): \($0.grouped)" }
            }
            rest += page.broken(
                "… \(left.counted("symptom")) more; in all \(kinds.joined(separator: ", "))",
                width: page.width)
        }
        if !rest.isEmpty { parts.append(rest) }
        return parts
    }

    /// What was found, where, under which strike, silent or loud, and how sure.
    func symptomLines(_ group: SymptomGroup) -> [String] {
        let symptom = group.first
        let title = page.styled(symptom.kind.words, .bold)
        let space = String(
            repeating: " ", count: max(1, ReportPage.labelWidth - symptom.kind.words.count))
        let wrapped = page.labelled("", group.sentence)
        var lines = [title + space + (wrapped.first?.dropFirst(ReportPage.labelWidth) ?? "")]
        lines += wrapped.dropFirst()
        switch symptom.evidence {
        case .bytes(let difference):
            // Of a long one that part where the two differ.
            let same = zip(difference.expected, difference.actual).prefix { $0 == $1 }.count
            let skipped = max(0, same - Self.contextBytes)
            let isCut = skipped > 0 || difference.excerptOffset > 0
            let shown = difference.excerptOffset.addingClamped(UInt64(difference.expected.count))
            let goesOn = shown < difference.expectedBytes
            for (label, bytes) in [
                ("expected", difference.expected), ("actual  ", difference.actual),
            ] {
                let text = shortText(bytes, skipped, isCut, goesOn: goesOn)
                lines.append("  \(label)    \(text)")
            }
        case .missing(let expected, _):
            lines.append("  expected    \(shortText(expected, 0, false))")
        case .resent(_, let request):
            lines.append("  request     \(shortText(request, 0, false))")
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

    /// Equal bytes that stand before those that differ.
    private static let contextBytes = 16

    private func shortText(
        _ bytes: [UInt8], _ skipped: Int, _ isCut: Bool, goesOn: Bool = false
    ) -> String {
        let rest = Array(bytes.dropFirst(skipped))
        guard !rest.isEmpty else { return isCut ? "…" : "nothing" }
        let isMore = goesOn && bytes.count == Difference.excerptBytes
        let text = (isCut ? "…" : "") + "\(EscapedText(rest.span))" + (isMore ? "…" : "")
        return "\(PrintableText(text, limit: page.width - ReportPage.labelWidth))"
    }
}

extension UInt64 {
    /// The sum, or the largest number.
    func addingClamped(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
