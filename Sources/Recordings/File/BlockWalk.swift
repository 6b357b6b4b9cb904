/// Goes through a file block by block, over whatever is damaged.
struct BlockWalk {
    enum Step {
        /// A block with this header lies at `offset`; its used bytes are in the buffer if they
        /// were asked for.
        case block(BlockHeader, offset: UInt64)
        case damage(Damage)
        case end
    }

    /// How far the beginning of a recording is looked for in a file that begins otherwise.
    static let beginningBytes: UInt64 = 16 << 20
    private static let searchPiece = 64 << 10

    /// Where the next block should begin.
    private(set) var offset: UInt64
    private let end: UInt64
    private let fileEnd: UInt64
    private(set) var session: UInt64?
    /// The sequence number that comes next; nil when any may.
    private var expected: UInt64?
    private var latest: Instant?
    private var pending: Damage?
    /// The kind of the block that was found last.
    private(set) var kind: UInt8 = 0

    /// - Parameters:
    ///   - range: where to go; a block that begins in it is taken whole.
    ///   - fileEnd: the file's length.
    ///   - session: nil takes the first block's.
    init(_ range: Range<UInt64>, fileEnd: UInt64, session: UInt64?) {
        offset = range.lowerBound
        end = range.upperBound
        self.fileEnd = fileEnd
        self.session = session
        if range.lowerBound == 0 { expected = 0 }
    }

    /// The next block or damage.
    /// - Parameter checksContent: whether to read the block's content and check it; otherwise only
    ///   headers are read.
    mutating func next<Bytes: RandomAccessBytes>(
        _ bytes: inout Bytes, _ buffer: inout [UInt8], checksContent: Bool
    ) throws(RecordingFileError) -> Step {
        if let damage = pending {
            pending = nil
            return .damage(damage)
        }
        guard offset < end else { return .end }
        if kind == BlockKind.footer { return rest(.afterTheEnd) }
        let length = try bytes.fill(&buffer, at: offset, count: BlockHeader.length)
        switch BlockHeader.decode(buffer.span.extracting(0..<length)) {
        case .newer(let major) where session == nil: throw .newerVersion(major: major)
        case .newer, .notAHeader: return try skipToNextBlock(&bytes, &buffer)
        case .header(let header):
            session = session ?? header.session
            guard header.session == session else { return try skipToNextBlock(&bytes, &buffer) }
            return try take(header, &bytes, &buffer, checksContent: checksContent)
        }
    }

    private mutating func take<Bytes: RandomAccessBytes>(
        _ header: BlockHeader, _ bytes: inout Bytes, _ buffer: inout [UInt8], checksContent: Bool
    ) throws(RecordingFileError) -> Step {
        let stored = UInt64(header.storedLength)
        if let expected, header.sequence != expected {
            guard header.sequence > expected else { return stale(header) }
            self.expected = header.sequence
            var damage = Damage(
                .missingBlocks(header.sequence - expected), offset: offset, length: 0)
            damage.after = latest
            damage.before = header.events > 0 ? header.first : nil
            return .damage(damage)
        }
        guard stored <= fileEnd - offset else { return torn() }
        let place = offset
        if checksContent {
            let length = try bytes.fill(&buffer, at: offset, count: Int(stored))
            guard length == Int(stored) else { return torn() }
        }
        kind = header.kind
        offset += stored
        expected = header.sequence &+ 1
        defer { if header.events > 0 { latest = max(latest ?? header.last, header.last) } }
        guard checksContent else { return .block(header, offset: place) }
        let used = Int(header.usedLength)
        let content = buffer.span.extracting(BlockHeader.length..<used)
        guard Checksum.crc32c(content) == header.checksum else {
            var damage = Damage(
                .content(blockKind: header.kind), offset: place, length: stored,
                events: UInt64(header.events))
            if header.events > 0 { (damage.after, damage.before) = (header.first, header.last) }
            return .damage(damage)
        }
        let padding = Checksum.crc32c(buffer.span.extracting(used..<Int(stored)))
        if padding != Checksum.ofZeros(count: stored - UInt64(used)) {
            pending = Damage(
                .padding, offset: place + UInt64(used), length: stored - UInt64(used))
        }
        return .block(header, offset: place)
    }

    private mutating func stale(_ header: BlockHeader) -> Step {
        let damage = Damage(
            .stale, offset: offset, length: min(UInt64(header.storedLength), fileEnd - offset))
        offset += damage.length
        return .damage(damage)
    }

    private mutating func torn() -> Step {
        // All events lie before the index.
        rest(kind == BlockKind.index ? .content(blockKind: BlockKind.footer) : .tornTail)
    }

    /// From here to the file's end.
    private mutating func rest(_ kind: Damage.Kind) -> Step {
        var damage = Damage(kind, offset: offset, length: fileEnd - offset)
        damage.after = latest
        offset = fileEnd
        return .damage(damage)
    }

    /// Looks for the next block of this recording, at multiples of the alignment.
    private mutating func skipToNextBlock<Bytes: RandomAccessBytes>(
        _ bytes: inout Bytes, _ buffer: inout [UInt8]
    ) throws(RecordingFileError) -> Step {
        let step = UInt64(RecordingFormat.alignment)
        let start = offset
        var place = (start / step + 1) * step
        let limit = session == nil ? min(fileEnd, start + Self.beginningBytes) : fileEnd
        while place < limit {
            let count = try bytes.fill(
                &buffer, at: place, count: min(Self.searchPiece, Int(clamping: fileEnd - place)))
            guard count > 0 else { break }
            for local in stride(from: 0, to: count, by: RecordingFormat.alignment) {
                guard let header = found(buffer.span.extracting(local..<count)) else { continue }
                offset = place + UInt64(local)
                var damage = Damage(.notABlock, offset: start, length: offset - start)
                damage.after = latest
                damage.before = header.events > 0 ? header.first : nil
                if let expected, header.sequence > expected {
                    // Told here, and not once more as missing.
                    self.expected = header.sequence
                }
                return .damage(damage)
            }
            place += UInt64(count) / step * step
            if UInt64(count) < step { break }
        }
        return torn()
    }

    private func found(_ bytes: Span<UInt8>) -> BlockHeader? {
        guard case .header(let header) = BlockHeader.decode(bytes) else { return nil }
        guard session == nil || header.session == session else { return nil }
        if let expected, header.sequence < expected { return nil }
        return header
    }
}

extension RandomAccessBytes {
    /// Reads `count` bytes to the front of the buffer, which grows when it must.
    /// - Returns: fewer where the bytes end.
    mutating func fill(
        _ buffer: inout [UInt8], at offset: UInt64, count: Int
    ) throws(RecordingFileError) -> Int {
        if buffer.count < count {
            buffer.append(contentsOf: repeatElement(0, count: count - buffer.count))
        }
        var filled = 0
        while filled < count {
            var whole = buffer.mutableSpan
            var rest = whole._mutatingExtracting(filled..<count)
            let length = try read(at: offset + UInt64(filled), into: &rest)
            guard length > 0 else { break }
            filled += length
        }
        return filled
    }
}
