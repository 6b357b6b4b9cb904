/// Writes a recording to a sink, with a block of its own: for tests, repairs and demonstrations.
/// The live recorder fills the machine's blocks by `BlockLayout` itself.
package struct RecordingWriter<Sink: BlockSink> {
    package private(set) var sink: Sink
    private var layout: BlockLayout
    private var block: [UInt8]

    /// Writes the file's first block.
    /// - Parameters:
    ///   - session: a number that no other file has.
    ///   - capacity: bytes of a block, as `BlockLayout` takes them.
    package init(
        _ header: RecordingHeader, session: UInt64, to sink: Sink,
        capacity: Int = RecordingFormat.blockBytes
    ) throws(RecordingFileError) {
        self.sink = sink
        layout = BlockLayout(session: session, capacity: capacity)
        block = [UInt8](repeating: 0, count: capacity)
        try write { layout, span throws(RecordingFileError) in
            try layout.sealHeader(header, into: &span)
        }
    }

    /// What was sealed so far, in numbers.
    package var totals: RecordingFooter { layout.totals }

    /// Adds an event; bytes that are too many for one are shared out to several.
    package mutating func append(
        _ event: Event, _ bytes: Span<UInt8> = Span()
    ) throws(RecordingFileError) {
        let room = layout.maximumPayload(beside: event)
        try EventLayout.split(event, bytes, at: room) { piece, span throws(RecordingFileError) in
            try appendPiece(piece, span)
        }
    }

    private mutating func appendPiece(
        _ event: Event, _ bytes: Span<UInt8>
    ) throws(RecordingFileError) {
        if add(event, bytes) { return }
        try flush()
        guard add(event, bytes) else {
            throw .cannotWrite(reason: "an event is longer than a block")
        }
    }

    private mutating func add(_ event: Event, _ bytes: Span<UInt8>) -> Bool {
        // The block is taken out, so that layout and block can be used at once.
        var taken: [UInt8] = []
        swap(&taken, &block)
        defer { swap(&taken, &block) }
        var span = taken.mutableSpan
        return layout.append(event, bytes, in: &span)
    }

    /// Seals what there is, so that it is read even if nothing follows.
    package mutating func flush() throws(RecordingFileError) {
        guard !layout.isEmpty else { return }
        try write { layout, span in layout.seal(&span) }
    }

    /// Ends the recording in order, with its index.
    package mutating func finish() throws(RecordingFileError) {
        try flush()
        try write { layout, span in layout.sealIndex(into: &span) }
        try write { layout, span in layout.sealFooter(into: &span) }
    }

    private mutating func write(
        _ seal: (inout BlockLayout, inout MutableSpan<UInt8>) throws(RecordingFileError) -> Int
    ) throws(RecordingFileError) {
        var taken: [UInt8] = []
        swap(&taken, &block)
        defer { swap(&taken, &block) }
        var span = taken.mutableSpan
        let length = try seal(&layout, &span)
        try sink.write(taken.span.extracting(0..<length))
    }
}
