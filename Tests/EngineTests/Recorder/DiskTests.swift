import Engine
import Platform
import Recordings
import Simulation
import Testing

/// Disks that are slow, stuck or full, and traffic that meets them.
struct DiskTests {
    /// Ten blocks' worth.
    private let much = ScriptBytes((0..<600_000).lazy.map { UInt8(truncatingIfNeeded: $0 &* 5) })

    private func transfer(
        _ world: ProxyWorld
    ) throws -> (client: ScriptedClient, server: ScriptedServer) {
        let server = try world.server([
            .expectBytes(much.bytes.count), .send("done"), .expectEnd, .close,
        ])
        let client = world.client([.send(much), .expect("done"), .finish, .expectEnd, .close])
        return (client, server)
    }

    @Test func `traffic waits for a disk that is slow, and all is recorded`() throws {
        let world = try ProxyWorld(blocks: 2)
        world.store.writeNanoseconds = 900_000_000
        let (client, server) = try transfer(world)
        try world.network.run(forNanoseconds: 60_000_000_000)
        #expect(client.isDone && server.failure == nil)
        let recording = try world.finish()
        #expect(recording.isEnded && recording.gaps.isEmpty)
        #expect(recording.bytes(1, .upstream) == much.bytes)
        #expect(world.recorder.counters.waits > 0)
        #expect(world.recorder.counters.missingBytes == 0)
        #expect(world.recorderNotices == [])
    }

    @Test func `after the longest wait traffic goes on, and the gap is exact`() throws {
        let world = try ProxyWorld(blocks: 2)
        world.store.isStalled = true
        let (client, server) = try transfer(world)
        try world.network.run(forNanoseconds: 4_900_000_000)
        #expect(!client.isDone)
        try world.network.run(forNanoseconds: 10_000_000_000)
        #expect(client.isDone && server.failure == nil)
        world.store.isStalled = false
        try world.network.run(forNanoseconds: 1_000_000_000)
        let recording = try world.finish()
        let recorded = recording.bytes(1, .upstream)
        let gaps = recording.gaps
        #expect(gaps.map(\.connection) == [1, 1])
        #expect(gaps.map(\.direction) == [.upstream, .downstream])
        #expect(recorded == Array(much.bytes.prefix(recorded.count)))
        #expect(gaps.map { Int($0.bytes) } == [much.bytes.count - recorded.count, 4])
        #expect(world.recorder.counters.missingBytes == gaps.reduce(0) { $0 + $1.bytes })
        #expect(
            world.recorderNotices == [
                .unrecorded(nanoseconds: 5_000_000_000),
                .resumed(missingBytes: world.recorder.counters.missingBytes),
            ])
        // What happened meanwhile is recorded in its order: the gaps come before the end.
        let facts = recording.facts(1)
        #expect(facts.suffix(2) == [.finished(by: .client), .finished(by: .server)])
    }

    @Test func `a recorder that must record lets nothing pass unrecorded`() throws {
        var settings = RecorderSettings()
        settings.mustRecord = true
        let world = try ProxyWorld(blocks: 2, settings: settings)
        world.store.isStalled = true
        let (client, server) = try transfer(world)
        try world.network.run(forNanoseconds: 60_000_000_000)
        #expect(!client.isDone)
        #expect(world.recorderNotices == [.waiting(nanoseconds: 5_000_000_000)])
        world.store.isStalled = false
        try world.network.run(forNanoseconds: 1_000_000_000)
        #expect(client.isDone && server.failure == nil)
        #expect(try world.finish().bytes(1, .upstream) == much.bytes)
    }

    @Test func `a full disk lets traffic go on at once, and the rest is a gap`() throws {
        let world = try ProxyWorld()
        world.store.capacity = 150_000
        let (client, server) = try transfer(world)
        try world.network.run(forNanoseconds: 100_000_000)
        #expect(client.isDone && server.failure == nil)
        #expect(world.recorderNotices == [.failed(.noSpace)])
        #expect(world.recorder.failure == .noSpace)
        // What the disk still takes after the last whole block says how much is missing.
        let recording = try world.finish()
        #expect(!recording.isEnded)
        let recorded = recording.bytes(1, .upstream)
        #expect(recorded.count > 60_000)
        #expect(recorded == Array(much.bytes.prefix(recorded.count)))
        let gaps = recording.gaps.filter { $0.direction == .upstream }
        #expect(gaps.reduce(0) { $0 + $1.bytes } == UInt64(much.bytes.count - recorded.count))
        #expect(world.recorder.counters.payloadBytes == UInt64(recorded.count))
        #expect(
            world.recorder.counters.missingBytes == UInt64(much.bytes.count - recorded.count + 4))
    }

    @Test func `a full disk stops the traffic of a recorder that must record`() throws {
        var settings = RecorderSettings()
        settings.mustRecord = true
        let world = try ProxyWorld(settings: settings)
        world.store.capacity = 150_000
        let (client, _) = try transfer(world)
        try world.network.run(forNanoseconds: 60_000_000_000)
        #expect(!client.isDone)
        #expect(world.recorderNotices == [.stopped(.noSpace)])
    }

    @Test func `a recording that ends at its first lost block says how much the others held`()
        throws
    {
        var settings = RecorderSettings()
        settings.mustRecord = true
        let world = try ProxyWorld(blocks: 8, settings: settings)
        world.store.isStalled = true
        let (client, _) = try transfer(world)
        try world.network.run(forNanoseconds: 100_000_000)
        #expect(!client.isDone)
        // Seven blocks wait for the disk, which then takes the first two.
        world.store.capacity = world.store.file.count + 140_000
        world.store.isStalled = false
        try world.network.run { world.recorderNotices == [.stopped(.noSpace)] }
        world.recorder.finish {}
        try world.network.run { world.store.isClosed }
        let recording = try ReadRecording(world.store.file)
        let gaps = recording.gaps.filter { $0.direction == .upstream }
        let passed = world.session.counters.upstream.bytes
        let recorded = UInt64(recording.bytes(1, .upstream).count)
        #expect(recorded > 0 && recorded < passed)
        #expect(gaps.reduce(0) { $0 + $1.bytes } == passed - recorded)
    }

    @Test func `a recording ends in order at the size it may have, and traffic goes on`() throws {
        for size in [66_000, 100_000, 200_000, 500_000] {
            var settings = RecorderSettings()
            settings.maximumBytes = UInt64(size)
            let world = try ProxyWorld(settings: settings)
            let (client, server) = try transfer(world)
            try world.network.run(forNanoseconds: 1_000_000_000)
            #expect(client.isDone && server.failure == nil)
            let recording = try world.finish()
            #expect(recording.isEnded)
            #expect(world.store.file.count <= size)
            #expect(world.store.file.count > size - 30_000)
            let recorded = recording.bytes(1, .upstream)
            #expect(recorded == Array(much.bytes.prefix(recorded.count)))
            #expect(world.recorderNotices.count == 1)
        }
    }

    @Test func `quiet traffic is on the disk a second later`() throws {
        let world = try ProxyWorld()
        let server = try world.server([.expect("tick"), .wait(60_000_000_000), .close])
        let client = world.client([.send("tick"), .expectEnd, .close])
        try world.network.run(forNanoseconds: 999_000_000)
        #expect(try ReadRecording(world.store.file).bytes(1, .upstream) == [])
        try world.network.run(forNanoseconds: 2_000_000)
        #expect(try ReadRecording(world.store.file).bytes(1, .upstream) == Array("tick".utf8))
        server.close()
        client.close()
    }

    @Test func `events beyond what is kept are counted, and a gap says so`() throws {
        let network = SimulatedNetwork()
        let store = MemoryBlockStore(on: network, blocks: 1)
        let recorder = try Recorder(network: network, store: store)
        store.isStalled = true
        let count = 100_000
        for number in 0..<count {
            recorder.record(
                Event(at: recorder.instant, connection: UInt32(number + 1), attempt: 1, .stalled))
        }
        #expect(recorder.counters.missingEvents > 0)
        store.isStalled = false
        try network.runUntilIdle()
        recorder.finish {}
        try network.runUntilIdle()
        let recording = try ReadRecording(store.file)
        let kept = recording.events.count { $0.event.fact == .stalled }
        #expect(UInt64(count - kept) == recorder.counters.missingEvents)
        #expect(recording.gaps.count == 1 && recording.isEnded)
    }
}
