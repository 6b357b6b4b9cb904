import Recordings
import Text

/// A stretch of a recording's time, from its start on, both ends included: `10s-20s`, `10s-`.
package struct TimeWindow: Quantity {
    package let from: TimeAmount
    /// nil: to the recording's end.
    package let to: TimeAmount?

    package static let noun = "a stretch of time"
    package static let example = "10s-20s"

    package init(parsing text: String) throws(QuantityError) {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, !ends[0].isEmpty else {
            throw QuantityError(
                text: text, problem: "is not \(Self.noun)",
                advice: "write one like \"\(Self.example)\"")
        }
        from = try TimeAmount(parsing: String(ends[0]))
        to = ends[1].isEmpty ? nil : try TimeAmount(parsing: String(ends[1]))
        if let to, to < from {
            throw QuantityError(
                text: text, problem: "ends before it begins", advice: "write \"\(to)-\(from)\"")
        }
    }

    init(_ range: ClosedRange<Instant>) {
        from = TimeAmount(nanoseconds: range.lowerBound.nanoseconds)
        let end = range.upperBound.nanoseconds
        to = end == .max ? nil : TimeAmount(nanoseconds: end)
    }

    package var description: String { "\(from)-\(to?.description ?? "")" }

    package var range: ClosedRange<Instant> {
        Instant(nanoseconds: from.nanoseconds)...Instant(nanoseconds: to?.nanoseconds ?? .max)
    }
}
