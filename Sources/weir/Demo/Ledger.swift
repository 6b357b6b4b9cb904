/// A small payment ledger: a line in, its answer out. No socket, no clock.
///
/// Its editions answer every line alike that comes once and in order, so nobody who watches the
/// connections sees which is which. They differ in what they do when a line is delivered twice or
/// overtaken; of the naive and the careful one only the balances tell. It writes down what
/// happened; whether there was money is not its question, so balances may fall below zero.
struct Ledger: Sendable {
    enum Edition: String, Hashable, Sendable, CaseIterable {
        /// Believes that every line comes once, and in the order in which it was sent.
        case naive
        /// Knows a payment by its id and a statement by its version, whenever and however often.
        case careful
        /// Refuses a payment or a statement that it knows already or that is older, and hangs up.
        case strict

        /// Whether it remembers what it has seen.
        var remembers: Bool { self != .naive }
    }

    /// What it says to a line.
    struct Reply: Hashable, Sendable {
        var text: String
        /// It hears no more on this connection.
        var isLast = false
    }

    /// It opens no more accounts than this.
    static let maximumAccounts = 10_000

    /// Who remembers payments refuses further ones at so many: one forgotten would be one paid
    /// twice.
    static let maximumPayments = 1_000_000

    let edition: Edition
    private(set) var balances: [String: Int64] = [:]
    private var paid: Set<String> = []
    private var versions: [String: UInt64] = [:]

    init(edition: Edition) { self.edition = edition }

    /// The answer to one line; neither has its line's end.
    mutating func answer(_ line: String) -> String { reply(to: line).text }

    /// The answer to one line, and whether it hangs up behind it.
    mutating func reply(to line: String) -> Reply {
        do {
            return Reply(text: try answer(to: LedgerRequest(line: line)))
        } catch {
            return Reply(text: "ERROR \(error.reason)", isLast: error.endsConnection)
        }
    }

    private mutating func answer(to request: LedgerRequest) throws(LedgerError) -> String {
        switch request {
        case .pay(let id, let from, let to, let amount):
            try pay(id: id, from: from, to: to, amount: amount)
            return "PAID \(id)"
        case .statement(let card, let version, let balance):
            try note(version, of: card, balance: balance)
            return "NOTED \(card) \(version)"
        case .balance(let account):
            return "BALANCE \(account) \(balances[account, default: 0])"
        }
    }

    private mutating func pay(
        id: String, from: String, to: String, amount: Int64
    ) throws(LedgerError) {
        if edition.remembers {
            if paid.contains(id) { return try refuseIfStrict("\(id) was paid already") }
            guard paid.count < Self.maximumPayments else {
                throw LedgerError("\(Self.maximumPayments) payments are all it remembers")
            }
        }
        guard from != to else { throw LedgerError("from and to are the same account") }
        let (less, underflow) = balances[from, default: 0].subtractingReportingOverflow(amount)
        let (more, overflow) = balances[to, default: 0].addingReportingOverflow(amount)
        guard !underflow, !overflow else { throw LedgerError("the balance is beyond counting") }
        try makeRoom(for: [from, to])
        balances[from] = less
        balances[to] = more
        if edition.remembers { paid.insert(id) }
    }

    private mutating func note(
        _ version: UInt64, of card: String, balance: Int64
    ) throws(LedgerError) {
        if edition.remembers, let known = versions[card], version <= known {
            return try refuseIfStrict("\(card) is at version \(known)")
        }
        try makeRoom(for: [card])
        balances[card] = balance
        if edition.remembers { versions[card] = version }
    }

    private func refuseIfStrict(_ reason: String) throws(LedgerError) {
        if edition == .strict { throw LedgerError(reason, endsConnection: true) }
    }

    private func makeRoom(for accounts: [String]) throws(LedgerError) {
        let new = accounts.count { balances[$0] == nil }
        guard balances.count + new <= Self.maximumAccounts else {
            throw LedgerError("\(Self.maximumAccounts) accounts are all it keeps")
        }
    }
}
