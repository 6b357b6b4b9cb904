/// The field lines of a head or a trailer section, up to and with the empty line behind them.
///
/// It keeps what decides where the message ends, and whether there are credentials; everything else
/// is passed over. As RFC 9112 §5 has it: no space before a colon in a request, a line that goes
/// on in the next one (§5.2) is read as one, and a lone LF ends a line (§2.2).
struct HTTPFields: Sendable {
    enum Section: Sendable {
        case request, response
        /// Behind the last chunk: nothing in it decides anything (RFC 9112 §7.1.2).
        case trailer
    }

    enum Step {
        case more
        case done
        case bad(String)
    }

    /// A field that decides where the message ends is at most this long.
    static let maximumValueBytes = 256
    /// A length has at most this many digits.
    static let maximumLengthDigits = 18
    /// So much is told of what a connection switches to.
    static let upgradeBytes = 32

    private enum Part: UInt8 {
        case start, name, afterName, value, lineFeed, lastLineFeed
    }

    private enum Field: UInt8 {
        case none, contentLength, transferEncoding, upgrade, credentials
    }

    private let section: Section
    private var part = Part.start
    private var name = ShortWord()
    private var isFirst = true
    private var field = Field.none
    private var value: [UInt8] = []

    private(set) var hasCredentials = false
    private(set) var contentLength: UInt64?
    /// Whether there are transfer codings, and `chunked` is the last of them.
    private(set) var hasCodings = false
    private(set) var isChunked = false
    private(set) var upgrade: [UInt8] = []

    init(_ section: Section) {
        self.section = section
    }

    /// Takes bytes to the end of the section, or all.
    /// - Returns: how many were taken, the one that ended it too; of bad ones, where.
    @inline(__always)
    mutating func advance(_ bytes: Span<UInt8>) -> (taken: Int, Step) {
        var index = 0
        while index < bytes.count {
            if part == .value && field == .none {
                index += Self.plainBytes(bytes, from: index)
                guard index < bytes.count else { break }
            }
            switch take(bytes[index]) {
            case .more: index += 1
            case .done: return (index + 1, .done)
            case .bad(let reason): return (index, .bad(reason))
            }
        }
        return (index, .more)
    }

    /// Bytes of a value that say nothing.
    private static func plainBytes(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count, bytes[index] != UInt8(ascii: "\r"),
            bytes[index] != UInt8(ascii: "\n"), bytes[index] != 0
        {
            index += 1
        }
        return index - start
    }

    private mutating func take(_ byte: UInt8) -> Step {
        switch part {
        case .start: return takeStart(byte)
        case .name: return takeName(byte)
        case .afterName:
            if byte == UInt8(ascii: ":") { return startValue() }
            return Self.isSpace(byte) ? .more : .bad("a field's name is followed by byte \(byte)")
        case .value: return takeValue(byte)
        case .lineFeed:
            guard byte == UInt8(ascii: "\n") else { return .bad(Self.badReturn) }
            part = .start
            return .more
        case .lastLineFeed:
            return byte == UInt8(ascii: "\n") ? .done : .bad(Self.badReturn)
        }
    }

    private static let badReturn = "a CR stands without LF"

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    private mutating func takeStart(_ byte: UInt8) -> Step {
        if Self.isSpace(byte) {
            // The line before goes on here (obs-fold).
            guard !isFirst else { return .bad("a space stands before the first field") }
            part = .value
            return takeValue(UInt8(ascii: " "))
        }
        if let reason = endField() { return .bad(reason) }
        isFirst = false
        switch byte {
        case UInt8(ascii: "\n"):
            return .done
        case UInt8(ascii: "\r"):
            part = .lastLineFeed
            return .more
        default:
            name = ShortWord()
            part = .name
            return takeName(byte)
        }
    }

    private mutating func takeName(_ byte: UInt8) -> Step {
        if HTTPToken.contains(byte) {
            name.append(byte)
            return .more
        }
        guard !name.isEmpty else { return .bad("a field's name begins with byte \(byte)") }
        if byte == UInt8(ascii: ":") { return startValue() }
        // A space here has let requests through that a proxy read otherwise (§5.1).
        guard Self.isSpace(byte), section == .response else {
            return .bad("a field's name has byte \(byte)")
        }
        part = .afterName
        return .more
    }

    private mutating func startValue() -> Step {
        part = .value
        value.removeAll(keepingCapacity: true)
        field = section == .trailer ? .none : Self.fields[name] ?? .none
        switch field {
        case .credentials:
            hasCredentials = true
            field = .none
        case .upgrade where section == .request:
            field = .none
        default: break
        }
        return .more
    }

    private static let fields: [ShortWord: Field] = [
        ShortWord("CONTENT-LENGTH"): .contentLength,
        ShortWord("TRANSFER-ENCODING"): .transferEncoding,
        ShortWord("UPGRADE"): .upgrade, ShortWord("AUTHORIZATION"): .credentials,
        ShortWord("PROXY-AUTHORIZATION"): .credentials, ShortWord("COOKIE"): .credentials,
        ShortWord("SET-COOKIE"): .credentials,
    ]

    private mutating func takeValue(_ byte: UInt8) -> Step {
        switch byte {
        case UInt8(ascii: "\r"): part = .lineFeed
        case UInt8(ascii: "\n"): part = .start
        case 0: return .bad("a field's value has byte 0")
        default:
            guard field != .none else { return .more }
            guard value.count < Self.maximumValueBytes else {
                return .bad("a \(fieldName) is longer than \(Self.maximumValueBytes) bytes")
            }
            value.append(byte)
        }
        return .more
    }

    private var fieldName: String {
        switch field {
        case .contentLength: "Content-Length"
        case .transferEncoding: "Transfer-Encoding"
        case .upgrade: "Upgrade"
        case .none, .credentials: "field"
        }
    }

    // MARK: - What the fields say

    /// The field that was under way is whole: takes it in.
    /// - Returns: what is wrong with it.
    private mutating func endField() -> String? {
        let ended = field
        field = .none
        switch ended {
        case .none, .credentials: return nil
        case .contentLength: return takeLengths()
        case .transferEncoding: return takeCodings()
        case .upgrade:
            // It is told to people, so that no control character may be in it.
            upgrade = Self.trimmed(value[...]).prefix(Self.upgradeBytes).map {
                (0x20..<0x7f).contains($0) ? $0 : UInt8(ascii: "?")
            }
            return nil
        }
    }

    /// The same length several times is one length (RFC 9110 §8.6).
    private mutating func takeLengths() -> String? {
        for item in value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let digits = Self.trimmed(item)
            guard !digits.isEmpty, digits.count <= Self.maximumLengthDigits,
                digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") })
            else { return "a Content-Length is not a number" }
            let length = digits.reduce(UInt64(0)) { $0 * 10 + UInt64($1 - UInt8(ascii: "0")) }
            guard contentLength == nil || contentLength == length else {
                return "there are two different Content-Lengths"
            }
            contentLength = length
        }
        return nil
    }

    private mutating func takeCodings() -> String? {
        let chunked = ShortWord("CHUNKED")
        for item in value.split(separator: UInt8(ascii: ",")) {
            let coding = Self.trimmed(item.prefix { $0 != UInt8(ascii: ";") })
            guard !coding.isEmpty else { continue }
            var word = ShortWord()
            for byte in coding { word.append(byte) }
            // What is applied to chunks again has no boundaries that could be told (§6.1).
            guard !isChunked else { return "a transfer coding stands behind chunked" }
            hasCodings = true
            isChunked = word == chunked
        }
        return hasCodings ? nil : "a Transfer-Encoding names no coding"
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes
        while let first = bytes.first, isSpace(first) { bytes.removeFirst() }
        while let last = bytes.last, isSpace(last) { bytes.removeLast() }
        return bytes
    }
}
