import Platform

/// Asks a ledger for balances over a connection of its own, and hangs up.
final class BalanceQuery: LineSocketOwner {
    private(set) var balances: [String: Int64] = [:]
    private(set) var isDone = false
    /// What went wrong, where something did.
    private(set) var failure: String?

    private let accounts: [String]
    private var socket: LineSocket?

    init(_ accounts: [String], of address: SocketAddress, on network: any Network) {
        self.accounts = accounts
        let socket = LineSocket(to: address, on: network, owner: self)
        self.socket = socket
        socket.send(accounts.map { LedgerRequest.balance(account: $0).line })
    }

    func received(_ line: String, on lines: LineSocket) {
        let words = line.split(separator: " ")
        guard words.count == 3, words[0] == "BALANCE", let balance = Int64(words[2]) else {
            return end("the ledger answered \"\(line)\"")
        }
        balances[String(words[1])] = balance
        if balances.count == accounts.count { end(nil) }
    }

    func ended(_ lines: LineSocket, failure: String?) {
        guard !isDone else { return }
        end(failure ?? "the ledger closed the connection before its last answer")
    }

    private func end(_ failure: String?) {
        socket?.close()
        self.failure = failure
        isDone = true
    }
}
