import Platform
import Reactions
import Reports
import Text

/// `weir compare`: what differs between two runs.
struct CompareCommand: Command {
    static let specification = CommandSpecification(
        verb: "compare",
        summary: "say what differs between two runs",
        details: [
            "Two tests: verdicts, symptoms that are new or gone, expectations that turned out "
                + "otherwise; the same seeds and regressions with each other. Two replays: "
                + "answers, as each compared with the recording, strikes that were applied "
                + "in one only, and times beyond noise (a p99 of three times the other, and by "
                + "20 ms).",
            "The exit code is 1 when something differs, else 0.",
        ],
        positionals: [
            Positional("RUN", "the first run's folder"),
            Positional("OTHER", "the second one's"),
        ],
        options: [json.definition],
        examples: [
            .init(
                "weir compare runs/before runs/after", "what a change of the service changed"),
            .init(
                "weir compare runs/before runs/after --json", "the same, as one JSON object"),
        ])

    private static let json = Flag("json", "print one JSON object")

    private let first: String
    private let second: String
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        first = arguments.positional(0) ?? ""
        second = arguments.positional(1) ?? ""
        isJSON = arguments.has(Self.json)
    }

    func run(_ console: Console) throws(Failure) -> ExitCode {
        let comparison = try comparison()
        try console.write(isJSON ? comparison.json : comparison.text(on: console.page))
        return comparison.isDifferent ? .failed : .done
    }

    private func comparison() throws(Failure) -> RunComparison {
        let one = try KeptRun(first)
        let other = try KeptRun(second)
        switch (one.kind, other.kind) {
        case (.test, .test):
            return RunComparison(
                try one.result(), in: one.path, with: try other.result(), in: other.path)
        case (.replay, .replay):
            var facts = ReplayFacts(folder: one.path)
            try one.readReplay(&facts)
            var others = ReplayFacts(folder: other.path)
            try other.readReplay(&others)
            return RunComparison(facts, with: others)
        case (.unfinishedTest, _), (_, .unfinishedTest):
            throw Failure(
                .damaged,
                "a test without a verdict cannot be compared: verdict.json is missing; name a test "
                    + "that ended, or the folder of one of its runs")
        case (.test, .replay), (.replay, .test):
            throw Failure(
                .usage,
                "a test cannot be compared with a replay; name one of the test's runs "
                    + "(weir compare TEST/seed-7 REPLAY)")
        }
    }
}
