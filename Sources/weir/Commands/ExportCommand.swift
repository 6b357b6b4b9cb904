import Platform
import Recordings
import Text

/// `weir export`: the bytes of one link of a recording, as they passed.
struct ExportCommand: Command {
    static let specification = CommandSpecification(
        verb: "export",
        summary: "write the bytes of one link of a recording",
        details: [
            "What was received on the link is written; in the recording of a replay, what Weir "
                + "sent where it received nothing. Bytes that are missing are left out: that is "
                + "said, and the exit code is 5."
        ],
        positionals: [Positional("FILE", "the recording")],
        options: [
            raw.definition, connection.definition, attempt.definition, output.definition,
            force.definition,
        ],
        examples: [
            .init(
                "weir export orders.weir --raw upstream --connection 3 --output requests.bin",
                "writes what the client of connection 3 sent"),
            .init(
                "weir export orders.weir --raw downstream --connection 3 --output -",
                "prints what the server answered"),
        ])

    /// What `--raw` takes.
    enum Link: String, Sendable, CaseIterable { case upstream, downstream }

    private static let raw = Option<Link>.choice(
        "raw", "DIRECTION", "which way: upstream is from client to server"
    ).required
    private static let connection = Option<UInt64>.count(
        "connection", "N", "which connection", in: 1...UInt64(UInt32.max)
    ).required
    private static let attempt = Option<UInt64>.count(
        "attempt", "N", "which attempt, in the recording of a replay", in: 1...UInt64(UInt16.max),
        default: "1")
    private static let output = Option<FileArgument>.file(
        "output", short: "o", "FILE", "where to; - is standard output", default: "-")
    private static let force = Flag("force", "replace the file if it exists")

    private let file: FileArgument
    private let output: FileArgument
    private let direction: Direction
    private let connection: UInt32
    private let attempt: UInt16
    private let replaces: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        file = try arguments.file(0)
        output = try arguments.require(Self.output)
        direction = try arguments.require(Self.raw) == .upstream ? .upstream : .downstream
        connection = UInt32(clamping: try arguments.require(Self.connection))
        attempt = UInt16(clamping: try arguments.require(Self.attempt))
        replaces = arguments.has(Self.force)
    }

    func run(_ console: Console) throws(Failure) -> ExitCode {
        var reader = try RecordingFile.reader(file)
        let path = reader.bytes.path
        if case .path(let target) = output {
            try reader.bytes.refuseOverwriting(with: target, "--output")
        }
        var link = LinkBytes(
            connection: connection, attempt: attempt, direction: direction)
        // Looked for first, so that no file is made for a connection that is not there.
        try scan(&reader) { event, _ in
            link.look(at: event)
            return !link.isDecided
        }
        guard link.isThere else {
            throw Failure(.usage, ShowCommand.nothing(of: [connection], in: path))
        }
        let sink = try ByteSink(output, replaces: replaces)
        var failure: Failure?
        let notes = try scan(&reader) { event, bytes in
            guard link.takes(event) else { return true }
            failure = sink.write(bytes)
            return failure == nil
        }
        if let failure { throw failure }
        let holes = link.gaps > 0 || !(notes.isClean || reader.bytes.isBeingWritten)
        guard holes else { return .done }
        console.log(
            .warning, "holes",
            "\(EscapedText(path)): bytes of this link are missing; weir check "
                + "\(shellQuoted(path)) says where")
        return .damaged
    }

    @discardableResult
    private func scan(
        _ reader: inout RecordingReader<RecordingFile>,
        _ body: (Event, Span<UInt8>) -> Bool
    ) throws(Failure) -> ReadingNotes {
        do throws(RecordingFileError) {
            return try reader.scan(connections: [connection]) { event, bytes, _ in
                body(event, bytes)
            }
        } catch {
            throw Failure(reading: reader.bytes.path, error)
        }
    }
}

/// Which events carry the bytes of one link.
private struct LinkBytes {
    let connection: UInt32
    let attempt: UInt16
    let direction: Direction
    private(set) var isThere = false
    private(set) var gaps = 0
    /// The link's bytes are those that arrived, or, where none do, those that Weir sent.
    private var areArrivals: Bool?

    init(connection: UInt32, attempt: UInt16, direction: Direction) {
        self.connection = connection
        self.attempt = attempt
        self.direction = direction
    }

    var isDecided: Bool { areArrivals != nil }

    mutating func look(at event: Event) {
        guard event.connection == connection, event.attempt == attempt else { return }
        isThere = true
        guard event.direction == direction, areArrivals == nil else { return }
        switch event.fact {
        case .chunk: areArrivals = true
        case .sent(let sent) where sent.source == .literal: areArrivals = false
        default: break
        }
    }

    mutating func takes(_ event: Event) -> Bool {
        guard event.connection == connection, event.attempt == attempt,
            event.direction ?? direction == direction
        else { return false }
        switch event.fact {
        case .chunk: return areArrivals == true
        case .sent(let sent): return areArrivals == false && sent.source == .literal
        case .gap:
            gaps += 1
            return false
        default: return false
        }
    }
}

/// Where exported bytes go: a new file, or standard output.
private final class ByteSink {
    private let file: File?
    private var offset: Int64 = 0

    init(_ output: FileArgument, replaces: Bool) throws(Failure) {
        guard case .path(let path) = output else {
            file = nil
            return
        }
        do throws(FileError) {
            file = try File.create(path, replacing: replaces)
        } catch {
            throw Failure(error.errno == .exists ? .usage : .unwritable, "\(error)")
        }
    }

    func write(_ bytes: Span<UInt8>) -> Failure? {
        do {
            if let file {
                try bytes.withUnsafeBytes { try file.write($0, at: offset) }
                offset += Int64(bytes.count)
            } else {
                try StandardFile.output.write(bytes)
            }
            return nil
        } catch let error as Errno {
            guard error != .brokenPipe else { return .outputClosed }
            return Failure(
                .unwritable, "standard output cannot be written: \(error); send it elsewhere")
        } catch {
            return Failure(.unwritable, "\(error)")
        }
    }
}
