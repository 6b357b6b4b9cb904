import Recordings

/// Compares contents of two runs by their tokens, without what is masked and ignored.
struct ContentComparison: Sendable {
    enum Outcome: Hashable, Sendable {
        case same
        case different(Difference)
        /// Why it cannot be told.
        case notComparable(String)
    }

    static let unkept = "no more bytes could be kept, and fields of their kind are not compared"
    static let shifted = "longer than what is kept, behind a field whose length varies"
    static let tooVaried = "too many fields of their kind differ between clean runs"

    let ignored: IgnoredFields
    var masks = Masks()

    init(_ settings: JudgeSettings) { ignored = IgnoredFields(settings) }

    /// - Parameters:
    ///   - expected: a content of `store`, and what it is compared with, one of `actualStore`.
    ///   - kind: of what is masked.
    func compare(
        _ expected: StoredContent, in store: ContentStore, _ actual: StoredContent,
        in actualStore: ContentStore, kind: String
    ) -> Outcome {
        if expected.isSame(as: actual) { return .same }
        guard expected.isKept, actual.isKept else {
            guard ignored.isEmpty, masks[kind]?.isEmpty ?? true else {
                return .notComparable(Self.unkept)
            }
            return .different(
                Difference(
                    offset: 0, excerptOffset: 0, expected: [], actual: [],
                    expectedBytes: expected.length))
        }
        return store.withBytes(expected) { expectedBytes in
            actualStore.withBytes(actual) { actualBytes in
                compare(
                    expectedBytes, actualBytes, length: expected.length,
                    isWhole: expected.isWhole && actual.isWhole,
                    isTailSame: expected.hasSameTail(as: actual), kind: kind)
            }
        }
    }

    /// Compares what is at hand of two contents.
    /// - Parameters:
    ///   - length: of the whole expected content.
    ///   - isWhole: whether all of both is at hand.
    ///   - isTailSame: whether what follows is as long and the same, as far as a hash tells.
    func compare(
        _ expected: Span<UInt8>, _ actual: Span<UInt8>, length: UInt64, isWhole: Bool,
        isTailSame: Bool, kind: String
    ) -> Outcome {
        let fields = masks[kind]
        if fields?.isFull == true { return .notComparable(Self.tooVaried) }
        let tokens = TokenComparison(expected, actual, ignoring: ignored)
        let open = tokens.hunks.filter { !(fields?.cover($0, in: tokens) ?? false) }
        guard !isWhole else {
            guard let first = open.first else { return .same }
            return .different(tokens.difference(first, expected, actual, length: length))
        }
        let isShifted = tokens.isShifted(leavingOut: open)
        // Where the heads end differs by itself if something before it is longer.
        let inner = open.first {
            !isShifted
                || ($0.expected.upperBound < tokens.expected.count
                    && $0.actual.upperBound < tokens.actual.count)
        }
        if let inner {
            return .different(tokens.difference(inner, expected, actual, length: length))
        }
        if isShifted { return .notComparable(Self.shifted) }
        guard !isTailSame else { return .same }
        let place = UInt64(min(expected.count, actual.count))
        return .different(
            Difference(
                offset: place, excerptOffset: place, expected: [], actual: [],
                expectedBytes: length))
    }
}

extension StoredContent {
    fileprivate func hasSameTail(as other: StoredContent) -> Bool {
        length - UInt64(count) == other.length - UInt64(other.count) && tailHash == other.tailHash
    }
}

extension TokenComparison {
    /// Whether what is equal, masked or ignored has another length on the two sides.
    fileprivate func isShifted(leavingOut open: [Alignment.Hunk]) -> Bool {
        for hunk in hunks where !open.contains(hunk) {
            if Self.bytes(of: hunk.expected, expected) != Self.bytes(of: hunk.actual, actual) {
                return true
            }
        }
        return Self.ignoredBytes(expected) != Self.ignoredBytes(actual)
    }

    private static func bytes(of range: Range<Int>, _ tokens: Tokens) -> UInt32 {
        range.isEmpty ? 0 : tokens[range.upperBound - 1].end - tokens[range.lowerBound].start
    }

    private static func ignoredBytes(_ tokens: Tokens) -> UInt32 {
        tokens.all.reduce(0) { $0 + ($1.isIgnored ? $1.end - $1.start : 0) }
    }

    /// What stands where a hunk begins, on both sides.
    func difference(
        _ hunk: Alignment.Hunk, _ expectedBytes: Span<UInt8>, _ actualBytes: Span<UInt8>,
        length: UInt64
    ) -> Difference {
        let expectedStart = Self.start(hunk.expected, expected, expectedBytes.count)
        let actualStart = Self.start(hunk.actual, actual, actualBytes.count)
        var offset = 0
        while expectedStart + offset < expectedBytes.count,
            actualStart + offset < actualBytes.count,
            expectedBytes[expectedStart + offset] == actualBytes[actualStart + offset]
        {
            offset += 1
        }
        let fits = max(expectedBytes.count, actualBytes.count) <= Difference.excerptBytes
        let context =
            fits ? expectedStart : min(Difference.contextBytes, expectedStart, actualStart)
        let from = expectedStart - context
        let actualFrom = fits ? 0 : actualStart - context
        return Difference(
            offset: UInt64(expectedStart + offset), excerptOffset: UInt64(from),
            expected: Self.excerpt(expectedBytes, from: from),
            actual: Self.excerpt(actualBytes, from: actualFrom), expectedBytes: length)
    }

    private static func start(_ range: Range<Int>, _ tokens: Tokens, _ end: Int) -> Int {
        range.lowerBound < tokens.count ? Int(tokens[range.lowerBound].start) : end
    }

    private static func excerpt(_ bytes: Span<UInt8>, from start: Int) -> [UInt8] {
        (start..<min(bytes.count, start + Difference.excerptBytes)).map { bytes[$0] }
    }
}
