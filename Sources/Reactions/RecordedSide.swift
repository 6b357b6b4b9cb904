import Recordings

/// What the recording says: which answer to expect, when, and with which bytes.
///
/// Bytes are read in windows of the file, of which a bounded number is kept.
struct RecordedSide {
    /// Bytes of one window.
    static let windowBytes = 64 << 10
    /// Windows that are kept: 4 MiB.
    static let windows = 64

    let transcript: Transcript
    private var bytes: any RandomAccessBytes
    private var indexes: [UInt32: Int] = [:]
    /// By connection: the last push that was looked for.
    private var pushes: [Int: (after: UInt64, found: Expected?)] = [:]
    private var kept: [Window?] = Array(repeating: nil, count: windows)

    private struct Window {
        var number: UInt64
        var bytes: [UInt8]
    }

    /// A downstream message of the recording.
    struct Expected {
        var number: UInt64
        var range: Range<UInt64>
        var isError: Bool
    }

    init(_ transcript: Transcript, bytes: any RandomAccessBytes) {
        self.transcript = transcript
        self.bytes = bytes
        for (index, connection) in transcript.connections.enumerated() {
            if indexes[connection.number] == nil { indexes[connection.number] = index }
        }
    }

    /// Where a recorded connection stands in the transcript.
    func index(of connection: UInt32) -> Int? { indexes[connection] }

    /// The answer number `part` (from 0) to an upstream message.
    func answer(_ connection: Int, to message: UInt64, part: UInt32) -> Expected? {
        let recorded = transcript.connections[connection]
        guard message >= 1, message <= recorded.upstream.count,
            let answers = recorded.exchange(message).answers
        else { return nil }
        guard answers.count > 1 else {
            return part == 0 ? expected(recorded, answers.lowerBound) : nil
        }
        let numbers = recorded.answers(to: message)
        return part < numbers.count ? expected(recorded, numbers[Int(part)]) : nil
    }

    /// How many answers an upstream message had.
    func answerCount(_ connection: Int, to message: UInt64) -> Int {
        let recorded = transcript.connections[connection]
        guard message >= 1, message <= recorded.upstream.count,
            let answers = recorded.exchange(message).answers
        else { return 0 }
        return answers.count > 1 ? recorded.answers(to: message).count : 1
    }

    /// From the message's last byte to the first one of its answer; nil without an answer.
    func response(_ connection: Int, to message: UInt64) -> Int64? {
        let recorded = transcript.connections[connection]
        guard message >= 1, message <= recorded.upstream.count,
            let began = recorded.exchange(message).answerBegan
        else { return nil }
        return max(0, began.nanoseconds(since: recorded.upstream.message(message).ended))
    }

    /// The kind of an upstream message.
    func kind(_ connection: Int, of message: UInt64) -> String {
        let upstream = transcript.connections[connection].upstream
        guard message >= 1, message <= upstream.count else { return "" }
        return upstream.message(message).kind
    }

    /// The first downstream message after number `after` that nobody asked for. What was found
    /// last is kept: of a million answers without a push each would look through all behind it.
    mutating func push(_ connection: Int, after: UInt64) -> Expected? {
        if let known = pushes[connection], known.after <= after,
            known.found.map({ $0.number > after }) ?? true
        {
            return known.found
        }
        let found = findPush(connection, after: after)
        pushes[connection] = (after, found)
        return found
    }

    private func findPush(_ connection: Int, after: UInt64) -> Expected? {
        let recorded = transcript.connections[connection]
        var number = after + 1
        while number <= recorded.downstream.count {
            let message = recorded.downstream.message(number)
            if message.role == .unsolicited { return expected(recorded, number) }
            number += 1
        }
        return nil
    }

    private func expected(_ recorded: TranscriptConnection, _ number: UInt64) -> Expected {
        let message = recorded.downstream.message(number)
        var isError = false
        if case .answer(_, _, let error) = message.role { isError = error }
        return Expected(number: number, range: message.range, isError: isError)
    }
}

// MARK: - Bytes

extension RecordedSide {
    /// What a comparison finds.
    enum Finding: Equatable {
        case same
        /// So many bytes are equal, and then they part.
        case differs(after: Int)
        /// The recorded bytes cannot be read (any more), or are missing.
        case unreadable
    }

    /// Compares `actual` with the downstream bytes from `offset` on; more of them than the range
    /// has differ where it ends.
    mutating func compare(
        _ actual: Span<UInt8>, _ connection: Int, from offset: UInt64, in range: Range<UInt64>
    ) -> Finding {
        let room = range.upperBound > offset ? range.upperBound - offset : 0
        let count = Int(min(room, UInt64(actual.count)))
        var compared = 0
        while compared < count {
            let place = offset.adding(UInt64(compared))
            guard
                let part = withBytes(
                    connection, place, limit: count - compared,
                    { Self.equalBytes($0, actual.extracting(compared..<actual.count)) })
            else { return .unreadable }
            compared += part.result
            if part.result < part.count { return .differs(after: compared) }
        }
        return count < actual.count ? .differs(after: count) : .same
    }

    /// Downstream bytes as far as they can be read, at most `Difference.excerptBytes`.
    mutating func excerpt(_ connection: Int, _ range: Range<UInt64>) -> [UInt8] {
        var excerpt: [UInt8] = []
        let count = Int(min(UInt64(Difference.excerptBytes), range.length))
        while excerpt.count < count {
            let place = range.lowerBound.adding(UInt64(excerpt.count))
            let part = withBytes(connection, place, limit: count - excerpt.count) { bytes in
                for index in bytes.indices { excerpt.append(bytes[index]) }
            }
            guard part != nil else { break }
        }
        return excerpt
    }

    /// Hands over bytes of the downstream link that lie together, at least one.
    private mutating func withBytes<Result>(
        _ connection: Int, _ offset: UInt64, limit: Int, _ body: (Span<UInt8>) -> Result
    ) -> (result: Result, count: Int)? {
        let places = transcript.connections[connection].downstream.firstPlace(at: offset)
        guard let places, places.count > 0 else { return nil }
        let number = places.fileOffset / UInt64(Self.windowBytes)
        let slot = Int(number % UInt64(Self.windows))
        if kept[slot]?.number != number {
            guard let window = read(number) else { return nil }
            kept[slot] = window
        }
        guard let window = kept[slot] else { return nil }
        let start = Int(places.fileOffset % UInt64(Self.windowBytes))
        let end = min(window.bytes.count, start + min(limit, Int(places.count)))
        guard start < end else {
            // The file was shorter when this window was read, or is now.
            kept[slot] = nil
            return nil
        }
        return (body(window.bytes.span.extracting(start..<end)), end - start)
    }

    private mutating func read(_ number: UInt64) -> Window? {
        var window = [UInt8](repeating: 0, count: Self.windowBytes)
        let offset = number * UInt64(Self.windowBytes)
        var length = 0
        while length < window.count {
            var whole = window.mutableSpan
            var rest = whole._mutatingExtracting(length..<whole.count)
            guard let count = try? bytes.read(at: offset + UInt64(length), into: &rest) else {
                return nil
            }
            guard count > 0 else { break }
            length += count
        }
        window.removeLast(window.count - length)
        return Window(number: number, bytes: window)
    }

    private static func equalBytes(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Int {
        let count = min(left.count, right.count)
        var index = 0
        while index < count, left[index] == right[index] { index += 1 }
        return index
    }
}

extension UInt64 {
    /// The sum; it stops at the largest number, which a recording's gaps may come near.
    func adding(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}

extension Range<UInt64> {
    /// Its `count`, which is no `Int` where a gap is that long.
    var length: UInt64 { upperBound - lowerBound }
}

extension TranscriptLink {
    /// Where the bytes from `offset` on lie in the file, as far as they lie together.
    fileprivate func firstPlace(at offset: UInt64) -> Extent? {
        var low = 0
        var high = extents.count
        while low < high {
            let middle = low + (high - low) / 2
            if extents[middle].offset.adding(UInt64(extents[middle].count)) <= offset {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < extents.count, extents[low].offset <= offset else { return nil }
        let skipped = offset - extents[low].offset
        var place = extents[low]
        place.offset = offset
        place.fileOffset += skipped
        place.count -= UInt32(skipped)
        return place
    }
}
