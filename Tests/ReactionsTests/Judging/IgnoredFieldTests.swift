import Testing

@testable import Reactions

@Suite struct IgnoredFieldTests {
    private func matches(_ path: String, _ text: String) throws -> [String] {
        let bytes = Array(text.utf8)
        var found: [String] = []
        try JSONPath(parsing: path).matches(in: bytes.span) {
            found.append(String(decoding: bytes[$0], as: UTF8.self))
        }
        return found
    }

    @Test func `a path names members, elements, and all of either`() throws {
        let text =
            #"HTTP/1.1 200 OK\r\n\r\n{"a":{"b":[{"c":1},{"c":"x"}]},"d e":true,"f":[[0],[2]]}"#
        #expect(try matches("$.a.b[*].c", text) == ["1", #""x""#])
        #expect(try matches("$.a.b[1]", text) == [#"{"c":"x"}"#])
        #expect(try matches(#"$["d e"]"#, text) == ["true"])
        #expect(try matches("$.f[*][0]", text) == ["0", "2"])
        #expect(try matches("$.*.b[0].c", text) == ["1"])
        #expect(try matches("$.a.c", text) == [])
    }

    @Test func `a text that is cut or no JSON is read as far as it makes sense`() throws {
        #expect(try matches("$.a", #"{"a":1,"b":"#) == ["1"])
        #expect(try matches("$.a", #"{"a":"never ends"#) == [#""never ends"#])
        #expect(try matches("$.a", "none") == [])
        #expect(try matches("$.a", "{]{") == [])
        #expect(try matches("$[0]", String(repeating: "[", count: 10_000)).count <= 1)
    }

    @Test(arguments: [
        ("$.", "byte 3: a path wants a name here"), ("$[", "wants a number"),
        ("$[x]", "wants a number, a name in quotes or *"), ("$.a[1", "wants a ]"),
        (#"$["a"#, "has a name without its end"), ("$.a..b", ".. is not supported"),
        ("(a", "pattern"), ("x*", "matches no bytes at all"), ("", "matches no bytes"),
        ("$[99999999999999999999]", "wants a number"),
    ])
    func `errors say what is wrong, and what to write`(_ text: String, _ says: String) {
        #expect {
            try IgnoredField(parsing: text)
        } throws: { error in
            "\(error)".contains(says)
        }
    }

    @Test func `what protocols are known to vary is ignored by itself`() {
        let http = IgnoredFields(
            JudgeSettings(
                framing: .framer(.init(name: "http1")), hasReset: false))
        let answer = Array("HTTP/1.1 200 OK\r\nDate: Tue\r\nX-Date: no\r\n\r\n<p>age: 4".utf8)
        #expect(
            http.ranges(in: answer.span).map { String(decoding: answer[$0], as: UTF8.self) } == [
                "\r\nDate: Tue"
            ])
        let postgres = IgnoredFields(
            JudgeSettings(framing: .framer(.init(name: "postgresql")), hasReset: false))
        let key: [UInt8] = [75, 0, 0, 0, 12, 0, 0, 1, 2, 10, 3, 4, 5]
        #expect(postgres.ranges(in: key.span) == [0..<13])
    }

    @Test func `the number of a table is ignored in the description of rows, and in no row`() {
        let postgres = IgnoredFields(
            JudgeSettings(framing: .framer(.init(name: "postgresql")), hasReset: false))
        // The end of a column's name, its table's number 16,385, its own, its type's.
        let column: [UInt8] = [105, 100, 0, 0, 0, 64, 1, 0, 1, 0, 0, 0, 23]
        let head: [UInt8] = [0, 0, 0, 50, 0, 2]
        let description = Array("T".utf8) + head + column + column
        #expect(postgres.ranges(in: description.span) == [9..<18, 22..<31])
        let row = Array("D".utf8) + head + column + column
        #expect(postgres.ranges(in: row.span) == [])
        let empty: [UInt8] = []
        #expect(postgres.ranges(in: empty.span) == [])
    }
}
