import Platform
import Reactions
import Reports
import Text

/// `weir report`: shows again what a test or a replay found, from its folder alone.
struct ReportCommand: Command {
    static let specification = CommandSpecification(
        verb: "report",
        summary: "show what a test found: the verdict, the evidence, how to see it again",
        details: [
            "The first screen says what failed, under which strike, whether the consumer said so, "
                + "how sure that is, and how to repeat it. After it comes the evidence of each "
                + "symptom: expected and actual bytes, and the strikes, messages and log lines "
                + "around it on one time axis.",
            "The folder of a plain replay is shown too, as far as its reactions say something: "
                + "nobody judged it. What is missing in a folder is said. The exit code is 0 when "
                + "the run could be shown, whatever its verdict, and 5 when files are missing or "
                + "damaged; weir test gives the code that a CI job needs.",
        ],
        positionals: [
            Positional("RUN", "the run's folder; runs/latest otherwise", isRequired: false)
        ],
        options: [
            text.definition, json.definition, junit.definition, markdown.definition,
            all.definition,
        ],
        examples: [
            .init("weir report", "the last run, for people"),
            .init("weir report runs/latest --all", "every symptom of every seed"),
            .init("weir report runs/latest --junit", "for a CI server"),
            .init(
                "weir report runs/latest --markdown",
                "for the summary of a CI job"),
        ])

    private static let text = Flag("text", "print it for people; that is the default")
    private static let json = Flag("json", "print one JSON object, as in verdict.json")
    private static let junit = Flag(
        "junit", "print JUnit's XML: a test case for each run and each expectation")
    private static let markdown = Flag("markdown", "print Markdown")
    private static let all = Flag("all", "tell all symptoms of all seeds, not the first three")

    private enum Format { case text, json, junit, markdown }

    private let path: String
    private let format: Format
    private let showsAll: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        path = arguments.positional(0) ?? KeptRun.latest
        try arguments.atMostOne(of: [
            Self.text.definition, Self.json.definition, Self.junit.definition,
            Self.markdown.definition,
        ])
        showsAll = arguments.has(Self.all)
        format =
            arguments.has(Self.json)
            ? .json
            : arguments.has(Self.junit)
                ? .junit : arguments.has(Self.markdown) ? .markdown : .text
        guard !showsAll || format == .text else {
            throw UsageError("--all goes with the text only; leave it out")
        }
    }

    func run(_ console: Console) throws(Failure) -> ExitCode {
        let run = try KeptRun(path)
        switch run.kind {
        case .test: return try show(try run.result(), console, in: run.path)
        case .replay: return try showReplay(run, console)
        case .unfinishedTest: return try showUnfinished(run, console)
        }
    }

    private func show(
        _ result: TestResult, _ console: Console, in folder: String
    ) throws(Failure) -> ExitCode {
        switch format {
        case .json: try console.write(result.json())
        case .junit: try console.write(VerdictJUnit(result).text)
        case .markdown: try console.write(VerdictMarkdown(result).text)
        case .text: return try showText(result, console, in: folder)
        }
        return .done
    }

    private func showText(
        _ result: TestResult, _ console: Console, in folder: String
    ) throws(Failure) -> ExitCode {
        let deciding = result.decidingRun.map { [$0] } ?? []
        let runs = showsAll ? result.runs : deciding
        let limit =
            showsAll ? TimelineCollector.maximumSymptoms : VerdictText.usualSymptoms
        let verdict = VerdictText(result, on: console.page, isReport: true)
        // A run at a time: a test may have thousands.
        try console.write(verdict.firstScreen)
        var code = ExitCode.done
        for run in runs {
            let evidence = EvidenceReading.evidence(of: run, in: folder, limit: limit)
            if evidence.note != nil { code = .damaged }
            try console.write(verdict.sections(evidence).map { "\n" + $0 }.joined())
        }
        return code
    }

    private func showReplay(_ run: KeptRun, _ console: Console) throws(Failure) -> ExitCode {
        var tally = RunTally(folder: run.path)
        try run.readReplay(&tally)
        switch format {
        case .text: try console.write(tally.text(on: console.page))
        case .json: try console.write(tally.json)
        case .junit: try console.write(tally.junit)
        case .markdown: try console.write(tally.markdown)
        }
        return tally.isWhole ? .done : .damaged
    }

    /// A test without a verdict: what its runs hold is told, one after the other.
    private func showUnfinished(_ run: KeptRun, _ console: Console) throws(Failure) -> ExitCode {
        let names: [String]
        do throws(FileError) {
            names = try Folder.names(in: run.path, limit: Self.maximumRuns).sorted()
        } catch {
            throw Failure(.usage, "\(error)")
        }
        let runs = names.filter {
            Folder.exists("\(run.path)/\($0)/reactions.jsonl")
                || Folder.exists("\(run.path)/\($0)/schedule.jsonl")
        }
        let missing =
            "verdict.json is missing: the test still runs, or was stopped before its end"
        guard format == .text else {
            var tally = RunTally(folder: run.path)
            tally.note(missing)
            tally.note("\(runs.count) runs are in the folder")
            switch format {
            case .json: try console.write(tally.json)
            case .junit: try console.write(tally.junit)
            default: try console.write(tally.markdown)
            }
            return .damaged
        }
        let shown = EscapedText(run.path)
        var text = "UNFINISHED: \(missing)\n"
        text += "runs in it    \(runs.isEmpty ? "none" : runs.joined(separator: ", "))\n"
        if let last = runs.last { text += "look into it  weir report \(shown)/\(last)\n" }
        try console.write(text)
        return .damaged
    }

    /// Names in a folder beyond this are an error.
    private static let maximumRuns = 1 << 20
}
