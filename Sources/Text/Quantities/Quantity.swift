/// An amount as people write it: a number with its unit, like `20ms`.
///
/// Amounts are whole numbers of their smallest unit or exact ratios, so that every machine reads
/// the same. The description is the one canonical form, and reading it gives the same amount.
package protocol Quantity: Hashable, Sendable, CustomStringConvertible, JSONWritable {
    /// What is read, for messages and help: `a duration`.
    static var noun: String { get }
    /// How one is written: `20ms`.
    static var example: String { get }

    init(parsing text: String) throws(QuantityError)
}

extension Quantity {
    static func error(_ text: String, _ problem: String, _ advice: String? = nil) -> QuantityError {
        QuantityError(
            text: text, problem: problem, advice: advice ?? "write \(noun) like \"\(example)\"")
    }
}

/// Why a text is not the amount that it should be, and what to write instead.
package struct QuantityError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was read.
    package var text: String
    /// What is wrong with it: `has no unit`.
    package var problem: String
    /// What to do: `write "20ms"`.
    package var advice: String

    package init(text: String, problem: String, advice: String) {
        self.text = text
        self.problem = problem
        self.advice = advice
    }

    /// One line, whatever the text holds: `"20" has no unit; write "20ms"`.
    package var description: String {
        "\"\(EscapedText(text, limit: Self.shownBytes))\" \(problem); \(advice)"
    }

    private static let shownBytes = 60
}

/// A count of things: a whole number without a unit.
/// - Throws: a `QuantityError` where it is none, or not in the range.
package func parseCount(
    _ text: String, in range: ClosedRange<UInt64> = 0...UInt64.max
) throws(QuantityError) -> UInt64 {
    let digits = text.utf8
    guard !digits.isEmpty, digits.allSatisfy(isDigit)
    else {
        throw QuantityError(
            text: text, problem: "is not a whole number", advice: "write one like \"12\"")
    }
    guard let count = UInt64(text), range.contains(count) else {
        throw QuantityError(
            text: text, problem: "is out of range",
            advice: "write a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return count
}
