/// A moment on the wall clock (UTC), as nanoseconds since 1970, and its text.
///
/// Whole-number arithmetic (Howard Hinnant's `civil_from_days`), so that it needs no calendar.
package struct WallTime: Hashable, Sendable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// `2026-11-24T03:00:00.123456789Z` (RFC 3339).
    package var rfc3339: String {
        String(decoding: rfc3339Bytes, as: UTF8.self)
    }

    /// `20261124T030000Z`, for names of folders: they sort by time.
    package var compact: String {
        String(
            decoding: rfc3339Bytes.prefix(19).filter { $0 != UInt8(ascii: "-") && $0 != colon }
                + [UInt8(ascii: "Z")], as: UTF8.self)
    }

    private var colon: UInt8 { UInt8(ascii: ":") }

    private var rfc3339Bytes: [UInt8] {
        let second: Int64 = 1_000_000_000
        let seconds = nanoseconds.floored(by: second)
        let fraction = (nanoseconds % second + second) % second
        let days = seconds.floored(by: 86_400)
        let time = seconds - days * 86_400
        let (year, month, day) = Self.civil(days: days)
        var text: [UInt8] = []
        text.reserveCapacity(30)
        Self.append(year, digits: 4, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(month, digits: 2, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(day, digits: 2, to: &text)
        text.append(UInt8(ascii: "T"))
        Self.append(time / 3_600, digits: 2, to: &text)
        text.append(colon)
        Self.append(time / 60 % 60, digits: 2, to: &text)
        text.append(colon)
        Self.append(time % 60, digits: 2, to: &text)
        text.append(UInt8(ascii: "."))
        Self.append(fraction, digits: 9, to: &text)
        text.append(UInt8(ascii: "Z"))
        return text
    }

    /// The date of a day, counted from 1970-01-01; 64 bits of nanoseconds reach from 1677 to 2262.
    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // The era's year begins in March, so that the leap day is its last.
        let shifted = days + 719_468
        let era = shifted.floored(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, day)
    }

    private static func append(_ number: Int64, digits: Int, to text: inout [UInt8]) {
        let start = text.count
        text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: digits))
        var rest = number
        var place = start + digits - 1
        while place >= start {
            text[place] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
            place -= 1
        }
    }
}

extension Int64 {
    /// The quotient, rounded down.
    fileprivate func floored(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
