/// What a client may ask of the ledger, and the line that says it.
///
///     PAY id=p17 from=alice to=bob amount=25
///     STATEMENT card=card-3 version=2 balance=340
///     BALANCE alice
enum LedgerRequest: Hashable, Sendable {
    /// Money moves once: the identity says which payment this is, however often it is delivered.
    case pay(id: String, from: String, to: String, amount: Int64)
    /// What a card owes by now; a higher version is newer, in whatever order they arrive.
    case statement(card: String, version: UInt64, balance: Int64)
    case balance(account: String)

    /// The line, without its end.
    var line: String {
        switch self {
        case .pay(let id, let from, let to, let amount):
            "PAY id=\(id) from=\(from) to=\(to) amount=\(amount)"
        case .statement(let card, let version, let balance):
            "STATEMENT card=\(card) version=\(version) balance=\(balance)"
        case .balance(let account):
            "BALANCE \(account)"
        }
    }

    /// The accounts that it changes.
    var changedAccounts: [String] {
        switch self {
        case .pay(_, let from, let to, _): [from, to]
        case .statement(let card, _, _): [card]
        case .balance: []
        }
    }

    /// Reads a line; what is wrong with it is said as the ledger says it to its client.
    init(line: String) throws(LedgerError) {
        var words = line.split(separator: " ")
        guard let verb = words.first else { throw LedgerError("the line is empty") }
        words.removeFirst()
        switch verb {
        case "PAY":
            let values = try Self.values(of: words, named: ["id", "from", "to", "amount"])
            let amount = try Self.number(values[3], "amount")
            guard amount > 0 else { throw LedgerError("amount is not above 0") }
            self = .pay(
                id: try Self.name(values[0]), from: try Self.name(values[1]),
                to: try Self.name(values[2]), amount: amount)
        case "STATEMENT":
            let values = try Self.values(of: words, named: ["card", "version", "balance"])
            guard let version = UInt64(values[1]) else { throw LedgerError("version is no number") }
            self = .statement(
                card: try Self.name(values[0]), version: version,
                balance: try Self.number(values[2], "balance"))
        case "BALANCE":
            guard words.count == 1 else { throw LedgerError("BALANCE takes one account") }
            self = .balance(account: try Self.name(words[0]))
        default:
            throw LedgerError("a line begins with PAY, STATEMENT or BALANCE")
        }
    }

    /// The values of `key=value` words that come in this order.
    private static func values(
        of words: [Substring], named keys: [String]
    ) throws(LedgerError) -> [Substring] {
        guard words.count == keys.count else {
            throw LedgerError("expected " + keys.map { "\($0)=" }.joined(separator: " "))
        }
        var values: [Substring] = []
        for (word, key) in zip(words, keys) {
            guard word.hasPrefix("\(key)=") else { throw LedgerError("expected \(key)=") }
            values.append(word.dropFirst(key.count + 1))
        }
        return values
    }

    private static func number(_ text: Substring, _ key: String) throws(LedgerError) -> Int64 {
        guard let number = Int64(text) else { throw LedgerError("\(key) is no number") }
        return number
    }

    /// Names are short and plain, so that a line is what it looks like.
    private static func name(_ text: Substring) throws(LedgerError) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isPlain, (1...32).contains(text.utf8.count) else {
            throw LedgerError("a name is 1 to 32 of a-z, 0-9 and -")
        }
        return String(text)
    }
}

/// Why the ledger refuses a line.
struct LedgerError: Error, Hashable, Sendable {
    var reason: String
    /// It hangs up behind it.
    var endsConnection: Bool

    init(_ reason: String, endsConnection: Bool = false) {
        self.reason = reason
        self.endsConnection = endsConnection
    }
}
