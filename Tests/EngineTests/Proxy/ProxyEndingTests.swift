import Engine
import Platform
import Recordings
import Simulation
import Testing

/// FIN, RST and failed dials pass through as they came, and the recording says whose they were.
struct ProxyEndingTests {
    @Test func `a half-closed link still delivers what the server sends late`() throws {
        let world = try ProxyWorld()
        let server = try world.server([
            .expect("query"), .expectEnd, .wait(5_000_000_000), .send("late answer"), .close,
        ])
        let client = world.client([
            .send("query"), .finish, .expect("late answer"), .expectEnd, .close,
        ])
        try world.network.runUntilIdle()
        #expect(client.isDone && server.failure == nil)
        let recording = try world.finish()
        #expect(recording.bytes(1, .downstream) == Array("late answer".utf8))
        #expect(
            recording.facts(1) == [
                .dialled(route: 0, address: "127.0.0.1:6379"),
                .opened(route: 0, client: "127.0.0.1:40000", server: "127.0.0.1:6379"),
                .finished(by: .client), .finished(by: .server),
            ])
        #expect(world.summaries.map(\.ending) == [.finished(first: .client)])
        #expect(world.network.openDescriptors == 0)
    }

    @Test func `the server's end reaches the client first when it comes first`() throws {
        let world = try ProxyWorld()
        let server = try world.server([
            .send("bye"), .finish, .expect("so long"), .expectEnd, .close,
        ])
        let client = world.client([
            .expect("bye"), .expectEnd, .wait(1_000_000), .send("so long"), .close,
        ])
        try world.network.runUntilIdle()
        #expect(client.isDone && server.failure == nil)
        let facts = try world.finish().facts(1)
        #expect(facts.suffix(2) == [.finished(by: .server), .finished(by: .client)])
    }

    @Test func `a reset is passed on as a reset, after what was sent before it`() throws {
        let world = try ProxyWorld()
        world.network.paths[world.back] = NetworkPath(delayNanoseconds: 3_000_000)
        let server = try world.server([.expect("half a mess"), .expectReset])
        let client = world.client([.send("half a mess"), .wait(10_000), .reset])
        try world.network.run(forNanoseconds: 100_000_000)
        #expect(client.isDone && server.failure == nil)
        #expect(server.connections.map(\.isDone) == [true])
        #expect(server.connections.map(\.received) == [Array("half a mess".utf8)])
        server.close()
        let facts = try world.finish().facts(1)
        #expect(facts.last == .reset(by: .client))
        #expect(world.summaries.map(\.ending) == [.reset(by: .client)])
    }

    @Test func `a client that breaks off while its server hangs is not dialled for any longer`()
        throws
    {
        let world = try ProxyWorld()
        world.network.paths[world.back] = NetworkPath()
        world.network.paths[world.back]?.dialling = .unanswered
        let client = world.client([.send("hello"), .wait(1_000_000), .reset])
        try world.network.run(forNanoseconds: 900_000_000)
        #expect(client.isDone && world.session.counters.openConnections == 1)
        try world.network.run(forNanoseconds: 200_000_000)
        #expect(world.session.counters.openConnections == 0)
        // Only the listener is left.
        #expect(world.network.openDescriptors == 1)
        let facts = try world.finish().facts(1)
        #expect(
            facts == [.dialled(route: 0, address: "127.0.0.1:6379"), .reset(by: .client)])
        #expect(world.summaries.map(\.ending) == [.reset(by: .client)])
    }

    @Test func `a client that breaks off before its server answers is delivered all the same`()
        throws
    {
        let world = try ProxyWorld()
        world.network.paths[world.back] = NetworkPath(delayNanoseconds: 300_000_000)
        let server = try world.server([.expect("hello"), .expectReset])
        let client = world.client([.send("hello"), .wait(1_000_000), .reset])
        try world.network.run(forNanoseconds: 3_000_000_000)
        #expect(client.isDone && server.failure == nil)
        #expect(server.connections.map(\.received) == [Array("hello".utf8)])
        #expect(server.connections.map(\.isDone) == [true])
        server.close()
        #expect(try world.finish().facts(1).last == .reset(by: .client))
        #expect(world.network.openDescriptors == 0)
    }

    @Test func `a slow reader gets all that was received before the reset, and then the reset`()
        throws
    {
        let world = try ProxyWorld()
        // Ten bytes with the server, ten in the kernel, and five that the link holds.
        world.network.paths[world.back] = NetworkPath(bufferBytes: 10)
        let server = try world.server([.expectBytes(25), .expectReset])
        server.pace = .slow(bytes: 5, everyNanoseconds: 20_000_000)
        let client = world.client([
            .send("0123456789abcdefghijklmno"), .wait(1_000_000), .reset,
        ])
        try world.network.run(forNanoseconds: 2_000_000_000)
        #expect(client.isDone && server.failure == nil)
        #expect(server.connections.map(\.isDone) == [true])
        #expect(server.connections.map(\.received) == [Array("0123456789abcdefghijklmno".utf8)])
        server.close()
        #expect(try world.finish().facts(1).last == .reset(by: .client))
    }

    @Test func `the server's reset reaches the client, and is the server's`() throws {
        let world = try ProxyWorld()
        let server = try world.server([.expect("x"), .send("partial"), .reset])
        let client = world.client([.send("x"), .expectReset, .close])
        try world.network.run(forNanoseconds: 100_000_000)
        #expect(client.isDone && server.failure == nil)
        #expect(client.received == Array("partial".utf8))
        #expect(try world.finish().facts(1).last == .reset(by: .server))
    }

    @Test func `a client that closes for good while it is answered resets the server`() throws {
        let world = try ProxyWorld()
        let server = try world.server([
            .expect("x"), .expectEnd, .wait(1_000_000), .send("who hears this?"),
        ])
        let client = world.client([.send("x"), .close])
        try world.network.run(forNanoseconds: 100_000_000)
        #expect(client.isDone && server.connections.map(\.isDone) == [true])
        // Of the proxy only the listener is left, and the server cannot send any more.
        #expect(world.network.openDescriptors == 1)
        server.connections.first?.perform([.send("nobody")])
        #expect(server.failure == "server cannot send: broken pipe")
        server.close()
        let facts = try world.finish().facts(1)
        #expect(facts.suffix(2) == [.finished(by: .client), .reset(by: .client)])
    }

    @Test func `a reset after the end of sending is seen while nobody sends`() throws {
        let world = try ProxyWorld()
        let server = try world.server([.expectEnd])
        let client = world.client([.finish, .wait(5_000_000), .reset])
        try world.network.run(forNanoseconds: 100_000_000)
        #expect(client.isDone && server.connections.map(\.isDone) == [true])
        #expect(world.network.openDescriptors == 1)
        server.connections.first?.perform([.send("nobody")])
        #expect(server.failure == "server cannot send: broken pipe")
        server.close()
        #expect(try world.finish().facts(1).last == .reset(by: .client))
    }

    @Test func `a reset is seen although the other peer has stopped reading`() throws {
        let network = SimulatedNetwork()
        network.path = NetworkPath(bufferBytes: 1_000)
        let world = try ProxyWorld(network)
        let server = try world.server([.stopReading, .wait(60_000_000_000), .close])
        let client = world.client([
            .send(ScriptBytes([UInt8](repeating: 7, count: 2_500))), .wait(5_000_000), .reset,
        ])
        try world.network.run(forNanoseconds: 10_000_000_000)
        #expect(client.isDone)
        #expect(world.session.counters.openConnections == 0)
        #expect(world.session.counters.heldBytes == 0)
        #expect(world.summaries.map(\.ending) == [.reset(by: .client)])
        server.close()
    }

    @Test func `a refused dial reaches the client as a reset, and is recorded`() throws {
        let world = try ProxyWorld()
        let client = world.client([.send("hello?"), .expectReset])
        try world.network.runUntilIdle()
        #expect(client.isDone)
        let facts = try world.finish().facts(1)
        #expect(
            facts == [
                .dialled(route: 0, address: "127.0.0.1:6379"),
                .refused(
                    reason: .refused, errno: Errno.connectionRefused.code, tookNanoseconds: 0),
            ])
        #expect(world.summaries.map(\.ending) == [.refused(.connectionRefused)])
        #expect(world.session.counters.refusals == 1)
    }

    @Test func `a dial that is never answered reaches the client as a reset when it times out`()
        throws
    {
        let world = try ProxyWorld()
        world.network.paths[world.back] = NetworkPath()
        world.network.paths[world.back]?.dialling = .unanswered
        let client = world.client([.expectReset])
        try world.network.run(forNanoseconds: 126_000_000_000)
        #expect(!client.isDone)
        try world.network.run(forNanoseconds: 2_000_000_000)
        #expect(client.isDone)
        let fact = try #require(try world.finish().facts(1).last)
        #expect(
            fact
                == .refused(
                    reason: .timedOut, errno: Errno.timedOut.code,
                    tookNanoseconds: 127_000_000_000))
    }

    @Test func `a dial without a descriptor for it reaches the client as a reset`() throws {
        let world = try ProxyWorld()
        let server = try world.server([.close])
        // The listener and the client's socket are all there is room for.
        world.network.descriptorLimit = 2
        let client = world.client([.expectReset])
        try world.network.run(forNanoseconds: 1_000_000)
        #expect(client.isDone)
        #expect(world.summaries.map(\.ending) == [.refused(.tooManyDescriptors)])
        world.network.descriptorLimit = 3
        let next = world.client([.expectEnd, .close])
        try world.network.run(forNanoseconds: 1_000_000_000)
        #expect(next.isDone && server.failure == nil)
    }

    @Test func `want of descriptors for accepting is told, and clients are served after`() throws {
        let world = try ProxyWorld()
        let server = try ScriptedServer(
            on: world.outside, at: world.back, log: world.log, serving: .echo)
        world.network.descriptorLimit = 1
        let client = world.client([.send("x"), .expect("x"), .finish, .expectEnd, .close])
        try world.network.run(forNanoseconds: 1_000_000)
        #expect(
            world.notices.contains { notice in
                if case .cannotAccept("orders", .tooManyDescriptors) = notice {
                    true
                } else {
                    false
                }
            })
        world.network.descriptorLimit = 10
        try world.network.run(forNanoseconds: 1_000_000_000)
        #expect(client.isDone && server.failure == nil)
    }

    @Test func `with a descriptor for a client and none for its server the next clients wait`()
        throws
    {
        let world = try ProxyWorld()
        let server = try ScriptedServer(
            on: world.outside, at: world.back, log: world.log, serving: .echo)
        let open = world.client([
            .send("a"), .expect("a"), .wait(500_000_000), .send("b"), .expect("b"), .finish,
            .expectEnd, .close,
        ])
        try world.network.run(forNanoseconds: 1_000_000)
        // The listener, two for the connection, and one more.
        world.network.descriptorLimit = 4
        let unlucky = world.client([.expectReset])
        try world.network.run(forNanoseconds: 1_000_000)
        #expect(unlucky.isDone)
        let waiting = (0..<20).map { _ in
            world.client([.send("c"), .expect("c"), .finish, .expectEnd, .close])
        }
        try world.network.run(forNanoseconds: 450_000_000)
        // One each tenth of a second finds out; nobody is served while the first is open.
        #expect(waiting.count { $0.failure != nil } <= 5 && !waiting.contains { $0.isDone })
        world.network.descriptorLimit = 40
        try world.network.run(forNanoseconds: 10_000_000_000)
        #expect(open.isDone && server.failure == nil)
        #expect(waiting.count { $0.isDone } >= 15)
        let warnings = world.notices.count { if case .cannotAccept = $0 { true } else { false } }
        #expect(warnings == 1)
    }

    @Test func `clients beyond the limit wait until a connection ends`() throws {
        let world = try ProxyWorld(connectionLimit: 2)
        let server = try ScriptedServer(
            on: world.outside, at: world.back, log: world.log, serving: .echo)
        let first = (0..<2).map { _ in
            world.client([
                .send("a"), .expect("a"), .wait(10_000_000), .finish, .expectEnd, .close,
            ])
        }
        try world.network.run(forNanoseconds: 1_000_000)
        let third = world.client([.send("b"), .expect("b"), .finish, .expectEnd, .close])
        try world.network.run(forNanoseconds: 5_000_000)
        #expect(world.session.counters.openConnections == 2 && !third.isDone)
        try world.network.run(forNanoseconds: 20_000_000)
        #expect(first.allSatisfy(\.isDone) && third.isDone && server.failure == nil)
    }

    @Test func `stopping delivers what was received, and ends what is open`() throws {
        let network = SimulatedNetwork()
        network.path = NetworkPath(bufferBytes: 1_000)
        let world = try ProxyWorld(network)
        let server = try world.server([
            .stopReading, .wait(20_000_000), .resumeReading, .expectBytes(3_000), .expectEnd,
            .close,
        ])
        let client = world.client([
            .send(ScriptBytes([UInt8](repeating: 7, count: 3_000))), .expectEnd, .close,
        ])
        try network.run(forNanoseconds: 10_000_000)
        let recording = try world.finish()
        try network.runUntilIdle()
        #expect(client.isDone && server.connections.map(\.isDone) == [true])
        #expect(recording.bytes(1, .upstream).count == 3_000)
        let facts = recording.facts(1)
        #expect(facts.filter { $0 == .finished(by: .weir) }.count == 2)
        #expect(world.summaries.map(\.ending) == [.stopped])
    }
}
