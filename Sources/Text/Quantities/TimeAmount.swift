/// A length of time: `500us`, `20ms`, `1.5s`, `2m`, `1h`; in whole nanoseconds, up to 292 years.
package struct TimeAmount: Quantity, Comparable {
    /// Never negative.
    package let nanoseconds: Int64

    /// A negative number becomes zero.
    package init(nanoseconds: Int64) { self.nanoseconds = max(0, nanoseconds) }

    package static let zero = TimeAmount(nanoseconds: 0)
    package static let noun = "a duration"
    package static let example = "20ms"

    package init(parsing text: String) throws(QuantityError) {
        let amount = try Self.amount(text, units: Self.units, smallest: "nanosecond")
        guard let nanoseconds = Int64(exactly: amount) else {
            throw Self.error(text, "is too large", "write at most \"2562047h\"")
        }
        self.nanoseconds = nanoseconds
    }

    /// In the largest unit of which it is a whole number.
    package var description: String {
        guard nanoseconds != 0 else { return "0ms" }
        let amount = UInt64(nanoseconds)
        for unit in Self.units.reversed() where amount % unit.size == 0 {
            return "\(amount / unit.size)\(unit.name)"
        }
        return "\(amount)ns"
    }

    package static func < (left: TimeAmount, right: TimeAmount) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    private static let units = [
        Unit("ns", 1), Unit("us", 1_000), Unit("ms", 1_000_000), Unit("s", 1_000_000_000),
        Unit("m", 60_000_000_000), Unit("h", 3_600_000_000_000),
    ]
}
