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
            "A recording holds what passed, secrets too: only its owner may read the file.",
        ],
        options: [
            listen.definition, upstream.definition, output.definition, protocolName.definition,
            duration.definition, maximumSize.definition, maximumWait.definition,
            mustRecord.definition, flushEvery.definition, force.definition,
        ],
        examples: [
            .init(
                "weir record --listen :7000 --upstream :6379 --output orders.weir",
                "records what reaches the Redis on port 6379 by way of port 7000"),
            .init(
                "weir record --listen :0 --upstream db.example:5432 --output db.weir "
                    + "--duration 10m --max-size 1GB",
                "takes a free port, says which, and ends after ten minutes"),
        ])

    private static let listen = addressText(
        "listen", "where clients connect: :7000 is loopback, :0 a free port"
    ).required
    private static let upstream = Option<String>(
        "upstream", "ADDRESS", "the server to pass on to"
    ) { text in
        if case .address(let address) = try AddressText(text), address.port == 0 {
            throw UsageError("no server listens on port 0; write the port that it listens on")
        }
        return text
    }.required
    private static let output = Option<FileArgument>.file(
        "output", short: "o", "FILE", "the recording to write"
    ).required
    private static let protocolName = Option<FramingChoice>(
        "protocol", "NAME", "how to read the bytes as messages; otherwise the first bytes tell",
        completion: .words(Framers.all.map(\.name) + ["none"])
    ) { try FramingChoice(parsing: $0) }
    private static let duration = Option<TimeAmount>.quantity(
        "duration", "DURATION", "end after so long")
    private static let maximumSize = Option<ByteCount>.quantity(
        "max-size", "SIZE", "end the recording before it is larger; traffic goes on unrecorded")
    private static let maximumWait = Option<TimeAmount>.quantity(
        "max-wait", "DURATION", "how long traffic may wait for the disk", default: "5s")
    private static let mustRecord = Flag(
        "must-record", "stop the traffic rather than let any pass unrecorded")
    private static let flushEvery = Option<TimeAmount>.quantity(
        "flush-every", "DURATION", "how old what is not yet on the disk may be", default: "1s")
    private static let force = Flag("force", "replace the file if it exists")

    /// The least that `--max-size` may be: the description, an index and something between.
    private static let leastSize = ByteCount(bytes: 64 << 10)

    let settings: RecordSettings

    init(_ arguments: Arguments) throws(UsageError) {
        guard case .path(let path) = try arguments.require(Self.output) else {
            throw UsageError("--output: a recording is not written to standard output; name a file")
        }
        if let size = try arguments.value(of: Self.maximumSize), size < Self.leastSize {
            throw UsageError("--max-size: \(size) is too small; write 64KiB or more")
        }
        let flush = try arguments.require(Self.flushEvery)
        guard flush > .zero else {
            throw UsageError("--flush-every: 0 is too short; write 1ms or more")
        }
        settings = RecordSettings(
            listen: try arguments.require(Self.listen),
            upstream: try arguments.require(Self.upstream), path: path,
            framing: try arguments.value(of: Self.protocolName),
            duration: try arguments.value(of: Self.duration),
            maximumSize: try arguments.value(of: Self.maximumSize),
            maximumWait: try arguments.require(Self.maximumWait), flushEvery: flush,
            mustRecord: arguments.has(Self.mustRecord), replaces: arguments.has(Self.force))
    }

    func run(_ console: Console) throws(Failure) -> ExitCode {
        try RecordRun(settings, console).run()
    }

    /// An address that is checked now and looked up later.
    private static func addressText(_ name: String, _ help: String) -> Option<String> {
        Option(name, "ADDRESS", help) { text in
            _ = try AddressText(text)
            return text
        }
    }
}

/// What `weir record` was asked for.
struct RecordSettings: Sendable {
    var listen: String
    var upstream: String
    var path: String
    var framing: FramingChoice?
    var duration: TimeAmount?
    var maximumSize: ByteCount?
    var maximumWait: TimeAmount
    var flushEvery: TimeAmount
    var mustRecord: Bool
    var replaces: Bool
}
