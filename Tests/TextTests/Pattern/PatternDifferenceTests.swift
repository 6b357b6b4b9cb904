import Testing

@testable import Text

@Suite struct PatternDifferenceTests {
    /// Swift's engine backtracks, so patterns and subjects are small; edges of words, which it
    /// sees elsewhere, are left to the table.
    @Test func `a match is the one that another engine finds`() throws {
        let seed: UInt64 = 20_261_124
        print("seed \(seed)")
        var source = PatternSource(seed: seed)
        for _ in 0..<8_000 {
            let text = source.choice(depth: 3)
            let subject = source.subject()
            let other = try Regex(text).matchingSemantics(.unicodeScalar)
            let theirs = try other.firstMatch(in: subject)?.range
            let ours = try Pattern(parsing: text).firstMatch(in: Array(subject.utf8).span)
            let expected = theirs.map { range in
                range.lowerBound.utf16Offset(
                    in: subject)..<range.upperBound.utf16Offset(in: subject)
            }
            guard ours != expected else { continue }
            Issue.record("/\(text)/ on \"\(subject)\": \(ours as Any), not \(expected as Any)")
            return
        }
    }
}

/// Draws patterns and what they are tried on.
private struct PatternSource {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(truncatingIfNeeded: (state >> 33) % UInt64(bound))
    }

    mutating func choice(depth: Int) -> String {
        let branches = below(4) == 0 ? 2 + below(2) : 1
        return (0..<branches).map { _ in sequence(depth: depth) }.joined(separator: "|")
    }

    private mutating func sequence(depth: Int) -> String {
        (0..<(1 + below(3))).map { _ in repeated(depth: depth) }.joined()
    }

    private mutating func repeated(depth: Int) -> String {
        if below(8) == 0 { return ["^", "$"][below(2)] }
        let counts = ["*", "+", "?", "{2}", "{1,2}", "{1,}", "{0,2}"]
        guard below(3) == 0 else { return atom(depth: depth) }
        return atom(depth: depth) + counts[below(counts.count)] + (below(3) == 0 ? "?" : "")
    }

    private mutating func atom(depth: Int) -> String {
        let atoms = [
            "a", "b", "c", "0", "_", " ", ".", "[ab]", "[^a]", "\\d", "\\w", "\\s", "[a-c0]",
        ]
        guard depth > 0, below(4) == 0 else { return atoms[below(atoms.count)] }
        return (below(2) == 0 ? "(" : "(?:") + choice(depth: depth - 1) + ")"
    }

    mutating func subject() -> String {
        let letters = ["a", "a", "b", "b", "c", "0", "_", " ", "-"]
        return (0..<below(12)).map { _ in letters[below(letters.count)] }.joined()
    }
}
