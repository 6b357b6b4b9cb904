import Platform
import Recordings
import Reports
import Text

/// `weir show`: what is in a recording, as a summary or message by message.
struct ShowCommand: Command {
    static let specification = CommandSpecification(
        verb: "show",
        summary: "show what is in a recording",
        details: [
            "A recording that is still being written is shown as far as it is on the disk."
        ],
        positionals: [Positional("FILE", "the recording")],
        options: [
            messages.definition, connection.definition, protocolName.definition, json.definition,
        ],
        examples: [
            .init("weir show orders.weir", "sums up each connection"),
            .init(
                "weir show orders.weir --messages --connection 3",
                "lists what passed on connection 3, message by message"),
        ])

    private static let messages = Flag("messages", "list messages and events in order")
    private static let connection = Option<UInt64>.count(
        "connection", "N", "only this connection; may be given more than once",
        in: 1...UInt64(UInt32.max)
    ).repeatable
    private static let protocolName = Option<FramingChoice>(
        "protocol", "NAME", "how to read the bytes as messages",
        completion: .words(Framers.all.map(\.name) + ["none"])
    ) { try FramingChoice(parsing: $0) }
    private static let json = Flag("json", "print JSON")

    private let file: FileArgument
    private let connections: Set<UInt32>?
    private let framing: FramingChoice?
    private let listsMessages: Bool
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        file = try arguments.file(0)
        let numbers = try arguments.values(of: Self.connection).map { UInt32(clamping: $0) }
        connections = numbers.isEmpty ? nil : Set(numbers)
        framing = try arguments.value(of: Self.protocolName)
        listsMessages = arguments.has(Self.messages)
        isJSON = arguments.has(Self.json)
    }

    func run(_ console: Console) throws(Failure) -> ExitCode {
        var reader = try RecordingFile.reader(file)
        do {
            return listsMessages ? try list(&reader, console) : try sumUp(&reader, console)
        } catch let error as RecordingFileError {
            throw Failure(reading: reader.bytes.path, error)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.defect, "\(error)")
        }
    }

    private func sumUp(
        _ reader: inout RecordingReader<RecordingFile>, _ console: Console
    ) throws -> ExitCode {
        let (choice, why) = try reader.framing(framing)
        let summary = try reader.summary(choice, connections: connections)
        let overview = RecordingOverview(
            path: reader.bytes.path, header: reader.header, summary: summary, framing: why,
            state: reader.state)
        if let connections, summary.connections.isEmpty {
            throw Failure(.usage, Self.nothing(of: connections, in: reader.bytes.path))
        }
        try console.write(isJSON ? OverviewJSON(overview).text : OverviewText(overview).text)
        return overview.hasHoles ? .damaged : .done
    }

    private func list(
        _ reader: inout RecordingReader<RecordingFile>, _ console: Console
    ) throws -> ExitCode {
        let (choice, _) = try reader.framing(framing)
        var listing = MessageListing(framing: choice, isJSON: isJSON)
        try console.write(listing.heading)
        var text = ""
        var gaps = 0
        var failure: Failure?
        let notes = try reader.scan(connections: connections) { event, bytes, _ in
            if case .gap = event.fact { gaps += 1 }
            text += listing.receive(event, bytes)
            guard text.utf8.count >= Self.writtenBytes else { return true }
            failure = Self.write(&text, console)
            return failure == nil
        }
        if let failure = failure ?? Self.write(&text, console) { throw failure }
        if let sentence = reader.state.sentence {
            console.log(.warning, "state", "\(EscapedText(reader.bytes.path)) is \(sentence)")
        }
        let isClean = notes.isClean || reader.state == .beingWritten
        return isClean && gaps == 0 ? .done : .damaged
    }

    /// So much is gathered before it is written.
    private static let writtenBytes = 64 << 10

    private static func write(_ text: inout String, _ console: Console) -> Failure? {
        defer { text = "" }
        do throws(Failure) {
            try console.write(text)
            return nil
        } catch {
            return error
        }
    }

    static func nothing(of connections: Set<UInt32>, in path: String) -> String {
        let numbers = connections.sorted().map { "\($0)" }.joined(separator: ", ")
        return "\(path) has no connection \(numbers); weir show \(shellQuoted(path)) lists them"
    }
}

extension RecordingReader<RecordingFile> {
    /// How the file stands.
    var state: RecordingState {
        RecordingState(isEnded: isEnded, isBeingWritten: bytes.isBeingWritten)
    }
}
