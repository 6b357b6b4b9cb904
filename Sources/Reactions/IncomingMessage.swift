import Recordings

/// The downstream message that is under way on an attempt.
///
/// A short one is kept until it ends, because only then the framer says what it answers. A long one
/// is compared as it comes with those that it may be, and its bytes are not kept.
struct IncomingMessage {
    /// A message that is longer is not kept.
    static let keptBytes = Content.keptBytes

    private var head: [UInt8] = []
    private var comparisons: [ByteComparison] = []
    /// Of a long one, where it is asked for.
    private var long: Content?
    private(set) var bytes: UInt64 = 0
    /// Of the event that brought its first byte.
    private(set) var ordinal: UInt64 = 0
    private(set) var began = Instant.start

    /// Takes bytes that do not end it.
    /// - Parameters:
    ///   - candidates: the recorded messages that it may be compared with; asked for when it
    ///     grows long.
    ///   - keepsContent: whether `content` will be asked for.
    mutating func take(
        _ piece: Span<UInt8>, at instant: Instant, ordinal: UInt64,
        candidates: [ByteComparison], keepsContent: Bool, _ recorded: inout RecordedSide
    ) {
        if bytes == 0 {
            self.ordinal = ordinal
            began = instant
        }
        if !isLong(with: piece.count) {
            for index in piece.indices { head.append(piece[index]) }
        } else {
            if bytes == UInt64(head.count) {
                comparisons = candidates
                let kept = head
                head = []
                if keepsContent { long = Content(kept) }
                for index in comparisons.indices { comparisons[index].take(kept.span, &recorded) }
            }
            for index in comparisons.indices { comparisons[index].take(piece, &recorded) }
            long?.take(piece)
        }
        bytes += UInt64(piece.count)
    }

    /// Whether it is kept no longer with so many bytes more: then it is compared on its way.
    func growsLong(by count: Int) -> Bool { bytes == UInt64(head.count) && isLong(with: count) }

    private func isLong(with count: Int) -> Bool {
        bytes + UInt64(count) > UInt64(Self.keptBytes)
    }

    /// What it is with its last bytes; to be asked before `finish`.
    func content(with last: Span<UInt8>) -> Content {
        var content = long ?? Content(head)
        content.take(last)
        return content
    }

    /// Ends it with its last bytes, and compares it.
    /// - Parameters:
    ///   - expected: what it is compared with; nil: with nothing.
    ///   - isWhole: false where an end cut it.
    mutating func finish(
        _ last: Span<UInt8>, isWhole: Bool = true, expected: ByteComparison?,
        _ recorded: inout RecordedSide
    ) -> ByteComparison.Outcome {
        defer { self = IncomingMessage() }
        guard var comparison = expected else { return .unreadable }
        let total = bytes + UInt64(last.count)
        if bytes == 0 {
            comparison.take(last, &recorded)
            return comparison.finish(isWhole: isWhole, head: last, &recorded)
        }
        if bytes == UInt64(head.count), total <= UInt64(Self.keptBytes) {
            for index in last.indices { head.append(last[index]) }
            comparison.take(head.span, &recorded)
            return comparison.finish(isWhole: isWhole, head: head.span, &recorded)
        }
        if bytes == UInt64(head.count) {
            comparison.take(head.span, &recorded)
        } else {
            // It was compared on its way, or nobody could foresee that it would be this one.
            guard let known = comparisons.first(where: { $0.range == comparison.range }) else {
                return .unreadable
            }
            comparison = known
        }
        comparison.take(last, &recorded)
        return comparison.finish(isWhole: isWhole, head: last.extracting(0..<0), &recorded)
    }
}
