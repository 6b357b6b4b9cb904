import Faults
import Platform
import Simulation
import Testing

@testable import weir

@Suite struct LedgerServerTests {
    @Test(arguments: [false, true], [1, 2, 3])
    func `the producer's every request is answered, and the balances are what they must be`(
        isRough: Bool, seed: UInt64
    ) throws {
        let script = ProducerScript(seed: seed)
        let network = SimulatedNetwork(seed: seed, misbehaviour: isRough ? .rough : .none)
        let server = try LedgerServer(edition: .naive, at: .simulated(0), on: network)
        let address = server.address

        let producer = Producer(script, to: address, on: network)
        try network.run { producer.isDone }
        let query = BalanceQuery(script.accounts, of: address, on: network)
        try network.run { query.isDone }
        server.close()

        #expect(producer.failure == nil)
        #expect(producer.answers == script.connections.joined().flatMap(\.requests).count)
        #expect(producer.errorAnswers == 0)
        #expect(query.failure == nil)
        #expect(query.balances == expectedBalances(of: script))
        #expect(network.openDescriptors == 0)
    }

    @Test func `a line that its client did not end is not a line`() throws {
        let network = SimulatedNetwork()
        let log = TimeDiagram(of: network)
        let server = try LedgerServer(edition: .naive, at: .simulated(7000), on: network)
        let client = ScriptedPeer(
            on: network.outside, to: .simulated(7000), log: log,
            [
                .send("PAY id=p1 from=a to=b amount=1\nPAY id=p2 from=a to=b amount=10"),
                .expect("PAID p1\n"), .reset,
            ])
        try network.runUntilIdle()
        #expect(client.failure == nil)
        #expect(server.ledger.balances == ["a": -1, "b": 1])
        server.close()
    }

    @Test func `a client that ends its sending still gets its answers`() throws {
        let network = SimulatedNetwork()
        let log = TimeDiagram(of: network)
        let server = try LedgerServer(edition: .careful, at: .simulated(7000), on: network)
        let client = ScriptedPeer(
            on: network.outside, to: .simulated(7000), log: log,
            [
                .send("BALANCE a\r\nBALANCE b\n"), .finish,
                .expect("BALANCE a 0\nBALANCE b 0\n"), .expectEnd,
            ])
        try network.runUntilIdle()
        #expect(client.failure == nil)
        server.close()
    }

    @Test func `the strict edition's last answer arrives, and then the end`() throws {
        let network = SimulatedNetwork()
        let log = TimeDiagram(of: network)
        let server = try LedgerServer(edition: .strict, at: .simulated(7000), on: network)
        let client = ScriptedPeer(
            on: network.outside, to: .simulated(7000), log: log,
            [
                .send(
                    "PAY id=p1 from=a to=b amount=1\nPAY id=p1 from=a to=b amount=1\nBALANCE a\n"),
                .expect("PAID p1\nERROR p1 was paid already\n"), .expectEnd, .finish,
            ])
        try network.runUntilIdle()
        #expect(client.failure == nil)
        #expect(network.openDescriptors == 1)
        server.close()
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `a producer that retries has every request answered, whatever breaks`(
        seed: UInt64
    ) throws {
        let script = ProducerScript(seed: seed)
        let network = SimulatedNetwork(seed: seed)
        let server = try BreakingLedger(seed: seed, on: network)
        let producer = Producer(script, to: server.address, retries: true, on: network)
        try network.run { producer.isDone }
        server.close()
        #expect(producer.failure == nil)
        #expect(producer.redials == server.breaks)
        #expect(server.breaks > 0)
        #expect(producer.answers == script.requestCount)
    }

    @Test func `a line without an end is hung up on`() throws {
        let network = SimulatedNetwork()
        let server = try LedgerServer(edition: .naive, at: .simulated(7000), on: network)
        let owner = Listening()
        let lines = LineSocket(to: .simulated(7000), on: network.outside, owner: owner)
        lines.send([String(repeating: "a", count: LineSocket.maximumLineBytes + 1)])
        try network.run { owner.hasEnded }
        server.close()
        #expect(network.openDescriptors == 0)
    }

    @Test func `a ledger that nobody listens at is said by the query and the producer`() throws {
        let network = SimulatedNetwork()
        let query = BalanceQuery(["a"], of: .simulated(7000), on: network)
        let producer = Producer(ProducerScript(seed: 1), to: .simulated(7000), on: network)
        try network.run { query.isDone && producer.isDone }
        #expect(query.failure == "cannot connect: connection refused")
        #expect(producer.failure == "cannot connect: connection refused")
    }
}

/// A ledger that breaks off a connection now and then instead of answering.
private final class BreakingLedger: ListenerHandler, LineSocketOwner {
    private(set) var breaks = 0
    private let dice: Dice
    private var lines: UInt64 = 0
    private var ledger = Ledger(edition: .careful)
    private var listener: (any Listener)?
    private var connections: [ObjectIdentifier: LineSocket] = [:]

    init(seed: UInt64, on network: any Network) throws(NetworkError) {
        dice = Dice(seed: seed).at(rule: "the breaking ledger")
        listener = try network.listen(on: .simulated(0), handler: self)
    }

    var address: SocketAddress { listener?.address ?? .simulated(0) }

    func close() {
        listener?.close()
        for connection in connections.values { connection.close() }
    }

    func accepted(_ socket: any Socket, by listener: any Listener) {
        let lines = LineSocket(socket, owner: self)
        connections[ObjectIdentifier(lines)] = lines
    }

    func cannotAccept(_ error: Errno, by listener: any Listener) {}

    func received(_ line: String, on socket: LineSocket) {
        lines += 1
        guard dice.at(lines).roll(below: 20) == 0 else { return socket.queue(ledger.answer(line)) }
        breaks += 1
        socket.close()
        connections[ObjectIdentifier(socket)] = nil
    }

    func ended(_ lines: LineSocket, failure: String?) {
        connections[ObjectIdentifier(lines)] = nil
    }
}

private final class Listening: LineSocketOwner {
    var hasEnded = false
    func received(_ line: String, on lines: LineSocket) {}
    func ended(_ lines: LineSocket, failure: String?) { hasEnded = true }
}

/// Counted here, not by the ledger: the sum of the payments, and each card's last report.
private func expectedBalances(of script: ProducerScript) -> [String: Int64] {
    var balances: [String: Int64] = [:]
    for request in script.connections.joined().flatMap(\.requests) {
        switch request {
        case .pay(_, let from, let to, let amount):
            balances[from, default: 0] -= amount
            balances[to, default: 0] += amount
        case .statement(let card, _, let balance): balances[card] = balance
        case .balance: break
        }
    }
    return balances
}
