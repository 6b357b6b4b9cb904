import Engine
import Platform
import Recordings
import Simulation
import Testing

/// A peer that does not read stops the one that sends, and nothing else.
struct BackPressureTests {
    /// More than all buffers on the way hold.
    private let much = ScriptBytes((0..<1_500_000).lazy.map { UInt8(truncatingIfNeeded: $0 &* 7) })

    @Test func `a server that stops reading stops its client, and little is held`() throws {
        let world = try ProxyWorld(blockBytes: 1 << 20)
        let server = try world.server([
            .stopReading, .wait(5_000_000_000), .resumeReading, .expectBytes(much.bytes.count),
            .expectEnd, .close,
        ])
        let client = world.client([.send(much), .finish, .expectEnd, .close])
        try world.network.run(forNanoseconds: 4_000_000_000)
        // One tail, and both kernels' buffers on both sides; the rest is still the client's.
        let held = world.session.counters.heldBytes
        #expect(held > 0 && held <= Recorder.receiveBytes)
        let passed = Int(world.session.counters.upstream.bytes)
        #expect(passed <= Recorder.receiveBytes + 2 * 65_536)
        try world.network.run(forNanoseconds: 20_000_000_000)
        #expect(client.isDone && server.failure == nil)
        #expect(server.connections.first?.received == much.bytes)
        #expect(world.session.counters.mostHeldBytes <= Recorder.receiveBytes)
        let recording = try world.finish()
        #expect(recording.bytes(1, .upstream) == much.bytes)
        let stops = recording.facts(1).filter { $0 == .stalled || $0 == .resumed }
        #expect(stops == [.stalled, .resumed])
        #expect(world.session.counters.stalls == 1)
    }

    @Test func `a peer that does not read holds up nobody else, and no block`() throws {
        // Two blocks: one that was pinned would be missed at once.
        let world = try ProxyWorld(blocks: 2, blockBytes: 1 << 20)
        let server = try ScriptedServer(
            on: world.outside, at: world.back, log: world.log
        ) { number in
            number == 1
                ? [.stopReading]
                : [.expectBytes(self.much.bytes.count), .send("done"), .expectEnd, .close]
        }
        let stuck = world.client([.send(much)])
        try world.network.run(forNanoseconds: 1_000_000)
        let other = world.client([.send(much), .expect("done"), .finish, .expectEnd, .close])
        try world.network.run(forNanoseconds: 60_000_000_000)
        #expect(other.isDone && !stuck.isDone)
        #expect(world.recorder.counters.missingBytes == 0)
        server.close()
        stuck.close()
    }

    @Test func `a slow reader gets every byte, and only stops longer than a moment are stalls`()
        throws
    {
        let world = try ProxyWorld(blockBytes: 1 << 20)
        let bytes = ScriptBytes(much.bytes.prefix(400_000))
        let server = try world.server([.expectBytes(bytes.bytes.count), .expectEnd, .close])
        server.pace = .slow(bytes: 10_000, everyNanoseconds: 20_000_000)
        let client = world.client([.send(bytes), .finish, .expectEnd, .close])
        try world.network.run(forNanoseconds: 10_000_000_000)
        #expect(client.isDone && server.failure == nil)
        #expect(server.connections.first?.received == bytes.bytes)
        #expect(world.session.counters.stalls == 0)
    }

    @Test func `a fat link leaves others their turn`() throws {
        let network = SimulatedNetwork()
        network.path = NetworkPath(bufferBytes: 16 << 20)
        // What the clients send waits until the server is reached.
        network.paths[.simulated(6_379)] = network.path
        network.paths[.simulated(6_379)]?.upstreamNanoseconds = 10_000_000
        let world = try ProxyWorld(network, blocks: 16, blockBytes: 1 << 20)
        let server = try ScriptedServer(
            on: world.outside, at: world.back, log: world.log, serving: .bytes { _ in [] })
        let fat = world.client([.send(ScriptBytes(much.bytes + much.bytes)), .finish])
        let thin = world.client([.send("ping"), .finish])
        try network.run { world.session.counters.upstream.bytes > 0 }
        // After the first turn neither has all, and the thin one was not left to the end.
        #expect(world.session.counters.upstream.bytes < 3_000_000)
        try network.run { world.session.counters.upstream.bytes == 3_000_004 }
        let recording = try world.finish()
        let order = recording.events.filter { $0.event.fact == .chunk }.map(\.event.connection)
        let place = try #require(order.firstIndex(of: 2))
        #expect(order[place...].contains(1))
        fat.close()
        thin.close()
        server.close()
    }
}
