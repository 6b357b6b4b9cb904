import Engine
import Faults
import Platform
import Recordings
import Simulation
import Testing

/// `duplicate on=new` on live traffic, over the network in memory: the connections of copies.
struct LiveCopyTests {
    private static func world(
        _ faults: String..., protocolName: String = "line", network: SimulatedNetwork? = nil
    ) throws -> ProxyWorld {
        let world = try ProxyWorld(network ?? SimulatedNetwork())
        var plan = Plan(framing: try FramingChoice(parsing: protocolName))
        for fault in faults { try plan.add(try FaultText.rule(fault)) }
        world.proxy.setRules(try LiveRules(plan, seed: 7))
        return world
    }

    private static func told(_ world: ProxyWorld) -> [String] {
        world.notices.compactMap { notice in
            guard case .strike(let strike) = notice else { return nil }
            let outcome = strike.outcome
            return "\(outcome.id) \(outcome.result.name)"
                + (outcome.reason.isEmpty ? "" : ": \(outcome.reason)")
        }
    }

    @Test
    func `a copy comes on a connection of its own, behind its session state, and is recorded so`()
        throws
    {
        let world = try Self.world(
            "duplicate on=new contains=INCR after=10ms", protocolName: "redis")
        let server = try world.server([
            .expect("SELECT 2\r\n"), .send("+OK\r\n"), .expect("INCR a\r\n"), .send(":1\r\n"),
            .expectEnd, .close,
        ])
        let client = world.client([
            .send("SELECT 2\r\n"), .expect("+OK\r\n"), .send("INCR a\r\n"), .expect(":1\r\n"),
            .finish, .expectEnd, .close,
        ])
        try world.network.run { client.isDone && server.connections.count == 2 }
        #expect(world.network.now.nanoseconds == 10_000_000)
        try world.network.run { server.connections.allSatisfy(\.isDone) }
        try world.network.run(forNanoseconds: 1)
        #expect(client.failure == nil && server.failure == nil)
        #expect(Self.told(world) == ["duplicate@1u2 applied"])
        #expect(world.proxy.rules?.tallies.map(\.applied) == [1])
        #expect(world.session.counters.redeliveries == 1)
        #expect(world.session.counters.connections == 1)
        let recording = try world.finish()
        let copy = recording.events.filter { $0.event.attempt == 2 }
        #expect(copy.allSatisfy { $0.event.connection == 1 })
        let sent = { (message: UInt64) in
            Event.Fact.sent(
                Sent(message: message, copy: 1, strike: "duplicate@1u2", source: .literal))
        }
        let facts = copy.map(\.event.fact)
        #expect(facts.first == .mark(label: "redelivery duplicate@1u2"))
        #expect(
            facts.dropFirst(3) == [
                sent(1), .chunk, sent(2), .chunk, .finished(by: .weir), .finished(by: .server),
            ], "\(facts)")
        #expect(
            copy.map { String(decoding: $0.bytes, as: UTF8.self) }.filter { !$0.isEmpty }
                == ["SELECT 2\r\n", "+OK\r\n", "INCR a\r\n", ":1\r\n"])
        // Read back, it is an attempt of the same connection, and no client's.
        var reader = try RecordingReader(MemoryFile(world.store.file))
        let transcript = try reader.transcript(try FramingChoice(parsing: "redis")).transcript
        #expect(transcript.connections.map(\.attempt) == [1, 2])
        #expect(transcript.connection(1, attempt: 2)?.upstream.count == 2)
    }

    @Test func `a dial that is refused skips the strike with the reason, and troubles no client`()
        throws
    {
        let world = try Self.world("duplicate on=new messages=1 copies=2")
        var server: ScriptedServer?
        server = try world.server([
            .call { server?.stopListening() }, .expect("a\n"), .send("A\n"), .expectEnd, .close,
        ])
        let client = world.client([
            .send("a\n"), .expect("A\n"), .finish, .expectEnd,
            .close,
        ])
        try world.network.run { client.isDone && !Self.told(world).isEmpty }
        #expect(client.failure == nil && server?.failure == nil)
        #expect(
            Self.told(world) == [
                "duplicate@1u1 skipped: the server could not be reached: connection refused"
            ])
        #expect(world.session.counters.refusals == 0, "no client was refused")
        let recording = try world.finish()
        let refused = recording.events.filter {
            if case .refused = $0.event.fact { true } else { false }
        }
        #expect(refused.map(\.event.attempt) == [2, 3])
    }

    @Test func `copies outlive their original, until the session is ended`() throws {
        let world = try Self.world("duplicate on=new messages=1 copies=3 after=1s")
        _ = try world.outside.listen(on: world.back, handler: EchoServer())
        let client = Sender(Array("a\n".utf8))
        _ = world.outside.dial(world.front, handler: client)
        try world.network.run { client.hasEnded }
        #expect(client.received == Array("a\n".utf8))
        try world.network.run(forNanoseconds: 1_500_000_000)
        #expect(world.session.counters.redeliveries == 1 && Self.told(world).isEmpty)
        try world.finish()
        #expect(
            Self.told(world) == ["duplicate@1u1 applied: with 1 of its copies: interrupted"])
        #expect(world.network.openSockets == [])
    }

    @Test func `an original that is not sent whole has no copies`() throws {
        let world = try Self.world(
            "duplicate on=new messages=1", "bandwidth rate=1B/s burst=1B direction=upstream")
        let server = try world.server([.expectBytes(1), .reset])
        let client = world.client([.send("abcdef\n"), .expectReset])
        try world.network.run { client.isDone && !Self.told(world).isEmpty }
        #expect(server.connections.count == 1)
        #expect(
            Self.told(world) == [
                "duplicate@1u1 preempted: its connection ended before it was sent whole"
            ])
        try world.finish()
    }

    @Test func `so many are open at once, and a server that answers nothing is left in the end`()
        throws
    {
        let world = try Self.world("duplicate on=new")
        let server = try ScriptedServer(
            on: world.outside, at: world.back, log: world.log,
            serving: .lines { _ in [] }, atEnd: [])
        let lines = (0..<300).map { "line \($0)\n" }.joined()
        let client = world.client([.send(ScriptBytes(lines)), .expectEnd, .close])
        try world.network.run(forNanoseconds: 4_000_000_000)
        #expect(client.failure == nil)
        #expect(server.connections.count == 257)
        // Five seconds for the answer, one for the end.
        try world.network.run(forNanoseconds: 3_000_000_000)
        #expect(server.connections.count == 301)
        #expect(Self.told(world).count { $0.hasSuffix(" applied") } == 300)
        server.close()
        try world.finish()
        #expect(world.network.openSockets == [])
    }

    /// Clients, a server that echoes, and rules of both kinds that reach to other connections.
    @Test func `each client sees its own answers, whatever is copied and overtaken`() throws {
        var struck: [String: UInt64] = [:]
        for seed in 0..<UInt64(40) {
            let network = SimulatedNetwork(seed: seed, misbehaviour: .rough)
            network.path = NetworkPath(bufferBytes: 20 + Int(seed % 200))
            network.path.upstreamNanoseconds = 50_000
            network.path.downstreamNanoseconds = 50_000
            let world = try Self.world(
                "duplicate on=new chance=10% after=300us",
                "reorder across=connections chance=10% depth=\(1 + seed % 3) within=2ms",
                "reorder name=flight chance=5% direction=upstream",
                "delay chance=3% by=200us direction=upstream", network: network)
            _ = try ScriptedServer(
                on: world.outside, at: world.back, log: world.log, serving: .echo)
            let clients = (0..<3).map { number in
                Sender((0..<40).flatMap { Array("line \(number) \($0)\n".utf8) })
            }
            for client in clients { _ = world.outside.dial(world.front, handler: client) }
            try network.run { clients.allSatisfy(\.hasEnded) }
            for (number, client) in clients.enumerated() {
                let lines = (0..<40).map { "line \(number) \($0)\n" }.joined()
                #expect(String(decoding: client.received, as: UTF8.self) == lines, "seed \(seed)")
            }
            try network.run(forNanoseconds: 10_000_000_000)
            let recording = try world.finish()
            let told = recording.events.count { event, _ in
                if case .strike = event.fact { true } else { false }
            }
            let tallies = world.proxy.rules?.tallies ?? []
            #expect(
                UInt64(told) == tallies.reduce(0) { $0 + $1.applied + $1.preempted + $1.skipped },
                "seed \(seed)")
            let struckInAll = tallies.reduce(0) { $0 + $1.struck }
            #expect(UInt64(told) == struckInAll, "seed \(seed)")
            #expect(world.session.counters.redeliveries == tallies[0].applied, "seed \(seed)")
            #expect(network.openSockets == [] && world.session.counters.heldBytes == 0)
            for tally in tallies { struck[tally.rule, default: 0] += tally.applied }
        }
        #expect(struck.values.allSatisfy { $0 > 20 } && struck.count == 4, "\(struck)")
    }

    @Test func `a message waits for another connection's answer, and leaves behind it`() throws {
        let world = try Self.world(
            "reorder across=connections connections=1-2 messages=1 times=1 direction=upstream")
        var order: [String] = []
        let server = try ScriptedServer(
            on: world.outside, at: world.back, log: world.log,
            serving: .lines { line in
                order.append(line)
                return [.wait(3_000_000), .send(ScriptBytes(line + "!\n"))]
            })
        let first = world.client([
            .send("a\nb\n"), .expect("a!\nb!\n"), .finish, .expectEnd, .close,
        ])
        try world.network.run(forNanoseconds: 5_000_000)
        #expect(order == [])
        let second = world.client([.send("x\n"), .expect("x!\n"), .finish, .expectEnd, .close])
        try world.network.run { first.isDone && second.isDone }
        #expect(first.failure == nil && second.failure == nil && server.failure == nil)
        #expect(order == ["x", "a", "b"])
        #expect(Self.told(world) == ["reorder@1u1 applied"])
        let recording = try world.finish()
        let sent = recording.facts(1).compactMap { fact in
            if case .sent(let sent) = fact { "\(sent.message) \(sent.strike)" } else { nil }
        }
        #expect(sent == ["1 reorder@1u1", "2 reorder@1u1"])
    }

    @Test func `rules that come and go while a message waits lose and reorder no byte`() throws {
        for seed in 0..<UInt64(6) {
            let network = SimulatedNetwork(seed: seed, misbehaviour: .rough)
            network.path = NetworkPath(bufferBytes: 300)
            network.path.upstreamNanoseconds = 50_000
            let world = try Self.world(network: network)
            _ = try ScriptedServer(
                on: world.outside, at: world.back, log: world.log, serving: .echo)
            let lines = (0..<2).map { client in
                (0..<400).map { "line \(client) \($0)\n" }.joined()
            }
            let clients = lines.map { Sender(Array($0.utf8)) }
            for client in clients { _ = world.outside.dial(world.front, handler: client) }
            var change = 0
            while !clients.allSatisfy(\.hasEnded), change < 20_000 {
                try network.run(forNanoseconds: 100_000)
                var plan = Plan(framing: try FramingChoice(parsing: "line"))
                if change % 3 > 0 {
                    try plan.add(
                        try FaultText.rule("reorder across=connections chance=50% within=1ms"))
                }
                if change % 4 > 1 {
                    try plan.add(try FaultText.rule("latency latency=100us direction=upstream"))
                }
                // Now and then without what the rules before knew.
                let earlier = change % 5 == 0 ? nil : world.proxy.rules
                world.proxy.setRules(try LiveRules(plan, seed: 7, after: earlier))
                change += 1
            }
            for (client, lines) in zip(clients, lines) {
                #expect(String(decoding: client.received, as: UTF8.self) == lines, "seed \(seed)")
            }
            try world.finish()
            #expect(network.openSockets == [], "seed \(seed)")
        }
    }
}
