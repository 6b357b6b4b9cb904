/// One connection as messages: a framer, and where on its link and when each message lay.
///
/// Feed it the chunks of both links in recorded order. It is a value and does no more work than the
/// framer: what a message says is read from the bytes by whoever wants to know.
package struct Conversation: Sendable {
    /// A message with its place.
    package struct Placed: Hashable, Sendable {
        package var direction: Direction
        package var message: Message
        /// Bytes from the link's start to the message's first byte.
        package var offset: UInt64
        package var length: UInt64
        /// When its first and its last byte arrived; one that lasts until its link ends ended then.
        package var began: Instant
        package var ended: Instant
    }

    package enum Step: Hashable, Sendable {
        case message(consumed: Int, Placed)
        case needMore
        /// From `offset` on, where its last whole message ended, this link is opaque.
        case lostSync(consumed: Int, direction: Direction, offset: UInt64, reason: String)
        /// The link was opaque already: all bytes were taken.
        case opaque
    }

    /// What is known of one link.
    package struct LinkState: Hashable, Sendable {
        /// Bytes taken so far.
        package var offset: UInt64 = 0
        /// Messages that ended so far.
        package var messages: UInt64 = 0
        /// Where the message that is under way began; nil between messages.
        package var partial: (offset: UInt64, began: Instant)? {
            partialOffset.map { ($0, partialBegan) }
        }
        /// Why and from where on the link cannot be read as messages.
        package var opaque: Opaque?

        fileprivate var partialOffset: UInt64?
        fileprivate var partialBegan = Instant.start
    }

    package struct Opaque: Hashable, Sendable {
        /// Where the last whole message ended.
        package var offset: UInt64
        /// Where it was noticed: the first byte that made no sense, or that is missing.
        package var noticed: UInt64
        package var reason: String
    }

    /// A gap does not lead further from the link's start, whatever a recording says: what comes
    /// behind it can be counted.
    static let furthestGap: UInt64 = 1 << 62

    private var links = PerDirection(LinkState())
    private var framer: (any Framer)?

    /// - Parameter framer: nil where the protocol is unknown; both links are opaque then.
    package init(framer: (any Framer)?) {
        self.framer = framer
        if framer == nil {
            links.upstream.opaque = Opaque(offset: 0, noticed: 0, reason: "no framer")
            links.downstream.opaque = links.upstream.opaque
        }
    }

    package var upstream: LinkState { links.upstream }
    package var downstream: LinkState { links.downstream }
    package subscript(direction: Direction) -> LinkState { links[direction] }

    /// Whether the framer knows which answer belongs to which request; false without a framer.
    package var pairsAnswers: Bool { framer?.pairsAnswers ?? false }

    /// Whether a request whose successor is being answered will not be answered any more.
    package var answersInOrder: Bool { framer?.answersInOrder ?? false }

    /// Takes bytes from the front of `bytes` until a message ends, or all of them.
    ///
    /// Call again with what is left after `consumed`, until `.needMore` or `.opaque`.
    package mutating func advance(
        _ bytes: Span<UInt8>, _ direction: Direction, at instant: Instant
    ) -> Step {
        guard links[direction].opaque == nil else {
            links[direction].offset += UInt64(bytes.count)
            return .opaque
        }
        guard !bytes.isEmpty else { return .needMore }
        if links[direction].partialOffset == nil { links[direction].begin(at: instant) }
        switch framer?.advance(bytes, direction) ?? .lostSync(consumed: 0, reason: "no framer") {
        case .needMore:
            links[direction].offset += UInt64(bytes.count)
            return .needMore
        case .message(let consumed, let message):
            precondition(consumed > 0 && consumed <= bytes.count, "a framer consumed \(consumed)")
            let began = links[direction].partialBegan
            let (offset, length) = links[direction].end(consumed)
            let placed = Placed(
                direction: direction, message: message, offset: offset, length: length,
                began: began, ended: instant)
            return .message(consumed: consumed, placed)
        case .lostSync(let consumed, let reason):
            precondition(consumed >= 0 && consumed <= bytes.count, "a framer consumed \(consumed)")
            links[direction].offset += UInt64(consumed)
            let offset = links[direction].lose(reason)
            return .lostSync(
                consumed: consumed, direction: direction, offset: offset, reason: reason)
        }
    }

    /// The link ended in order: the message that lasts until then, if one does.
    package mutating func finish(_ direction: Direction, at instant: Instant) -> Placed? {
        guard links[direction].opaque == nil, links[direction].partialOffset != nil,
            let message = framer?.finish(direction)
        else { return nil }
        let began = links[direction].partialBegan
        let (offset, length) = links[direction].end(0)
        return Placed(
            direction: direction, message: message, offset: offset, length: length,
            began: began, ended: instant)
    }

    /// So many bytes (0: nobody knows how many) are missing: from here on the link cannot be read.
    package mutating func gap(_ direction: Direction, bytes: UInt64 = 0) {
        if links[direction].opaque == nil {
            _ = links[direction].lose("bytes are missing")
            framer?.lost(direction)
        }
        let (sum, overflow) = links[direction].offset.addingReportingOverflow(bytes)
        let offset = min(overflow ? .max : sum, Self.furthestGap)
        links[direction].offset = max(links[direction].offset, offset)
    }
}

extension Conversation.LinkState {
    fileprivate mutating func begin(at instant: Instant) {
        partialOffset = offset
        partialBegan = instant
    }

    /// The place of the message that ended with so many bytes more.
    fileprivate mutating func end(_ consumed: Int) -> (offset: UInt64, length: UInt64) {
        let began = partialOffset ?? offset
        offset += UInt64(consumed)
        messages += 1
        partialOffset = nil
        return (began, offset - began)
    }

    /// Where the link's last whole message ended.
    fileprivate mutating func lose(_ reason: String) -> UInt64 {
        let end = partialOffset ?? offset
        opaque = Conversation.Opaque(offset: end, noticed: offset, reason: reason)
        partialOffset = nil
        return end
    }
}
