/// An exact ratio of whole numbers, in lowest terms.
package struct Ratio: Hashable, Sendable, Comparable {
    package let numerator: UInt64
    /// Never zero.
    package let denominator: UInt64

    /// nil where the denominator is zero.
    package init?(_ numerator: UInt64, _ denominator: UInt64) {
        guard denominator != 0 else { return nil }
        let divisor = Self.greatestCommonDivisor(numerator, denominator)
        self.numerator = numerator / divisor
        self.denominator = denominator / divisor
    }

    package init(whole: UInt64) {
        numerator = whole
        denominator = 1
    }

    package static func < (left: Ratio, right: Ratio) -> Bool {
        let a = left.numerator.multipliedFullWidth(by: right.denominator)
        let b = right.numerator.multipliedFullWidth(by: left.denominator)
        return (a.high, a.low) < (b.high, b.low)
    }

    /// `value` times this, rounded down; the largest number where it is more than that.
    package func scaled(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: numerator)
        guard product.high < denominator else { return .max }
        return denominator.dividingFullWidth(product).quotient
    }

    /// The number times `scale` in decimal, where that ends soon: 1/8 × 100 is `12.5`.
    func decimal(times scale: UInt64) -> String? {
        for places in 0...Self.mostPlaces {
            let (factor, overflow) = scale.multipliedReportingOverflow(
                by: Decimal.powerOfTen(places))
            let product = numerator.multipliedFullWidth(by: factor)
            guard !overflow, product.high < denominator else { return nil }
            let (whole, remainder) = denominator.dividingFullWidth(product)
            guard remainder == 0 else { continue }
            guard places > 0 else { return "\(whole)" }
            let power = Decimal.powerOfTen(places)
            let fraction = String(whole % power)
            let zeros = String(repeating: "0", count: places - fraction.count)
            return "\(whole / power).\(zeros)\(fraction)"
        }
        return nil
    }

    /// Decimal places of the texts that are written.
    static let mostPlaces = 12

    private static func greatestCommonDivisor(_ first: UInt64, _ second: UInt64) -> UInt64 {
        var (a, b) = (first, second)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}
