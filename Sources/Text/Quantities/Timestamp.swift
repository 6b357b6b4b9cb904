/// A moment on the wall's clock, as RFC 3339 writes it in UTC: `2026-11-24T03:00:00.123456789Z`.
package struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Since 1970-01-01T00:00:00Z; leap seconds are not counted.
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// With all nine places.
    package var description: String {
        let parts = parts
        let fraction = Self.padded(nanoseconds - Self.floor(nanoseconds, 1_000_000_000), 9)
        return "\(parts.date[0])-\(parts.date[1])-\(parts.date[2])"
            + "T\(parts.time[0]):\(parts.time[1]):\(parts.time[2]).\(fraction)Z"
    }

    /// To the second, for the names of files and folders: `20261124T030000Z`.
    package var fileName: String {
        let parts = parts
        return parts.date.joined() + "T" + parts.time.joined() + "Z"
    }

    private var parts: (date: [String], time: [String]) {
        let seconds = Self.floor(nanoseconds, 1_000_000_000) / 1_000_000_000
        let midnight = Self.floor(seconds, 86_400)
        let second = seconds - midnight
        // Counted in eras of 400 years from March, so that a leap day ends its year (Howard
        // Hinnant, "chrono-compatible low-level date algorithms").
        let days = midnight / 86_400 + 719_468
        let era = Self.floor(days, 146_097) / 146_097
        let day = days - era * 146_097
        let yearOfEra = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let dayOfMonth = dayOfYear - (153 * shifted + 2) / 5 + 1
        return (
            [Self.padded(year, 4), Self.padded(month, 2), Self.padded(dayOfMonth, 2)],
            [
                Self.padded(second / 3_600, 2), Self.padded(second % 3_600 / 60, 2),
                Self.padded(second % 60, 2),
            ]
        )
    }

    /// The largest multiple of `unit` that is not above `number`.
    private static func floor(_ number: Int64, _ unit: Int64) -> Int64 {
        let remainder = number % unit
        // Where the one below would not fit, the last that does is what is left.
        let (lower, overflow) = (number - remainder).subtractingReportingOverflow(unit)
        return remainder < 0 && !overflow ? lower : number - remainder
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number.magnitude)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Timestamp: JSONWritable {
    package func write(to writer: inout JSONWriter) { description.write(to: &writer) }
}
