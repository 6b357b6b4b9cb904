/// What lies in the block that is being filled, and what must be known of those before it.
///
/// It owns no memory: each call is handed the block, the same one until `seal`. A file is made by
/// `sealHeader`, then events and `seal` over and over, then `sealIndex` and `sealFooter`; each seal
/// gives the number of bytes of the block that go to the file, right behind those before it.
///
///     block:  | header 72 | event | event | chunk head 20 | payload … | zeros to 4,096 |
///             0           72                              ^ reserveChunk gives this range
package struct BlockLayout: Sendable {
    package let session: UInt64
    /// Bytes of a block, a multiple of 4,096.
    package let capacity: Int
    /// Where in the file the block that is being filled will lie.
    package private(set) var fileOffset: UInt64 = 0
    /// Of all blocks sealed so far.
    package private(set) var totals = RecordingFooter()
    /// Events in the block that is being filled.
    package private(set) var events: UInt32 = 0
    /// The instant of the first event in the block: when it is old, the block should be sealed.
    package private(set) var oldest: Instant?

    private var sequence: UInt64 = 0
    private var position = BlockHeader.length
    private var first = Instant.start
    private var last = Instant.start
    private var lowestConnection: UInt32 = 0
    private var highestConnection: UInt32 = 0
    private var checksum: UInt32 = 0
    private var checksummed = BlockHeader.length
    private var index: IndexBuilder

    /// - Parameters:
    ///   - session: a number that no other file has.
    ///   - capacity: bytes of each block: from 4,096 to 2 MiB, a multiple of 4,096.
    package init(session: UInt64, capacity: Int = RecordingFormat.blockBytes) {
        precondition(
            capacity > 0 && capacity <= RecordingFormat.blockBytes
                && capacity % RecordingFormat.alignment == 0,
            "a block has between 4,096 bytes and 2 MiB, in steps of 4,096")
        self.session = session
        self.capacity = capacity
        index = IndexBuilder(room: capacity - BlockHeader.length)
    }

    package var isEmpty: Bool { events == 0 }
    /// Bytes of the block that are taken.
    package var usedBytes: Int { position }
    /// The most bytes that this event can have beside it in an empty block (at least 1).
    package func maximumPayload(beside event: Event) -> Int {
        let room = capacity - BlockHeader.length - EventLayout.length(of: event, bytes: 0)
        return max(1, min(EventLayout.maximumBytes, room))
    }

    // MARK: - Filling

    /// Where in the block a chunk's payload can be received; nil when not even `least` bytes fit.
    /// Nothing may be appended between this and `commitChunk`.
    package func reserveChunk(atLeast least: Int = 1) -> Range<Int>? {
        let start = position + EventLayout.headLength
        guard capacity - start >= max(1, least) else { return nil }
        return start..<capacity
    }

    /// So many bytes were received at the start of the reserved range.
    package mutating func commitChunk(
        count: Int, at instant: Instant, connection: UInt32, attempt: UInt16,
        direction: Direction, in block: inout MutableSpan<UInt8>
    ) {
        let start = position + EventLayout.headLength
        precondition(count > 0 && count <= capacity - start, "a chunk is longer than its room")
        EventLayout.storeChunkHead(
            direction, attempt: attempt, connection: connection, at: instant, count: count,
            into: &block, at: position)
        position = start + count
        note(instant, connection)
    }

    /// Adds an event and the bytes beside it (`EventLayout.split` makes several of too many).
    /// - Returns: false when it does not fit: seal the block, and add it to the next.
    package mutating func append(
        _ event: Event, _ bytes: Span<UInt8> = Span(), in block: inout MutableSpan<UInt8>
    ) -> Bool {
        precondition(bytes.count <= EventLayout.maximumBytes, "split what is beside the event")
        let length = EventLayout.length(of: event, bytes: bytes.count)
        guard length <= capacity - position else { return false }
        position = EventLayout.encode(event, bytes, into: &block, at: position)
        note(event.instant, event.connection)
        return true
    }

    /// Takes the checksum of what was added since the last call, while it is warm in the cache.
    /// `seal` does what is left: calling this is never needed.
    package mutating func updateChecksum(of block: Span<UInt8>) {
        checksum = Checksum.crc32c(
            block.extracting(checksummed..<position), continuing: checksum)
        checksummed = position
    }

    private mutating func note(_ instant: Instant, _ connection: UInt32) {
        if oldest == nil {
            oldest = instant
            first = instant
            last = instant
        }
        first = min(first, instant)
        last = max(last, instant)
        events += 1
        guard connection > 0 else { return }
        lowestConnection = lowestConnection == 0 ? connection : min(lowestConnection, connection)
        highestConnection = max(highestConnection, connection)
        index.note(connection)
    }

    // MARK: - Sealing

    /// Makes the block of events ready for the file, and begins the next one.
    /// - Returns: how many bytes of it to write.
    package mutating func seal(_ block: inout MutableSpan<UInt8>) -> Int {
        precondition(events > 0, "an empty block was sealed")
        let offset = fileOffset
        let header = finish(BlockKind.events, &block)
        index.add(header, at: offset)
        totals.add(header)
        return Int(header.storedLength)
    }

    /// Makes the file's first block.
    /// - Returns: how many bytes of it to write.
    package mutating func sealHeader(
        _ recording: RecordingHeader, into block: inout MutableSpan<UInt8>
    ) throws(RecordingFileError) -> Int {
        precondition(sequence == 0 && events == 0, "the header is a file's first block")
        guard let end = recording.encode(into: &block, at: position) else {
            throw .headerTooLong(limit: capacity)
        }
        position = end
        return Int(finish(BlockKind.header, &block).storedLength)
    }

    /// Makes the index's block, after the last block of events.
    /// - Returns: how many bytes of it to write.
    package mutating func sealIndex(into block: inout MutableSpan<UInt8>) -> Int {
        precondition(events == 0, "events were left out of the file")
        totals.indexOffset = fileOffset
        position = index.index.encode(into: &block, at: position)
        return Int(finish(BlockKind.index, &block).storedLength)
    }

    /// Makes the file's last block, after the index.
    /// - Returns: how many bytes of it to write.
    package mutating func sealFooter(into block: inout MutableSpan<UInt8>) -> Int {
        position = totals.encode(into: &block, at: position)
        return Int(finish(BlockKind.footer, &block).storedLength)
    }

    private mutating func finish(
        _ kind: UInt8, _ block: inout MutableSpan<UInt8>
    ) -> BlockHeader {
        precondition(block.count >= capacity, "the block is smaller than was said")
        updateChecksum(of: block.span)
        var header = BlockHeader(
            kind: kind, session: session, sequence: sequence, usedLength: position,
            checksum: checksum)
        header.events = events
        (header.first, header.last) = (first, last)
        header.lowestConnection = lowestConnection
        header.highestConnection = highestConnection
        header.encode(into: &block)
        block.storeZeros(position..<Int(header.storedLength))
        sequence += 1
        fileOffset += UInt64(header.storedLength)
        position = BlockHeader.length
        (checksum, checksummed) = (0, BlockHeader.length)
        (first, last, oldest, events) = (.start, .start, nil, 0)
        (lowestConnection, highestConnection) = (0, 0)
        return header
    }
}
