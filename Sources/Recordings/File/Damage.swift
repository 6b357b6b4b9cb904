/// A stretch of a recording that cannot be read, and what was lost with it.
package struct Damage: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// No block begins where one should; reading goes on at the next one.
        case notABlock
        /// A block's content is not what was written.
        case content(blockKind: UInt8)
        /// A block is whole, but its content makes no sense.
        case malformed(blockKind: UInt8, reason: String)
        /// Blocks are missing between this one and the one before.
        case missingBlocks(UInt64)
        /// A block of another recording, or one that stood here before.
        case stale
        /// The zeros behind a block's content are not zeros. Nothing is lost.
        case padding
        /// The file ends inside a block.
        case tornTail
        /// The file ends without its last blocks: the recorder was killed, or is still writing.
        case notEnded
        /// Something stands behind the recording's end.
        case afterTheEnd
        /// The index or the sums at the end do not fit the events. Nothing is lost.
        case index
    }

    package var kind: Kind
    package var offset: UInt64
    /// Bytes of the file; 0 where something is missing between two bytes.
    package var length: UInt64
    /// Events that were lost, where that is known.
    package var events: UInt64?
    /// The last instant known before, and the first one known after.
    package var after: Instant?
    package var before: Instant?

    package init(_ kind: Kind, offset: UInt64, length: UInt64, events: UInt64? = nil) {
        self.kind = kind
        self.offset = offset
        self.length = length
        self.events = events
    }

    /// Whether events may have been lost.
    package var losesEvents: Bool {
        switch kind {
        case .notABlock, .missingBlocks, .tornTail, .notEnded: true
        case .content(let kind), .malformed(let kind, _): kind == BlockKind.events
        case .stale, .padding, .afterTheEnd, .index: false
        }
    }

    /// Whether nothing is known to come after it: the file ends here, for now or for good.
    package var isTail: Bool { kind == .tornTail || kind == .notEnded }

    /// One line for people: where, what, and what was lost.
    package var description: String {
        var line = "byte \(offset)"
        if length > 0 { line += ", \(length) bytes" }
        line += ": \(what)"
        guard losesEvents else { return line + "; no event was lost" }
        if let events { line += "; \(events) events were lost" }
        switch (after, before) {
        case (let after?, let before?): line += ", between \(text(after)) and \(text(before))"
        case (let after?, nil): line += ", after \(text(after))"
        case (nil, let before?): line += ", before \(text(before))"
        case (nil, nil): break
        }
        return line
    }

    private var what: String {
        switch kind {
        case .notABlock: "no block begins here"
        case .content(let kind): "the content of \(name(kind)) was changed"
        case .malformed(let kind, let reason): "\(name(kind)) makes no sense: \(reason)"
        case .missingBlocks(let count): "\(count) blocks are missing"
        case .stale: "a block of another recording stands here"
        case .padding: "the zeros behind a block were changed"
        case .tornTail: "the file is cut inside a block"
        case .notEnded: "the recording was not ended; the last second may be missing"
        case .afterTheEnd: "something stands behind the recording's end"
        case .index: "the index does not fit the events"
        }
    }

    private func name(_ kind: UInt8) -> String {
        switch kind {
        case BlockKind.header: "the recording's description"
        case BlockKind.events: "a block of events"
        case BlockKind.index: "the index"
        case BlockKind.footer: "the last block"
        default: "a block of kind \(kind)"
        }
    }

    /// Seconds with nine places.
    private func text(_ instant: Instant) -> String {
        let magnitude = instant.nanoseconds.magnitude
        let fraction = String(magnitude % 1_000_000_000)
        let zeros = String(repeating: "0", count: 9 - fraction.count)
        let sign = instant.nanoseconds < 0 ? "-" : ""
        return "\(sign)\(magnitude / 1_000_000_000).\(zeros)\(fraction) s"
    }
}

/// What one pass over a recording found.
package struct ReadingNotes: Hashable, Sendable {
    /// Damages beyond this many are only counted.
    package static let maximumDamages = 10_000

    package internal(set) var blocks: UInt64 = 0
    package internal(set) var events: UInt64 = 0
    /// Kinds that this program does not know: skipped.
    package internal(set) var unknownBlocks: UInt64 = 0
    package internal(set) var unknownEvents: UInt64 = 0
    package internal(set) var damages: [Damage] = []
    package internal(set) var damageCount: UInt64 = 0
    /// The earliest and the latest instant of what was read.
    package internal(set) var first: Instant?
    package internal(set) var last: Instant?

    package var isClean: Bool { damageCount == 0 }

    /// Whether all that is wrong is that it ends too early: it is cut, or still being written.
    package var isOnlyCut: Bool {
        damageCount > 0 && damageCount == UInt64(damages.count) && damages.allSatisfy(\.isTail)
    }

    mutating func add(_ damage: Damage) {
        damageCount += 1
        if damages.count < Self.maximumDamages { damages.append(damage) }
    }
}
