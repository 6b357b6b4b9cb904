import Testing
import Text

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000000Z"),
        (1_763_953_200_123_456_789, "2025-11-24T03:00:00.123456789Z"),
        (951_782_399_999_999_999, "2000-02-28T23:59:59.999999999Z"),
        (951_782_400_000_000_000, "2000-02-29T00:00:00.000000000Z"),
        (951_868_800_000_000_000, "2000-03-01T00:00:00.000000000Z"),
        (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000000Z"),
        (-1, "1969-12-31T23:59:59.999999999Z"),
        (Int64.max, "2262-04-11T23:47:16.854775807Z"),
    ])
    func `a moment is written as RFC 3339 has it`(nanoseconds: Int64, text: String) {
        #expect(Timestamp(nanoseconds: nanoseconds).description == text)
    }

    @Test func `a name of a file has no colons, and sorts by time`() {
        #expect(Timestamp(nanoseconds: 1_763_953_200_123_456_789).fileName == "20251124T030000Z")
    }

    @Test func `each day follows the one before it`() {
        var expected = (year: 1970, month: 1, day: 1)
        for day in 0..<Int64(80_000) {
            let text = Timestamp(nanoseconds: day * 86_400 * 1_000_000_000).fileName.prefix(8)
            let digits = expected.year * 10_000 + expected.month * 100 + expected.day
            guard String(digits) == text else {
                Issue.record("day \(day) is \(text), not \(digits)")
                return
            }
            expected = next(expected)
        }
    }

    /// The calendar, in the plain way.
    private func next(_ date: (year: Int, month: Int, day: Int)) -> (
        year: Int, month: Int, day: Int
    ) {
        let isLeap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        if date.day < lengths[date.month - 1] { return (date.year, date.month, date.day + 1) }
        if date.month < 12 { return (date.year, date.month + 1, 1) }
        return (date.year + 1, 1, 1)
    }

    @Test func `the ends of the clock do not trap`() {
        #expect(Timestamp(nanoseconds: .min).description.hasPrefix("1677-09-21T00:12:4"))
    }
}
