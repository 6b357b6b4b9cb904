import Platform
import Simulation
import Testing

/// The simulated network keeps the contract of `Network`, whatever the seed.
struct SimulationTests {
    @Test func `bytes come back in order under every misbehaviour, for 1,000 seeds`() throws {
        for seed in 0..<UInt64(1_000) {
            var dice = SeededDice(seed: seed)
            let network = SimulatedNetwork(seed: seed, misbehaviour: .rough)
            network.path = NetworkPath(bufferBytes: 1 + dice.draw(below: 64))
            network.path.upstreamNanoseconds = dice.draw(below: 2_000)
            network.path.downstreamNanoseconds = dice.draw(below: 2_000)
            let bytes = (0..<(1 + dice.draw(below: 400))).map { _ in UInt8(dice.draw(below: 256)) }
            let server = EchoServer()
            let listener = try network.listen(on: .simulated(7_000), handler: server)
            let client = Sender(bytes)
            _ = network.dial(.simulated(7_000), handler: client)
            try network.run { client.hasEnded }
            listener.close()
            try network.runUntilIdle()
            #expect(client.received == bytes, "seed \(seed)")
            #expect(network.openSockets == [], "seed \(seed)")
        }
    }

    /// A conversation under every misbehaviour, drawn.
    private func diagram(seed: UInt64) throws -> String {
        let world = World(seed: seed, misbehaviour: .rough)
        world.network.path = NetworkPath(bufferBytes: 16)
        let network = world.network
        // The server is under test, so that the misbehaviour is met where it is logged.
        let server = try ScriptedServer(
            on: network, at: world.address, log: world.log, serving: .echo)
        let text = ScriptBytes((0..<200).map { UInt8($0) })
        let client = ScriptedClient(
            on: network, to: world.address, log: world.log,
            [.send(text), .finish, .wait(1_000), .expect(text), .expectEnd, .close])
        try network.runUntilIdle()
        #expect(client.isDone && server.failure == nil, "seed \(seed)")
        return world.log.text
    }

    @Test func `the same seed gives the same run, and another seed another`() throws {
        var runs: Set<String> = []
        for seed in 0..<UInt64(50) {
            let first = try diagram(seed: seed)
            #expect(try diagram(seed: seed) == first, "seed \(seed)")
            runs.insert(first)
        }
        #expect(runs.count == 50)
    }

    @Test func `an edge is told once, and again only when more comes`() throws {
        let bench = SimulatedBench(SimulatedNetwork())
        let (client, server, listener) = try bench.connect()
        #expect(client.send("a") == .bytes(1))
        try bench.simulated.runUntilIdle()
        try bench.simulated.run(forNanoseconds: 1_000_000_000)
        #expect(server.edges == [.readable])
        #expect(client.send("b") == .bytes(1))
        try bench.simulated.runUntilIdle()
        #expect(server.edges == [.readable, .readable])
        client.call { $0.finish() }
        try bench.simulated.runUntilIdle()
        #expect(server.edges.last == [.readable, .peerEnded])
        #expect(client.edges == [])
        listener.close()
    }

    @Test func `writable is told when a third is free, after a send that found no room`() throws {
        let network = SimulatedNetwork()
        network.path = NetworkPath(bufferBytes: 9)
        let bench = SimulatedBench(network)
        let (client, server, _) = try bench.connect()
        #expect(client.send("123456789abcdef") == .bytes(9))
        try network.runUntilIdle()
        #expect(client.send("123456789abcdef") == .bytes(9))
        #expect(client.send("x") == .wouldBlock)
        client.edges = []
        #expect(server.receive(2).1 == "12")
        try network.runUntilIdle()
        #expect(client.socket?.unacknowledgedBytes == 7)
        #expect(client.edges == [])
        #expect(server.receive(1).1 == "3")
        try network.runUntilIdle()
        #expect(client.edges == [.writable])
        #expect(server.receive(6).1 == "456789")
        try network.runUntilIdle()
        #expect(client.edges == [.writable])
    }

    @Test func `a FIN counts until it is acknowledged, and a reset stops the count`() throws {
        let network = SimulatedNetwork()
        network.path = NetworkPath(delayNanoseconds: 1_000)
        let bench = SimulatedBench(network)
        let (client, server, _) = try bench.connect()
        #expect(client.send("abc") == .bytes(3))
        client.call { $0.finish() }
        #expect(client.socket?.unacknowledgedBytes == 4)
        try network.run(forNanoseconds: 1_000)
        #expect(server.told == [.readable, .peerEnded])
        #expect(client.socket?.unacknowledgedBytes == 4)
        try network.run(forNanoseconds: 1_000)
        #expect(client.socket?.unacknowledgedBytes == 0)
        #expect(server.send("lost") == .bytes(4))
        client.call { $0.reset() }
        try network.runUntilIdle()
        #expect(server.socket?.unacknowledgedBytes == 4)
    }

    @Test func `what a reset overtakes in the sender's buffer is lost`() throws {
        let network = SimulatedNetwork()
        network.path.receiveBufferBytes = 4
        let bench = SimulatedBench(network)
        let (client, server, _) = try bench.connect()
        #expect(client.send("arrivedlost") == .bytes(11))
        try network.runUntilIdle()
        client.call { $0.reset() }
        try network.runUntilIdle()
        #expect(server.receive().1 == "arri")
        #expect(server.receive().0 == .failed(.connectionReset))
    }

    @Test func `closing leaves the kernel to send what was accepted`() throws {
        let network = SimulatedNetwork()
        network.path.receiveBufferBytes = 4
        let bench = SimulatedBench(network)
        let (client, server, _) = try bench.connect()
        #expect(client.send("all of it") == .bytes(9))
        client.call { $0.close() }
        client.socket = nil
        var received = ""
        try bench.run {
            received += server.receive().1
            return server.told.contains(.peerEnded)
        }
        #expect(received + server.receive().1 == "all of it")
    }
}
