import Recordings
import Text

/// A recording's events in order, bytes as messages where they can be read as such: what
/// `weir show FILE --messages` prints. Fed with events; each gives the lines that it completes.
///
/// ```
///    12.345678     3  >     17  SET    34 B  *3\r\n$3\r\nSET\r\n…
/// ```
package struct MessageListing: Sendable {
    /// Bytes of a message that its line shows.
    package static let shownBytes = 48
    /// More connections than this at once are listed by chunks.
    package static let maximumConnections = 65_536

    private struct Key: Hashable, Sendable {
        var connection: UInt32
        var attempt: UInt16
    }

    /// A connection that is open, and how the messages under way begin.
    private struct Reading: Sendable {
        var conversation: Conversation
        var beginnings = PerDirection<[UInt8]>([])
    }

    /// What is listed of an event or a message.
    private struct Entry {
        var event: Event
        var number: UInt64?
        var kind: String
        var length: UInt64?
        var shown: String
    }

    private let framing: FramingChoice
    private let isJSON: Bool
    private var readings: [Key: Reading] = [:]

    /// - Parameter isJSON: one JSON object a line, the first of them the version.
    package init(framing: FramingChoice, isJSON: Bool) {
        self.framing = framing
        self.isJSON = isJSON
    }

    /// What stands before the first event.
    package var heading: String {
        guard isJSON else {
            return "        time  conn     number  kind              bytes\n"
        }
        return "{\"type\":\"listing\",\"version\":1}\n"
    }

    /// Takes the next event, with the bytes beside it; gives the lines to print, each with its end.
    package mutating func receive(_ event: Event, _ bytes: Span<UInt8>) -> String {
        let key = Key(connection: event.connection, attempt: event.attempt)
        switch event.fact {
        case .chunk:
            return chunk(event, bytes, key)
        case .gap(let missing, _):
            let affected = event.direction.map { [$0] } ?? Direction.allCases
            for direction in affected { readings[key]?.conversation.gap(direction, bytes: missing) }
        case .finished(let by) where by != .weir:
            return finish(event, key) + line(plainEntry(event, bytes))
        case .reset, .failed, .refused: readings[key] = nil
        default: break
        }
        return line(plainEntry(event, bytes))
    }

    private func plainEntry(_ event: Event, _ bytes: Span<UInt8>) -> Entry {
        Entry(event: event, kind: event.fact.word, shown: event.fact.details(bytes))
    }

    /// The messages that last until their link ends.
    private mutating func finish(_ event: Event, _ key: Key) -> String {
        var text = ""
        for direction in event.direction.map({ [$0] }) ?? Direction.allCases {
            let last = readings[key]?.conversation.finish(direction, at: event.instant)
            guard let last else { continue }
            text += line(message(last, event, key))
            readings[key]?.beginnings[direction] = []
        }
        return text
    }

    private mutating func chunk(_ event: Event, _ bytes: Span<UInt8>, _ key: Key) -> String {
        guard let direction = event.direction else { return "" }
        if readings[key] == nil, readings.count < Self.maximumConnections {
            // A framer that does not exist was refused before anything was read.
            readings[key] = Reading(
                conversation: Conversation(framer: (try? framing.makeFramer()) ?? nil))
        }
        var text = ""
        var start = 0
        while start <= bytes.count {
            let rest = bytes.extracting(start..<bytes.count)
            let step = readings[key]?.conversation.advance(rest, direction, at: event.instant)
            switch step {
            case .message(let consumed, let placed):
                note(rest.extracting(0..<consumed), key, direction)
                text += line(message(placed, event, key))
                readings[key]?.beginnings[direction] = []
                start += consumed
            case .needMore:
                note(rest, key, direction)
                return text
            case .lostSync(_, _, let offset, let reason):
                readings[key]?.beginnings[direction] = []
                let what = "from byte \(offset) on not read as messages: \(reason)"
                text += line(Entry(event: event, kind: "lost sync", shown: what))
                return text + plain(event, rest)
            case .opaque, nil:
                return text + (rest.isEmpty ? "" : plain(event, rest))
            }
        }
        return text
    }

    private func message(
        _ placed: Conversation.Placed, _ event: Event, _ key: Key
    ) -> Entry {
        var beginning = readings[key]?.beginnings[placed.direction] ?? []
        if placed.message.hasOwnCredentials {
            // They stand behind the first line.
            beginning = Array(beginning.prefix { $0 != 0x0d && $0 != 0x0a })
        }
        var shown = "\(EscapedText(beginning.span, limit: Self.shownBytes))"
        if placed.length > beginning.count, beginning.count == Self.shownBytes { shown += "…" }
        if placed.message.state?.isAuthentication == true { shown = "(credentials)" }
        if placed.message.hasOwnCredentials { shown += " (credentials)" }
        return Entry(
            event: event, number: placed.message.number,
            kind: "\(EscapedText(placed.message.kind, limit: 24))", length: placed.length,
            shown: shown)
    }

    private func plain(_ event: Event, _ bytes: Span<UInt8>) -> String {
        line(
            Entry(
                event: event, kind: "chunk", length: UInt64(bytes.count),
                shown: "\(EscapedText(bytes, limit: Self.shownBytes))"))
    }

    private mutating func note(_ bytes: Span<UInt8>, _ key: Key, _ direction: Direction) {
        let room = Self.shownBytes - (readings[key]?.beginnings[direction].count ?? Self.shownBytes)
        for index in 0..<min(room, bytes.count) {
            readings[key]?.beginnings[direction].append(bytes[index])
        }
    }
}

/// One line.
extension MessageListing {
    private func line(_ entry: Entry) -> String {
        isJSON ? object(entry) : row(entry)
    }

    private func row(_ entry: Entry) -> String {
        let event = entry.event
        let arrow =
            switch event.direction {
            case .upstream?: ">"
            case .downstream?: "<"
            case nil: " "
            }
        let connection =
            event.connection == 0
            ? ""
            : event.attempt > 1 ? "\(event.connection).\(event.attempt)" : "\(event.connection)"
        let length = entry.length.map { ByteCount(bytes: $0).forPeople } ?? ""
        var row = padded(seconds(event.instant), 12) + "  " + padded(connection, 4)
        row += "  \(arrow) " + padded(entry.number.map { "\($0)" } ?? "", 6) + "  "
        row += entry.kind + String(repeating: " ", count: max(0, 12 - entry.kind.count))
        row += padded(length, 11) + "  " + entry.shown
        while row.last == " " { row.removeLast() }
        return row + "\n"
    }

    private func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// With six places.
    private func seconds(_ instant: Instant) -> String {
        let micros = max(0, instant.nanoseconds) / 1_000
        let digits = String(micros % 1_000_000)
        return "\(micros / 1_000_000)." + String(repeating: "0", count: 6 - digits.count) + digits
    }

    private func object(_ entry: Entry) -> String {
        var writer = JSONWriter()
        let event = entry.event
        writer.object { object in
            object.member("type", entry.length == nil ? "event" : "message")
            object.member("t_ns", event.instant.nanoseconds)
            object.member("connection", event.connection)
            object.member("attempt", event.attempt)
            object.member("direction", event.direction?.name)
            object.member("number", ifPresent: entry.number)
            object.member("kind", entry.kind)
            object.member("bytes", ifPresent: entry.length)
            object.member("shown", entry.shown)
        }
        writer.endLine()
        return writer.text
    }
}

extension Event.Fact {
    /// Its kind in a word.
    var word: String {
        switch self {
        case .dialled: "dialled"
        case .opened: "opened"
        case .refused: "refused"
        case .chunk: "chunk"
        case .sent: "sent"
        case .finished: "finished"
        case .reset: "reset"
        case .failed: "failed"
        case .stalled: "stalled"
        case .resumed: "resumed"
        case .gap: "gap"
        case .strike: "strike"
        case .mark: "mark"
        case .output: "output"
        case .exited: "exited"
        case .command: "command"
        }
    }

    /// What it says, on one line that no terminal acts on.
    func details(_ bytes: Span<UInt8>) -> String {
        func safe(_ text: String) -> String { "\(EscapedText(text, limit: 120))" }
        switch self {
        case .dialled(_, let address): return safe(address)
        case .opened(_, let client, let server): return safe("\(client) to \(server)")
        case .refused(let reason, let errno, let took):
            let time = TimeAmount(nanoseconds: Int64(clamping: took)).forPeople
            return "\(reason.name) (error \(errno)) after \(time)"
        case .sent(let sent):
            var text = sent.message > 0 ? "message \(sent.message)" : ""
            if sent.copy > 0 { text += " copy \(sent.copy)" }
            if !sent.strike.isEmpty { text += " by \(safe(sent.strike))" }
            return text + " \(EscapedText(bytes, limit: MessageListing.shownBytes))"
        case .finished(let by), .reset(let by): return "by \(by.name)"
        case .failed(let errno, let by): return "at \(by.name) (error \(errno))"
        case .gap(let missing, let reason):
            return (missing > 0 ? "\(missing.grouped) bytes: " : "") + safe(reason)
        case .strike(let outcome):
            let reason = outcome.reason.isEmpty ? "" : ": \(outcome.reason)"
            return safe("\(outcome.id) \(outcome.result.name)\(reason)")
        case .mark(let label): return safe(label)
        case .output(_, let line): return safe(line)
        case .exited(let code): return "code \(code)"
        case .command(let name, let exitCode, _): return safe("\(name): exit code \(exitCode)")
        case .chunk, .stalled, .resumed: return ""
        }
    }
}
