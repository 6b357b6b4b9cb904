/// One pass over a recording: which events are wanted, and what was found on the way.
struct ReadingPass {
    private let from: Instant?
    private let until: Instant?
    private let connections: Set<UInt32>?
    private var links = OpenLinks()
    private(set) var notes = ReadingNotes()

    init(from: Instant?, until: Instant?, connections: Set<UInt32>?) {
        self.from = from
        self.until = until
        self.connections = connections
    }

    /// Takes a damage and hands on the gaps it makes.
    /// - Returns: false when `body` wants no more.
    mutating func take(
        _ damage: Damage, _ body: (Event, Span<UInt8>, UInt64) -> Bool
    ) -> Bool {
        notes.add(damage)
        for gap in links.lose(damage) where isWanted(gap) {
            guard body(gap, Span(), damage.offset) else { return false }
        }
        return true
    }

    /// Takes a whole block and hands on its events.
    mutating func take(
        _ header: BlockHeader, _ block: Span<UInt8>, at offset: UInt64,
        _ body: (Event, Span<UInt8>, UInt64) -> Bool
    ) -> Bool {
        switch header.kind {
        case BlockKind.events: break
        case BlockKind.header, BlockKind.index, BlockKind.footer: return true
        default:
            notes.unknownBlocks += 1
            return true
        }
        notes.blocks += 1
        var place = BlockHeader.length
        while place < block.count {
            switch EventLayout.decode(block, at: place, end: block.count) {
            case .unknown(_, let next):
                notes.unknownEvents += 1
                place = next
            case .malformed(let reason):
                var damage = Damage(
                    .malformed(blockKind: header.kind, reason: reason),
                    offset: offset + UInt64(place), length: UInt64(block.count - place))
                damage.after = notes.last
                damage.before = header.last
                return take(damage, body)
            case .event(let event, let bytes, let next):
                place = next
                let fileOffset = offset + UInt64(bytes.lowerBound)
                guard take(event, block.extracting(bytes), fileOffset, body) else { return false }
            }
        }
        return true
    }

    private mutating func take(
        _ event: Event, _ bytes: Span<UInt8>, _ fileOffset: UInt64,
        _ body: (Event, Span<UInt8>, UInt64) -> Bool
    ) -> Bool {
        for gap in links.receive(event) where isWanted(gap) {
            guard body(gap, Span(), fileOffset) else { return false }
        }
        guard isWanted(event) else { return true }
        notes.events += 1
        notes.first = min(notes.first ?? event.instant, event.instant)
        notes.last = max(notes.last ?? event.instant, event.instant)
        return body(event, bytes, fileOffset)
    }

    private func isWanted(_ event: Event) -> Bool {
        if let from, event.instant < from { return false }
        if let until, event.instant > until { return false }
        return connections?.contains(event.connection) ?? true
    }
}
