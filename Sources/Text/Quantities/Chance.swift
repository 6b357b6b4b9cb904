/// How often something happens, from never to always: `5%`, `0.5%`, `1/20`, `0`.
///
/// It is a ratio of whole numbers, so that every machine rolls the same.
package struct Chance: Quantity, Comparable {
    package let ratio: Ratio

    /// nil unless 0 ≤ numerator ≤ denominator ≤ `largestDenominator`, and that is not zero.
    package init?(_ numerator: UInt64, outOf denominator: UInt64) {
        guard numerator <= denominator, let ratio = Ratio(numerator, denominator),
            ratio.denominator <= Self.largestDenominator
        else { return nil }
        self.ratio = ratio
    }

    private init(_ ratio: Ratio) { self.ratio = ratio }

    package static let never = Chance(Ratio(whole: 0))
    package static let always = Chance(Ratio(whole: 1))
    package static let noun = "a chance"
    package static let example = "5%"
    /// One in 10¹², or ten decimal places of a percentage.
    package static let largestDenominator: UInt64 = 1_000_000_000_000

    package init(parsing text: String) throws(QuantityError) {
        if text == "0" {
            self = .never
        } else if text.hasSuffix("%") {
            self = try Self.percentage(text)
        } else if text.contains("/") {
            self = try Self.fraction(text)
        } else if let number = try? Decimal(text.utf8) {
            throw Self.error(text, "has no unit", Self.advice(text, number))
        } else {
            throw Self.error(text, "is not a chance")
        }
    }

    /// A percentage where that can be written exactly, else a ratio.
    package var description: String {
        if let percent = ratio.decimal(times: 100) { return percent + "%" }
        return "\(ratio.numerator)/\(ratio.denominator)"
    }

    package static func < (left: Chance, right: Chance) -> Bool { left.ratio < right.ratio }

    /// A bare `0.05` is taken for a ratio, a bare `5` for a percentage; neither is clear.
    private static func advice(_ text: String, _ number: Decimal) -> String {
        let one = Decimal.powerOfTen(number.places)
        if let chance = Chance(number.digits, outOf: one), number.digits < one {
            return "write \"\(chance)\""
        }
        let isPercentage = (try? percentage(text + "%")) != nil
        return "write \"\(isPercentage ? text : "5")%\""
    }

    private static func percentage(_ text: String) throws(QuantityError) -> Chance {
        let number: Decimal
        do throws(Decimal.Problem) {
            number = try Decimal(text.utf8.dropLast())
        } catch {
            switch error {
            case .malformed: throw Self.error(text, "is not a chance")
            case .tooLarge: throw Self.error(text, "is more than 100%", "write at most \"100%\"")
            case .tooExact: throw Self.tooFine(text)
            }
        }
        let (whole, overflow) = Decimal.powerOfTen(number.places).multipliedReportingOverflow(
            by: 100)
        guard !overflow else { throw tooFine(text) }
        guard number.digits <= whole else {
            throw error(text, "is more than 100%", "write at most \"100%\"")
        }
        guard let chance = Chance(number.digits, outOf: whole) else { throw tooFine(text) }
        return chance
    }

    private static func fraction(_ text: String) throws(QuantityError) -> Chance {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) })
        else { throw error(text, "is not a chance", "write one like \"1/20\"") }
        guard let numerator = UInt64(parts[0]), let denominator = UInt64(parts[1]) else {
            throw tooFine(text)
        }
        guard denominator != 0 else { throw error(text, "divides by zero") }
        guard numerator <= denominator else {
            throw error(text, "is more than 100%", "write at most \"1/1\"")
        }
        guard let chance = Chance(numerator, outOf: denominator) else { throw tooFine(text) }
        return chance
    }

    private static func tooFine(_ text: String) -> QuantityError {
        error(text, "is finer than one in \(largestDenominator)", "write it with fewer places")
    }
}
