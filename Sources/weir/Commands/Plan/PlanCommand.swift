import Faults
import Platform
import Recordings
import Text

/// `weir plan`: says what a plan would do to a recording, before anything runs.
struct PlanCommand: Command {
    static let specification = CommandSpecification(
        verb: "plan",
        summary: "work out which faults would strike a recording, and where",
        details: [
            "Nothing is sent. The same recording, faults and seed give the same schedule on every "
                + "machine; weir replay takes the same options, or the schedule that --output "
                + "saved, which may be edited.",
            "Rules stand in this order: those of --plan, the short forms as listed here, then "
                + "each --fault. A second rule of one fault needs a name of its own: "
                + "--fault 'duplicate name=late chance=1% after=50ms'.",
        ],
        positionals: [Positional("FILE", "the recording")],
        options: FaultOptions.definitions + [
            json.definition, output.definition, force.definition,
        ],
        examples: [
            .init(
                "weir plan orders.weir --duplicate 1% --reorder 5% --seed 7",
                "shows what these two would strike"),
            .init(
                "weir plan orders.weir --plan plan.json --output schedule.jsonl",
                "saves the schedule of a plan, to be edited and replayed"),
            .init(
                "weir plan orders.weir --fault 'disconnect chance=1/200 resend=last:3' --json",
                "prints the schedule for a machine"),
        ])

    private static let json = Flag("json", "print the schedule as JSON Lines")
    private static let output = Option<FileArgument>.file(
        "output", short: "o", "FILE", "save the schedule as JSON Lines")
    private static let force = Flag("force", "replace the file if it exists")

    private let recording: FileArgument
    private let faults: FaultOptions
    private let isJSON: Bool
    private let outputPath: String?
    private let replaces: Bool
    private let arguments: Arguments

    init(_ arguments: Arguments) throws(UsageError) {
        self.arguments = arguments
        recording = try arguments.file(0)
        faults = try FaultOptions(arguments)
        replaces = arguments.has(Self.force)
        switch try arguments.value(of: Self.output) {
        case .path(let path)?: (outputPath, isJSON) = (path, arguments.has(Self.json))
        case .standard?: (outputPath, isJSON) = (nil, true)
        case nil: (outputPath, isJSON) = (nil, arguments.has(Self.json))
        }
        guard faults.isAsking else {
            throw UsageError(
                "no fault is asked for; add one, like --duplicate 1%, or a plan with --plan FILE")
        }
    }

    func run(_ console: Console) throws(Failure) -> ExitCode {
        var reader = try RecordingFile.reader(recording)
        let (plan, seed) = try faults.makePlan()
        let framing = try Self.framing(plan.framing, &reader)
        console.log(.info, "framing", framing.why)
        let repeating = arguments.repeatingCommand(
            adding: FaultOptions.seed.definition, "\(seed)")
        let notes: ReadingNotes
        if let outputPath {
            let file = try ScheduleOutput(path: outputPath, replacing: replaces)
            notes = try write(plan, seed, framing.choice, &reader, console, file)
            try file.finish()
        } else {
            notes = try write(plan, seed, framing.choice, &reader, console, nil)
        }
        if isJSON {
            console.log(.info, "repeat", "seed \(seed); repeat with: \(repeating)")
        } else {
            try console.write("seed \(seed); repeat with: \(repeating)\n")
        }
        return Self.exitCode(notes, reader, console)
    }

    private func write(
        _ plan: Plan, _ seed: UInt64, _ framing: FramingChoice,
        _ reader: inout RecordingReader<RecordingFile>, _ console: Console,
        _ file: ScheduleOutput?
    ) throws(Failure) -> ReadingNotes {
        var lines = ScheduleWriter()
        var table = StrikeTable(rules: plan.rules)
        func send(all: Bool = false) throws(Failure) {
            guard all || lines.waitingBytes >= Self.writtenBytes else { return }
            let bytes = lines.takeBytes()
            if let file {
                try file.write(bytes)
            } else if isJSON {
                try console.write(String(decoding: bytes, as: UTF8.self))
            }
            if !isJSON, let text = table.takeFullPage() { try console.write(text) }
        }
        let notes = try ScheduleMaking.run(
            plan, seed: seed, framing: framing, &reader,
            begin: { (scheduler) throws(Failure) in
                lines.write(scheduler.header)
                for condition in scheduler.conditions {
                    lines.write(condition)
                    table.add(condition)
                }
                try send()
            },
            strike: { (next) throws(Failure) in
                lines.write(next.strike)
                table.add(next)
                try send()
            })
        lines.finish()
        try send(all: true)
        if !isJSON { try console.write(table.rest(lines.counts)) }
        return notes
    }

    /// So much is gathered before it is written.
    private static let writtenBytes = 64 << 10

    private static func framing(
        _ choice: FramingChoice?, _ reader: inout RecordingReader<RecordingFile>
    ) throws(Failure) -> (choice: FramingChoice, why: String) {
        do throws(RecordingFileError) {
            return try reader.framing(choice)
        } catch {
            throw Failure(reading: reader.bytes.path, error)
        }
    }

    /// A recording that has holes was planned for as far as it could be read.
    private static func exitCode(
        _ notes: ReadingNotes, _ reader: RecordingReader<RecordingFile>, _ console: Console
    ) -> ExitCode {
        let path = reader.bytes.path
        if reader.bytes.isBeingWritten {
            console.log(
                .warning, "unfinished",
                "\(path) is still being written: the schedule is for what is there now")
            return .done
        }
        guard let damage = notes.damages.first(where: \.losesEvents) else { return .done }
        console.log(
            .warning, "damaged",
            "\(path) has holes (\(damage)); weir check lists all, and the schedule is for the rest")
        return .damaged
    }
}
