/// Swift source with comments and the contents of string literals turned into spaces.
///
/// It keeps every line where it was, and the code inside `\(…)`. Regular expression literals are
/// not known to it; this repository has none.
struct SwiftCode {
    private var bytes: [UInt8]
    private var index = 0

    private static let newline = UInt8(ascii: "\n")
    private static let quote = UInt8(ascii: "\"")
    private static let hash = UInt8(ascii: "#")
    private static let slash = UInt8(ascii: "/")
    private static let star = UInt8(ascii: "*")
    private static let backslash = UInt8(ascii: "\\")
    private static let backtick = UInt8(ascii: "`")
    private static let opening = UInt8(ascii: "(")
    private static let closing = UInt8(ascii: ")")

    init(_ text: String) {
        bytes = Array(text.utf8)
        readCode(inInterpolation: false)
    }

    var lines: [String] {
        bytes.split(separator: Self.newline, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// Reads to the end, or over the parenthesis that closes an interpolation.
    private mutating func readCode(inInterpolation: Bool) {
        var depth = 0
        while index < bytes.count {
            switch bytes[index] {
            case Self.slash where byte(after: 1) == Self.slash: readLineComment()
            case Self.slash where byte(after: 1) == Self.star: readBlockComment()
            case Self.quote, Self.hash: readString()
            case Self.backtick: readRawIdentifier()
            case Self.opening:
                depth += 1
                index += 1
            case Self.closing:
                depth -= 1
                index += 1
                if inInterpolation && depth < 0 { return }
            default: index += 1
            }
        }
    }

    private mutating func readLineComment() {
        while index < bytes.count && bytes[index] != Self.newline { blank(1) }
    }

    /// Block comments nest.
    private mutating func readBlockComment() {
        var depth = 0
        repeat {
            if bytes[index] == Self.slash && byte(after: 1) == Self.star {
                depth += 1
                blank(2)
            } else if bytes[index] == Self.star && byte(after: 1) == Self.slash {
                depth -= 1
                blank(2)
            } else {
                blank(1)
            }
        } while depth > 0 && index < bytes.count
    }

    /// The name of a test, which is a sentence between backticks, stays as it is.
    private mutating func readRawIdentifier() {
        repeat { index += 1 } while index < bytes.count && bytes[index] != Self.backtick
        index += 1
    }

    /// Reads `"…"`, `"""…"""` and both with hashes around them; or one hash that begins no string.
    private mutating func readString() {
        var hashes = 0
        while byte(after: hashes) == Self.hash { hashes += 1 }
        guard byte(after: hashes) == Self.quote else { return index += max(1, hashes) }
        index += hashes
        let isMultiline = byte(after: 1) == Self.quote && byte(after: 2) == Self.quote
        let quotes = isMultiline ? 3 : 1
        index += quotes
        while index < bytes.count {
            if closesString(quotes: quotes, hashes: hashes) { return index += quotes + hashes }
            guard escapes(hashes: hashes) else {
                blank(1)
                continue
            }
            blank(1 + hashes)
            if byte(after: 0) == Self.opening {
                index += 1
                readCode(inInterpolation: true)
            } else {
                blank(1)
            }
        }
    }

    private func closesString(quotes: Int, hashes: Int) -> Bool {
        (0..<quotes).allSatisfy { byte(after: $0) == Self.quote }
            && (0..<hashes).allSatisfy { byte(after: quotes + $0) == Self.hash }
    }

    private func escapes(hashes: Int) -> Bool {
        bytes[index] == Self.backslash
            && (0..<hashes).allSatisfy { byte(after: 1 + $0) == Self.hash }
    }

    private func byte(after distance: Int) -> UInt8? {
        index + distance < bytes.count ? bytes[index + distance] : nil
    }

    private mutating func blank(_ count: Int) {
        for _ in 0..<count where index < bytes.count {
            if bytes[index] != Self.newline { bytes[index] = UInt8(ascii: " ") }
            index += 1
        }
    }
}
