import Recordings

/// Compares bytes as they come with recorded ones, in bounded memory.
struct ByteComparison {
    let connection: Int
    /// The recorded bytes, on the downstream link.
    let range: Range<UInt64>
    private var taken: UInt64 = 0
    private(set) var differsAt: UInt64?
    private var isUnreadable = false
    /// The bytes that came, from the first that differs on.
    private var actual: [UInt8] = []

    init(_ connection: Int, _ range: Range<UInt64>) {
        self.connection = connection
        self.range = range
    }

    mutating func take(_ bytes: Span<UInt8>, _ recorded: inout RecordedSide) {
        if differsAt == nil && !isUnreadable {
            switch recorded.compare(
                bytes, connection, from: range.lowerBound.adding(taken), in: range)
            {
            case .same: break
            case .unreadable: isUnreadable = true
            case .differs(let equal):
                differsAt = taken + UInt64(equal)
                keep(bytes.extracting(equal..<bytes.count))
            }
        } else if differsAt != nil {
            keep(bytes)
        }
        taken += UInt64(bytes.count)
    }

    /// What was found once the last byte was taken.
    enum Outcome {
        case same, unreadable
        case different(Difference)
    }

    /// - Parameters:
    ///   - isWhole: false where an end cut it: fewer bytes are then no difference.
    ///   - head: the first bytes that came, all of them where there are no more than that.
    mutating func finish(
        isWhole: Bool = true, head: Span<UInt8>, _ recorded: inout RecordedSide
    ) -> Outcome {
        if isUnreadable { return .unreadable }
        if differsAt == nil && isWhole && taken < range.length { differsAt = taken }
        guard let differsAt else { return .same }
        var from = differsAt
        if UInt64(head.count) == taken {
            // All of it is at hand: some of what is equal is shown too.
            let limit = UInt64(Difference.excerptBytes)
            let fits = max(taken, range.length) <= limit
            let context = UInt64(Difference.contextBytes)
            from = fits ? 0 : differsAt - min(context, differsAt)
            actual = []
            keep(head.extracting(Int(from)..<head.count))
        }
        let start = min(range.lowerBound.adding(from), range.upperBound)
        return .different(
            Difference(
                offset: differsAt, excerptOffset: from,
                expected: recorded.excerpt(connection, start..<range.upperBound), actual: actual,
                expectedBytes: range.length))
    }

    private mutating func keep(_ bytes: Span<UInt8>) {
        for index in 0..<min(bytes.count, Difference.excerptBytes - actual.count) {
            actual.append(bytes[index])
        }
    }
}
