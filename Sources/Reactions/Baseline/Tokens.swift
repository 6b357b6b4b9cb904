/// A content cut into tokens: a run of letters and digits is one, and each other byte one; what the
/// user ignores is one too, equal to any other that is ignored.
struct Tokens {
    struct Token: Hashable {
        var start: UInt32
        var end: UInt32
        var isIgnored: Bool
        /// Of its bytes: two tokens are equal when these and their lengths are.
        var hash: UInt64
    }

    private(set) var all: [Token] = []

    /// - Parameter ignored: ranges of bytes, rising, apart.
    init(_ bytes: Span<UInt8>, ignoring ignored: [Range<Int>] = []) {
        var place = 0
        for range in ignored where range.lowerBound >= place && range.upperBound <= bytes.count {
            cut(bytes, place..<range.lowerBound)
            all.append(
                Token(
                    start: UInt32(clamping: range.lowerBound),
                    end: UInt32(clamping: range.upperBound),
                    isIgnored: true, hash: 0))
            place = range.upperBound
        }
        cut(bytes, place..<bytes.count)
    }

    var count: Int { all.count }

    subscript(index: Int) -> Token { all[index] }

    private mutating func cut(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        var place = range.lowerBound
        while place < range.upperBound {
            var end = place + 1
            if Self.isWord(bytes[place]) {
                while end < range.upperBound, Self.isWord(bytes[end]) { end += 1 }
            }
            var hash = ContentHash()
            hash.take(bytes.extracting(place..<end))
            all.append(
                Token(
                    start: UInt32(clamping: place), end: UInt32(clamping: end), isIgnored: false,
                    hash: hash.value))
            place = end
        }
    }

    /// Letters and digits of ASCII.
    static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}

extension Tokens.Token {
    func isEqual(to other: Tokens.Token) -> Bool {
        isIgnored == other.isIgnored
            && (isIgnored || (hash == other.hash && end - start == other.end - other.start))
    }

    /// Whether it is one that separates words in a text; these give it its form. Bytes that are no
    /// text may be part of a value.
    func isSeparator(in bytes: Span<UInt8>) -> Bool {
        guard !isIgnored else { return false }
        switch bytes[Int(start)] {
        case 0x09, 0x0a, 0x0d, 0x20...0x7e: return !Tokens.isWord(bytes[Int(start)])
        default: return false
        }
    }
}
