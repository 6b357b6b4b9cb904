/// How fast time passes in a replay: `2x`, `0.5x`, `200%`.
package struct Speed: Quantity, Comparable {
    /// Never zero.
    package let ratio: Ratio

    package static let normal = Speed(Ratio(whole: 1))
    package static let noun = "a speed"
    package static let example = "2x"

    private init(_ ratio: Ratio) { self.ratio = ratio }

    package init(parsing text: String) throws(QuantityError) {
        let isPercentage = text.hasSuffix("%")
        guard isPercentage || text.hasSuffix("x") else {
            guard (try? Decimal(text.utf8)) != nil else { throw Self.error(text, "is not a speed") }
            throw Self.error(text, "has no unit", "write \"\(text)x\"")
        }
        guard let number = try? Decimal(text.utf8.dropLast()),
            number.places + (isPercentage ? 2 : 0) <= Ratio.mostPlaces,
            number.digits <= Self.mostDigits,
            let ratio = Ratio(
                number.digits, Decimal.powerOfTen(number.places + (isPercentage ? 2 : 0)))
        else { throw Self.error(text, "is not a speed") }
        guard ratio.numerator != 0 else {
            throw Self.error(text, "would never end", "write more than \"0x\"")
        }
        self.ratio = ratio
    }

    /// Always a decimal: that is how it was written.
    package var description: String { (ratio.decimal(times: 1) ?? "1") + "x" }

    package static func < (left: Speed, right: Speed) -> Bool { left.ratio < right.ratio }

    /// How long what took `amount` takes at this speed, rounded down.
    package func applied(to amount: TimeAmount) -> TimeAmount {
        let inverse = Ratio(ratio.denominator, ratio.numerator) ?? Ratio(whole: 1)
        return TimeAmount(
            nanoseconds: Int64(clamping: inverse.scaled(UInt64(amount.nanoseconds))))
    }

    private static let mostDigits: UInt64 = 1_000_000_000_000_000
}
