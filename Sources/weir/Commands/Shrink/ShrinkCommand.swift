import Text

/// `weir shrink`: the smallest test that still shows what a test found.
struct ShrinkCommand: Command {
    static let specification = CommandSpecification(
        verb: "shrink",
        summary: "find the smallest set of faults that still breaks a service",
        details: [
            "Weir takes a symptom that weir test found, and runs again and again with fewer of the "
                + "strikes, until none of them can be left out: delta debugging. Then it tries "
                + "fewer conditions, shorter stretches and weaker settings, and fewer connections "
                + "and messages of the recording. Each candidate is really run, with the resets, "
                + "probes and the service's command of the test; each part of the recording has "
                + "clean runs of its own. Run it where weir test was run.",
            "The smallest test is left in the test's folder, in shrunk/: recording.weir, "
                + "schedule.jsonl, and shrunk.json; the command that shows the symptom again is "
                + "printed. Ctrl-C ends the search with the smallest one so far, and --resume goes "
                + "on with it.",
        ],
        positionals: [Positional("RUN", "the folder of a test: runs/latest")],
        options: [
            seed.definition, symptom.definition, repeats.definition, maximumRuns.definition,
            maximumTime.definition, resume.definition, output.definition, force.definition,
            json.definition,
        ],
        examples: [
            .init("weir shrink runs/latest", "the smallest set of faults that breaks it"),
            .init(
                "weir shrink runs/latest --symptom 2 --repeats 5",
                "takes another symptom, one that comes and goes"),
            .init(
                "weir shrink runs/latest --resume --max-time 10m",
                "goes on with a search that was interrupted"),
        ])

    private static let seed = Option<UInt64>.count(
        "seed", "N", "the run of this seed; else the one that earned the verdict")
    private static let symptom = Option<UInt64>.count(
        "symptom", "N", "its symptom number N; else the first that makes a failure",
        in: 1...1_000_000)
    private static let repeats = Option<UInt64>.count(
        "repeats", "N",
        "run a candidate so often before it is held to be without the symptom; more for one that "
            + "comes and goes", in: 1...1_000, default: "1")
    private static let maximumRuns = Option<UInt64>.count(
        "max-runs", "N", "so many replays at most, clean ones too", in: 1...1_000_000,
        default: "500")
    private static let maximumTime = Option<TimeAmount>.quantity(
        "max-time", "DURATION", "so long at most, to the end of the replay under way",
        default: "1h")
    private static let resume = Flag("resume", "go on with the search that lies there")
    private static let output = Option<String>.text(
        "output", "DIR", "where the smallest test is left; else shrunk/ in the test's folder")
    private static let force = Flag("force", "start anew where a search lies already")
    private static let json = Flag("json", "print the result as one JSON object")

    let path: String
    let seed: UInt64?
    let symptom: UInt64?
    /// nil where it is not said.
    let repeats: UInt64?
    let maximumRuns: UInt64
    let maximumTime: TimeAmount
    let resumes: Bool
    let outputPath: String
    let replaces: Bool
    let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        guard case .path(let path) = try arguments.file(0) else {
            throw UsageError("a test's folder is not standard input; name a folder")
        }
        self.path = path
        seed = try arguments.value(of: Self.seed)
        symptom = try arguments.value(of: Self.symptom)
        let isGiven = arguments.isGiven(Self.repeats.definition)
        repeats = isGiven ? try arguments.require(Self.repeats) : nil
        maximumRuns = try arguments.require(Self.maximumRuns)
        maximumTime = try arguments.require(Self.maximumTime)
        resumes = arguments.has(Self.resume)
        outputPath = try arguments.value(of: Self.output) ?? path + "/shrunk"
        replaces = arguments.has(Self.force)
        isJSON = arguments.has(Self.json)
        // A search goes on as it was begun.
        let others = [
            Self.force.definition, Self.seed.definition, Self.symptom.definition,
            Self.repeats.definition,
        ]
        for option in others {
            try arguments.atMostOne(of: [Self.resume.definition, option])
        }
    }

    func run(_ console: Console) throws(Failure) -> ExitCode {
        try ShrinkSession(self, console).run()
    }

    /// The command line that goes on with it.
    var resuming: String {
        var words: [String] = ["weir", "shrink", path]
        if outputPath != path + "/shrunk" { words += ["--output", outputPath] }
        return (words + ["--resume"]).map(shellQuoted).joined(separator: " ")
    }
}
