import Engine
import Recordings
import Simulation
import Testing

/// Consumers that do what they should not.
struct HostileConsumerTests {
    @Test func `garbage is an unknown request, whatever the protocol`() throws {
        let bench = StandInBench()
        try bench.start(
            Take("redis", "0ms open\n1ms > PING\\r\\n\n2ms < +PONG\\r\\n\n3ms fin >"))
        bench.consume([.send(ScriptBytes([0x2A, 0xFF, 0x00, 0x0D, 0x0A])), .expectEnd, .close])
        let result = try bench.run()
        #expect(result.served.unknown == 1)
        #expect(result.served.unassigned == 1)
    }

    @Test func `who asks without reading is no longer listened to, and given up in the end`() throws
    {
        let bench = StandInBench()
        bench.network.path = NetworkPath(bufferBytes: 4_096)
        let take = try Take(
            "line",
            "0ms open\n1ms > x\\n\n2ms < \(String(repeating: "y", count: 500))\\n\n3ms fin >")
        try bench.start(take) { $0.replay.pacing = .asap }
        let flood = Array(String(repeating: "x\n", count: 100_000).utf8)
        bench.consume([.stopReading, .send(ScriptBytes(flood))])
        let result = try bench.run()
        #expect(bench.lines("stalled").count == 1)
        // What Weir has taken is what its limits let it take.
        #expect(result.counts.bytesReceived < 64_000)
    }

    @Test func `what a flood has left is not worked through when it is given up`() throws {
        let bench = StandInBench()
        bench.network.path = NetworkPath(bufferBytes: 1 << 20)
        let answer = String(repeating: "y", count: 4_000)
        let take = try Take(
            "line", "0ms open\n1ms > x\\n\n2ms < \(answer)\\n\n3ms fin >")
        try bench.start(take) { $0.replay.pacing = .asap }
        let flood = Array(String(repeating: "x\n", count: 400_000).utf8)
        bench.consume([.stopReading, .send(ScriptBytes(flood))])
        let result = try bench.run()
        #expect(result.counts.bytesReceived < 300_000)
    }

    @Test func `of a flood of short requests no more is received at once than a turn's share`()
        throws
    {
        let bench = StandInBench()
        bench.network.path = NetworkPath(bufferBytes: 1 << 20)
        try bench.start(Take("line", "0ms open\n1ms > x\\n\n2ms < y\\n\n3ms fin >")) {
            $0.replay.pacing = .asap
        }
        let flood = Array(String(repeating: "x\n", count: 20_000).utf8)
        bench.consume([.send(ScriptBytes(flood)), .expectBytes(40_000), .close])
        let result = try bench.run()
        #expect(result.served.requests == 20_000)
        let chunks = bench.events.filter { $0.event.fact == .chunk }.map(\.bytes.count)
        #expect(chunks.max() == 512, "256 requests of two bytes")
    }

    @Test func `single bytes, half a message and a half-closed connection are all taken`() throws {
        let bench = StandInBench()
        try bench.start(StandInTests.take())
        bench.consume(
            "a\nb".utf8.map { .send(ScriptBytes([$0])) } + [.finish, .expect("1\n"), .expectEnd])
        let result = try bench.run()
        #expect(bench.failure == nil)
        #expect(result.served.requests == 1)
    }

    @Test func `who says nothing plays nothing`() throws {
        let bench = StandInBench()
        try bench.start(StandInTests.take())
        bench.consume([.close])
        bench.consume([.wait(1_000_000), .reset])
        bench.consume([.wait(2_000_000), .send("a\nb\nc\n"), .expect("1\n22\n3\n"), .close])
        let result = try bench.run()
        #expect(bench.failure == nil)
        #expect(result.served.unassigned == 2)
        #expect(bench.lines("2.1 open").count == 1)
        #expect(bench.lines("3.1 open").count == 1)
    }

    @Test func `a first message that does not end is not waited for`() throws {
        let bench = StandInBench()
        try bench.start(StandInTests.take())
        let long = Array(repeating: UInt8(ascii: "z"), count: 200_000)
        bench.consume([.send(ScriptBytes(long)), .wait(5_000_000), .close])
        try bench.run()
        #expect(bench.lines("accepted by=order").count == 1)
    }
}
