import Platform
import Text

/// The demo's producer and its question for the balances, each by itself, for a ledger that was
/// started by hand.
struct DemoParts {
    let script: ProducerScript
    let stage: any DemoStage

    /// Lets the producer talk to the ledger; what it says when it is done.
    /// - Parameter retries: it dials again when a connection breaks, and says nothing of it.
    func drive(_ address: SocketAddress, retries: Bool = false) throws(Failure) -> String {
        let producer = Producer(script, to: address, retries: retries, on: stage.network)
        try stage.run("the producer's last answer") { producer.isDone }
        if let failure = producer.failure { throw unreachable(address, failure) }
        return "\(script.requestCount) requests on \(script.connections.count) connections, "
            + "\(producer.answers) answers, \(producer.errorAnswers) of them errors\n"
    }

    /// The balances that are not 0, an account a line.
    func ask(_ address: SocketAddress) throws(Failure) -> String {
        let query = BalanceQuery(script.accounts, of: address, on: stage.network)
        try stage.run("the ledger's balances") { query.isDone }
        if let failure = query.failure { throw unreachable(address, failure) }
        var table = TextTable([.init("account"), .init("balance", .right)])
        let accounts = query.balances.keys.sorted(by: BalanceComparison.accountOrder)
        for account in accounts {
            guard let balance = query.balances[account], balance != 0 else { continue }
            table.append([account, "\(balance)"])
        }
        return table.lines().map { $0 + "\n" }.joined()
    }

    private func unreachable(_ address: SocketAddress, _ failure: String) -> Failure {
        Failure(
            .unreachable,
            "the ledger at \(address): \(failure); start one: "
                + "weir demo --serve naive --listen \(address)")
    }
}
