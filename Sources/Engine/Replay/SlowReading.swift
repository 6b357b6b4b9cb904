import Faults
import Recordings

/// How much of what comes may be read, and when: the slowest of the conditions counts.
struct SlowReading {
    private let slowest: (id: String, reader: SlowReader)?
    /// Nothing is read before.
    private(set) var readyAt = Instant.start
    private var bytes: UInt64 = 0
    private var first: Instant?

    /// - Parameter link: what Weir receives.
    init(_ link: LinkSchedule) {
        let readers = link.conditions.compactMap { condition -> (id: String, reader: SlowReader)? in
            guard case .slowReader(let reader) = condition.effect else { return nil }
            return (condition.id, reader)
        }
        slowest = readers.min { $0.reader.rate < $1.reader.rate }
    }

    /// The most bytes that may be read at once; nil: all.
    var portion: Int? { slowest.map { Int(clamping: $0.reader.portion) } }

    mutating func didRead(_ count: Int, at now: Instant) {
        guard let slowest else { return }
        first = first ?? now
        bytes += UInt64(count)
        readyAt = max(now, readyAt).advanced(
            byNanoseconds: slowest.reader.bandwidth.nanoseconds(UInt64(count)))
    }

    /// What was asked for and what was achieved.
    var achieved: String? {
        guard let slowest, let first else { return nil }
        return slowest.reader.bandwidth.achieved(
            slowest.id, bytes: bytes, nanoseconds: readyAt.nanoseconds(since: first))
    }
}
