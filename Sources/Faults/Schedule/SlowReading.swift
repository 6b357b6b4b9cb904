import Recordings

/// How much of what comes may be read, and when: the slowest of the conditions counts.
package struct SlowReading: Sendable {
    private var slowest: (id: String, reader: SlowReader)?
    /// Nothing is read before.
    package private(set) var readyAt = Instant.start
    private var bytes: UInt64 = 0
    private var first: Instant?

    /// - Parameters:
    ///   - link: what Weir receives.
    ///   - earlier: that of the rules before; the same condition goes on as it was.
    package init(_ link: LinkSchedule, after earlier: SlowReading? = nil) {
        let readers = link.conditions.compactMap { condition -> (id: String, reader: SlowReader)? in
            guard case .slowReader(let reader) = condition.effect else { return nil }
            return (condition.id, reader)
        }
        slowest = readers.min { $0.reader.rate < $1.reader.rate }
        guard let slowest, let earlier, let before = earlier.slowest, before == slowest else {
            return
        }
        self = earlier
    }

    /// The most bytes that may be read at once; nil: all.
    package var portion: Int? { slowest.map { Int(clamping: $0.reader.portion) } }

    package mutating func didRead(_ count: Int, at now: Instant) {
        guard let slowest else { return }
        first = first ?? now
        bytes += UInt64(count)
        readyAt = max(now, readyAt).advanced(
            byNanoseconds: slowest.reader.bandwidth.nanoseconds(UInt64(count)))
    }

    /// What was asked for and what was achieved.
    package var achieved: String? {
        guard let slowest, let first else { return nil }
        return slowest.reader.bandwidth.achieved(
            slowest.id, bytes: bytes, nanoseconds: readyAt.nanoseconds(since: first))
    }
}
