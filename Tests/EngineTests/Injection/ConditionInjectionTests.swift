import Engine
import Faults
import Platform
import Recordings
import Simulation
import Testing

/// Conditions, and places in bytes, on live traffic over the network in memory.
struct ConditionInjectionTests {
    private static func rules(
        _ faults: [String], protocolName: String = "none", after earlier: LiveRules? = nil
    ) throws -> LiveRules {
        var plan = Plan(framing: try FramingChoice(parsing: protocolName))
        for fault in faults { try plan.add(try FaultText.rule(fault)) }
        return try LiveRules(plan, seed: 7, after: earlier)
    }

    private static func marks(_ recording: ReadRecording) -> [String] {
        recording.facts(1).compactMap { fact in
            if case .mark(let label) = fact { label } else { nil }
        }
    }

    @Test func `bandwidth is kept to the nanosecond, and all arrives`() throws {
        let world = try ProxyWorld()
        world.proxy.setRules(
            try Self.rules(["bandwidth rate=1MB/s burst=10kB direction=upstream"]))
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
        let client = Sender(bytes)
        _ = try world.outside.listen(on: world.back, handler: EchoServer())
        _ = world.outside.dial(world.front, handler: client)
        try world.network.run { client.hasEnded }
        #expect(client.received == bytes)
        // 1,000,000 bytes less the burst of 10,000, at 1,000,000 a second.
        #expect(world.network.now.nanoseconds == 990_000_000)
        let recording = try world.finish()
        let achieved = "1MB/s asked for, 1000000 bytes in 990ms (1010101 bytes/s)"
        #expect(Self.marks(recording) == ["bandwidth: \(achieved)"])
    }

    @Test func `a slow receiver does not let more pass afterwards than the rate allows`() throws {
        let world = try ProxyWorld()
        world.network.path = NetworkPath(bufferBytes: 1_000)
        world.proxy.setRules(
            try Self.rules(["bandwidth rate=10kB/s burst=1000B direction=upstream"]))
        let bytes = [UInt8](repeating: 120, count: 20_000)
        let server = try world.server([
            .stopReading, .wait(1_000_000_000), .resumeReading, .expect(ScriptBytes(bytes)),
            .expectEnd, .close,
        ])
        let client = world.client([.send(ScriptBytes(bytes)), .finish, .expectEnd, .close])
        try world.network.run { client.isDone && server.connections.first?.isDone == true }
        #expect(server.failure == nil && client.failure == nil)
        // At most 2,000 passed before the receiver read; the rest at 10,000 a second after that.
        #expect(world.network.now.nanoseconds >= 1_000_000_000 + 1_700_000_000)
    }

    @Test func `a slow reader closes its peer's window, and takes as long as its rate says`() throws
    {
        let world = try ProxyWorld()
        world.network.path = NetworkPath(bufferBytes: 1_000)
        world.proxy.setRules(try Self.rules(["slow_reader rate=10kB/s direction=upstream"]))
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }
        let client = Sender(bytes)
        _ = try world.outside.listen(on: world.back, handler: EchoServer())
        _ = world.outside.dial(world.front, handler: client)
        try world.network.run { client.hasEnded }
        #expect(client.received == bytes)
        // 20 portions of 500 bytes, and the end behind the last one's time.
        #expect(world.network.now.nanoseconds == 1_000_000_000)
        let recording = try world.finish()
        #expect(
            Self.marks(recording)
                == ["slow_reader: 10kB/s asked for, 10000 bytes in 1s (10000 bytes/s)"])
        #expect(world.summaries.map(\.upstream.chunks) == [20], "each read is one portion")
    }

    @Test func `slow_close holds each end, and what was sent before it passes`() throws {
        let world = try ProxyWorld()
        world.proxy.setRules(try Self.rules(["slow_close delay=300ms"]))
        let server = try world.server([
            .expect("a"), .call { #expect(world.network.now.nanoseconds == 0) }, .expectEnd,
            .call { #expect(world.network.now.nanoseconds == 300_000_000) }, .send("b"), .close,
        ])
        let client = world.client([
            .send("a"), .finish, .expect("b"),
            .call { #expect(world.network.now.nanoseconds == 300_000_000) }, .expectEnd, .close,
        ])
        try world.network.run { client.isDone && server.connections.first?.isDone == true }
        #expect(server.failure == nil && client.failure == nil)
        #expect(world.network.now.nanoseconds == 600_000_000)
    }

    @Test func `a slicer's pieces arrive one by one, so far apart`() throws {
        let world = try ProxyWorld()
        world.proxy.setRules(try Self.rules(["slicer size=3B delay=5ms direction=upstream"]))
        var pieces: [String] = []
        _ = try ScriptedServer(
            on: world.outside, at: world.back, log: world.log,
            serving: .bytes { bytes in
                let milliseconds = world.network.now.nanoseconds / 1_000_000
                pieces.append("\(milliseconds) \(String(decoding: bytes, as: UTF8.self))")
                return []
            })
        let client = world.client([.send("abcdefgh"), .wait(100_000_000), .close])
        try world.network.run { client.isDone }
        #expect(pieces == ["0 abc", "5 def", "10 gh"])
    }

    @Test func `conditions together lose nothing and keep order, whatever two peers do`() throws {
        for seed in 0..<UInt64(200) {
            let network = SimulatedNetwork(seed: seed, misbehaviour: .rough)
            network.path = NetworkPath(bufferBytes: 1 + Int(seed % 40))
            let world = try ProxyWorld(network)
            world.proxy.setRules(
                try Self.rules([
                    "bandwidth rate=100kB/s burst=50B", "slicer size=7B variation=6B delay=10us",
                    "slow_reader rate=200kB/s direction=downstream", "slow_close delay=1ms",
                    "latency latency=100us jitter=100us correlation=50%",
                ]))
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
            #expect(world.session.counters.heldBytes == 0, "seed \(seed)")
            for (receiver, sender) in [(client, server), (server, client)] {
                #expect(sender.sent.starts(with: receiver.received), "seed \(seed)")
                if receiver.ending == .finished, !receiver.sawReset {
                    #expect(receiver.received == sender.sent, "seed \(seed)")
                }
            }
        }
    }

    @Test func `bytes that are no messages are cut behind so many of them`() throws {
        let world = try ProxyWorld()
        world.proxy.setRules(try Self.rules(["reset at=3B direction=upstream"]))
        let server = try world.server([.expect("abc"), .expectReset])
        let client = world.client([.send("abcdef"), .expectReset])
        try world.network.run { client.isDone && server.connections.first?.isDone == true }
        #expect(client.failure == nil && server.failure == nil)
        #expect(world.summaries.map(\.ending) == [.cut(strike: "reset@1u")])
        try world.finish()
    }

    @Test func `a refused client is reset though it has said nothing`() throws {
        let world = try ProxyWorld()
        world.proxy.setRules(try Self.rules(["refuse connections=1"]))
        let server = try world.server([.expectReset])
        let client = world.client([.expectReset])
        try world.network.run { client.isDone && server.connections.first?.isDone == true }
        #expect(client.failure == nil && server.failure == nil)
        #expect(world.summaries.map(\.ending) == [.cut(strike: "refuse@1u1")])
        let other = world.client([.send("a"), .finish, .wait(1), .close])
        try world.network.run { other.isDone }
        try world.finish()
    }
}

/// A connection that no rule is about costs nothing.
struct DirectPathTests {
    private static func rules(_ faults: [String], after earlier: LiveRules? = nil) throws
        -> LiveRules
    {
        var plan = Plan(framing: try FramingChoice(parsing: "line"))
        for fault in faults { try plan.add(try FaultText.rule(fault)) }
        return try LiveRules(plan, seed: 7, after: earlier)
    }

    @Test func `no injection is made for a connection that no rule is about`() throws {
        let world = try ProxyWorld()
        world.proxy.setRules(
            try Self.rules([
                "latency latency=1ms connections=2", "drop chance=0%", "reset connections=3-9",
                "bandwidth rate=1B/s chance=0%",
            ]))
        let server = try world.server([.expect("a\n"), .send("A\n"), .wait(1_000_000), .close])
        let client = world.client([
            .send("a\n"), .expect("A\n"), .call { #expect(world.proxy.injections == 0) },
            .expectEnd, .close,
        ])
        try world.network.run { client.isDone }
        #expect(client.failure == nil && server.failure == nil)
        let second = world.client([.send("a\n"), .wait(500_000), .close])
        try world.network.run { world.proxy.injections == 1 }
        try world.network.run { second.isDone }
        try world.finish()
    }

    @Test func `an injection is dropped once its rules go and nothing is held any more`() throws {
        let world = try ProxyWorld()
        let rules = try Self.rules(["latency latency=20ms direction=upstream"])
        world.proxy.setRules(rules)
        let server = try world.server([
            .expect("a\n"), .expect("b\n"), .send("B\n"), .expect("c\n"), .expectEnd, .close,
        ])
        let client = world.client([
            .send("a\n"),
            .wait(5_000_000),
            .call {
                #expect(world.proxy.injections == 1)
                if let none = try? Self.rules([], after: rules) { world.proxy.setRules(none) }
                #expect(world.proxy.injections == 1, "a byte is held for its time")
            },
            .send("b\n"), .expect("B\n"),
            .call {
                #expect(world.network.now.nanoseconds == 20_000_000, "order is kept")
                #expect(world.proxy.injections == 0)
            },
            .send("c\n"), .finish, .expectEnd, .close,
        ])
        try world.network.run { client.isDone && server.connections.first?.isDone == true }
        #expect(client.failure == nil && server.failure == nil)
        #expect(world.network.now.nanoseconds == 20_000_000)
        #expect(world.session.counters.heldBytes == 0)
        try world.finish()
    }

    @Test func `a reader that was slow reads on at once when its rule goes`() throws {
        let world = try ProxyWorld()
        let rules = try Self.rules(["slow_reader rate=20B/s direction=upstream"])
        world.proxy.setRules(rules)
        let server = try world.server([.expect("abc\n"), .expectEnd, .close])
        let client = world.client([
            .send("abc\n"), .finish, .wait(70_000_000),
            .call {
                if let none = try? Self.rules([], after: rules) { world.proxy.setRules(none) }
                #expect(world.proxy.injections == 0)
            },
            .expectEnd, .close,
        ])
        try world.network.run { client.isDone && server.connections.first?.isDone == true }
        #expect(client.failure == nil && server.failure == nil)
        #expect(world.network.now.nanoseconds == 70_000_000)
        try world.finish()
    }
}
