/// Reads a recording, also one that is damaged, cut, or still being written.
///
/// Memory: one block, and the index. A file is read as long as it was when it was opened.
package struct RecordingReader<Bytes: RandomAccessBytes> {
    package private(set) var bytes: Bytes
    /// The file's length when it was opened.
    package let fileLength: UInt64
    package private(set) var header = RecordingHeader()
    package private(set) var session: UInt64 = 0
    /// The sums at the end; nil where the recording was not ended in order.
    package private(set) var footer: RecordingFooter?
    /// Read from the end of the file; nil where there is none that can be read.
    package private(set) var index: RecordingIndex?
    private var buffer: [UInt8] = []

    /// - Throws: when this is no recording, or one of a newer version.
    package init(_ bytes: Bytes) throws(RecordingFileError) {
        self.bytes = bytes
        fileLength = bytes.count
        guard fileLength > 0 else { throw .empty }
        try readHeader()
        try readIndex()
    }

    /// Whether the recording was ended in order.
    package var isEnded: Bool { footer != nil }

    /// Hands over each event with the bytes beside it and their place in the file, in order.
    /// Where events were lost, gap events stand for them.
    /// - Parameters:
    ///   - from: only events of this instant and later; `until`: and not later than this.
    ///   - connections: only events of these.
    @discardableResult
    package mutating func forEachEvent(
        from: Instant? = nil, until: Instant? = nil, connections: Set<UInt32>? = nil,
        _ body: (Event, Span<UInt8>, _ fileOffset: UInt64) -> Void
    ) throws(RecordingFileError) -> ReadingNotes {
        try scan(from: from, until: until, connections: connections) { event, bytes, offset in
            body(event, bytes, offset)
            return true
        }
    }

    /// The same, as long as `body` returns true.
    @discardableResult
    package mutating func scan(
        from: Instant? = nil, until: Instant? = nil, connections: Set<UInt32>? = nil,
        _ body: (Event, Span<UInt8>, _ fileOffset: UInt64) -> Bool
    ) throws(RecordingFileError) -> ReadingNotes {
        var places = [0..<fileLength]
        if from != nil || until != nil || connections != nil {
            if index == nil { index = try rebuiltIndex() }
            places = index?.places(from: from, until: until, connections: connections) ?? places
        }
        var pass = ReadingPass(from: from, until: until, connections: connections)
        var hasEnd = footer != nil
        for place in places {
            var walk = BlockWalk(place, fileEnd: fileLength, session: session)
            guard try scan(&walk, &pass, body) else { return pass.notes }
            hasEnd = hasEnd || [BlockKind.index, BlockKind.footer].contains(walk.kind)
        }
        if !hasEnd && pass.notes.damages.last?.kind != .tornTail {
            var damage = Damage(.notEnded, offset: fileLength, length: 0)
            damage.after = pass.notes.last
            _ = pass.take(damage, body)
        }
        return pass.notes
    }

    /// Bytes of the file, as the places in a transcript name them.
    /// - Returns: how many were read into the front of `target`.
    package mutating func read(
        at offset: UInt64, into target: inout MutableSpan<UInt8>
    ) throws(RecordingFileError) -> Int {
        guard !target.isEmpty else { return 0 }
        return try bytes.read(at: offset, into: &target)
    }

    /// CRC-32C of all event bytes: the same for the same events, however the file was written.
    package mutating func identity() throws(RecordingFileError) -> UInt32 {
        if let footer { return footer.identity }
        return try sums().identity
    }

    /// The identity as a schedule names it: `crc32c:1f0a2b3c`.
    package mutating func identityText() throws(RecordingFileError) -> String {
        let digits = String(try identity(), radix: 16)
        return "crc32c:" + String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// What the last block should say, from the headers of the blocks that are there.
    package mutating func sums() throws(RecordingFileError) -> RecordingFooter {
        var sums = RecordingFooter()
        try forEachHeader { header, offset in
            if header.kind == BlockKind.index { sums.indexOffset = offset }
            if header.kind == BlockKind.events { sums.add(header) }
        }
        return sums
    }

    // MARK: - Parts

    private mutating func scan(
        _ walk: inout BlockWalk, _ pass: inout ReadingPass,
        _ body: (Event, Span<UInt8>, UInt64) -> Bool
    ) throws(RecordingFileError) -> Bool {
        // The buffer is taken out, so that its span and this reader can be used at once.
        var block: [UInt8] = []
        swap(&block, &buffer)
        defer { swap(&block, &buffer) }
        while true {
            switch try walk.next(&bytes, &block, checksContent: true) {
            case .end: return true
            case .damage(let damage): guard pass.take(damage, body) else { return false }
            case .block(let header, let offset):
                let used = block.span.extracting(0..<Int(header.usedLength))
                guard pass.take(header, used, at: offset, body) else { return false }
            }
        }
    }

    private mutating func readHeader() throws(RecordingFileError) {
        let count = try bytes.fill(&buffer, at: 0, count: BlockHeader.magic.count)
        let looksRight = buffer.prefix(count) == BlockHeader.magic.prefix(count)
        var walk = BlockWalk(0..<fileLength, fileEnd: fileLength, session: nil)
        while true {
            switch try walk.next(&bytes, &buffer, checksContent: true) {
            case .end:
                guard looksRight || walk.session != nil else { throw .notARecording }
                return
            case .damage: session = walk.session ?? session
            case .block(let block, _):
                session = block.session
                guard block.kind == BlockKind.header else { return }
                let content = BlockHeader.length..<Int(block.usedLength)
                header = RecordingHeader.decode(buffer.span, content) ?? header
                return
            }
            // A file of which nothing was found is looked through once.
            if walk.session != nil && walk.offset > BlockWalk.beginningBytes { return }
        }
    }

    private mutating func readIndex() throws(RecordingFileError) {
        let length = UInt64(RecordingFormat.alignment)
        guard fileLength >= length, fileLength % length == 0,
            let last = try block(at: fileLength - length, BlockKind.footer),
            let footer = RecordingFooter.decode(
                buffer.span, BlockHeader.length..<Int(last.usedLength)),
            footer.indexOffset < fileLength - length
        else { return }
        self.footer = footer
        guard let found = try block(at: footer.indexOffset, BlockKind.index) else { return }
        index = RecordingIndex.decode(
            buffer.span, BlockHeader.length..<Int(found.usedLength), end: footer.indexOffset)
    }

    /// The block of this kind at `offset`, its bytes in the buffer; nil where there is none.
    private mutating func block(
        at offset: UInt64, _ kind: UInt8
    ) throws(RecordingFileError) -> BlockHeader? {
        var walk = BlockWalk(offset..<(offset + 1), fileEnd: fileLength, session: session)
        guard case .block(let header, _) = try walk.next(&bytes, &buffer, checksContent: true),
            header.kind == kind
        else { return nil }
        return header
    }

    private mutating func forEachHeader(
        _ body: (BlockHeader, UInt64) -> Void
    ) throws(RecordingFileError) {
        var walk = BlockWalk(0..<fileLength, fileEnd: fileLength, session: session)
        while true {
            switch try walk.next(&bytes, &buffer, checksContent: false) {
            case .end: return
            case .damage: continue
            case .block(let header, let offset): body(header, offset)
            }
        }
    }

    /// The index of what is there, from the blocks' headers alone.
    package mutating func rebuiltIndex() throws(RecordingFileError) -> RecordingIndex {
        var builder = IndexBuilder()
        var isPastEvents = false
        try forEachHeader { header, offset in
            // What lies between two blocks is damage: whoever looks for the one comes past it.
            if !isPastEvents { builder.extendLastRun(to: offset) }
            isPastEvents = [BlockKind.index, BlockKind.footer].contains(header.kind)
            if header.kind == BlockKind.events { builder.add(header, at: offset) }
        }
        return builder.index
    }
}
