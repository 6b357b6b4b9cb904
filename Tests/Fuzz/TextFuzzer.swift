import Text

extension Fuzzer {
    static let json = Fuzzer(
        name: "json",
        summary: "any text: a value that is written and read back as it was, or an error",
        smokeRounds: 20_000
    ) { dice throws(FuzzFailure) in
        var text = JSONText(&dice).bytes
        let isWhole = dice.isOne(in: 4)
        if !isWhole { mutate(&text, &dice) }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONReader.read(text)
        } catch {
            guard !isWhole else { throw FuzzFailure("a valid text is refused: \(error)") }
            guard error.place.line >= 1, error.place.column >= 1 else {
                throw FuzzFailure("an error has no place: \(error)")
            }
            return
        }
        for style in [JSONWriter.Style.compact, .pretty] {
            let written = value.text(style)
            guard let again = try? JSONReader.read(written), again == value else {
                throw FuzzFailure("what was read is written as something else: \(written)")
            }
            guard written.utf8.allSatisfy({ $0 >= 0x20 || (style == .pretty && $0 == 0x0a) })
            else { throw FuzzFailure("a control character is written: \(written)") }
        }
    }

    static let quantities = Fuzzer(
        name: "quantities",
        summary: "any text: an amount that is written and read back as it was, or an error",
        smokeRounds: 20_000
    ) { dice throws(FuzzFailure) in
        let pieces = [
            "1", "20", "0", "999999999999", "18446744073709551615", ".", "5", "%", "/", "-", ",",
            "x", "ms", "us", "s", "h", "B", "KiB", "MB", "/s", "mbit/s", "all", "é", " ", "+",
        ]
        let text = (0..<(1 + dice.below(5))).map { _ in dice.pick(pieces) }.joined()
        try check(TimeAmount.self, text)
        try check(ByteCount.self, text)
        try check(ByteRate.self, text)
        try check(Chance.self, text)
        try check(Speed.self, text)
        try check(NumberRanges.self, text)
    }

    private static func check<Amount: Quantity>(
        _ type: Amount.Type, _ text: String
    ) throws(FuzzFailure) {
        guard let amount = try? Amount(parsing: text) else { return }
        guard let again = try? Amount(parsing: amount.description), again == amount else {
            throw FuzzFailure("\(text) is written as \(amount), which is another amount")
        }
    }

    private static func mutate(_ bytes: inout [UInt8], _ dice: inout FuzzDice) {
        for _ in 0...dice.below(3) where !bytes.isEmpty {
            let place = dice.below(bytes.count)
            switch dice.below(5) {
            case 0: bytes[place] = dice.byte()
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(dice.pick(Array("{}[],:\"\\u019-.eE \n".utf8)), at: place)
            case 3: bytes.removeSubrange(place...)
            default: bytes.insert(contentsOf: bytes[place...].prefix(8), at: dice.below(place + 1))
            }
        }
    }
}

/// A valid JSON text that uses all of the grammar.
private struct JSONText {
    private(set) var bytes: [UInt8] = []

    init(_ dice: inout FuzzDice) { value(&dice, depth: 0) }

    private mutating func value(_ dice: inout FuzzDice, depth: Int) {
        space(&dice)
        switch dice.below(depth < 5 ? 9 : 6) {
        case 0: bytes += dice.pick(["true", "false", "null"]).utf8
        case 1, 2: number(&dice)
        case 3, 4, 5: string(&dice, prefix: "")
        case 6:
            list("[", "]", &dice) { text, dice, _ in text.value(&dice, depth: depth + 1) }
        default:
            list("{", "}", &dice) { text, dice, index in
                text.space(&dice)
                text.string(&dice, prefix: "\(index)")
                text.space(&dice)
                text.bytes += ":".utf8
                text.value(&dice, depth: depth + 1)
            }
        }
        space(&dice)
    }

    private mutating func list(
        _ open: String, _ close: String, _ dice: inout FuzzDice,
        _ element: (inout JSONText, inout FuzzDice, Int) -> Void
    ) {
        bytes += open.utf8
        for index in 0..<dice.below(4) {
            if index > 0 { bytes += ",".utf8 }
            element(&self, &dice, index)
        }
        space(&dice)
        bytes += close.utf8
    }

    private mutating func number(_ dice: inout FuzzDice) {
        let numbers = [
            "0", "-0", "7", "-12", "18446744073709551615", "1.50", "-0.0", "99999999999",
        ]
        let exponents = ["", "", "e3", "E+10", "e-7"]
        bytes += (dice.pick(numbers) + dice.pick(exponents)).utf8
    }

    private mutating func string(_ dice: inout FuzzDice, prefix: String) {
        let pieces = [
            "a", "key", "é", "😀", "\u{7f}", "\u{9b}", "\\u0000", "\\ud83d\\ude00", "\\\"",
            "\\\\", "\\/", "\\b\\f\\n\\r\\t", "\\u00E9", "\u{fffd}", "{", "]", ":",
        ]
        // Names begin with their number, so that none is repeated.
        bytes += "\"\(prefix)".utf8
        for _ in 0..<dice.below(4) { bytes += dice.pick(pieces).utf8 }
        bytes += "\"".utf8
    }

    private mutating func space(_ dice: inout FuzzDice) {
        if dice.isOne(in: 4) { bytes += dice.pick([" ", "\n", "\r\n", "\t"]).utf8 }
    }
}
