import Testing
import Text

@Suite struct JSONReaderTests {
    @Test func `a value keeps the order of its members and knows its place`() throws {
        let value = try JSONReader.read(
            """
            { "b": 1,
              "é": ["x",  true, null],
              "a": {"c": -1.5e3}, "": false }
            """)
        let object = try #require(value.object)
        #expect(object.keys == ["b", "é", "a", ""])
        #expect(value.place == JSONPlace(line: 1, column: 1))
        #expect(value["b"]?.number?.int64 == 1)
        let list = try #require(value["é"]?.array)
        #expect(list.map(\.kind) == ["a string", "true or false", "null"])
        // Columns count characters: é is two bytes and one column.
        #expect(list[1].place == JSONPlace(line: 2, column: 15))
        #expect(object.members[2].place == JSONPlace(line: 3, column: 3))
        #expect(value["a"]?["c"]?.place == JSONPlace(line: 3, column: 14))
        #expect(value["a"]?["c"]?.number?.text == "-1.5e3")
        #expect(value["a"]?["c"]?.number?.int64 == nil)
    }

    @Test func `numbers keep all their digits`() throws {
        let text = "[18446744073709551615,-9223372036854775808,0.10,1E+2,-0]"
        let numbers = try #require(try JSONReader.read(text).array).compactMap(\.number)
        #expect(numbers[0].uint64 == .max)
        #expect(numbers[0].int64 == nil)
        #expect(numbers[1].int64 == .min)
        #expect(numbers.map(\.text).joined(separator: ",") == text.dropFirst().dropLast())
    }

    @Test func `escapes become their characters`() throws {
        let text = #""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\u0000""#
        #expect(try JSONReader.read(text).string == "\"\\/\u{8}\u{c}\n\r\té😀\0")
    }

    @Test(arguments: [
        ("", "line 1, column 1: the text ends where a value belongs"),
        (
            "{\"a\":1,\n \"b\":2,\n \"a\":3}",
            "line 3, column 2: the name \"a\" is repeated; write it once"
        ),
        ("[1,]", "line 1, column 4: \"]\" stands where a value belongs"),
        ("{\"a\":1,}", "line 1, column 8: \"}\" stands where a name in double quotes belongs"),
        ("{'a':1}", "line 1, column 2: \"'\" stands where a name in double quotes belongs"),
        ("[1 2]", "line 1, column 4: \"2\" stands where \",\" or \"]\" belongs"),
        ("{\"a\" 1}", "line 1, column 6: \"1\" stands where \":\" belongs"),
        ("1 // one", "line 1, column 3: \"/\" stands after the value's end"),
        ("01", "line 1, column 2: a number begins with 0"),
        ("-", "line 1, column 2: the text ends where a digit belongs"),
        ("1.", "line 1, column 3: the text ends where a digit belongs"),
        (".5", "line 1, column 1: \".\" stands where a value belongs"),
        ("+1", "line 1, column 1: \"+\" stands where a value belongs"),
        ("NaN", "line 1, column 1: \"N\" stands where a value belongs"),
        ("tru", "line 1, column 1: \"t\" stands where a value belongs; write true, false or null"),
        ("\"a", "line 1, column 3: the text ends within a string"),
        (
            "\"a\nb\"",
            "line 1, column 3: a control character stands in a string; write it as \\u00NN"
        ),
        ("\"é\\x\"", "line 1, column 3: an escape is not one that JSON knows"),
        ("\"\\ud800\"", "line 1, column 2: half of a surrogate pair stands in a string"),
        ("\"\\udc00\"", "line 1, column 2: half of a surrogate pair stands in a string"),
        ("\"\\ud800\\u0041\"", "line 1, column 2: half of a surrogate pair stands in a string"),
        ("\"\\u12g4\"", "line 1, column 6: \"g\" stands where a hexadecimal digit belongs"),
        (
            "\u{feff}1",
            "line 1, column 1: begins with a byte order mark; save it as UTF-8 without one"
        ),
    ])
    func `what is not JSON is refused with its place`(text: String, message: String) {
        #expect(problem(Array(text.utf8)) == message)
    }

    @Test(
        arguments: [
            [0xff], [0xc0, 0x80], [0xc3], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80],
            [0xf0, 0x80, 0x80, 0x80],
            [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0x80], [0xe2, 0x82],
            [0xe2, 0x82, 0x22],
        ] as [[UInt8]])
    func `a string that is not UTF-8 is refused`(bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        #expect(
            problem([quote] + bytes + [quote]) == "line 1, column 2: a string is not valid UTF-8")
    }

    @Test func `limits are held`() throws {
        let deep = String(repeating: "[", count: 4) + String(repeating: "]", count: 4)
        #expect(throws: JSONError.self) { try JSONReader.read(deep, limits: JSONLimits(depth: 3)) }
        #expect(try JSONReader.read(deep, limits: JSONLimits(depth: 4)).array?.count == 1)
        #expect(throws: JSONError.self) { try JSONReader.read(deep, limits: JSONLimits(bytes: 7)) }
        #expect(throws: JSONError.self) { try JSONReader.read(deep, limits: JSONLimits(values: 3)) }
        let deepest = String(repeating: "[", count: 100_000)
        let limits = JSONLimits(depth: .max)
        #expect(throws: JSONError.self) { try JSONReader.read(deepest, limits: limits) }
    }

    @Test func `a line of a longer file knows its number`() throws {
        let value = try JSONReader.read(Array(" {}".utf8), firstLine: 12)
        #expect(value.place == JSONPlace(line: 12, column: 2))
    }

    private func problem(_ bytes: [UInt8]) -> String {
        do throws(JSONError) {
            return "no error: \(try JSONReader.read(bytes))"
        } catch {
            return error.description
        }
    }
}
