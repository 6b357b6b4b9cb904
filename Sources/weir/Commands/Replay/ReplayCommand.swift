import Engine
import Faults
import Platform
import Recordings
import Text

/// `weir replay`: sends a recording's traffic to a service, or stands in for the recorded one,
/// disturbed, and logs what the program at the other end does.
struct ReplayCommand: Command {
    static let specification = CommandSpecification(
        verb: "replay",
        summary: "play a recording to a service, or in its place, and log the reaction",
        details: [
            "Weir dials the service and sends what the recorded clients sent, with the faults "
                + "that are asked for; without any it replays as recorded. Each answer is compared "
                + "with the recorded one. It judges nothing: the exit code is 0 when it ran to its "
                + "end.",
            "Everything is kept in a folder, runs/<time>-<seed>: the schedule, the outcome of each "
                + "strike, what really happened as a recording (replay.weir), the reactions "
                + "(reactions.jsonl, written while it runs) and summary.json. runs/latest is the "
                + "last one. Ctrl-C ends it in order, with a complete folder; a second one, at "
                + "once.",
            "Pacing: recorded sends at the recorded times, whatever the service does; hybrid waits "
                + "for the answers that were waited for, too; causal does so without the recorded "
                + "times; asap waits for nothing.",
            "With --listen Weir plays the recorded service: the consumer dials, is greeted as "
                + "recorded, and gets the recorded answer to each message that is the same byte "
                + "for byte, as long after it as recorded (recorded, hybrid) or at once (causal, "
                + "asap). Faults strike what Weir sends. Each recorded exchange is used once: the "
                + "connection's next, else the same message unused anywhere, else its last answer "
                + "again. It ends when every recorded connection was played to its end, or nothing "
                + "was asked for during --idle-timeout.",
            "The command behind -- is the program under test: it is started for the replay and "
                + "ended with it, and each line that it writes is kept as a reaction. It is told "
                + "its port as {listen} or $WEIR_LISTEN; with --listen, Weir's as {upstream} or "
                + "$WEIR_UPSTREAM.",
        ],
        positionals: [Positional("FILE", "the recording")],
        oneOf: addresses,
        options: addresses
            + FaultOptions.definitions + [FaultOptions.schedule.definition]
            + PlaybackOptions.definitions + ServingOptions.definitions
            + TestOptions.consumerDefinitions
            + [run.definition, force.definition, strict.definition, json.definition],
        commandPlaceholder: "command ...",
        examples: [
            .init("weir replay orders.weir --to :6379", "replays it to port 6379, undisturbed"),
            .init(
                "weir replay orders.weir --to :6379 --jitter 20ms --reorder 5% --duplicate 1% "
                    + "--disconnect 0.5% --seed 7", "disturbs it, the same way each time"),
            .init(
                "weir replay orders.weir --to :6379 --schedule runs/latest/schedule.jsonl "
                    + "--pacing asap", "repeats a schedule, perhaps edited, as fast as it goes"),
            .init(
                "weir replay orders.weir --listen :6379 --disconnect 1% --seed 7",
                "stands in for the recorded service, and cuts connections"),
            .init(
                "weir replay orders.weir --to :0 -- ./service --port {listen}",
                "starts the service, on a free port, and ends it with the replay"),
        ])

    private static let addresses = [
        PlaybackOptions.to.definition, ServingOptions.listen.definition,
        ConfigFile.option.definition,
    ]
    private static let run = Option<String>.text(
        "run", "DIR", "where it is kept; a new folder in runs/ otherwise")
    private static let force = Flag("force", "replace a run that is in that folder")
    private static let strict = Flag(
        "strict", "exit code 3 if a planned strike was not applied")
    private static let json = Flag("json", "print the summary as one JSON object")

    let recording: FileArgument
    let faults: FaultOptions
    let playback: PlaybackOptions
    /// Where Weir stands in for the service; nil: it is the client.
    let serving: ServingOptions?
    let setup: BenchSetup
    let runPath: String?
    let replaces: Bool
    let isStrict: Bool
    let isJSON: Bool
    let arguments: Arguments

    init(_ arguments: Arguments) throws(UsageError) {
        self.arguments = arguments
        recording = try arguments.file(0)
        let config = try ConfigFile.read(arguments)
        faults = try FaultOptions(arguments, config)
        playback = try PlaybackOptions(arguments, config)
        serving = try ServingOptions(arguments)
        setup = try TestOptions.setup(arguments, isForReplay: true)
        try playback.checkPorts(hasCommand: setup.consumer != nil)
        runPath = try arguments.value(of: Self.run)
        replaces = arguments.has(Self.force)
        isStrict = arguments.has(Self.strict)
        isJSON = arguments.has(Self.json)
        try arguments.only(Self.force.definition, with: Self.run.definition)
    }

    func run(_ console: Console) throws(Failure) -> ExitCode {
        try ReplaySession(self, console).run()
    }
}
