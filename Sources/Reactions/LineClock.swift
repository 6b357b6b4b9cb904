import Recordings
import Text

/// Instants of a session as times on the wall clock, each second's text made once.
struct LineClock: Sendable {
    let started: Timestamp
    private var second: Int64?
    private var prefix = ""

    init(started: Timestamp) { self.started = started }

    /// `2026-11-24T03:00:00.123456789Z`
    mutating func time(of instant: Instant) -> String {
        let (sum, overflow) = started.nanoseconds.addingReportingOverflow(instant.nanoseconds)
        let time = overflow ? Int64.max : sum
        let fraction = time % Self.second
        guard fraction >= 0 else { return Timestamp(nanoseconds: time).description }
        if second != time - fraction {
            second = time - fraction
            // Up to the point and with it.
            prefix = String(Timestamp(nanoseconds: time - fraction).description.dropLast(10))
        }
        let digits = String(fraction)
        return prefix + String(repeating: "0", count: 9 - digits.count) + digits + "Z"
    }

    private static let second: Int64 = 1_000_000_000
}
