/// What a block is for. Readers skip kinds that they do not know, by their length.
package enum BlockKind {
    package static let header: UInt8 = 1
    package static let events: UInt8 = 2
    package static let index: UInt8 = 3
    package static let footer: UInt8 = 4
}

/// The format's version. A newer major version is refused by name; a newer minor one only adds
/// kinds of block and event, which are skipped.
package enum RecordingFormat {
    package static let major: UInt8 = 1
    package static let minor: UInt8 = 0
    /// No block is longer.
    package static let blockBytes = 2 << 20
    /// Each block begins at a multiple of this, so that it can be written past the page cache.
    package static let alignment = 4096

    /// The next multiple of `alignment`.
    package static func storedLength(of used: Int) -> Int {
        (used + alignment - 1) / alignment * alignment
    }
}

/// The first bytes of each block; Recordings/README.md draws them.
package struct BlockHeader: Hashable, Sendable {
    package static let length = 72

    package var kind: UInt8
    package var major = RecordingFormat.major
    package var minor = RecordingFormat.minor
    /// The same in all blocks of a file, and no other file's.
    package var session: UInt64
    /// From 0, one more for each block.
    package var sequence: UInt64
    /// Header and content.
    package var usedLength: UInt32
    /// With the zeros behind the content: the next block begins so many bytes on.
    package var storedLength: UInt32
    package var events: UInt32 = 0
    /// CRC-32C of the content.
    package var checksum: UInt32
    /// The earliest and the latest instant of its events.
    package var first = Instant.start
    package var last = Instant.start
    /// The lowest and the highest connection of its events; 0 where there is none.
    package var lowestConnection: UInt32 = 0
    package var highestConnection: UInt32 = 0

    package init(
        kind: UInt8, session: UInt64, sequence: UInt64, usedLength: Int, checksum: UInt32
    ) {
        self.kind = kind
        self.session = session
        self.sequence = sequence
        self.usedLength = UInt32(clamping: usedLength)
        self.checksum = checksum
        storedLength = UInt32(clamping: RecordingFormat.storedLength(of: usedLength))
    }

    /// Writes it at the front of `block`, with its own checksum.
    package func encode(into block: inout MutableSpan<UInt8>) {
        var offset = 0
        for byte in Self.magic { block.store(byte, at: &offset) }
        block.store(kind, at: &offset)
        block.store(major, at: &offset)
        block.store(minor, at: &offset)
        block.store(0 as UInt8, at: &offset)
        block.store(session, at: &offset)
        block.store(sequence, at: &offset)
        block.store(usedLength, at: &offset)
        block.store(storedLength, at: &offset)
        block.store(events, at: &offset)
        block.store(checksum, at: &offset)
        block.store(first.nanoseconds, at: &offset)
        block.store(last.nanoseconds, at: &offset)
        block.store(lowestConnection, at: &offset)
        block.store(highestConnection, at: &offset)
        block.store(0 as UInt32, at: &offset)
        let own = Checksum.crc32c(block.span.extracting(0..<offset))
        block.store(own, at: &offset)
    }

    package enum Decoded: Hashable, Sendable {
        case header(BlockHeader)
        /// It is whole, and of a version that this program does not know.
        case newer(major: UInt8)
        case notAHeader
    }

    /// Reads the header at the front of `bytes`.
    package static func decode(_ bytes: Span<UInt8>) -> Decoded {
        guard bytes.count >= length, magic.indices.allSatisfy({ bytes[$0] == magic[$0] }),
            bytes.integer(at: length - 4) == Checksum.crc32c(bytes.extracting(0..<(length - 4)))
        else { return .notAHeader }
        // The magic, the version and the header's checksum stay where they are in every version.
        guard bytes[5] == RecordingFormat.major else { return .newer(major: bytes[5]) }
        let header = BlockHeader(bytes)
        let used = Int(header.usedLength)
        guard used >= length, used <= RecordingFormat.blockBytes,
            Int(header.storedLength) == RecordingFormat.storedLength(of: used)
        else { return .notAHeader }
        return .header(header)
    }

    /// `WEIR`.
    static let magic: [UInt8] = [0x57, 0x45, 0x49, 0x52]

    private init(_ bytes: Span<UInt8>) {
        kind = bytes[4]
        major = bytes[5]
        minor = bytes[6]
        session = bytes.integer(at: 8)
        sequence = bytes.integer(at: 16)
        usedLength = bytes.integer(at: 24)
        storedLength = bytes.integer(at: 28)
        events = bytes.integer(at: 32)
        checksum = bytes.integer(at: 36)
        first = Instant(nanoseconds: bytes.integer(at: 40))
        last = Instant(nanoseconds: bytes.integer(at: 48))
        lowestConnection = bytes.integer(at: 56)
        highestConnection = bytes.integer(at: 60)
    }
}
