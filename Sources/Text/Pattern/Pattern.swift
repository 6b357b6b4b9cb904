/// A pattern over bytes, in the everyday syntax, matched in linear time whatever the input.
///
/// ```
/// abc . [a-z] [^0-9] \d \D \w \W \s \S \n \r \t \0 \xFF     one byte each (. is all but \n)
/// ^ $ \b \B                                                 start, end, edges of words
/// (…) (?:…) a|b  a* a+ a? a{3} a{2,5} a{2,}  a*? …          groups, choices, repetitions
/// (?i)…                                                     at the start: either case
/// ```
///
/// The leftmost match counts, and among those that begin there the one that a backtracking engine
/// finds first. A character beyond ASCII stands for its UTF-8 bytes. What cannot be matched in
/// linear time (references back, looking around) is refused by name.
///
/// A match takes at most `program size` steps a byte: the threads of a Pike machine (R. Cox,
/// "Regular Expression Matching: the Virtual Machine Approach", 2009).
package struct Pattern: Sendable, CustomStringConvertible {
    /// The longest pattern, in bytes.
    package static let maximumBytes = 4_096
    /// The most instructions that a pattern may become; `{1000}` is one for each.
    package static let maximumInstructions = 10_000
    /// How deep groups may stand in each other.
    package static let maximumDepth = 100
    /// The largest number in braces.
    package static let maximumRepetition = 1_000

    /// As it was written.
    package let description: String
    let program: PatternProgram

    package init(parsing text: String) throws(PatternError) {
        guard text.utf8.count <= Self.maximumBytes else {
            throw PatternError(text, at: Self.maximumBytes, "a pattern is at most 4096 bytes")
        }
        var parser = PatternParser(text)
        let node = try parser.parse()
        description = text
        program = try PatternProgram(node, of: text)
    }

    /// Whether the bytes have a match anywhere.
    package func matches(in bytes: Span<UInt8>) -> Bool {
        var machine = PatternMachine(program)
        return machine.run(over: bytes, from: 0, isAnyEnough: true) != nil
    }

    /// The first match that begins at or after `start`.
    package func firstMatch(in bytes: Span<UInt8>, from start: Int = 0) -> Range<Int>? {
        guard start >= 0, start <= bytes.count else { return nil }
        var machine = PatternMachine(program)
        return machine.run(over: bytes, from: start, isAnyEnough: false)
    }

    /// All matches, from the left, none over another; an empty one is followed by the next byte.
    package func matches(of bytes: Span<UInt8>, _ body: (Range<Int>) -> Void) {
        var machine = PatternMachine(program)
        var start = 0
        while start <= bytes.count,
            let match = machine.run(over: bytes, from: start, isAnyEnough: false)
        {
            body(match)
            start = match.isEmpty ? match.upperBound + 1 : match.upperBound
        }
    }
}

extension Pattern: Hashable {
    package static func == (left: Pattern, right: Pattern) -> Bool {
        left.description == right.description
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(description) }
}

/// What is wrong with a pattern, and where.
package struct PatternError: Error, Hashable, Sendable, CustomStringConvertible {
    package var pattern: String
    /// Bytes from the pattern's start.
    package var offset: Int
    package var reason: String

    init(_ pattern: String, at offset: Int, _ reason: String) {
        self.pattern = pattern
        self.offset = offset
        self.reason = reason
    }

    package var description: String {
        let shown = pattern.count > 60 ? "\(pattern.prefix(60))…" : pattern
        return "pattern /\(shown)/, byte \(offset + 1): \(reason)"
    }
}
