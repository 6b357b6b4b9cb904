import Engine
import Faults
import Platform
import Recordings
import Simulation
import Testing

/// Faults on live traffic, over the network in memory.
struct InjectionTests {
    private static func rules(
        _ faults: [String], after earlier: LiveRules? = nil
    ) throws -> LiveRules {
        var plan = Plan(framing: try FramingChoice(parsing: "line"))
        for fault in faults { try plan.add(try FaultText.rule(fault)) }
        return try LiveRules(plan, seed: 7, after: earlier)
    }

    private static func world(
        seed: UInt64, bufferBytes: Int, _ faults: [String]
    ) throws -> ProxyWorld {
        let network = SimulatedNetwork(seed: seed, misbehaviour: .rough)
        network.path = NetworkPath(bufferBytes: bufferBytes)
        network.path.upstreamNanoseconds = 50_000
        network.path.downstreamNanoseconds = 50_000
        let world = try ProxyWorld(network)
        world.proxy.setRules(try rules(faults))
        return world
    }

    @Test func `conditions lose nothing and keep order, whatever two peers do`() throws {
        for seed in 0..<UInt64(1_000) {
            let world = try Self.world(
                seed: seed, bufferBytes: 1 + Int(seed % 40), ["latency latency=300us jitter=300us"])
            let network = world.network
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

    @Test func `a client of a doubling and reordering proxy sees each answer once, in order`()
        throws
    {
        var struck: [String: UInt64] = [:]
        for seed in 0..<UInt64(200) {
            let world = try Self.world(
                seed: seed, bufferBytes: 20 + Int(seed % 200),
                [
                    "duplicate chance=10% direction=upstream",
                    "duplicate name=late chance=5% after=300us direction=upstream",
                    "reorder chance=10% direction=upstream",
                    "delay chance=3% by=200us direction=upstream",
                ])
            let lines = (0..<100).map { "line \($0)\n" }.joined()
            let client = Sender(Array(lines.utf8))
            let server = EchoServer()
            _ = try world.outside.listen(on: world.back, handler: server)
            _ = world.outside.dial(world.front, handler: client)
            try world.network.run { client.hasEnded }
            #expect(String(decoding: client.received, as: UTF8.self) == lines, "seed \(seed)")
            let recording = try world.finish()
            let strikes = recording.facts(1).count { fact in
                if case .strike = fact { true } else { false }
            }
            let tallies = world.proxy.rules?.tallies ?? []
            let told = tallies.reduce(0) { $0 + $1.applied + $1.preempted + $1.skipped }
            #expect(UInt64(strikes) == told, "seed \(seed)")
            for tally in tallies { struck[tally.rule, default: 0] += tally.applied }
        }
        #expect(struck.values.allSatisfy { $0 > 100 } && struck.count == 4, "\(struck)")
    }

    @Test func `what strikes a connection depends on its number alone, however bytes are cut`()
        throws
    {
        let lines = Array((0..<200).map { "line \($0)\n" }.joined().utf8)
        var seen: Set<[String]> = []
        for seed in 0..<UInt64(20) {
            let world = try Self.world(
                seed: seed, bufferBytes: 10 + Int(seed) * 7,
                ["drop chance=5% direction=upstream answers=raw", "duplicate chance=5%"])
            _ = try world.outside.listen(on: world.back, handler: EchoServer())
            let client = Sender(lines)
            _ = world.outside.dial(world.front, handler: client)
            try world.network.run { client.hasEnded }
            seen.insert(
                world.notices.compactMap { notice in
                    if case .strike(let strike) = notice { strike.outcome.id } else { nil }
                })
            try world.finish()
        }
        #expect(seen.count == 1 && (seen.first?.count ?? 0) > 10)
    }

    @Test func `a latency changed 1,000 times under load loses and reorders no byte`() throws {
        for seed in 0..<UInt64(3) {
            let world = try Self.world(seed: seed, bufferBytes: 2_000, [])
            let bytes = (0..<UInt32(2_000_000)).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
            let client = Sender(bytes)
            _ = try world.outside.listen(on: world.back, handler: EchoServer())
            _ = world.outside.dial(world.front, handler: client)
            for change in 0..<1_000 {
                try world.network.run(forNanoseconds: 20_000)
                let faults = change % 7 == 0 ? [] : ["latency latency=\(change % 7 * 50)us"]
                world.proxy.setRules(try Self.rules(faults, after: world.proxy.rules))
            }
            #expect(!client.hasEnded, "the load lasts as long as the changes")
            try world.network.run { client.hasEnded }
            #expect(client.received == bytes, "seed \(seed)")
            try world.finish()
        }
    }

    @Test func `a disconnect resets both sides, behind what was sent before it`() throws {
        let world = try ProxyWorld()
        world.proxy.setRules(
            try Self.rules(["disconnect messages=2 where=after direction=upstream"]))
        let server = try world.server([.expect("a\nb\n"), .expectReset])
        let client = world.client([.send("a\nb\nc\n"), .expectReset])
        try world.network.run { client.isDone && server.connections.first?.isDone == true }
        #expect(client.failure == nil && server.failure == nil)
        #expect(world.summaries.map(\.ending) == [.cut(strike: "disconnect@1u2")])
        let recording = try world.finish()
        #expect(recording.facts(1).contains(.reset(by: .weir)))
    }

    @Test func `latency is kept to the nanosecond, and the end comes behind it`() throws {
        let world = try ProxyWorld()
        world.proxy.setRules(try Self.rules(["latency latency=20ms direction=upstream"]))
        let server = try world.server([.expect("a\n"), .expectEnd, .send("A\n"), .close])
        let client = world.client([.send("a\n"), .finish, .expect("A\n"), .expectEnd, .close])
        try world.network.run { client.isDone && server.connections.first?.isDone == true }
        #expect(client.failure == nil && server.failure == nil)
        #expect(world.network.now.nanoseconds == 20_000_000)
        #expect(world.proxy.rules?.delaysAchieved.maximum == 20_000_000)
        let recording = try world.finish()
        let sent = recording.facts(1).compactMap { fact in
            if case .sent(let sent) = fact { sent } else { nil }
        }
        #expect(sent.map(\.strike) == ["latency"])
        #expect(sent.map(\.source) == [.arrived(offset: 0, count: 2)])
    }

    @Test func `a rule of one route holds its connections, and those of others not at all`() throws
    {
        let world = try ProxyWorld(hasSide: true)
        var plan = Plan(framing: try FramingChoice(parsing: "line"))
        try plan.add(try FaultText.rule("latency latency=20ms direction=upstream route=users"))
        try plan.add(
            try FaultText.rule("drop direction=upstream messages=2 answers=raw route=users"))
        world.proxy.setRules(
            try LiveRules(plan, seed: 7, routes: world.proxy.routes.map(\.name)))
        let server = try world.server([
            .expect("a\n"), .send("A\n"), .expect("b\n"), .send("B\n"), .expectEnd, .close,
        ])
        let orders = world.client([
            .send("a\n"), .expect("A\n"), .send("b\n"), .expect("B\n"), .finish, .expectEnd,
            .close,
        ])
        try world.network.run { orders.isDone }
        #expect(world.network.now.nanoseconds == 0)
        let users = ScriptedClient(
            on: world.outside, to: world.side, log: world.log,
            [.send("a\n"), .expect("A\n"), .send("x\nb\n"), .expect("B\n"), .close])
        try world.network.run { users.isDone }
        #expect(world.network.now.nanoseconds == 40_000_000, "each of its two turns is held")
        #expect(orders.failure == nil && users.failure == nil && server.failure == nil)
        let tallies = world.proxy.rules?.tallies
        #expect(tallies?.map(\.applied) == [0, 1], "the drop struck connection 2")
    }

    @Test func `a connection without rules has no injection, and loses it when they go`() throws {
        let world = try ProxyWorld()
        world.proxy.setRules(try Self.rules(["latency latency=1ms connections=2"]))
        _ = try world.outside.listen(on: world.back, handler: EchoServer())
        let client = Sender(Array("abc\n".utf8))
        _ = world.outside.dial(world.front, handler: client)
        try world.network.run { client.hasEnded }
        #expect(client.received == Array("abc\n".utf8))
        #expect(world.network.now.nanoseconds == 0)
        try world.finish()
    }
}
