import Recordings
import Testing

@testable import Reactions

/// How two contents are compared: tokens, alignment, fields, masks.
@Suite struct ContentTests {
    private func tokens(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        return Tokens(bytes.span).all.map {
            String(decoding: bytes[Int($0.start)..<Int($0.end)], as: UTF8.self)
        }
    }

    private func fields(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        var walk = FieldWalk()
        return Tokens(bytes.span).all.map { walk.next($0, in: bytes.span).text }
    }

    private func hunks(_ left: String, _ right: String) -> [String] {
        let (left, right) = (Array(left), Array(right))
        return Alignment(left.count, right.count) { left[$0] == right[$1] }.hunks.map {
            "\(String(left[$0.expected]))>\(String(right[$0.actual]))"
        }
    }

    @Test func `a run of letters and digits is one token, each other byte one`() {
        #expect(
            tokens("id=a1B2, \"é\"\r\n") == [
                "id", "=", "a1B2", ",", " ", "\"", "\u{fffd}", "\u{fffd}", "\"", "\r", "\n",
            ])
    }

    @Test func `a field is named by the last name on its line`() {
        // Date : _ Tue _ 21 : 44 \n x
        #expect(
            fields("Date: Tue 21:44\nx") == [
                "line 1, token 1", "line 1, token 2", "Date, token 1", "Date, token 2",
                "Date, token 3", "Date, token 4", "Date, token 5", "Date, token 6",
                "Date, token 7", "line 2, token 1",
            ])
        #expect(fields(#"{"id":7"#).last == "id, token 1")
    }

    @Test func `an alignment is a longest common subsequence, the first of several`() {
        #expect(hunks("abc", "abc") == [])
        #expect(hunks("abc", "axc") == ["b>x"])
        #expect(hunks("abcd", "acd") == ["b>"])
        #expect(hunks("acd", "abcd") == [">b"])
        #expect(hunks("", "ab") == [">ab"])
        #expect(hunks("xaby", "xbay") == ["a>", ">a"])
    }

    @Test func `beyond its limit an alignment is one hunk between equal ends`() {
        let count = 2_000
        let alignment = Alignment(count, count) { left, right in
            left == right && (left < 10 || left >= count - 10)
        }
        #expect(
            alignment.hunks == [
                Alignment.Hunk(expected: 10..<(count - 10), actual: 10..<(count - 10))
            ])
    }

    @Test func `alignments of random texts leave equal texts equal, and miss nothing`() {
        let seed: UInt64 = 5
        print("seed \(seed)")
        var numbers = SeededNumbers(seed: seed)
        for _ in 0..<2_000 {
            let left = (0..<numbers.below(12)).map { _ in numbers.below(3) }
            let right = (0..<numbers.below(12)).map { _ in numbers.below(3) }
            let hunks = Alignment(left.count, right.count) { left[$0] == right[$1] }.hunks
            // Putting the right one's hunks in the left one's places makes the right one.
            var made: [Int] = []
            var place = 0
            for hunk in hunks {
                made += left[place..<hunk.expected.lowerBound]
                made += right[hunk.actual]
                place = hunk.expected.upperBound
                #expect(!hunk.expected.isEmpty || !hunk.actual.isEmpty)
            }
            made += left[place...]
            #expect(made == right)
        }
    }

    // MARK: - Masks

    private func compared(
        _ clean: String, _ second: String, _ run: String, ignoring: [String] = []
    ) throws -> String {
        let settings = JudgeSettings(
            framing: .none, hasReset: true,
            ignored: try ignoring.map { try IgnoredField(parsing: $0) })
        var comparison = ContentComparison(settings)
        let (first, other, last) = (Array(clean.utf8), Array(second.utf8), Array(run.utf8))
        comparison.masks.learn(
            TokenComparison(first.span, other.span, ignoring: comparison.ignored), kind: "k")
        let outcome = comparison.compare(
            first.span, last.span, length: UInt64(first.count), isWhole: true, isTailSame: true,
            kind: "k")
        switch outcome {
        case .same: return "same"
        case .different(let difference): return "different at \(difference.offset)"
        case .notComparable(let why): return why
        }
    }

    @Test func `what differs between clean runs is masked, and nothing beside it`() throws {
        #expect(try compared("id=17 n=5", "id=18 n=5", "id=99 n=5") == "same")
        #expect(try compared("id=17 n=5", "id=18 n=5", "id=99 n=6") == "different at 8")
        #expect(try compared("id=17 n=5", "id=17 n=5", "id=99 n=5") == "different at 3")
    }

    @Test func `a field of one token takes one token, unless clean runs had another number`() throws
    {
        #expect(try compared("t=5 ok", "t=6 ok", "t=5.25 ok") == "different at 3")
        #expect(try compared("t=5 ok", "t=6.5 ok", "t=5.25 ok") == "same")
        #expect(try compared("t=5 ok", "t=6.5 ok", "t=5.25 no") == "different at 4")
    }

    @Test func `a mask holds for the field in another message of the kind`() throws {
        let settings = JudgeSettings(framing: .none, hasReset: true)
        var comparison = ContentComparison(settings)
        let pairs = [("a: 1\r\nDate: x1\r\n", "a: 1\r\nDate: x2\r\n")]
        for (clean, second) in pairs {
            let (clean, second) = (Array(clean.utf8), Array(second.utf8))
            comparison.masks.learn(
                TokenComparison(clean.span, second.span, ignoring: comparison.ignored), kind: "k")
        }
        let other = Array("b: 1\r\nc: 2\r\nDate: y1\r\n".utf8)
        let run = Array("b: 1\r\nc: 2\r\nDate: y7\r\n".utf8)
        #expect(
            comparison.compare(
                other.span, run.span, length: 20, isWhole: true, isTailSame: true, kind: "k")
                == .same)
        guard
            case .different = comparison.compare(
                other.span, run.span, length: 20, isWhole: true, isTailSame: true, kind: "other")
        else { return #expect(Bool(false), "another kind has no mask") }
    }

    @Test func `what the user ignores is ignored, and only that`() throws {
        let clean = #"{"id":7,"n":[{"at":1,"v":2}]}"#
        let run = #"{"id":81,"n":[{"at":9,"v":2}]}"#
        #expect(try compared(clean, clean, run) == "different at 6")
        #expect(try compared(clean, clean, run, ignoring: ["$.id", "$.n[*].at"]) == "same")
        #expect(try compared(clean, clean, run, ignoring: [#""(id|at)":\d+"#]) == "same")
        #expect(try compared(clean, clean, run, ignoring: ["$.id"]) == "different at 19")
    }

    @Test func `masking never hides a change in a token that is not masked`() throws {
        let seed: UInt64 = 11
        print("seed \(seed)")
        var numbers = SeededNumbers(seed: seed)
        for round in 0..<1_000 {
            let count = 2 + numbers.below(8)
            let varies = (0..<count).map { _ in numbers.below(3) == 0 }
            func text(_ changed: Int?) -> String {
                (0..<count).map { index in
                    let value =
                        varies[index]
                        ? "r\(numbers.next() % 1_000_000)"
                        : changed == index ? "changed" : "value\(index)"
                    return "name\(index)=\(value)"
                }.joined(separator: round % 2 == 0 ? "&" : "\n")
            }
            let (clean, second) = (text(nil), text(nil))
            if let fixed = (0..<count).first(where: { !varies[$0] }) {
                #expect(try compared(clean, second, text(fixed)).hasPrefix("different"))
            }
        }
    }

    // MARK: - Long contents

    @Test func `behind what is kept a hash tells`() {
        let long = Array(repeating: UInt8(ascii: "a"), count: Content.keptBytes + 10)
        var other = long
        other[Content.keptBytes + 5] = UInt8(ascii: "b")
        var store = ContentStore()
        let stored = [Content(long), Content(other), Content(long)].map {
            store.add($0, limit: 1 << 20)
        }
        let comparison = ContentComparison(JudgeSettings(framing: .none, hasReset: true))
        func compare(_ left: Int, _ right: Int) -> ContentComparison.Outcome {
            comparison.compare(stored[left], in: store, stored[right], in: store, kind: "k")
        }
        #expect(compare(0, 2) == .same)
        guard case .different(let difference) = compare(0, 1) else {
            return #expect(Bool(false), "they differ")
        }
        #expect(difference.offset == UInt64(Content.keptBytes))
    }

    @Test func `without room for bytes length and hash are compared, and masks say why not`() {
        var store = ContentStore()
        let stored = ["abc", "abc", "abd"].map {
            store.add(Content(Array($0.utf8)), limit: 2)
        }
        #expect(store.notKept == 3)
        var comparison = ContentComparison(JudgeSettings(framing: .none, hasReset: true))
        #expect(comparison.compare(stored[0], in: store, stored[1], in: store, kind: "k") == .same)
        guard
            case .different = comparison.compare(
                stored[0], in: store, stored[2], in: store, kind: "k")
        else { return #expect(Bool(false), "they differ") }
        let left = Array("a".utf8)
        let right = Array("b".utf8)
        comparison.masks.learn(
            TokenComparison(left.span, right.span, ignoring: comparison.ignored), kind: "k")
        #expect(
            comparison.compare(stored[0], in: store, stored[2], in: store, kind: "k")
                == .notComparable(ContentComparison.unkept))
    }

    @Test func `a long content behind a field whose length varies is not compared, and says so`() {
        let settings = JudgeSettings(framing: .none, hasReset: true)
        var comparison = ContentComparison(settings)
        let body = String(repeating: "x ", count: Content.keptBytes)
        let contents = ["id=1\n", "id=22\n", "id=333\n"].map { Content(Array(($0 + body).utf8)) }
        let first = contents[0].head
        let second = contents[1].head
        comparison.masks.learn(
            TokenComparison(first.span, second.span, ignoring: comparison.ignored), kind: "k")
        var store = ContentStore()
        let stored = contents.map { store.add($0, limit: 1 << 20) }
        #expect(
            comparison.compare(stored[0], in: store, stored[2], in: store, kind: "k")
                == .notComparable(ContentComparison.shifted))
    }
}

/// Numbers that look random (SplitMix64).
struct SeededNumbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(max(1, limit))) }
}
