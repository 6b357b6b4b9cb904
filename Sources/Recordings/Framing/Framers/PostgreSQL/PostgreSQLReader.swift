/// Reads one link of a PostgreSQL connection: a type byte, a length that counts itself, and a body.
///
/// What a client sends first has no type byte (PostgreSQL's documentation, "Message Formats").
struct PostgreSQLReader: Sendable {
    enum Outcome {
        case message(taken: Int)
        case needMore
        case broken(taken: Int, reason: String)
    }

    /// The server's own limit (`PQ_LARGE_MESSAGE_LIMIT`).
    static let maximumMessageBytes = 0x3fff_ffff
    /// The server's own limit (`MAX_STARTUP_PACKET_LENGTH`), the length itself included.
    static let maximumStartUpBytes = 10_000
    /// So much of a body is kept to be looked at.
    static let keptBytes = 1_024

    private let names: PostgreSQLTypes
    /// Whether messages have a type byte.
    var isTyped: Bool

    /// Of the message at hand; 0 without one.
    private(set) var type: UInt8 = 0
    /// The front of the body.
    private(set) var kept: [UInt8] = []
    private(set) var bodyBytes = 0

    private var headerBytes = 0
    private var length: UInt32 = 0
    private var left = 0

    init(_ names: PostgreSQLTypes, isTyped: Bool) {
        self.names = names
        self.isTyped = isTyped
    }

    /// The next byte is the first of a message.
    var beginsMessage: Bool { headerBytes == 0 }

    /// The name of the message at hand.
    var kind: String { names[type] ?? "other" }

    /// The big-endian number at the front of the body; nil where it is too short.
    var code: UInt32? {
        guard kept.count >= 4 else { return nil }
        return kept[..<4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    mutating func advance(_ bytes: Span<UInt8>) -> Outcome {
        var index = 0
        let wanted = isTyped ? 5 : 4
        while index < bytes.count && headerBytes < wanted {
            if let reason = takeHeader(bytes[index], isLast: headerBytes == wanted - 1) {
                return .broken(taken: index, reason: reason)
            }
            index += 1
        }
        guard headerBytes == wanted else { return .needMore }
        let taken = min(left, bytes.count - index)
        if kept.count < Self.keptBytes && names.keeps(type) {
            for place in index..<(index + min(taken, Self.keptBytes - kept.count)) {
                kept.append(bytes[place])
            }
        }
        left -= taken
        guard left == 0 else { return .needMore }
        headerBytes = 0
        return .message(taken: index + taken)
    }

    /// - Returns: what is wrong with the byte.
    private mutating func takeHeader(_ byte: UInt8, isLast: Bool) -> String? {
        if headerBytes == 0 {
            length = 0
            type = 0
            kept.removeAll(keepingCapacity: true)
        }
        if headerBytes == 0 && isTyped {
            guard names[byte] != nil else { return names.unknown(byte) }
            type = byte
        } else {
            length = length << 8 | UInt32(byte)
        }
        headerBytes += 1
        return isLast ? takeLength() : nil
    }

    private mutating func takeLength() -> String? {
        let least: UInt32 = isTyped ? 4 : 8
        guard length >= least else { return "a length of \(length) is too short" }
        let most = isTyped ? Self.maximumMessageBytes : Self.maximumStartUpBytes
        guard length <= UInt32(most) else { return "a message is longer than \(most) bytes" }
        left = Int(length) - 4
        bodyBytes = left
        return nil
    }
}

/// The type bytes of one link, and their names.
struct PostgreSQLTypes: Sendable {
    private var names: [String?]
    private var sender: String
    private var kept: Set<UInt8>

    static let client = PostgreSQLTypes(
        sender: "a client", kept: "Q",
        [
            "B": "Bind", "C": "Close", "D": "Describe", "E": "Execute", "F": "FunctionCall",
            "H": "Flush", "P": "Parse", "Q": "Query", "S": "Sync", "X": "Terminate",
            "c": "CopyDone", "d": "CopyData", "f": "CopyFail", "p": "PasswordMessage",
        ])

    static let server = PostgreSQLTypes(
        sender: "a server", kept: "RZ",
        [
            "1": "ParseComplete", "2": "BindComplete", "3": "CloseComplete",
            "A": "NotificationResponse", "C": "CommandComplete", "D": "DataRow",
            "E": "ErrorResponse", "G": "CopyInResponse", "H": "CopyOutResponse",
            "I": "EmptyQueryResponse", "K": "BackendKeyData", "N": "NoticeResponse",
            "R": "Authentication", "S": "ParameterStatus", "T": "RowDescription",
            "V": "FunctionCallResponse", "W": "CopyBothResponse", "Z": "ReadyForQuery",
            "c": "CopyDone", "d": "CopyData", "n": "NoData", "s": "PortalSuspended",
            "t": "ParameterDescription", "v": "NegotiateProtocolVersion",
        ])

    private init(sender: String, kept: String, _ types: KeyValuePairs<Unicode.Scalar, String>) {
        self.sender = sender
        // What has no type byte is kept too: its code tells what it is.
        self.kept = Set(kept.utf8).union([0])
        names = Array(repeating: nil, count: 256)
        for (type, name) in types { names[Int(UInt8(ascii: type))] = name }
    }

    subscript(type: UInt8) -> String? { names[Int(type)] }

    /// Whether the bodies of such messages matter.
    func keeps(_ type: UInt8) -> Bool { kept.contains(type) }

    func unknown(_ type: UInt8) -> String { "no message of \(sender) begins with byte \(type)" }
}
