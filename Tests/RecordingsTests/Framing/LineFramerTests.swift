import Testing

@testable import Recordings

struct LineFramerTests {
    @Test func `one line answers one, in order`() {
        let lines = messages(
            LineFramer(),
            [.down("hello\r\n"), .up("a\nb\r\n"), .down("1\n\n3\n"), .up("\n"), .down("4\n")])
        #expect(
            lines == [
                "d1 0+7 line unasked", "u1 0+2 line owes 1", "u2 2+3 line owes 1",
                "d2 7+2 line to 1", "d3 9+1 line to 2", "d4 10+2 line unasked",
                "u3 5+1 line owes 1", "d5 12+2 line to 3",
            ])
    }

    @Test func `without pairing no line is an answer`() {
        let lines = messages(LineFramer(pairing: .none), [.up("a\n"), .down("1\n")])
        #expect(lines == ["u1 0+2 line owes 0", "d1 0+2 line unasked"])
        #expect(!LineFramer(pairing: .none).pairsAnswers)
    }

    @Test func `a line of a mebibyte is read and a longer one is not`() {
        let longest = String(repeating: "x", count: LineFramer.maximumLineBytes - 1)
        #expect(messages(LineFramer(), [.up(longest + "\n")]).count == 1)
        for cut in [Cut.whole, .every(4_096), .every(1_000)] {
            #expect(
                messages(LineFramer(), [.up("a\nx" + longest + "\n")], cut: cut)
                    == ["u1 0+2 line owes 1", "u lost at 2: a line is longer than 1048576 bytes"])
        }
    }
}
