/// How an event lies in a block: a head of 20 bytes, the fields of its kind, the bytes beside it.
///
/// A chunk has no fields, so its payload lies directly behind its head. Recordings/README.md draws
/// each kind.
package enum EventLayout {
    /// Kind, direction, attempt, connection, instant, and the length of what follows.
    package static let headLength = 20
    /// At most so many bytes travel beside one event: `split` makes several of more.
    package static let maximumBytes = 1 << 20
    /// A text of more bytes (UTF-8) is cut and ends with `…`.
    package static let maximumTextBytes = 16 << 10

    /// How many bytes the event takes with so many beside it.
    package static func length(of event: Event, bytes count: Int) -> Int {
        headLength + fieldsLength(of: event.fact) + (carriesBytes(event.fact) ? count : 0)
    }

    /// Whether bytes travel beside events of its kind.
    package static func carriesBytes(_ fact: Event.Fact) -> Bool {
        switch fact {
        case .chunk, .command: true
        case .sent(let sent): sent.source == .literal
        default: false
        }
    }

    /// Writes the event and the bytes beside it at `offset`.
    /// - Returns: where the next one goes.
    package static func encode(
        _ event: Event, _ bytes: Span<UInt8>, into block: inout MutableSpan<UInt8>, at offset: Int
    ) -> Int {
        var place = offset
        let length = length(of: event, bytes: bytes.count)
        storeHead(
            kind: EventKind(event.fact), event.direction, event.attempt, event.connection,
            event.instant, following: length - headLength, into: &block, at: &place)
        storeFields(event.fact, into: &block, at: &place)
        if carriesBytes(event.fact) { block.store(bytes, at: &place) }
        return place
    }

    /// Writes the head of a chunk whose payload stands behind it already.
    static func storeChunkHead(
        _ direction: Direction, attempt: UInt16, connection: UInt32, at instant: Instant,
        count: Int, into block: inout MutableSpan<UInt8>, at offset: Int
    ) {
        var place = offset
        storeHead(
            kind: .chunk, direction, attempt, connection, instant, following: count, into: &block,
            at: &place)
    }

    /// Hands over the event in pieces with at most `limit` bytes each: a chunk's or a literal's
    /// bytes are shared out, of a command's output the first `limit` are kept.
    package static func split<Failure: Error>(
        _ event: Event, _ bytes: Span<UInt8>, at limit: Int = maximumBytes,
        _ body: (Event, Span<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        precondition(limit > 0, "a piece has at least one byte")
        guard bytes.count > limit, carriesBytes(event.fact) else {
            return try body(event, bytes)
        }
        var piece = event
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + limit)
            if case .sent(var sent) = event.fact {
                sent.offset &+= UInt64(start)
                piece.fact = .sent(sent)
            }
            try body(piece, bytes.extracting(start..<end))
            if case .command = event.fact { return }
            start = end
        }
    }

    /// The text, or as much of it as an event keeps.
    static func fitting(_ text: String) -> String {
        guard text.utf8.count > maximumTextBytes else { return text }
        let mark = "…"
        var count = maximumTextBytes - mark.utf8.count
        // A character has at most four bytes: one of the next three cuts is between two.
        while count > 0 {
            if let cut = String(text.utf8.prefix(count)) { return cut + mark }
            count -= 1
        }
        return mark
    }

    private static func storeHead(
        kind: EventKind, _ direction: Direction?, _ attempt: UInt16, _ connection: UInt32,
        _ instant: Instant, following: Int, into block: inout MutableSpan<UInt8>,
        at place: inout Int
    ) {
        block.store(kind.rawValue, at: &place)
        block.store(direction?.rawValue ?? 0, at: &place)
        block.store(attempt, at: &place)
        block.store(connection, at: &place)
        block.store(instant.nanoseconds, at: &place)
        block.store(UInt32(clamping: following), at: &place)
    }

    private static func fieldsLength(of fact: Event.Fact) -> Int {
        func size(_ text: String) -> Int { 2 + fitting(text).utf8.count }
        return switch fact {
        case .chunk, .stalled, .resumed: 0
        case .finished, .reset: 1
        case .exited: 4
        case .failed: 5
        case .refused: 13
        case .dialled(_, let address): 2 + size(address)
        case .opened(_, let client, let server): 2 + size(client) + size(server)
        case .sent(let sent):
            18 + size(sent.strike) + 1 + (sent.source == .literal ? 0 : 12)
        case .gap(_, let reason): 8 + size(reason)
        case .strike(let outcome): 1 + size(outcome.id) + size(outcome.reason)
        case .mark(let label): size(label)
        case .output(_, let line): 1 + size(line)
        case .command(let name, _, _): 12 + size(name)
        }
    }

    private static func storeFields(
        _ fact: Event.Fact, into block: inout MutableSpan<UInt8>, at place: inout Int
    ) {
        switch fact {
        case .chunk, .stalled, .resumed: break
        case .finished(let by), .reset(let by): block.store(by.rawValue, at: &place)
        case .exited(let code): block.store(code, at: &place)
        case .failed(let errno, let by):
            block.store(errno, at: &place)
            block.store(by.rawValue, at: &place)
        case .refused(let reason, let errno, let took):
            block.store(reason.rawValue, at: &place)
            block.store(errno, at: &place)
            block.store(took, at: &place)
        case .dialled(let route, let address):
            block.store(route, at: &place)
            block.store(address, at: &place)
        case .opened(let route, let client, let server):
            block.store(route, at: &place)
            block.store(client, at: &place)
            block.store(server, at: &place)
        case .sent(let sent): store(sent, into: &block, at: &place)
        case .gap(let bytes, let reason):
            block.store(bytes, at: &place)
            block.store(reason, at: &place)
        case .strike(let outcome):
            block.store(outcome.result.rawValue, at: &place)
            block.store(outcome.id, at: &place)
            block.store(outcome.reason, at: &place)
        case .mark(let label): block.store(label, at: &place)
        case .output(let stream, let line):
            block.store(stream.rawValue, at: &place)
            block.store(line, at: &place)
        case .command(let name, let exitCode, let took):
            block.store(exitCode, at: &place)
            block.store(took, at: &place)
            block.store(name, at: &place)
        }
    }

    private static func store(
        _ sent: Sent, into block: inout MutableSpan<UInt8>, at place: inout Int
    ) {
        block.store(sent.message, at: &place)
        block.store(sent.copy, at: &place)
        block.store(sent.offset, at: &place)
        block.store(sent.strike, at: &place)
        switch sent.source {
        case .literal: block.store(1 as UInt8, at: &place)
        case .arrived(let offset, let count):
            block.store(2 as UInt8, at: &place)
            block.store(offset, at: &place)
            block.store(count, at: &place)
        }
    }
}
