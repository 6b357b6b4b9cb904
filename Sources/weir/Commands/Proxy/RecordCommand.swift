import Platform
import Recordings
import Text

/// `weir record`: stands between clients and a server, and records what they say.
struct RecordCommand: Command {
    static let specification = CommandSpecification(
        verb: "record",
        summary: "stand between clients and a server, and record what passes",
        details: [
            "Clients connect to --listen instead of the server, and notice no difference: every "
                + "byte, end and reset passes on as it came. Ctrl-C ends the recording in order; "
                + "a second one, at once.",
            "The recording is readable while it is written, and after a crash up to the last "
                + "second. When the disk cannot keep up, traffic waits for it up to --max-wait, "
                + "then goes on unrecorded: the log and weir check say what is missing, and the "
                + "exit code is 6.",
            SessionOptions.refusal,
            "A recording holds what passed, secrets too: only its owner may read the file.",
        ],
        options: SessionOptions.routes + [
            output.definition, protocolName.definition, SessionOptions.duration.definition,
        ] + SessionOptions.recording,
        examples: [
            .init(
                "weir record --listen :7000 --upstream :6379 --output orders.weir",
                "records what reaches the Redis on port 6379 by way of port 7000"),
            .init(
                "weir record --listen :0 --upstream db.example:5432 --output db.weir "
                    + "--duration 10m --max-size 1GB",
                "takes a free port, says which, and ends after ten minutes"),
            .init(
                "weir record --config weir.json",
                "has its routes and the recording's name from a file; see weir help config"),
        ])

    private static let output = Option<FileArgument>.file(
        "output", short: "o", "FILE", "the recording to write; else as --config says")
    private static let protocolName = Option<FramingChoice>(
        "protocol", "NAME", "how to read the bytes as messages; otherwise the first bytes tell",
        completion: .words(Framers.all.map(\.name) + ["none"])
    ) { try FramingChoice(parsing: $0) }

    let settings: SessionSettings

    init(_ arguments: Arguments) throws(UsageError) {
        let config = try ConfigFile.read(arguments)
        var settings = try SessionOptions.settings(arguments, config, output: Self.output)
        guard settings.path != nil else {
            throw UsageError("\(Self.output.definition.usage) is missing; add it")
        }
        settings.framing = try arguments.value(of: Self.protocolName) ?? config?.framing
        self.settings = settings
    }

    func run(_ console: Console) throws(Failure) -> ExitCode {
        try ProxyRun("record", settings, console).run()
    }
}
