import Testing

@testable import Text

@Suite struct PatternTests {
    @Test(arguments: [
        ("b+", "abbbc", "1..<4"), ("b+?", "abbbc", "1..<2"), ("a|ab", "ab", "0..<1"),
        ("ab|a", "ab", "0..<2"), ("^b", "ab", "none"), ("b$", "ab", "1..<2"),
        ("[^a-c]", "abcd", "3..<4"), ("[]a]", "]", "0..<1"), ("[a-]", "-", "0..<1"),
        ("a{2}", "aaa", "0..<2"), ("a{2,}", "aaa", "0..<3"), ("a{1,2}?", "aaa", "0..<1"),
        ("a{,2}", "a{,2}", "0..<5"), ("{\"id\":\\d+}", "{\"id\":17}", "0..<9"),
        ("(a*)*", "b", "0..<0"), ("(|a)*", "aa", "0..<0"), ("(a|b)*c", "ababc", "0..<5"),
        ("\\bid\\b", "kid id", "4..<6"), ("\\Bd", "d ad", "3..<4"), ("(?i)Set", "xSET", "1..<4"),
        ("(?i)[a-c]+", "aBC", "0..<3"), ("\\x41\\t", "A\t", "0..<2"), (".", "\n", "none"),
        ("é+", "éé", "0..<4"), ("a\\.b", "axb a.b", "4..<7"), ("", "abc", "0..<0"),
        ("[\\d_]+", "a1_2", "1..<4"), ("a.c|b", "abc", "0..<3"),
    ])
    func `the leftmost match counts, and of those the one preferred`(
        pattern: String, text: String, expected: String
    ) throws {
        let pattern = try Pattern(parsing: pattern)
        let bytes = Array(text.utf8)
        let match = pattern.firstMatch(in: bytes.span)
        #expect(match.map { "\($0)" } ?? "none" == expected)
        #expect(pattern.matches(in: bytes.span) == (match != nil))
    }

    @Test func `all matches come from the left, none over another`() throws {
        let bytes = Array("id=17, id=4".utf8)
        var found: [Range<Int>] = []
        try Pattern(parsing: "\\d+").matches(of: bytes.span) { found.append($0) }
        #expect(found == [3..<5, 10..<11])
        found = []
        try Pattern(parsing: "x*").matches(of: Array("axx".utf8).span) { found.append($0) }
        #expect(found == [0..<0, 1..<3, 3..<3])
    }

    @Test func `every byte value can be met`() throws {
        let all = Array(UInt8.min...UInt8.max)
        let pattern = try Pattern(parsing: "[\\x00-\\xff]{256}")
        #expect(pattern.firstMatch(in: all.span) == 0..<256)
    }

    @Test(arguments: [
        ("a(b", "byte 2: \"(\" is never closed; write \"\\(\""),
        ("a)", "byte 2: \")\" closes nothing; write \"\\)\""),
        ("*a", "byte 1: \"*\" repeats nothing; write \"\\*\""),
        ("a**", "byte 3: a repetition of a repetition; put it in \"( )\""),
        ("a*+", "byte 3: \"+\" behind a repetition (possessive) is not done"),
        ("[a", "byte 1: \"[\" is never closed; write \"\\[\""),
        ("[z-a]", "byte 5: a range in \"[ ]\" has its ends swapped"),
        ("a{3,2}", "byte 6: {3,2} has its numbers swapped"),
        ("a{1001}", "byte 7: a repetition is at most 1000"),
        (
            "(?=a)",
            "byte 3: \"(?\" goes on with \":\"; looking around and naming groups are not done"
        ),
        (
            "(a)\\1",
            "byte 5: references back (\"\\1\") are not done: they need more than linear time"
        ),
        ("a\\", "byte 2: \"\\\" is the last character; write \"\\\\\""),
        ("\\q", "byte 2: no escape is known that begins so; write \"\\\\\" for a backslash"),
        ("\\x4", "byte 3: \"\\x\" is followed by two hexadecimal digits"),
        ("^*", "byte 1: what matches no byte is not repeated"),
        ("[é]", "byte 2: a character beyond ASCII is several bytes; write \"(é|è)\", not \"[éè]\""),
    ])
    func `what is not understood is named with its place`(pattern: String, message: String) {
        let error = #expect(throws: PatternError.self) { try Pattern(parsing: pattern) }
        #expect(error?.description == "pattern /\(pattern)/, \(message)")
    }

    @Test func `a pattern has limits`() {
        let deep = String(repeating: "(", count: 200) + String(repeating: ")", count: 200)
        for text in [String(repeating: "a", count: 4_097), deep, "((a{1000}){100})"] {
            #expect(throws: PatternError.self) { try Pattern(parsing: text) }
        }
    }

    @Test(arguments: [
        "(a+)+$", "(a|aa)+$", "(a*)*b", "(a|a?)+$", "(.*)(.*)(.*)(.*)x", "a?{0}(a?){30}a{30}",
    ])
    func `steps grow with the length alone, also where backtracking explodes`(text: String) throws {
        guard let pattern = try? Pattern(parsing: text) else { return }
        for count in [100, 1_000, 10_000] {
            let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: count) + [0x21]
            var machine = PatternMachine(pattern.program)
            _ = machine.run(over: bytes.span, from: 0, isAnyEnough: false)
            #expect(machine.steps <= 2 * pattern.program.instructions.count * (bytes.count + 1))
        }
    }
}
