/// Reading events back from a block.
extension EventLayout {
    /// What stands at a place of a block.
    package enum Decoded: Hashable, Sendable {
        /// An event, where the bytes beside it lie, and where the next one begins.
        case event(Event, bytes: Range<Int>, next: Int)
        /// A kind that this program does not know, and where the next event begins.
        case unknown(kind: UInt8, next: Int)
        /// No event: the rest of the block cannot be read.
        case malformed(reason: String)
    }

    /// Reads the event at `offset`, which is before `end`, the end of the block's content.
    package static func decode(_ block: Span<UInt8>, at offset: Int, end: Int) -> Decoded {
        guard end - offset >= headLength else { return .malformed(reason: "a head is cut") }
        let following = Int(block.integer(at: offset + 16, as: UInt32.self))
        let start = offset + headLength
        guard following <= end - start else { return .malformed(reason: "an event is cut") }
        let next = start + following
        guard let kind = EventKind(rawValue: block[offset]) else {
            return .unknown(kind: block[offset], next: next)
        }
        let direction = Direction(rawValue: block[offset + 1])
        guard direction != nil || block[offset + 1] == 0 else {
            return .malformed(reason: "a direction is neither upstream nor downstream")
        }
        var cursor = FieldCursor(start..<next)
        guard let fact = fact(kind, block, &cursor) else {
            return .malformed(reason: "the fields of an event (\(kind)) make no sense")
        }
        let event = Event(
            at: Instant(nanoseconds: block.integer(at: offset + 8)),
            connection: block.integer(at: offset + 4), attempt: block.integer(at: offset + 2),
            direction: direction, fact)
        // A newer minor version may add fields to a kind that carries no bytes.
        let bytes = carriesBytes(fact) ? cursor.offset..<next : next..<next
        return .event(event, bytes: bytes, next: next)
    }

    private static func fact(
        _ kind: EventKind, _ block: Span<UInt8>, _ cursor: inout FieldCursor
    ) -> Event.Fact? {
        switch kind {
        case .chunk: return .chunk
        case .stalled: return .stalled
        case .resumed: return .resumed
        case .sent: return sent(block, &cursor).map { .sent($0) }
        case .dialled:
            guard let route = cursor.integer(block, UInt16.self), let address = cursor.text(block)
            else {
                return nil
            }
            return .dialled(route: route, address: address)
        case .opened:
            guard let route = cursor.integer(block, UInt16.self), let client = cursor.text(block),
                let server = cursor.text(block)
            else { return nil }
            return .opened(route: route, client: client, server: server)
        case .refused:
            guard let reason = cursor.integer(block).flatMap(Event.Refusal.init(rawValue:)),
                let errno = cursor.integer(block, Int32.self),
                let took = cursor.integer(block, UInt64.self)
            else { return nil }
            return .refused(reason: reason, errno: errno, tookNanoseconds: took)
        case .finished: return party(block, &cursor).map { .finished(by: $0) }
        case .reset: return party(block, &cursor).map { .reset(by: $0) }
        case .failed:
            guard let errno = cursor.integer(block, Int32.self), let by = party(block, &cursor)
            else {
                return nil
            }
            return .failed(errno: errno, by: by)
        case .gap:
            guard let bytes = cursor.integer(block, UInt64.self), let reason = cursor.text(block)
            else {
                return nil
            }
            return .gap(bytes: bytes, reason: reason)
        case .strike, .mark, .output, .exited, .command: return report(kind, block, &cursor)
        }
    }

    /// The kinds that do not belong to a connection alone.
    private static func report(
        _ kind: EventKind, _ block: Span<UInt8>, _ cursor: inout FieldCursor
    ) -> Event.Fact? {
        switch kind {
        case .strike:
            guard let result = cursor.integer(block).flatMap(StrikeOutcome.Result.init(rawValue:)),
                let id = cursor.text(block), let reason = cursor.text(block)
            else { return nil }
            return .strike(StrikeOutcome(id: id, result: result, reason: reason))
        case .mark: return cursor.text(block).map { .mark(label: $0) }
        case .output:
            guard let stream = cursor.integer(block).flatMap(Event.OutputStream.init(rawValue:)),
                let line = cursor.text(block)
            else { return nil }
            return .output(stream: stream, line: line)
        case .exited: return cursor.integer(block, Int32.self).map { .exited(code: $0) }
        case .command:
            guard let exitCode = cursor.integer(block, Int32.self),
                let took = cursor.integer(block, UInt64.self), let name = cursor.text(block)
            else { return nil }
            return .command(name: name, exitCode: exitCode, tookNanoseconds: took)
        default: return nil
        }
    }

    private static func party(_ block: Span<UInt8>, _ cursor: inout FieldCursor) -> Party? {
        cursor.integer(block).flatMap(Party.init(rawValue:))
    }

    private static func sent(_ block: Span<UInt8>, _ cursor: inout FieldCursor) -> Sent? {
        guard let message = cursor.integer(block, UInt64.self),
            let copy = cursor.integer(block, UInt16.self),
            let offset = cursor.integer(block, UInt64.self), let strike = cursor.text(block),
            let source = cursor.integer(block, UInt8.self)
        else { return nil }
        var sent = Sent(
            message: message, copy: copy, offset: offset, strike: strike, source: .literal)
        if source == 1 { return sent }
        guard source == 2, let place = cursor.integer(block, UInt64.self),
            let count = cursor.integer(block, UInt32.self)
        else { return nil }
        sent.source = .arrived(offset: place, count: count)
        return sent
    }
}
