import Testing

/// What is wrong and where, as an editor can jump to it: `Sources/Text/Quantity.swift:7: …`.
struct Violation: Hashable, CustomStringConvertible {
    let path: String
    /// From 1.
    let line: Int
    let what: String

    var description: String { "\(path):\(line): \(what)" }
}

/// Fails once for all of them, each on a line of its own.
func expectNone(
    _ violations: [Violation], sourceLocation: SourceLocation = #_sourceLocation
) {
    if violations.isEmpty { return }
    let list = violations.map { "\n" + $0.description }.joined()
    Issue.record("\(violations.count) to tidy:\(list)", sourceLocation: sourceLocation)
}

/// A rule that reads one line at a time.
struct LineRule: Sendable {
    /// What may not stand in a line.
    let banned: String
    /// What to do instead.
    let instead: String

    /// Where the banned word stands alone: not as a part of a longer name.
    func violations(in file: SourceFile, lines: [String]) -> [Violation] {
        lines.enumerated().compactMap { index, line in
            guard line.containsWord(banned) else { return nil }
            return Violation(path: file.path, line: index + 1, what: "\(banned): \(instead)")
        }
    }
}

extension String {
    /// Whether `word` stands here with no letter, digit or underscore joined to either of its ends
    /// (where that end is a letter itself).
    func containsWord(_ word: String) -> Bool {
        var rest = self[...]
        while let found = rest.firstRange(of: word) {
            let before =
                found.lowerBound == startIndex ? nil : self[index(before: found.lowerBound)]
            let after = found.upperBound == endIndex ? nil : self[found.upperBound]
            let joinsLeft = isNameLike(before) && isNameLike(word.first)
            let joinsRight = isNameLike(after) && isNameLike(word.last)
            if !joinsLeft && !joinsRight { return true }
            rest = self[found.upperBound...]
        }
        return false
    }

    private func isNameLike(_ character: Character?) -> Bool {
        guard let character else { return false }
        return character.isLetter || character.isNumber || character == "_"
    }
}
