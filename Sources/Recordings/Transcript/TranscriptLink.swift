/// One direction of a recorded connection: its messages, where its bytes lie, and how it ended.
package struct TranscriptLink: Sendable {
    /// Where a chunk's bytes lie in the file.
    package struct Extent: Hashable, Sendable {
        /// Bytes from the link's start.
        package var offset: UInt64
        package var fileOffset: UInt64
        package var instant: Instant
        package var count: UInt32
    }

    package struct Gap: Hashable, Sendable {
        package var offset: UInt64
        /// 0: nobody knows how many.
        package var bytes: UInt64
        package var instant: Instant
    }

    package struct End: Hashable, Sendable {
        package enum How: Hashable, Sendable {
            case finished
            case reset
            case failed(errno: Int32)
        }

        package var how: How
        package var by: Party
        package var instant: Instant
    }

    /// Rising; they do not overlap.
    package var extents: [Extent] = []
    package var gaps: [Gap] = []
    /// From where on it is not read as messages, and why.
    package var opaque: Conversation.Opaque?
    /// nil: it was open when the recording ended.
    package var end: End?
    /// Bytes that passed, gaps included.
    package var bytes: UInt64 = 0
    /// Where the message begins that was never whole, if one was under way at the end.
    package var unfinished: UInt64?

    var records: [MessageRecord] = []
    var names = TranscriptNames.shared

    /// How many messages it has; they are numbered from 1.
    package var count: UInt64 { UInt64(records.count) }

    /// - Parameter number: from 1 to `count`.
    package func message(_ number: UInt64) -> TranscriptMessage {
        TranscriptMessage(number: number, records[Int(number) - 1], names)
    }

    package var messages: some RandomAccessCollection<TranscriptMessage> {
        records.indices.lazy.map { message(UInt64($0) + 1) }
    }

    /// Where the bytes `range` (offsets on the link) lie in the file, in order: what is missing is
    /// left out.
    package func places(_ range: Range<UInt64>) -> [Extent] {
        var low = 0
        var high = extents.count
        while low < high {
            let middle = low + (high - low) / 2
            let extent = extents[middle]
            if extent.offset + UInt64(extent.count) <= range.lowerBound {
                low = middle + 1
            } else {
                high = middle
            }
        }
        var places: [Extent] = []
        for extent in extents[low...] {
            guard extent.offset < range.upperBound else { break }
            let begin = max(extent.offset, range.lowerBound)
            let end = min(extent.offset + UInt64(extent.count), range.upperBound)
            guard begin < end else { continue }
            places.append(
                Extent(
                    offset: begin, fileOffset: extent.fileOffset + (begin - extent.offset),
                    instant: extent.instant, count: UInt32(end - begin)))
        }
        return places
    }
}

/// A message of a transcript.
package struct TranscriptMessage: Hashable, Sendable {
    package var number: UInt64
    /// Bytes from the link's start.
    package var offset: UInt64
    package var length: UInt64
    /// When its first and its last byte arrived.
    package var began: Instant
    package var ended: Instant
    package var role: Message.Role
    package var kind: String
    package var state: SessionState?
    package var group: UInt64?
    package var endsGroup: Bool
    package var carriesCredentials = false

    /// A handshake or session state: faults leave it alone unless they are told not to.
    package var isSpared: Bool { state != nil }
    package var range: Range<UInt64> { offset..<(offset + length) }
}
