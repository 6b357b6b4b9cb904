import Engine
import Faults
import Platform
import Recordings
import Text

/// `weir replay`: sends a recording's traffic to a service, disturbed, and logs what it does.
struct ReplayCommand: Command {
    static let specification = CommandSpecification(
        verb: "replay",
        summary: "send a recording to a service, disturbed, and log how it reacts",
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
        ],
        positionals: [Positional("FILE", "the recording")],
        options: [PlaybackOptions.to.definition] + FaultOptions.definitions
            + [FaultOptions.schedule.definition] + PlaybackOptions.definitions
            + [run.definition, force.definition, strict.definition, json.definition],
        examples: [
            .init("weir replay orders.weir --to :6379", "replays it to port 6379, undisturbed"),
            .init(
                "weir replay orders.weir --to :6379 --jitter 20ms --reorder 5% --duplicate 1% "
                    + "--disconnect 0.5% --seed 7", "disturbs it, the same way each time"),
            .init(
                "weir replay orders.weir --to :6379 --schedule runs/latest/schedule.jsonl "
                    + "--pacing asap", "repeats a schedule, perhaps edited, as fast as it goes"),
        ])

    private static let run = Option<String>.text(
        "run", "DIR", "where it is kept; a new folder in runs/ otherwise")
    private static let force = Flag("force", "replace a run that is in that folder")
    private static let strict = Flag(
        "strict", "exit code 3 if a planned strike was not applied")
    private static let json = Flag("json", "print the summary as one JSON object")

    let recording: FileArgument
    let faults: FaultOptions
    let playback: PlaybackOptions
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

extension ReplayCommand {
    /// The command line that does the same again: without its folder, and with its seed.
    func repeating(seed: UInt64, in folder: RunFolder) -> String {
        var words: [String] = []
        var isReadFromInput = false
        var skipsNext = false
        let all = arguments.words
        for (index, word) in all.enumerated() {
            if skipsNext {
                skipsNext = false
                continue
            }
            let name = word.split(separator: "=").first.map(String.init) ?? word
            switch name {
            case "--run": skipsNext = word == name
            case "--force": continue
            case "--plan", "--schedule":
                let value = word == name ? all[min(index + 1, all.count - 1)] : word
                guard value == "-" || value.hasSuffix("=-") else {
                    words.append(word)
                    continue
                }
                isReadFromInput = true
                skipsNext = word == name
            default: words.append(word)
            }
        }
        if isReadFromInput {
            // What was read from standard input is kept there, worked out.
            words = words.filter { !$0.hasPrefix("--seed") } + ["--schedule", folder.schedule]
        } else if !arguments.isGiven(FaultOptions.seed.definition), faults.scheduleFile == nil {
            words += ["--seed", "\(seed)"]
        }
        return (["weir", "replay"] + words).map(shellQuoted).joined(separator: " ")
    }
}
