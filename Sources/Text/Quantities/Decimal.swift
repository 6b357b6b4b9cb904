/// A number as it was written, `1.25` as 125 of 10⁻²: exact, where floating point is not.
struct Decimal {
    /// The number is `digits` × 10^-`places`.
    var digits: UInt64
    var places: Int

    /// More places than this are no amount that anything here can keep.
    static let mostPlaces = 18

    /// Why a number could not be read.
    enum Problem: Error { case malformed, tooLarge, tooExact }

    /// Reads digits, and after a point more digits: no sign, no exponent, nothing left out.
    init(_ text: some Collection<UInt8>) throws(Problem) {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isDigit) }) else {
            throw .malformed
        }
        var fraction = parts.count == 2 ? Array(parts[1]) : []
        while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        guard fraction.count <= Self.mostPlaces else { throw .tooExact }
        digits = 0
        places = fraction.count
        for digit in Array(parts[0]) + fraction {
            let (tens, overflow) = digits.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            guard !overflow, !carry else { throw .tooLarge }
            digits = sum
        }
    }

    /// The number times `unit`, where that is whole.
    func times(_ unit: UInt64) throws(Problem) -> UInt64 {
        let product = digits.multipliedFullWidth(by: unit)
        let divisor = Self.powerOfTen(places)
        guard product.high < divisor else { throw .tooLarge }
        let (quotient, remainder) = divisor.dividingFullWidth(product)
        guard remainder == 0 else { throw .tooExact }
        return quotient
    }

    static func powerOfTen(_ exponent: Int) -> UInt64 {
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }
}

func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

/// A unit as it is written, and how many of the smallest unit it stands for.
struct Unit: Sendable {
    var name: String
    var size: UInt64

    init(_ name: String, _ size: UInt64) {
        self.name = name
        self.size = size
    }
}

extension Quantity {
    /// Reads `1.5s` as a whole number of the smallest unit.
    /// - Parameter smallest: what a fraction of which cannot be kept: `nanosecond`.
    static func amount(
        _ text: String, units: [Unit], smallest: String
    ) throws(QuantityError) -> UInt64 {
        let number = text.utf8.prefix { isDigit($0) || $0 == UInt8(ascii: ".") }
        let name = String(text.utf8.dropFirst(number.count)) ?? ""
        let isNumber = (try? Decimal(number)) != nil
        guard let unit = units.first(where: { $0.name == name }) else {
            guard isNumber else { throw error(text, "is not \(noun)") }
            let suffix = example.drop { $0.isNumber || $0 == "." }
            guard !name.isEmpty else {
                throw error(text, "has no unit", "write \"\(text)\(suffix)\"")
            }
            let names = units.map(\.name)
            guard let near = nearest(name, among: names) else {
                let list = names.joined(separator: ", ")
                throw error(text, "has no unit that is known", "write one of \(list)")
            }
            let known = (String(number) ?? "") + near
            throw error(text, "has no unit that is known", "did you mean \"\(known)\"?")
        }
        do throws(Decimal.Problem) {
            return try Decimal(number).times(unit.size)
        } catch {
            switch error {
            case .malformed: throw Self.error(text, "is not \(noun)")
            case .tooLarge:
                throw Self.error(text, "is too large", "write a smaller one, like \"\(example)\"")
            case .tooExact:
                throw Self.error(
                    text, "is not a whole number of \(smallest)s", "write it with fewer places")
            }
        }
    }
}
