import Reactions
import Recordings
import Text

/// A test's result for the summary page of a CI run: GitHub's Markdown, in which nothing from
/// outside is markup.
package struct VerdictMarkdown: Sendable {
    /// More symptoms of the run that earned the verdict than this are counted.
    private static let listedSymptoms = 10
    /// More seeds than this are counted.
    private static let listedRuns = 50

    private let result: TestResult

    package init(_ result: TestResult) { self.result = result }

    package var text: String {
        var lines = [
            "### \(ending.mark) \(capitalized(result.verdict.words))\(ending.why)", "",
            "\(capitalized(result.verdict.meaning)).", "",
        ]
        let judgement = result.decidingRun?.judgement ?? Judgement(result.verdict)
        lines += facts(judgement)
        lines += symptoms(judgement)
        lines += expectations
        lines += seeds
        lines += ["Repeat it:", ""]
        lines += Markdown.block(["\(PrintableText(result.test.repeating))"], language: "sh")
        return lines.map { $0 + "\n" }.joined()
    }

    /// What the exit code says, which expectations decide; and the verdict, where there are none.
    private var ending: (mark: String, why: String) {
        let hasFailed = [.failedLoudly, .failedSilently].contains(result.verdict)
        let isSound = [.tolerated, .recovered].contains(result.verdict)
        if result.verdict == .defect || !result.baseline.unstable.isEmpty { return ("⚠️", "") }
        if result.expectations.isEmpty { return (isSound ? "✅" : hasFailed ? "❌" : "⚠️", "") }
        let broken = UInt64(result.expectations.count { $0.held == false })
        if broken > 0 {
            let which = broken == 1 ? "an expectation" : broken.counted("expectation")
            return ("❌", hasFailed ? "" : ", but \(which) did not hold")
        }
        let isDecided =
            result.expectations.allSatisfy { $0.held == true }
            && !result.runs.contains { $0.judgement.verdict == .inconclusive }
        return isDecided ? ("✅", hasFailed ? ", as was expected" : "") : ("⚠️", "")
    }

    private func capitalized(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst()
    }

    /// A short table: what was tested, and what was not looked at.
    private func facts(_ judgement: Judgement) -> [String] {
        var lines = ["| | |", "|---|---|"]
        func row(_ label: String, _ text: String) { lines.append("| \(label) | \(text) |") }
        let test = result.test
        row("tested", "\(Markdown.code(test.recording)) to \(Markdown.code(test.consumer))")
        for reason in judgement.reasons.prefix(5) { row("why", Markdown.code(reason)) }
        for reason in result.baseline.unstable.prefix(5) { row("unstable", Markdown.code(reason)) }
        // The text's own lines, whose labels are 14 columns wide.
        let page = ReportPage(width: 120)
        for line in VerdictText(result, on: page).coverageLines(judgement) {
            let label = line.prefix(ReportPage.labelWidth).trimmed
            let text = String(line.dropFirst(ReportPage.labelWidth))
            row(label.isEmpty ? "" : label, Markdown.plain(text))
        }
        return lines + [""]
    }

    private func symptoms(_ judgement: Judgement) -> [String] {
        guard !judgement.symptoms.isEmpty else { return [] }
        var lines = [
            "| symptom | where | strike | how sure | said so? |", "|---|---|---|---|---|",
        ]
        let groups = SymptomGroup.groups(judgement.symptoms).prefix(Self.listedSymptoms)
        for group in groups {
            let symptom = group.first
            let cells = [
                Markdown.plain(symptom.kind.words), Markdown.code(group.sentence),
                Markdown.code(symptom.strikeList), Markdown.plain(symptom.proof),
                symptom.isLoud ? Markdown.code(symptom.loudness) : symptom.loudness,
            ]
            lines.append("| \(cells.joined(separator: " | ")) |")
        }
        let all = judgement.symptomCounts.values.reduce(UInt64(0)) { $0.addingClamped($1) }
        let listed = groups.reduce(UInt64(0)) { $0 + $1.count }
        if all > listed { lines += ["", "… \((all - listed).counted("symptom")) more"] }
        lines.append("")
        for symptom in groups.prefix(3).map(\.first) {
            guard case .bytes(let difference) = symptom.evidence else { continue }
            lines += ["\(Markdown.code(symptom.place.words)):", ""]
            lines += Markdown.block(SideBySide(difference, on: ReportPage()).lines(indent: 0))
            lines.append("")
        }
        return lines
    }

    private var expectations: [String] {
        guard !result.expectations.isEmpty else { return [] }
        var lines = ["| expectation | | found |", "|---|---|---|"]
        for expectation in result.expectations {
            let held =
                switch expectation.held {
                case true?: "✅ held"
                case false?: "❌ did not hold"
                case nil: "⚠️ could not be decided"
                }
            lines.append(
                "| \(Markdown.code(expectation.text)) | \(held) "
                    + "| \(Markdown.code(expectation.found)) |")
        }
        return lines + [""]
    }

    private var seeds: [String] {
        guard result.runs.count > 1 else { return [] }
        var lines = ["| seed | verdict | symptoms |", "|---:|---|---:|"]
        for run in result.runs.prefix(Self.listedRuns) {
            let count = run.judgement.symptomCounts.values.reduce(UInt64(0)) {
                $0.addingClamped($1)
            }
            let name = run.regression.map { Markdown.code($0) } ?? "\(run.seed)"
            lines.append("| \(name) | \(run.judgement.verdict.words) | \(count.grouped) |")
        }
        let rest = result.runs.count - Self.listedRuns
        if rest > 0 { lines += ["", "… \(UInt64(rest).counted("seed")) more"] }
        return lines + [""]
    }
}

/// Text from outside within GitHub's Markdown.
enum Markdown {
    /// As code, in which nothing is markup; also within a table.
    static func code(_ text: String) -> String {
        let shown = "\(PrintableText(text, limit: 300))"
        guard !shown.isEmpty else { return "" }
        let fence = String(repeating: "`", count: longestRun(in: shown) + 1)
        // A backtick at an end would be taken for the fence; the spaces are not shown.
        let space = shown.hasPrefix("`") || shown.hasSuffix("`") ? " " : ""
        var cell = ""
        for scalar in shown.unicodeScalars { cell += scalar == "|" ? "\\|" : String(scalar) }
        return fence + space + cell + space + fence
    }

    /// As text: what could be markup is escaped.
    static func plain(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            if "\\`*_{}[]<>#|&~!".unicodeScalars.contains(scalar) { escaped += "\\" }
            escaped.unicodeScalars.append(scalar)
        }
        return escaped
    }

    /// Lines as they are.
    static func block(_ lines: [String], language: String = "text") -> [String] {
        let longest = lines.map { longestRun(in: $0) }.max() ?? 0
        let fence = String(repeating: "`", count: max(3, longest + 1))
        return [fence + language] + lines + [fence]
    }

    /// Of backticks. By scalars: an accent upon one makes it another character to Swift alone.
    private static func longestRun(in text: String) -> Int {
        var longest = 0
        var run = 0
        for scalar in text.unicodeScalars {
            run = scalar == "`" ? run + 1 : 0
            longest = max(longest, run)
        }
        return longest
    }
}

extension Substring {
    fileprivate var trimmed: String { String(self).withoutTrailingSpaces }
}
