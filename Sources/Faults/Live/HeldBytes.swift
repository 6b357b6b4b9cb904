/// Bytes of one link that arrived and may still be sent, by their offsets on the link.
package struct HeldBytes: Sendable {
    /// What has been forgotten is moved over once it is so much: each byte is moved once or twice.
    static let leastMove = 64 << 10

    private var bytes: [UInt8] = []
    private var start = 0
    /// Bytes from the link's start to the first one that is held.
    package private(set) var offset: UInt64

    init(from offset: UInt64) { self.offset = offset }

    package var count: Int { bytes.count - start }

    /// Bytes from the link's start to behind the last one that is held.
    package var end: UInt64 { offset + UInt64(count) }

    mutating func append(_ more: Span<UInt8>) {
        let needed = bytes.count + more.count
        // Twice as much, so that many appends move each byte once or twice and not many times.
        if needed > bytes.capacity { bytes.reserveCapacity(max(needed, bytes.capacity * 2)) }
        for index in more.indices { bytes.append(more[index]) }
    }

    /// Calls `body` with those bytes, all of which are held.
    package func withBytes<Result>(
        _ range: Range<UInt64>, _ body: (Span<UInt8>) -> Result
    ) -> Result {
        precondition(
            range.lowerBound >= offset && range.upperBound <= end, "bytes that are not held")
        let first = start + Int(range.lowerBound - offset)
        return body(bytes.span.extracting(first..<(first + range.count)))
    }

    mutating func forget(before place: UInt64) {
        guard place > offset else { return }
        let first = min(place, end)
        start += Int(first - offset)
        offset = first
        if start == bytes.count {
            bytes.removeAll(keepingCapacity: bytes.capacity <= Self.leastMove)
            start = 0
        } else if start >= max(Self.leastMove, bytes.count / 2) {
            bytes.removeFirst(start)
            start = 0
        }
    }
}
