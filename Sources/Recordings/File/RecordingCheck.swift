/// Every damaged region of a recording, and what can still be read.
package struct RecordingCheck: Hashable, Sendable {
    package var notes: ReadingNotes
    /// Whether the recording was ended in order.
    package var isEnded: Bool
    /// Stretches that are missing, and their bytes as far as they are known: what passed
    /// unrecorded, and what was lost with damaged regions.
    package var gaps: UInt64 = 0
    package var missingBytes: UInt64 = 0

    package var isClean: Bool { notes.isClean }
    package var damages: [Damage] { notes.damages }

    /// Reads the whole of it and compares it with its index and sums.
    package init<Bytes: RandomAccessBytes>(
        _ reader: inout RecordingReader<Bytes>
    ) throws(RecordingFileError) {
        let recorded = reader.index
        var (gaps, missing) = (UInt64(0), UInt64(0))
        notes = try reader.forEachEvent { event, _, _ in
            guard case .gap(let bytes, _) = event.fact else { return }
            gaps += 1
            let (sum, overflow) = missing.addingReportingOverflow(bytes)
            missing = overflow ? .max : sum
        }
        (self.gaps, missingBytes) = (gaps, missing)
        isEnded = reader.isEnded
        guard let footer = reader.footer, notes.isClean else { return }
        let sums = try reader.sums()
        let rebuilt = try reader.rebuiltIndex()
        if sums != footer || recorded?.covers(rebuilt) != true {
            notes.add(
                Damage(
                    .index, offset: footer.indexOffset,
                    length: reader.fileLength - min(footer.indexOffset, reader.fileLength)))
        }
    }

    /// Writes what can be read to a new recording; gap events stand where something was lost.
    /// - Returns: what was read, and the sink.
    package static func repair<Bytes: RandomAccessBytes, Sink: BlockSink>(
        _ reader: inout RecordingReader<Bytes>, to sink: Sink,
        capacity: Int = RecordingFormat.blockBytes
    ) throws(RecordingFileError) -> (notes: ReadingNotes, sink: Sink) {
        var header = reader.header
        header.notes.append(RecordingHeader.Note(key: "repaired", value: "yes"))
        var writer = try RecordingWriter(
            header, session: reader.session, to: sink, capacity: capacity)
        var failure: RecordingFileError?
        let notes = try reader.scan { event, bytes, _ in
            do throws(RecordingFileError) {
                try writer.append(event, bytes)
                return true
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
        if !reader.isEnded {
            let reason = "the repaired recording was cut here"
            try writer.append(Event(at: notes.last ?? .start, .gap(bytes: 0, reason: reason)))
        }
        try writer.finish()
        return (notes, writer.sink)
    }
}

extension RecordingIndex {
    private var blockCount: UInt64 { runs.reduce(0) { $0 + UInt64($1.blocks) } }

    /// Whether all places of `other`, made from the blocks themselves, are in this one.
    fileprivate func covers(_ other: RecordingIndex) -> Bool {
        blockCount == other.blockCount
            && runs.first?.offset == other.runs.first?.offset
            && places() == other.places()
    }
}
