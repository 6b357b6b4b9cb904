import Engine
import Platform
import Recordings
import Simulation
import Testing

/// Whatever two peers do through the proxy, in whatever order, on a rough network.
struct RandomProxyTests {
    @Test func `what a peer receives is what the other sent, whole unless somebody broke it off`()
        throws
    {
        var seen: [RandomPeer.Ending: Int] = [:]
        for seed in 0..<UInt64(1_000) {
            var dice = SeededDice(seed: seed)
            let network = SimulatedNetwork(seed: seed, misbehaviour: .rough)
            network.path = NetworkPath(bufferBytes: 1 + dice.draw(below: 40))
            network.path.upstreamNanoseconds = dice.draw(below: 500_000)
            network.path.downstreamNanoseconds = dice.draw(below: 500_000)
            let world = try ProxyWorld(network)
            let server = RandomPeer(on: world.outside, seed: seed &* 2)
            let client = RandomPeer(on: world.outside, seed: seed &* 2 &+ 1)
            let listener = try world.outside.listen(on: world.back, handler: server)
            _ = world.outside.dial(world.front, handler: client)
            try network.run(forNanoseconds: 1_000_000_000)
            client.giveUp()
            server.giveUp()
            listener.close()
            try network.run(forNanoseconds: 5_000_000_000)
            #expect(network.openSockets == [], "seed \(seed)")
            #expect(world.session.counters.openConnections == 0, "seed \(seed)")
            #expect(world.session.counters.heldBytes == 0, "seed \(seed)")
            let recording = try world.finish()
            #expect(recording.isEnded, "seed \(seed)")
            expectRecorded(recording, .upstream, from: client, to: server, seed)
            expectRecorded(recording, .downstream, from: server, to: client, seed)
            for (receiver, sender) in [(client, server), (server, client)] {
                #expect(sender.sent.starts(with: receiver.received), "seed \(seed)")
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

    /// The recording has all that came through, nothing that was not sent, and who ended it.
    private func expectRecorded(
        _ recording: ReadRecording, _ direction: Direction, from sender: RandomPeer,
        to receiver: RandomPeer, _ seed: UInt64
    ) {
        let recorded = recording.bytes(1, direction)
        #expect(sender.sent.starts(with: recorded), "seed \(seed)")
        #expect(recorded.starts(with: receiver.received), "seed \(seed)")
        let party = direction == .upstream ? Party.client : .server
        if recording.facts(1).contains(.finished(by: party)) {
            #expect(recorded == sender.sent && sender.hasFinished, "seed \(seed)")
        }
    }

    @Test func `the same seed gives the same recording, byte for byte`() throws {
        for seed in 0..<UInt64(50) {
            let recordings = try (0..<2).map { _ in
                let network = SimulatedNetwork(seed: seed, misbehaviour: .rough)
                network.path = NetworkPath(bufferBytes: 100)
                let world = try ProxyWorld(network)
                let server = RandomServer(on: world.outside, seed: seed)
                _ = try world.outside.listen(on: world.back, handler: server)
                for number in 0..<5 {
                    let client = RandomPeer(on: world.outside, seed: seed &* 10 &+ UInt64(number))
                    _ = world.outside.dial(world.front, handler: client)
                }
                try network.run(forNanoseconds: 10_000_000)
                try world.finish()
                return world.store.file
            }
            #expect(recordings[0] == recordings[1], "seed \(seed)")
            #expect(recordings[0].count > 8_192, "seed \(seed)")
        }
    }
}

/// A server each connection of which does as it likes.
private final class RandomServer: ListenerHandler {
    private let network: any Network
    private let seed: UInt64
    private var peers: [RandomPeer] = []

    init(on network: any Network, seed: UInt64) {
        self.network = network
        self.seed = seed
    }

    func accepted(_ socket: any Socket, by listener: any Listener) {
        let number = UInt64(peers.count) + 1
        let peer = RandomPeer(on: network, seed: seed &* 1_000 &+ number)
        peers.append(peer)
        peer.accepted(socket, by: listener)
    }

    func cannotAccept(_ error: Errno, by listener: any Listener) {}
}
