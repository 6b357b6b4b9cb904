/// The first line of an HTTP/1 message, byte by byte (RFC 9112 §3 and §4).
///
/// Single spaces separate its parts; a lone LF ends it too, as §2.2 lets a recipient take it.
struct HTTPStartLine: Sendable {
    enum Step {
        case more
        case done
        case bad(String)
    }

    static let maximumMethodBytes = 32

    private enum Part: UInt8 {
        case method, target, version, minor, afterMinor, status, reason, lineFeed
    }

    private let isRequest: Bool
    private var part: Part
    /// Bytes of the part at hand.
    private var count = 0
    private var word = ShortWord()
    private var hasLowercase = false

    private(set) var isVersion10 = false
    /// Of a response.
    private(set) var status = 0

    init(isRequest: Bool) {
        self.isRequest = isRequest
        part = isRequest ? .method : .version
    }

    /// The method of a request, where it is one that has a name here.
    var method: HTTPMethod? { hasLowercase ? nil : HTTPMethod.known[word] }

    /// Whether a known method has been read, and the first byte of what looks like its target.
    private(set) var hasTelling = false

    @inline(__always)
    mutating func take(_ byte: UInt8) -> Step {
        switch part {
        case .target: takeTarget(byte)
        case .reason: takeReason(byte)
        case .method: takeMethod(byte)
        case .version: takeVersion(byte)
        case .minor: takeMinor(byte)
        case .afterMinor: isRequest ? takeEnd(byte) : takeSpace(byte)
        case .status: takeStatus(byte)
        case .lineFeed: byte == UInt8(ascii: "\n") ? .done : .bad("a CR stands without LF")
        }
    }

    private mutating func takeMethod(_ byte: UInt8) -> Step {
        if byte == UInt8(ascii: " ") && count > 0 { return goOn(to: .target) }
        guard HTTPToken.contains(byte) else {
            return .bad("a request line's method has byte \(byte)")
        }
        guard count < Self.maximumMethodBytes else {
            return .bad("a method is longer than \(Self.maximumMethodBytes) bytes")
        }
        if byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") { hasLowercase = true }
        word.append(byte)
        count += 1
        return .more
    }

    private mutating func takeTarget(_ byte: UInt8) -> Step {
        if byte == UInt8(ascii: " ") && count > 0 { return goOn(to: .version) }
        guard byte > 0x20 && byte != 0x7f else {
            return byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n")
                ? .bad("a request line has no version")
                : .bad("a request line's target has byte \(byte)")
        }
        if count == 0 { hasTelling = byte == UInt8(ascii: "/") && method != nil }
        count += 1
        return .more
    }

    private static let version = Array("HTTP/1.".utf8)

    private mutating func takeVersion(_ byte: UInt8) -> Step {
        guard byte == Self.version[count] else {
            return .bad(
                isRequest
                    ? "a request line does not end with HTTP/1.x"
                    : "a status line does not begin with HTTP/1.x")
        }
        count += 1
        return count == Self.version.count ? goOn(to: .minor) : .more
    }

    private mutating func takeMinor(_ byte: UInt8) -> Step {
        guard byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") else {
            return .bad("a version of HTTP/1 is not a digit")
        }
        isVersion10 = byte == UInt8(ascii: "0")
        return goOn(to: .afterMinor)
    }

    private mutating func takeSpace(_ byte: UInt8) -> Step {
        byte == UInt8(ascii: " ") ? goOn(to: .status) : .bad("a status line has no status")
    }

    private mutating func takeStatus(_ byte: UInt8) -> Step {
        if count == 3 {
            return byte == UInt8(ascii: " ") ? goOn(to: .reason) : takeEnd(byte)
        }
        guard byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") else {
            return .bad(Self.badStatus)
        }
        status = status * 10 + Int(byte - UInt8(ascii: "0"))
        count += 1
        return .more
    }

    private mutating func takeReason(_ byte: UInt8) -> Step {
        byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") ? takeEnd(byte) : .more
    }

    private mutating func takeEnd(_ byte: UInt8) -> Step {
        if byte == UInt8(ascii: "\n") { return .done }
        guard byte == UInt8(ascii: "\r") else {
            return .bad(
                isRequest ? "a request line goes on behind its version" : Self.badStatus)
        }
        return goOn(to: .lineFeed)
    }

    private static let badStatus = "a status is not three digits"

    private mutating func goOn(to part: Part) -> Step {
        self.part = part
        count = 0
        return .more
    }
}

/// The bytes that names in HTTP consist of (RFC 9110 §5.6.2).
enum HTTPToken {
    private static let bytes: [Bool] = {
        var table = [Bool](repeating: false, count: 256)
        for byte in "!#$%&'*+-.^_`|~".utf8 { table[Int(byte)] = true }
        for byte in UInt8(ascii: "0")...UInt8(ascii: "9") { table[Int(byte)] = true }
        for byte in UInt8(ascii: "a")...UInt8(ascii: "z") { table[Int(byte)] = true }
        for byte in UInt8(ascii: "A")...UInt8(ascii: "Z") { table[Int(byte)] = true }
        return table
    }()

    static func contains(_ byte: UInt8) -> Bool { bytes[Int(byte)] }
}

/// A method that has a name here: the registered ones that are met, so that kinds are bounded.
struct HTTPMethod: Sendable {
    var name: String
    /// What the request asks for decides how its answer is framed (RFC 9112 §6.3).
    var effect: Effect

    enum Effect: UInt8, Sendable {
        case none
        /// `HEAD`: its answer has no body, whatever it says.
        case noBody
        /// `CONNECT`: once granted, the connection is a tunnel.
        case tunnel
    }

    static let other = HTTPMethod(name: "other", effect: .none)

    static let known: [ShortWord: HTTPMethod] = {
        let names = """
            GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH PROPFIND PROPPATCH MKCOL COPY MOVE
            LOCK UNLOCK REPORT SEARCH MERGE CHECKOUT MKACTIVITY MKCALENDAR ACL PURGE BAN NOTIFY
            SUBSCRIBE UNSUBSCRIBE M-SEARCH LINK UNLINK SOURCE QUERY
            """
        var known: [ShortWord: HTTPMethod] = [:]
        for name in names.split(whereSeparator: \.isWhitespace).map(String.init) {
            let effect: Effect =
                switch name {
                case "HEAD": .noBody
                case "CONNECT": .tunnel
                default: .none
                }
            known[ShortWord(name)] = HTTPMethod(name: name, effect: effect)
        }
        return known
    }()
}
