/// The last block of a recording that was ended in order: where the index lies, and the sums.
package struct RecordingFooter: Hashable, Sendable {
    /// Of the index's block.
    package var indexOffset: UInt64 = 0
    /// Blocks of events, and the events in them.
    package var blocks: UInt64 = 0
    package var events: UInt64 = 0
    /// The earliest and the latest instant.
    package var first = Instant.start
    package var last = Instant.start
    /// CRC-32C of the contents of all blocks of events, one after another: the same events give the
    /// same, however they are shared out to blocks.
    package var identity: UInt32 = 0

    static let length = 48

    /// A block of events with this header comes next.
    mutating func add(_ header: BlockHeader) {
        let count = UInt64(header.usedLength) - UInt64(BlockHeader.length)
        identity = Checksum.combine(identity, header.checksum, count: count)
        first = blocks == 0 ? header.first : min(first, header.first)
        last = blocks == 0 ? header.last : max(last, header.last)
        blocks += 1
        events += UInt64(header.events)
    }

    func encode(into block: inout MutableSpan<UInt8>, at offset: Int) -> Int {
        var place = offset
        block.store(indexOffset, at: &place)
        block.store(blocks, at: &place)
        block.store(events, at: &place)
        block.store(first.nanoseconds, at: &place)
        block.store(last.nanoseconds, at: &place)
        block.store(identity, at: &place)
        block.store(0 as UInt32, at: &place)
        return place
    }

    /// nil when it is too short.
    static func decode(_ bytes: Span<UInt8>, _ range: Range<Int>) -> RecordingFooter? {
        guard range.count >= length else { return nil }
        let start = range.lowerBound
        return RecordingFooter(
            indexOffset: bytes.integer(at: start), blocks: bytes.integer(at: start + 8),
            events: bytes.integer(at: start + 16),
            first: Instant(nanoseconds: bytes.integer(at: start + 24)),
            last: Instant(nanoseconds: bytes.integer(at: start + 32)),
            identity: bytes.integer(at: start + 40))
    }
}
