/// Bytes that can be read at any place: a file, or memory.
package protocol RandomAccessBytes {
    /// How many there are now.
    var count: UInt64 { get }

    /// Reads into the front of `buffer`, which is not empty.
    /// - Returns: how many bytes: fewer than asked for when there are no more, 0 at the end.
    mutating func read(
        at offset: UInt64, into buffer: inout MutableSpan<UInt8>
    ) throws(RecordingFileError) -> Int
}

/// Takes sealed blocks, one behind the other.
package protocol BlockSink {
    mutating func write(_ block: Span<UInt8>) throws(RecordingFileError)
}

/// A recording's file in memory.
package struct MemoryFile: RandomAccessBytes, BlockSink, Sendable {
    package var bytes: [UInt8]

    package init(_ bytes: [UInt8] = []) { self.bytes = bytes }

    package var count: UInt64 { UInt64(bytes.count) }

    package mutating func read(
        at offset: UInt64, into buffer: inout MutableSpan<UInt8>
    ) throws(RecordingFileError) -> Int {
        guard offset < count else { return 0 }
        let start = Int(offset)
        let length = min(buffer.count, bytes.count - start)
        var place = 0
        buffer.store(bytes.span.extracting(start..<(start + length)), at: &place)
        return length
    }

    package mutating func write(_ block: Span<UInt8>) throws(RecordingFileError) {
        bytes.reserveCapacity(bytes.count + block.count)
        for index in block.indices { bytes.append(block[index]) }
    }
}
