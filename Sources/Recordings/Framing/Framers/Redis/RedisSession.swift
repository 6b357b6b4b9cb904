/// What Redis commands change in a session, read from their arguments.
extension RedisCommandReader {
    enum ReplyMode: Sendable { case on, off, skip }

    /// What `CLIENT REPLY` asks for; nil for any other command, and where Redis would refuse it.
    var replyMode: ReplyMode? {
        guard command.effect == .client, argumentCount == 2, arguments.words.count == 2,
            arguments.words[0] == Self.reply
        else { return nil }
        return Self.replyModes[arguments.words[1]]
    }

    /// The key of the session state that the command sets; nil where it sets none.
    ///
    /// A later command with the same key makes the earlier one unnecessary. Subscribing to names
    /// and unsubscribing from the same names share one.
    var sessionKey: String? {
        switch command.effect {
        case .authenticate: "AUTH"
        case .hello: "HELLO"
        case .select: "SELECT"
        case .readMode: "READONLY"
        case .reset: "RESET"
        case .monitor: "MONITOR"
        case .client: clientKey
        case .subscribe, .unsubscribe: arguments.key("SUBSCRIBE")
        case .patternSubscribe, .patternUnsubscribe: arguments.key("PSUBSCRIBE")
        case .shardSubscribe, .shardUnsubscribe: arguments.key("SSUBSCRIBE")
        case .none, .nothing, .multi, .endTransaction, .replicate: nil
        }
    }

    private var clientKey: String? {
        guard let subcommand = arguments.words.first, let name = Self.clientKeys[subcommand] else {
            return nil
        }
        switch name {
        case "CLIENT REPLY":
            guard let mode = replyMode, mode != .skip else { return nil }
            return name
        case "CLIENT SETINFO":
            guard arguments.words.count > 1 else { return nil }
            return arguments.words[1] == Self.libraryName
                ? "CLIENT SETINFO LIB-NAME" : "CLIENT SETINFO LIB-VER"
        case "CLIENT TRACKING":
            return arguments.key("CLIENT")
        default:
            return name
        }
    }

    private static let reply = ShortWord("REPLY")
    private static let libraryName = ShortWord("LIB-NAME")
    private static let replyModes: [ShortWord: ReplyMode] = [
        ShortWord("ON"): .on, ShortWord("OFF"): .off, ShortWord("SKIP"): .skip,
    ]
    private static let clientKeys: [ShortWord: String] = [
        ShortWord("SETNAME"): "CLIENT SETNAME", ShortWord("SETINFO"): "CLIENT SETINFO",
        ShortWord("TRACKING"): "CLIENT TRACKING", ShortWord("REPLY"): "CLIENT REPLY",
        ShortWord("NO-EVICT"): "CLIENT NO-EVICT", ShortWord("NO-TOUCH"): "CLIENT NO-TOUCH",
    ]
}

extension RedisFramer {
    /// A message's kind downstream: its type byte.
    static func kind(_ type: UInt8) -> String {
        switch type {
        case UInt8(ascii: "+"): "+"
        case UInt8(ascii: "-"): "-"
        case UInt8(ascii: ":"): ":"
        case UInt8(ascii: "$"): "$"
        case UInt8(ascii: "*"): "*"
        case UInt8(ascii: ">"): ">"
        case UInt8(ascii: "%"): "%"
        case UInt8(ascii: "~"): "~"
        case UInt8(ascii: "_"): "_"
        case UInt8(ascii: "#"): "#"
        case UInt8(ascii: ","): ","
        case UInt8(ascii: "("): "("
        case UInt8(ascii: "!"): "!"
        case UInt8(ascii: "="): "="
        default: "other"
        }
    }

    /// An array of strings to begin with, or an inline command whose answer looks like RESP.
    package static func recognises(
        upstream: Span<UInt8>, downstream: Span<UInt8>
    ) -> Recognition {
        guard !upstream.isEmpty else { return .undecided }
        var reader = RedisCommandReader()
        guard case .command = reader.advance(upstream) else {
            return unfinishedCommand(upstream)
        }
        if upstream[0] == UInt8(ascii: "*") { return reader.argumentCount >= 0 ? .yes : .no }
        // An inline command is a line of text: only its name and the answer tell.
        guard reader.command.word != RedisCommandTable.other.word else { return .no }
        guard !downstream.isEmpty else { return .undecided }
        let answer = kind(downstream[0])
        return answer == "other" ? .no : .yes
    }

    private static func unfinishedCommand(_ upstream: Span<UInt8>) -> Recognition {
        var reader = RedisCommandReader()
        if case .broken = reader.advance(upstream) { return .no }
        return upstream[0] == UInt8(ascii: "*") && reader.isInStrings ? .yes : .undecided
    }
}
