/// Amounts as a summary shows them: rounded to what a person takes in at a glance. They are not
/// read back; the description is what is exact.
extension TimeAmount {
    /// Three digits in the unit that fits: `0 s`, `85 ns`, `1.23 ms`, `12.3 s`; from two minutes on
    /// `2 min 5 s`, from two hours on `2 h 5 min`.
    package var forPeople: String {
        let amount = UInt64(nanoseconds)
        guard amount > 0 else { return "0 s" }
        let seconds = amount / 1_000_000_000
        if seconds >= 7_200 { return "\((seconds / 3_600).grouped) h \(seconds % 3_600 / 60) min" }
        if seconds >= 120 { return "\(seconds / 60) min \(seconds % 60) s" }
        guard amount >= 1_000 else { return "\(amount) ns" }
        for unit in [Unit("µs", 1_000), Unit("ms", 1_000_000)] {
            if let text = threeDigits(amount, in: unit) { return text }
        }
        return threeDigits(amount, in: Unit("s", 1_000_000_000)) ?? "\(seconds) s"
    }
}

extension ByteCount {
    /// In powers of 1,024, with one place below 100: `64 B`, `4.2 MiB`, `512 KiB`.
    package var forPeople: String {
        guard bytes >= 1_024 else { return "\(bytes) B" }
        for unit in [Unit("KiB", 1 << 10), Unit("MiB", 1 << 20), Unit("GiB", 1 << 30)] {
            if let text = oneDecimal(bytes, in: unit) { return text }
        }
        let unit = Unit("TiB", 1 << 40)
        return oneDecimal(bytes, in: unit) ?? "\(rounded(bytes, by: unit.size).grouped) TiB"
    }
}

extension ByteRate {
    /// `4.2 MiB/s`.
    package var forPeople: String { ByteCount(bytes: bytesPerSecond).forPeople + "/s" }
}

extension UInt64 {
    /// With a comma before each group of three digits: `1,234,567`.
    package var grouped: String {
        let digits = Array(String(self))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }
}

extension UInt64 {
    /// `1 gap`, `1,200 gaps`.
    package func counted(_ noun: String) -> String { "\(grouped) \(noun)\(self == 1 ? "" : "s")" }
}

extension Int {
    /// With a comma before each group of three digits: `-1,234,567`.
    package var grouped: String { (self < 0 ? "-" : "") + UInt64(magnitude).grouped }
}

extension Ratio {
    /// As a percentage with one place, where it is at most 1: `98.7%`, `100%`. What is not all is
    /// never rounded to all, and what is not nothing never to nothing: `99.9%`, `0.1%`.
    package var percentForPeople: String {
        guard numerator > 0 else { return "0%" }
        guard numerator < denominator else { return "\(scaled(100))%" }
        let tenths = min(999, max(1, scaled(1_000)))
        return "\(tenths / 10).\(tenths % 10)%"
    }
}

/// nil where it rounds to a thousand or more.
private func threeDigits(_ amount: UInt64, in unit: Unit) -> String? {
    for places in [2, 1, 0] {
        let number = rounded(amount, by: unit.size, places: places)
        if number < 1_000 { return "\(decimal(number, places: places)) \(unit.name)" }
    }
    return nil
}

/// nil where it rounds to 1,024 or more.
private func oneDecimal(_ amount: UInt64, in unit: Unit) -> String? {
    let tenths = rounded(amount, by: unit.size, places: 1)
    if tenths < 1_000 { return "\(decimal(tenths, places: 1)) \(unit.name)" }
    let number = rounded(amount, by: unit.size)
    return number < 1_024 ? "\(number) \(unit.name)" : nil
}

/// The quotient times 10^`places`, rounded to the nearest whole number.
private func rounded(_ amount: UInt64, by unit: UInt64, places: Int = 0) -> UInt64 {
    let product = amount.multipliedFullWidth(by: Decimal.powerOfTen(places))
    guard product.high < unit else { return .max }
    let (quotient, remainder) = unit.dividingFullWidth(product)
    return quotient == .max || remainder < unit - remainder ? quotient : quotient + 1
}

private func decimal(_ number: UInt64, places: Int) -> String {
    guard places > 0 else { return "\(number)" }
    let power = Decimal.powerOfTen(places)
    let fraction = String(number % power)
    let zeros = String(repeating: "0", count: places - fraction.count)
    return "\(number / power).\(zeros)\(fraction)"
}
