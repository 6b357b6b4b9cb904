/// A pattern as a tree, as it was written.
indirect enum PatternNode: Hashable, Sendable {
    case empty
    /// One byte out of a set.
    case byte(ByteSet)
    case assertion(Assertion)
    case sequence([PatternNode])
    /// The earlier is preferred.
    case choice([PatternNode])
    /// `most` is nil where there is no end. Greedy: rather more than fewer.
    case repetition(PatternNode, least: Int, most: Int?, isGreedy: Bool)

    enum Assertion: Hashable, Sendable {
        case start, end, wordEdge, noWordEdge
    }

    /// Whether it matches nothing at all somewhere.
    var canBeEmpty: Bool {
        switch self {
        case .empty, .assertion: true
        case .byte: false
        case .sequence(let nodes): nodes.allSatisfy(\.canBeEmpty)
        case .choice(let nodes): nodes.contains(where: \.canBeEmpty)
        case .repetition(let node, let least, _, _): least == 0 || node.canBeEmpty
        }
    }
}

/// A set of byte values: 256 bits.
struct ByteSet: Hashable, Sendable {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    static func == (left: ByteSet, right: ByteSet) -> Bool { left.words == right.words }

    func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }

    init() {}
    init(_ byte: UInt8) { insert(byte) }
    init(_ range: ClosedRange<UInt8>) { for byte in range { insert(byte) } }

    func contains(_ byte: UInt8) -> Bool {
        let bit = UInt64(1) << UInt64(byte & 63)
        switch byte >> 6 {
        case 0: return words.0 & bit != 0
        case 1: return words.1 & bit != 0
        case 2: return words.2 & bit != 0
        default: return words.3 & bit != 0
        }
    }

    mutating func insert(_ byte: UInt8) {
        let bit = UInt64(1) << UInt64(byte & 63)
        switch byte >> 6 {
        case 0: words.0 |= bit
        case 1: words.1 |= bit
        case 2: words.2 |= bit
        default: words.3 |= bit
        }
    }

    func union(_ other: ByteSet) -> ByteSet {
        var set = self
        set.words.0 |= other.words.0
        set.words.1 |= other.words.1
        set.words.2 |= other.words.2
        set.words.3 |= other.words.3
        return set
    }

    var inverted: ByteSet {
        var set = ByteSet()
        set.words = (~words.0, ~words.1, ~words.2, ~words.3)
        return set
    }

    /// With each ASCII letter also in its other case.
    var inBothCases: ByteSet {
        var set = self
        for letter in UInt8(ascii: "a")...UInt8(ascii: "z") {
            if contains(letter) { set.insert(letter & 0xDF) }
            if contains(letter & 0xDF) { set.insert(letter) }
        }
        return set
    }

    static let digits = ByteSet(UInt8(ascii: "0")...UInt8(ascii: "9"))
    static let word = digits.union(ByteSet(UInt8(ascii: "a")...UInt8(ascii: "z")))
        .union(ByteSet(UInt8(ascii: "A")...UInt8(ascii: "Z"))).union(ByteSet(UInt8(ascii: "_")))
    static let space = ByteSet(9...13).union(ByteSet(UInt8(ascii: " ")))
    static let notNewline = ByteSet(UInt8(ascii: "\n")).inverted
    static let all = ByteSet().inverted
}
