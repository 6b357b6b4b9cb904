import Platform
import Simulation
import Testing

/// Whatever two peers do to each other, in whatever order, TCP's promises hold.
struct RandomEndingsTests {
    @Test func `what is received is what was sent, whole unless somebody broke it off`() throws {
        var seen: [RandomPeer.Ending: Int] = [:]
        for seed in 0..<UInt64(1_000) {
            var dice = SeededDice(seed: seed)
            let network = SimulatedNetwork(seed: seed, misbehaviour: .rough)
            network.path = NetworkPath(bufferBytes: 1 + dice.draw(below: 40))
            network.path.upstreamNanoseconds = dice.draw(below: 500_000)
            network.path.downstreamNanoseconds = dice.draw(below: 500_000)
            let server = RandomPeer(on: network, seed: seed &* 2)
            let client = RandomPeer(on: network, seed: seed &* 2 &+ 1)
            let listener = try network.listen(on: .simulated(7_000), handler: server)
            _ = network.dial(.simulated(7_000), handler: client)
            try network.run(forNanoseconds: 1_000_000_000)
            client.giveUp()
            server.giveUp()
            listener.close()
            try network.runUntilIdle()
            #expect(network.openSockets == [], "seed \(seed)")
            for (receiver, sender) in [(client, server), (server, client)] {
                #expect(sender.sent.starts(with: receiver.received), "seed \(seed)")
                #expect(!receiver.heardAfterClosing, "seed \(seed)")
                if receiver.ending == .finished, !receiver.sawReset {
                    #expect(receiver.received == sender.sent, "seed \(seed)")
                    #expect(sender.hasFinished, "seed \(seed)")
                }
                seen[receiver.ending, default: 0] += 1
            }
        }
        // Every ending is met often: the test is not idle.
        #expect(seen.values.allSatisfy { $0 > 100 } && seen.count == 3, "\(seen)")
    }
}
