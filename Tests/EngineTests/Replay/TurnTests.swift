import Engine
import Faults
import Platform
import Recordings
import Simulation
import Testing

/// Without a framer, and where answers are not paired, the direction's change is all there is.
struct TurnTests {
    private func bytes() throws -> Take {
        try Take(
            "none",
            #"""
            0ms open
            10ms > abc
            12ms > d
            20ms < 12345
            30ms > ef
            40ms < 67
            50ms fin >
            """#)
    }

    @Test func `a turn is over when as many bytes came as recorded`() throws {
        let bench = ReplayBench()
        _ = try ScriptedServer(
            on: bench.network.outside, at: bench.address, log: bench.log,
            [
                .expect("abcd"), .wait(20_000_000), .send("1234"), .wait(20_000_000), .send("5"),
                .expect("ef"), .send("67"), .expectEnd, .close,
            ])
        let result = try bench.play(bytes())
        #expect(
            bench.lines(" > ") == [
                #"10ms 1.1 > 0 "abc""#, #"12ms 1.1 > 0+3 "d""#, #"62ms 1.1 > 0+4 "ef""#,
                "62ms 1.1 fin > by client",
            ])
        #expect(result.counts.bytesSent == 6 && result.counts.bytesReceived == 7)
    }

    @Test func `a turn with fewer bytes is over after 50 ms of quiet`() throws {
        let bench = ReplayBench()
        _ = try ScriptedServer(
            on: bench.network.outside, at: bench.address, log: bench.log,
            [.expect("abcd"), .send("1"), .expect("ef"), .expectEnd, .close])
        try bench.play(bytes()) { $0.answerTimeoutNanoseconds = 200_000_000 }
        #expect(
            bench.lines(" > ") == [
                #"10ms 1.1 > 0 "abc""#, #"12ms 1.1 > 0+3 "d""#, #"72ms 1.1 > 0+4 "ef""#,
                "282ms 1.1 fin > by client",
            ])
    }

    @Test func `bytes that came early count for the next turn`() throws {
        let take = try Take(
            "none",
            #"""
            0ms open
            1ms > ab
            2ms < 12
            3ms > c
            4ms < 34
            5ms > d
            """#)
        let bench = ReplayBench()
        _ = try ScriptedServer(
            on: bench.network.outside, at: bench.address, log: bench.log,
            [.expect("ab"), .send("1234"), .expect("cd"), .expectEnd, .close])
        try bench.play(take)
        #expect(bench.lines(" > 0+3") == [#"5ms 1.1 > 0+3 "d""#])
    }

    @Test func `a turn in which nothing comes uncouples the link`() throws {
        let bench = ReplayBench()
        _ = try ScriptedServer(
            on: bench.network.outside, at: bench.address, log: bench.log,
            [.expect("abcdef"), .expectEnd, .close])
        try bench.play(bytes()) { $0.answerTimeoutNanoseconds = 200_000_000 }
        // The last bytes at 12 ms, answered 8 ms later in the recording, and 200 ms more.
        #expect(bench.lines("uncoupled") == ["220ms 1.1 mark uncoupled"])
        #expect(bench.lines(" > 0+4") == [#"220ms 1.1 > 0+4 "ef""#])
    }

    @Test func `a server that speaks first is waited for`() throws {
        let take = try Take(
            "none",
            #"""
            0ms open
            10ms < hello
            11ms > abc
            """#)
        let bench = ReplayBench()
        _ = try ScriptedServer(
            on: bench.network.outside, at: bench.address, log: bench.log,
            [.wait(30_000_000), .send("HELLO"), .expect("abc"), .expectEnd, .close])
        try bench.play(take) { $0.pacing = .causal }
        #expect(bench.lines(" > 0") == [#"30ms 1.1 > 0 "abc""#])
    }

    @Test func `a cell without messages is held by its place in the bytes`() throws {
        let condition = Condition(
            id: "latency",
            effect: .latency(Latency(latencyNanoseconds: 5_000_000, jitterNanoseconds: 5_000_000)),
            direction: .upstream)
        let long = String(repeating: "x", count: 3_000)
        let take = try Take("none", "0ms open\n1ms > \(long)\n50ms fin >")
        let bench = ReplayBench()
        _ = try ScriptedServer(
            on: bench.network.outside, at: bench.address, log: bench.log, [.expectEnd])
        bench.start(take, conditions: [condition])
        try bench.network.run(until: .milliseconds(40))
        let link = Schedule(seed: 7, conditions: [condition]).link(connection: 1, .upstream)
        var expected: [Int64] = []
        for cell in UInt64(1)...3 {
            let hold = link.holdNanoseconds(message: cell, began: Instant(nanoseconds: 1_000_000))
            expected.append(max(expected.last ?? 0, 1_000_000 + hold))
        }
        let sent = bench.events.filter { if case .sent = $0.event.fact { true } else { false } }
        #expect(sent.map(\.bytes.count) == [1_460, 1_460, 80])
        #expect(sent.map(\.event.instant.nanoseconds) == expected)
    }

    @Test func `a link with a gap ends there, and one picked up in the middle is left out`() throws
    {
        let take = try Take(
            "line",
            #"""
            0ms open
            1ms > a\nb
            2ms gap > 10
            3ms > c\n
            4ms c2 > d\n
            """#)
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        let result = try bench.play(take)
        #expect(bench.lines(" > ") == [#"1ms 1.1 > 1 "a\n""#, "1ms 1.1 fin > by weir"])
        #expect(result.counts.connectionsPartial == 1)
        let other = ReplayBench()
        _ = try other.serveEcho()
        try other.play(take) { $0.includesPartial = true }
        #expect(other.lines("2.1 > ").first == #"4ms 2.1 > 1 "d\n""#)
    }
}
