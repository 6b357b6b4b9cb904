import Testing
import Text

@Suite struct QuantityTests {
    @Test(arguments: [
        ("500us", 500_000), ("20ms", 20_000_000), ("1.5s", 1_500_000_000),
        ("2m", 120_000_000_000), ("1h", 3_600_000_000_000), ("7ns", 7), ("0.001us", 1),
        ("0ms", 0), ("2562047h", 9_223_369_200_000_000_000), ("1.50000s", 1_500_000_000),
    ])
    func `a duration is whole nanoseconds`(text: String, nanoseconds: Int64) throws {
        #expect(try TimeAmount(parsing: text).nanoseconds == nanoseconds)
    }

    @Test(arguments: [
        ("64B", 64), ("32KiB", 32_768), ("1MB", 1_000_000), ("2MiB", 2_097_152),
        ("1.5KiB", 1_536), ("3TB", 3_000_000_000_000), ("1kB", 1_000), ("1KB", 1_000),
        ("0B", 0),
    ])
    func `a size is whole bytes`(text: String, bytes: UInt64) throws {
        #expect(try ByteCount(parsing: text).bytes == bytes)
    }

    @Test(arguments: [
        ("1MB/s", 1_000_000), ("64KiB/s", 65_536), ("8mbit/s", 1_000_000), ("56kbit/s", 7_000),
        ("8bit/s", 1),
    ])
    func `a rate is whole bytes a second, also where it is written in bits`(
        text: String, bytes: UInt64
    ) throws {
        #expect(try ByteRate(parsing: text).bytesPerSecond == bytes)
    }

    @Test(arguments: [
        ("5%", 1, 20), ("0.5%", 1, 200), ("1/20", 1, 20), ("0", 0, 1), ("0%", 0, 1),
        ("100%", 1, 1), ("1/3", 1, 3), ("2/6", 1, 3), ("0.0000000001%", 1, 1_000_000_000_000),
        ("99.9%", 999, 1_000),
    ])
    func `a chance is an exact ratio`(text: String, over: UInt64, under: UInt64) throws {
        let chance = try Chance(parsing: text)
        #expect(chance.ratio == Ratio(over, under))
        #expect(chance == Chance(over, outOf: under))
    }

    @Test(arguments: [("2x", 2, 1), ("0.5x", 1, 2), ("200%", 2, 1), ("0.001x", 1, 1_000)])
    func `a speed is an exact ratio`(text: String, over: UInt64, under: UInt64) throws {
        #expect(try Speed(parsing: text).ratio == Ratio(over, under))
    }

    @Test func `a speed shortens and lengthens time`() throws {
        let second = TimeAmount(nanoseconds: 1_000_000_000)
        #expect(try Speed(parsing: "4x").applied(to: second).description == "250ms")
        #expect(try Speed(parsing: "0.5x").applied(to: second).description == "2s")
        let longest = TimeAmount(nanoseconds: .max)
        #expect(try Speed(parsing: "0.5x").applied(to: longest) == longest)
    }

    @Test func `ranges are merged, and know their numbers`() throws {
        let ranges = try NumberRanges(parsing: "10-,1,4-6,7,5-6,12-20")
        #expect(ranges.ranges == [1...1, 4...7, 10...UInt64.max])
        #expect(ranges.description == "1,4-7,10-")
        #expect((0...12).filter { ranges.contains($0) } == [1, 4, 5, 6, 7, 10, 11, 12])
        #expect(ranges.contains(.max))
        #expect(try NumberRanges(parsing: "1-").description == "all")
        #expect(try NumberRanges(parsing: "all") == .all)
    }

    @Test func `a count is a whole number in its range`() throws {
        #expect(try parseCount("0") == 0)
        #expect(try parseCount("18446744073709551615") == .max)
        for text in ["", "-1", "+1", "1.0", "1e3", "x", "18446744073709551616", " 1", "٣"] {
            #expect(throws: QuantityError.self, "\(text)") { try parseCount(text) }
        }
        #expect(throws: QuantityError.self) { try parseCount("7", in: 1...6) }
    }
}

@Suite struct QuantityErrorTests {
    @Test(arguments: [
        ("20", "\"20\" has no unit; write \"20ms\""),
        ("0", "\"0\" has no unit; write \"0ms\""),
        ("20MS", "\"20MS\" has no unit that is known; did you mean \"20ms\"?"),
        ("20sec", "\"20sec\" has no unit that is known; write one of ns, us, ms, s, m, h"),
        ("soon", "\"soon\" is not a duration; write a duration like \"20ms\""),
        ("-5ms", "\"-5ms\" is not a duration; write a duration like \"20ms\""),
        ("1.ms", "\"1.ms\" is not a duration; write a duration like \"20ms\""),
        ("", "\"\" is not a duration; write a duration like \"20ms\""),
        ("0.1ns", "\"0.1ns\" is not a whole number of nanoseconds; write it with fewer places"),
        ("2562048h", "\"2562048h\" is too large; write at most \"2562047h\""),
    ])
    func `a duration that is not understood says what to write`(text: String, message: String) {
        #expect(
            message == problem { () throws(QuantityError) in _ = try TimeAmount(parsing: text) })
    }

    @Test(arguments: [
        ("5", "\"5\" has no unit; write \"5%\""),
        ("0.05", "\"0.05\" has no unit; write \"5%\""),
        ("1", "\"1\" has no unit; write \"1%\""),
        ("500", "\"500\" has no unit; write \"5%\""),
        ("101%", "\"101%\" is more than 100%; write at most \"100%\""),
        ("3/2", "\"3/2\" is more than 100%; write at most \"1/1\""),
        ("1/0", "\"1/0\" divides by zero; write a chance like \"5%\""),
        ("often", "\"often\" is not a chance; write a chance like \"5%\""),
    ])
    func `a chance that is not understood says what to write`(text: String, message: String) {
        #expect(message == problem { () throws(QuantityError) in _ = try Chance(parsing: text) })
    }

    @Test(arguments: [
        "0", "3-2", "-5", "1,,2", "1-2-3", "a", "", "18446744073709551615",
        "18446744073709551615-", "0-4",
    ])
    func `ranges that are not understood are refused`(text: String) {
        #expect(throws: QuantityError.self) { try NumberRanges(parsing: text) }
    }

    @Test(arguments: ["2", "0x", "x", "0%", "-1x", "99999999999999999999x", "0.0000000000001x"])
    func `speeds that are not understood are refused`(text: String) {
        #expect(throws: QuantityError.self) { try Speed(parsing: text) }
    }

    @Test(arguments: ["9bit/s", "1MB", "64", "20000000TB/s", "1bps", "0.5B/s"])
    func `rates that are not understood are refused`(text: String) {
        #expect(throws: QuantityError.self) { try ByteRate(parsing: text) }
    }

    @Test func `what cannot be shown is escaped, and what is long is cut`() {
        let message = problem { () throws(QuantityError) in
            _ = try TimeAmount(parsing: "\u{1b}[2J\"")
        }
        #expect(message.hasPrefix(#""\x1b[2J\"" is not a duration"#))
        let long = String(repeating: "9", count: 500)
        #expect(
            problem { () throws(QuantityError) in _ = try TimeAmount(parsing: long) }.count < 200)
    }

    private func problem(_ body: () throws(QuantityError) -> Void) -> String {
        do throws(QuantityError) {
            try body()
            return "no error"
        } catch {
            return error.description
        }
    }
}

@Suite struct QuantityRoundTripTests {
    @Test func `the text of every amount is read as the same amount`() throws {
        var numbers = SeededNumbers(seed: 7)
        for _ in 0..<2_000 {
            try check(TimeAmount(nanoseconds: Int64(numbers.anySize() >> 1)))
            try check(TimeAmount(nanoseconds: Int64(numbers.anySize() % 1_000) * 1_000_000))
            try check(ByteCount(bytes: numbers.anySize()))
            try check(ByteCount(bytes: numbers.anySize() % 1_000 * 1_000_000))
            try check(ByteRate(bytesPerSecond: numbers.anySize()))
            let under = 1 + numbers.anySize() % Chance.largestDenominator
            let chance = try #require(Chance(numbers.next() % (under + 1), outOf: under))
            try check(chance)
            let places = "\(numbers.next() % 1_000).\(1 + numbers.next() % 999_999_999)"
            try check(try Speed(parsing: places + "x"))
            try check(try Speed(parsing: places.prefix(10) + "%"))
            try check(try NumberRanges(parsing: rangeText(&numbers)))
        }
        for ends in [0, UInt64.max] { try check(ByteCount(bytes: ends)) }
        for chance in [Chance.never, .always] { try check(chance) }
        try check(TimeAmount(nanoseconds: .max))
    }

    private func check<Amount: Quantity>(_ amount: Amount) throws {
        let again = try Amount(parsing: amount.description)
        #expect(again == amount, "\(amount)")
        #expect(again.description == amount.description)
    }

    private func rangeText(_ numbers: inout SeededNumbers) -> String {
        (0...(numbers.next() % 5)).map { _ in
            let first = 1 + numbers.next() % 50
            switch numbers.next() % 4 {
            case 0: return "\(first)"
            case 1: return "\(first)-"
            default: return "\(first)-\(first + numbers.next() % 9)"
            }
        }.joined(separator: ",")
    }
}
