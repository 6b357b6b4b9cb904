/// The balances that a ledger must have beside those that it has.
struct BalanceComparison: Hashable, Sendable {
    /// How many were compared.
    let accounts: Int
    /// Those that differ, in the order of `accountOrder`.
    let wrong: [WrongBalance]

    struct WrongBalance: Hashable, Sendable {
        var account: String
        var expected: Int64
        /// nil: the ledger did not say.
        var actual: Int64?

        var difference: Int64 { (actual ?? 0) - expected }
    }

    init(expected: [String: Int64], actual: [String: Int64]) {
        accounts = expected.count
        wrong = expected.keys.sorted(by: Self.accountOrder).compactMap { account in
            guard let must = expected[account], actual[account] != must else { return nil }
            return WrongBalance(account: account, expected: must, actual: actual[account])
        }
    }

    /// People first, then cards by their number: `card-9` before `card-10`.
    static func accountOrder(_ left: String, _ right: String) -> Bool {
        // Of two cards the shorter name has the smaller number; people are in the alphabet's order.
        func key(_ account: String) -> (Int, String) {
            (account.hasPrefix("card-") ? account.count : 0, account)
        }
        return key(left) < key(right)
    }
}
