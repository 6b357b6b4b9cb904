/// A moment, as it was written.
extension Timestamp {
    /// Reads what `description` writes, and nothing else; nil where it is no such moment.
    package init?(parsing text: String) {
        let digits = Array(text.utf8)
        guard digits.count == "2026-11-24T03:00:00.123456789Z".utf8.count else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            var number: Int64 = 0
            for digit in digits[range] {
                guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit else { return nil }
                number = number * 10 + Int64(digit - UInt8(ascii: "0"))
            }
            return number
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            let fraction = number(20..<29)
        else { return nil }
        // Hinnant's count of days again, the other way round.
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days =
            era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
        let (whole, isTooFar) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (nanoseconds, isPast) = whole.addingReportingOverflow(fraction)
        guard !isTooFar, !isPast else { return nil }
        self.init(nanoseconds: nanoseconds)
        // A thirteenth month or a 61st second is written as something else.
        guard description == text else { return nil }
    }
}
