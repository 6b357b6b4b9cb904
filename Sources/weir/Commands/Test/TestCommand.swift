import Faults
import Platform
import Reactions
import Recordings
import Text

/// `weir test`: whether a service copes, and if not, after which strike it did not.
struct TestCommand: Command {
    static let specification = CommandSpecification(
        verb: "test",
        summary: "judge how a service copes with a disturbed replay",
        details: [
            "Weir replays the recording three times without faults, to learn what the service does "
                + "and how much that varies by itself, and then once for each seed with the faults "
                + "that are asked for. What differs is a symptom; the verdict is tolerated, "
                + "recovered, failed loudly, failed silently, or inconclusive. The exit code is 0 "
                + "when the expectations hold (without --expect: no failure), 1 when one does not, "
                + "3 when nothing can be said.",
            "--reset and --probe are commands of the shell. A probe sees what answers do not show: "
                + "what it prints after each replay is compared, to the byte. Where answers differ "
                + "between replays without faults, only --reset lets that be masked; --reset true "
                + "says that the command begins afresh each time. The command behind "
                + "-- is the service itself: it is started for each replay, with its port as "
                + "{listen} or $WEIR_LISTEN (--to :0 takes a free one each time), must accept "
                + "within --start-timeout, and is ended with its process group. {listen} stands "
                + "for the port in resets, probes and health checks, too.",
            "With --listen the service is the one that dials: Weir stands in for what it depends "
                + "on, as weir replay does, and the command is told the port as {upstream} or "
                + "$WEIR_UPSTREAM. What it sends again is seen then. A command that ends with 0 "
                + "has done its work; any other end is a crash.",
            "Everything is kept in a folder, runs/<time>-<seed>: a run folder as of replay for "
                + "each clean run and each seed (clean-1, seed-7), test.json, which says what was "
                + "asked for, and verdict.json, written last.",
            "An answer that comes late (--late) may be the machine's doing: then the very same run "
                + "is made again, at most twice, in seed-7/again-1 and again-2. It counts where "
                + "each time the same message's answer is late again, or another one of its "
                + "connection behind which the same strike or condition is the likeliest. What is "
                + "late in any other way (now here, now there, once in a while) cannot be told "
                + "from a busy machine: it does not count, and the verdict says how many answers "
                + "those were. --expect 'p99 < 200ms' judges the times of the run itself. What "
                + "else goes wrong in a repeat counts.",
        ],
        positionals: [Positional("FILE", "the recording")],
        oneOf: [PlaybackOptions.to.definition, ServingOptions.listen.definition],
        options: [PlaybackOptions.to.definition, ServingOptions.listen.definition]
            + FaultOptions.definitions
            + [FaultOptions.schedule.definition, seeds.definition] + TestOptions.definitions
            + [
                expect.definition, ignore.definition, loudLog.definition, late.definition,
                regressionsFolder.definition,
                noBlame.definition,
            ] + PlaybackOptions.definitions + ServingOptions.definitions
            + [run.definition, force.definition, strict.definition, json.definition],
        commandPlaceholder: "command ...",
        examples: [
            .init(
                "weir test orders.weir --to :6379 --duplicate 1% --reset 'redis-cli flushall' "
                    + "--probe 'redis-cli dbsize'",
                "whether a Redis ends with as many keys when some requests come twice"),
            .init(
                "weir test orders.weir --to :0 --disconnect 0.5% --seed 7 --seeds 5 "
                    + "-- ./service --port {listen}",
                "starts the service for each run, and disturbs it in five ways"),
            .init(
                "weir test orders.weir --to :7411 --expect 'no silent failure' --expect "
                    + "'p99 < 200ms' --jitter 20ms",
                "lets it fail, as long as it says so, but not be slow"),
        ])

    private static let seeds = Option<UInt64>.count(
        "seeds", "N", "run with so many seeds: --seed, and those that follow it",
        in: 1...maximumSeeds, default: "1")
    private static let expect = Option<Expectation>(
        "expect", "EXPECTATION",
        "what must hold, instead of 'no failure': 'no silent failure', 'answers = baseline', "
            + "'p99 < 200ms', 'errors <= 3'"
    ) { try Expectation(parsing: $0) }.repeatable
    private static let ignore = Option<IgnoredField>(
        "ignore", "PATTERN|PATH",
        "what may differ in answers: what matches the pattern, or stands at a JSON path ($.id)"
    ) { try IgnoredField(parsing: $0) }.repeatable
    private static let loudLog = Option<Pattern>(
        "loud-log", "PATTERN",
        "the consumer's lines that say that something is wrong; else the usual words do"
    ) { try Pattern(parsing: $0) }
    private static let late = Option<TimeAmount>.quantity(
        "late", "DURATION",
        "an answer is late above three times what 99% took without faults, and above it by so "
            + "much, and is so each time it is repeated", default: "20ms")
    private static let regressionsFolder = Option<String>.text(
        "regressions", "DIR",
        "first run what weir shrink left in this folder, each folder with its own recording")
    private static let noBlame = Flag(
        "no-blame", "do not run again to prove which strike is behind a symptom")
    private static let run = Option<String>.text(
        "run", "DIR", "where it is kept; a new folder in runs/ otherwise")
    private static let force = Flag("force", "replace a test that is in that folder")
    private static let strict = Flag(
        "strict", "exit code 3 if a planned strike was not applied")
    private static let json = Flag("json", "print the result as one JSON object")

    /// More seeds than this are not run at once.
    static let maximumSeeds: UInt64 = 10_000

    let recording: FileArgument
    let faults: FaultOptions
    let playback: PlaybackOptions
    /// Where Weir stands in for the service; nil: it is the client.
    let serving: ServingOptions?
    let setup: BenchSetup
    let seedCount: UInt64
    let expectations: [Expectation]
    let ignored: [IgnoredField]
    let loudLogPattern: Pattern?
    let lateness: TimeAmount
    let regressions: String?
    let blames: Bool
    let runPath: String?
    let replaces: Bool
    let isStrict: Bool
    let isJSON: Bool
    let arguments: Arguments

    init(_ arguments: Arguments) throws(UsageError) {
        self.arguments = arguments
        recording = try arguments.file(0)
        faults = try FaultOptions(arguments)
        playback = try PlaybackOptions(arguments)
        serving = try ServingOptions(arguments)
        var setup = try TestOptions.setup(arguments)
        seedCount = try arguments.require(Self.seeds)
        expectations = try arguments.values(of: Self.expect)
        ignored = try arguments.values(of: Self.ignore)
        loudLogPattern = try arguments.value(of: Self.loudLog)
        if let loudLogPattern { setup.loudLog = loudLogPattern }
        self.setup = setup
        lateness = try arguments.require(Self.late)
        regressions = try arguments.value(of: Self.regressionsFolder)
        blames = !arguments.has(Self.noBlame)
        runPath = try arguments.value(of: Self.run)
        replaces = arguments.has(Self.force)
        isStrict = arguments.has(Self.strict)
        isJSON = arguments.has(Self.json)
        try arguments.only(Self.force.definition, with: Self.run.definition)
        try arguments.atMostOne(of: [FaultOptions.schedule.definition, Self.seeds.definition])
        guard recording != .standard else {
            throw UsageError("a test reads its recording more than once; name a file, not -")
        }
        try playback.checkPorts(hasCommand: setup.consumer != nil)
    }

    func run(_ console: Console) throws(Failure) -> ExitCode {
        try TestSession(self, console).run()
    }
}
