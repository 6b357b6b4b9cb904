import Testing

@testable import weir

@Suite struct ProducerScriptTests {
    @Test func `the same seed gives the same script, another seed another`() {
        #expect(ProducerScript(seed: 7).connections == ProducerScript(seed: 7).connections)
        #expect(ProducerScript(seed: 7).connections != ProducerScript(seed: 8).connections)
    }

    @Test(arguments: [0, 7, UInt64.max])
    func `each payment has an id of its own, and each flight several requests`(seed: UInt64) {
        let flights = ProducerScript(seed: seed).connections.joined()
        var ids: Set<String> = []
        for request in flights.flatMap(\.requests) {
            guard case .pay(let id, let from, let to, let amount) = request else { continue }
            #expect(ids.insert(id).inserted)
            #expect(from != to)
            #expect((5..<100).contains(amount))
        }
        #expect(flights.count == 60)
        #expect(flights.allSatisfy { (4...6).contains($0.requests.count) })
        #expect(flights.map(\.dueNanoseconds).allSatisfy { $0 < 1_000_000_000 })
    }

    @Test(arguments: [0, 7, UInt64.max])
    func `a card's versions count up on one connection, and each report is another sum`(
        seed: UInt64
    ) {
        let script = ProducerScript(seed: seed)
        var owners: [String: UInt32] = [:]
        var last: [String: (version: UInt64, balance: Int64)] = [:]
        for connection in 1...ProducerScript.connectionCount {
            for request in script.requests(ofConnection: connection) {
                guard case .statement(let card, let version, let balance) = request else {
                    continue
                }
                #expect(owners[card, default: connection] == connection)
                owners[card] = connection
                #expect(version == (last[card]?.version ?? 0) + 1)
                if version % 2 == 0 { #expect(balance > last[card]?.balance ?? .max) }
                last[card] = (version, balance)
            }
        }
        #expect(last.count == 30)
        #expect(last.values.allSatisfy { $0.version == 4 })
        #expect(script.accounts.count == 34)
    }

    @Test func `a connection that it does not have has no requests`() {
        #expect(ProducerScript(seed: 7).requests(ofConnection: 0).isEmpty)
        #expect(ProducerScript(seed: 7).requests(ofConnection: 6).isEmpty)
    }
}
