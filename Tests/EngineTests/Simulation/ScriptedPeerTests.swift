import Platform
import Simulation
import Testing

/// Scripted peers do what their script says, and log it as a time diagram.
struct ScriptedPeerTests {
    @Test func `a conversation is drawn with its times`() throws {
        let world = World()
        world.network.path = NetworkPath(delayNanoseconds: 5_000_000)
        let server = try ScriptedServer(
            on: world.outside, at: world.address, log: world.log,
            serving: .lines { line in
                [.wait(2_000_000), .send(line == "PING" ? "+PONG\r\n" : "-ERR\r\n")]
            })
        let client = world.client([
            .send("PING\r\n"), .expect("+PONG\r\n"), .wait(3_500_000), .send("PANG\r\n"),
            .expect("-ERR\r\n"), .finish, .expectEnd, .close,
        ])
        try world.network.runUntilIdle()
        #expect(client.isDone && server.failure == nil)
        #expect(
            world.log.text == """
                0ms client dials
                10ms client connects
                10ms client > PING\\r\\n
                15ms server accepts
                15ms server < PING\\r\\n
                17ms server > +PONG\\r\\n
                22ms client < +PONG\\r\\n
                25.5ms client > PANG\\r\\n
                30.5ms server < PANG\\r\\n
                32.5ms server > -ERR\\r\\n
                37.5ms client < -ERR\\r\\n
                37.5ms client finishes
                42.5ms server hears the end
                42.5ms server closes
                47.5ms client hears the end
                47.5ms client closes

                """)
    }

    @Test func `a script that hears something else fails and says what`() throws {
        let world = World()
        let server = try world.server([.send("-ERR\r\n"), .expectEnd, .close])
        let client = world.client([.expect("+OK\r\n"), .send("never")])
        try world.network.runUntilIdle()
        let failure = #"client expected "+OK\r\n" but received "-ERR\r\n""#
        #expect(client.failure == failure)
        client.close()
        server.stopListening()
        try world.network.runUntilIdle()
        #expect(server.connections.map { $0.isDone } == [true])
        #expect(world.network.openSockets == [])
    }

    @Test func `expectations fail when the end comes first`() throws {
        let world = World()
        _ = try world.server([.send("+P"), .close])
        let client = world.client([.expect("+PONG\r\n")])
        try world.network.runUntilIdle()
        #expect(client.failure == #"client expected "+PONG\r\n" but received "+P", then the end"#)
    }

    @Test func `a slow reader receives at its pace`() throws {
        let world = World()
        _ = try world.server([.send("abcdefgh"), .close])
        let client = world.client([.expectBytes(8), .expectEnd, .close])
        client.pace = .slow(bytes: 3, everyNanoseconds: 10_000_000)
        try world.network.runUntilIdle()
        #expect(client.isDone)
        #expect(
            world.log.lines(of: "client") == """
                0ms client dials
                0ms client connects
                0ms client < abc
                10ms client < def
                20ms client < gh
                30ms client hears the end
                30ms client closes

                """)
    }

    @Test func `a peer that stops reading closes its window`() throws {
        let world = World()
        world.network.path = NetworkPath(bufferBytes: 4)
        _ = try world.server([.send("abcdefghijkl"), .call {}, .close])
        let client = world.client([
            .stopReading, .wait(50_000_000), .resumeReading, .expect("abcdefghijkl"), .expectEnd,
            .close,
        ])
        try world.network.runUntilIdle()
        #expect(client.isDone)
        #expect(
            world.log.lines(of: "server") == """
                0ms server accepts
                0ms server > abcdefgh
                50ms server > ijkl
                50ms server closes

                """)
    }

    @Test func `a client dials again after a reset`() throws {
        let world = World()
        _ = try ScriptedServer(
            on: world.outside, at: world.address, log: world.log,
            script: { number in
                number == 1
                    ? [.expect("a"), .reset] : [.expect("b"), .send("c"), .expectEnd, .close]
            })
        let client = world.client([
            .send("a"), .expectReset, .dialAgain, .send("b"), .expect("c"), .close,
        ])
        try world.network.runUntilIdle()
        #expect(client.isDone, "\(world.log.text)")
        #expect(world.network.openSockets == [])
    }
}

/// A simulated network with a log, and peers outside of the program under test.
struct World {
    let network: SimulatedNetwork
    let log: TimeDiagram
    let address = SocketAddress.simulated(7_000)

    init(seed: UInt64 = 1, misbehaviour: Misbehaviour = .none) {
        network = SimulatedNetwork(seed: seed, misbehaviour: misbehaviour)
        log = TimeDiagram(of: network)
    }

    var outside: any Network { network.outside }

    func client(_ steps: [ScriptStep], named name: String = "client") -> ScriptedClient {
        ScriptedClient(name, on: outside, to: address, log: log, steps)
    }

    func server(_ steps: [ScriptStep]) throws -> ScriptedServer {
        try ScriptedServer(on: outside, at: address, log: log, steps)
    }
}

extension TimeDiagram {
    /// The lines about one peer.
    func lines(of name: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: true)
            .filter { $0.split(separator: " ")[1] == name }.map { $0 + "\n" }.joined()
    }
}
