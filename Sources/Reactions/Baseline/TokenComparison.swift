/// Two contents by their tokens: where they differ, and the fields of the expected one.
struct TokenComparison {
    let expected: Tokens
    let actual: Tokens
    let hunks: [Alignment.Hunk]
    /// One for each expected token.
    let fields: [FieldName]

    init(
        _ expectedBytes: Span<UInt8>, _ actualBytes: Span<UInt8>, ignoring ignored: IgnoredFields
    ) {
        let expected = Tokens(expectedBytes, ignoring: ignored.ranges(in: expectedBytes))
        let actual = Tokens(actualBytes, ignoring: ignored.ranges(in: actualBytes))
        self.expected = expected
        self.actual = actual
        hunks =
            Self.byPlace(expected, expectedBytes, actual, actualBytes)
            ?? Self.wholeValues(
                Alignment(expected.count, actual.count) { expected[$0].isEqual(to: actual[$1]) }
                    .hunks, expected, expectedBytes)
        var walk = FieldWalk()
        fields =
            hunks.isEmpty ? [] : expected.all.map { walk.next($0, in: expectedBytes) }
    }

    /// The field of the token before this one; of the first token, its own place before all.
    func field(before index: Int) -> FieldName {
        index > 0 ? fields[index - 1] : FieldName(name: [], line: .max, position: 0)
    }

    /// Where all that separates words is alike, tokens belong together by their places: a longest
    /// common subsequence could pair a number with an equal one of another field.
    private static func byPlace(
        _ expected: Tokens, _ expectedBytes: Span<UInt8>, _ actual: Tokens,
        _ actualBytes: Span<UInt8>
    ) -> [Alignment.Hunk]? {
        guard expected.count == actual.count else { return nil }
        var hunks: [Alignment.Hunk] = []
        for index in 0..<expected.count where !expected[index].isEqual(to: actual[index]) {
            guard !expected[index].isSeparator(in: expectedBytes),
                !actual[index].isSeparator(in: actualBytes)
            else { return nil }
            hunks.append(
                Alignment.Hunk(expected: index..<(index + 1), actual: index..<(index + 1)))
        }
        return hunks
    }

    /// A value that has another number of tokens may share some with the other by chance (`5` and
    /// `6.5`): the stretch that differs is taken to where the value begins and ends.
    private static func wholeValues(
        _ hunks: [Alignment.Hunk], _ expected: Tokens, _ bytes: Span<UInt8>
    ) -> [Alignment.Hunk] {
        var grown: [Alignment.Hunk] = []
        for (index, hunk) in hunks.enumerated() {
            var left = 0
            var right = 0
            if hunk.expected.count != hunk.actual.count {
                // Between two hunks the two sides are equal, token by token.
                let start = index > 0 ? hunks[index - 1].expected.upperBound : 0
                let end =
                    index + 1 < hunks.count ? hunks[index + 1].expected.lowerBound : expected.count
                while hunk.expected.lowerBound - left > start,
                    expected[hunk.expected.lowerBound - left - 1].isInValue(bytes)
                {
                    left += 1
                }
                while hunk.expected.upperBound + right < end,
                    expected[hunk.expected.upperBound + right].isInValue(bytes)
                {
                    right += 1
                }
            }
            let whole = Alignment.Hunk(
                expected: (hunk.expected.lowerBound - left)..<(hunk.expected.upperBound + right),
                actual: (hunk.actual.lowerBound - left)..<(hunk.actual.upperBound + right))
            if let last = grown.last, last.expected.upperBound >= whole.expected.lowerBound {
                grown[grown.count - 1] = Alignment.Hunk(
                    expected: last.expected.lowerBound..<whole.expected.upperBound,
                    actual: last.actual.lowerBound..<whole.actual.upperBound)
            } else {
                grown.append(whole)
            }
        }
        return grown
    }
}

extension Tokens.Token {
    /// Whether it may stand inside of a value: words, and what joins them in numbers, dates and
    /// paths; not what stands between values.
    fileprivate func isInValue(_ bytes: Span<UInt8>) -> Bool {
        guard !isIgnored else { return false }
        let first = bytes[Int(start)]
        return Tokens.isWord(first) || ".-_+/%".utf8.contains(first)
    }
}
