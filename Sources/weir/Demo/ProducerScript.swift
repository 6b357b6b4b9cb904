import Faults

/// What the producer sends: on each connection flights of requests, each flight in one piece, the
/// next one when all of the last are answered.
///
/// It depends on the seed alone. Each flight moves money and reports one card twice, its charge
/// pending and then settled: the second report must win. A card is reported in two flights of its
/// connection, so a report that is overtaken in the second stays wrong to the end.
struct ProducerScript: Sendable {
    static let connectionCount: UInt32 = 5
    static let flightsPerConnection: UInt32 = 12
    static let people = ["alice", "bob", "carol", "dora"]

    /// Between two flights of a connection.
    static let flightNanoseconds: Int64 = 50_000_000

    /// In the order in which the connections are opened; their numbers in the recording, from 1.
    let connections: [[Flight]]

    struct Flight: Hashable, Sendable {
        /// Counted from the producer's start.
        var dueNanoseconds: Int64
        var requests: [LedgerRequest]
    }

    init(seed: UInt64) {
        let dice = Dice(seed: seed).at(rule: "the demo's producer")
        connections = (1...Self.connectionCount).map { connection in
            (0..<Self.flightsPerConnection).map { flight in
                Self.makeFlight(flight, of: connection, dice.at(UInt64(connection)))
            }
        }
    }

    /// A connection's requests in the order in which it sends them: message 1 is the first.
    func requests(ofConnection connection: UInt32) -> [LedgerRequest] {
        guard connection >= 1, let flights = connections.dropFirst(Int(connection - 1)).first
        else { return [] }
        return flights.flatMap(\.requests)
    }

    var requestCount: Int { connections.joined().reduce(0) { $0 + $1.requests.count } }

    /// All accounts that it changes, in the alphabet's order.
    var accounts: [String] {
        Set(connections.joined().flatMap(\.requests).flatMap(\.changedAccounts)).sorted()
    }

    private static func makeFlight(
        _ flight: UInt32, of connection: UInt32, _ connectionDice: Dice
    ) -> Flight {
        let dice = connectionDice.at(UInt64(flight) + 1)
        // Connections take turns within a flight's time, so that their order does not hang on luck.
        let turn = flightNanoseconds / Int64(connectionCount) * Int64(connection - 1)
        let due = flightNanoseconds * Int64(flight) + turn
        let cards = flightsPerConnection / 2
        let card = "card-\((connection - 1) * cards + flight % cards + 1)"
        let version = UInt64(flight / cards) * 2 + 1
        let pending = Int64(100 + dice.at(1).roll(below: 800))
        let settled = pending + Int64(5 + dice.at(2).roll(below: 95))
        let payments = 2 + dice.at(3).roll(below: 3)
        var requests: [LedgerRequest] = (1...payments).map { number in
            makePayment("p\(connection)-\(flight + 1)-\(number)", dice.at(10 + number))
        }
        let place = Int(dice.at(4).roll(below: payments + 1))
        requests.insert(
            contentsOf: [
                .statement(card: card, version: version, balance: pending),
                .statement(card: card, version: version + 1, balance: settled),
            ], at: place)
        return Flight(dueNanoseconds: due, requests: requests)
    }

    private static func makePayment(_ id: String, _ dice: Dice) -> LedgerRequest {
        let count = UInt64(people.count)
        let from = dice.at(1).roll(below: count)
        let to = (from + 1 + dice.at(2).roll(below: count - 1)) % count
        return .pay(
            id: id, from: people[Int(from)], to: people[Int(to)],
            amount: Int64(5 + dice.at(3).roll(below: 95)))
    }
}
