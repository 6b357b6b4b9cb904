/// A moment of a session: nanoseconds since it started, on its monotonic clock.
package struct Instant: Hashable, Comparable, Sendable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The session's start.
    package static let start = Instant(nanoseconds: 0)

    package static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// This moment moved by so many nanoseconds; it stops at the ends of the clock.
    package func advanced(byNanoseconds amount: Int64) -> Instant {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(amount)
        return Instant(nanoseconds: overflow ? (amount > 0 ? .max : .min) : sum)
    }

    /// Nanoseconds from `earlier` to this moment; negative when this one is the earlier.
    package func nanoseconds(since earlier: Instant) -> Int64 {
        let (difference, overflow) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        return overflow ? (nanoseconds > 0 ? .max : .min) : difference
    }
}
