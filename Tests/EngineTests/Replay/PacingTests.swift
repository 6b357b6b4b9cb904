import Engine
import Faults
import Recordings
import Simulation
import Testing

/// Clean replays in virtual time: what is sent when.
struct PacingTests {
    /// Three requests: two in one flight, the third waited for both answers and thought for 10 ms.
    private func threeRequests() throws -> Take {
        try Take(
            "line",
            #"""
            100ms open
            110ms > a\n
            115ms > b\n
            120ms < 1\n
            130ms < 2\n
            140ms > c\n
            150ms < 3\n
            160ms fin >
            161ms fin <
            """#)
    }

    @Test func `on recorded time messages are sent at their instants, whatever the consumer does`()
        throws
    {
        let bench = ReplayBench()
        _ = try bench.serveEcho(afterNanoseconds: 30_000_000)
        try bench.play(threeRequests()) { $0.pacing = .recorded }
        #expect(
            bench.lines(" > ") == [
                #"10ms 1.1 > 1 "a\n""#, #"15ms 1.1 > 2 "b\n""#, #"40ms 1.1 > 3 "c\n""#,
                "100ms 1.1 fin > by client",
            ])
    }

    @Test func `hybrid waits for the answers and then as long as the producer thought`() throws {
        let bench = ReplayBench()
        _ = try bench.serveEcho(afterNanoseconds: 30_000_000)
        try bench.play(threeRequests())
        // The second answer comes at 70 ms (one after the other); the recorded thought is 10 ms.
        #expect(
            bench.text == #"""
                0ms 1.1 dial
                0ms 1.1 open
                10ms 1.1 > 1 "a\n"
                15ms 1.1 > 2 "b\n"
                40ms 1.1 < "=a\n"
                70ms 1.1 < "=b\n"
                80ms 1.1 > 3 "c\n"
                110ms 1.1 < "=c\n"
                110ms 1.1 fin > by client
                110ms 1.1 fin < by server

                """#)
        #expect(bench.result?.counts.messagesSent == 3 && bench.result?.lateness.maximum == 0)
    }

    @Test func `hybrid keeps the recorded deadline of a consumer that is faster`() throws {
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        try bench.play(threeRequests())
        #expect(
            bench.lines(" > ") == [
                #"10ms 1.1 > 1 "a\n""#, #"15ms 1.1 > 2 "b\n""#, #"40ms 1.1 > 3 "c\n""#,
                "60ms 1.1 fin > by client",
            ])
    }

    @Test func `causal sends once the answers have come and thinks not at all`() throws {
        let bench = ReplayBench()
        _ = try bench.serveEcho(afterNanoseconds: 30_000_000)
        try bench.play(threeRequests()) { $0.pacing = .causal }
        #expect(
            bench.lines(" > ") == [
                #"0ms 1.1 > 1 "a\n""#, #"0ms 1.1 > 2 "b\n""#, #"60ms 1.1 > 3 "c\n""#,
                "90ms 1.1 fin > by client",
            ])
    }

    @Test func `asap sends all at once and ends after the last answer`() throws {
        let bench = ReplayBench()
        _ = try bench.serveEcho(afterNanoseconds: 30_000_000)
        try bench.play(threeRequests()) { $0.pacing = .asap }
        #expect(
            bench.lines(" > ") == [
                #"0ms 1.1 > 1 "a\n""#, #"0ms 1.1 > 2 "b\n""#, #"0ms 1.1 > 3 "c\n""#,
                "90ms 1.1 fin > by client",
            ])
    }

    @Test func `later bytes of a message keep their distance`() throws {
        let take = try Take(
            "line",
            #"""
            0ms open
            10ms > a
            17ms > bc
            30ms > \nd\n
            """#)
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        try bench.play(take) { $0.speed = ReplaySpeed(1, 2) }
        #expect(
            bench.lines(" > ") == [
                #"20ms 1.1 > 1 "a""#, #"34ms 1.1 > 1+1 "bc""#, #"60ms 1.1 > 1+3 "\n""#,
                #"60ms 1.1 > 2 "d\n""#, "60ms 1.1 fin > by weir",
            ])
    }

    @Test func `a gap is cut to the longest allowed and all behind it moves up`() throws {
        let take = try Take(
            "line",
            #"""
            50ms open
            60ms > a\n
            61ms < 1\n
            1061ms c2 open
            1065ms > b\n
            1070ms c2 > c\n
            1071ms < 2\n
            1072ms c2 < 3\n
            """#)
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        try bench.play(take) { $0.maximumGapNanoseconds = 20_000_000 }
        #expect(
            Array(bench.lines(" > ").prefix(3)) == [
                #"10ms 1.1 > 1 "a\n""#, #"35ms 1.1 > 2 "b\n""#, #"40ms 2.1 > 1 "c\n""#,
            ])
    }

    @Test func `in causal and asap a connection opens once as many have ended as in the recording`()
        throws
    {
        let take = try Take(
            "line",
            #"""
            0ms open
            1ms > a\n
            2ms < 1\n
            3ms c2 open
            4ms c2 > b\n
            5ms fin >
            6ms fin <
            7ms c2 < 2\n
            8ms c3 open
            9ms c3 > c\n
            10ms c3 < 3\n
            """#)
        for pacing in [Pacing.causal, .asap] {
            let bench = ReplayBench()
            _ = try bench.serveEcho(afterNanoseconds: 20_000_000)
            try bench.play(take) { $0.pacing = pacing }
            #expect(bench.lines(" dial") == ["0ms 1.1 dial", "0ms 2.1 dial", "20ms 3.1 dial"])
        }
    }

    @Test func `only the connections that are asked for are played`() throws {
        let take = try Take(
            "line",
            #"""
            0ms open
            1ms > a\n
            3ms c2 open
            4ms c2 > b\n
            5ms c3 > c\n
            6ms c4 refused
            """#)
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        let result = try bench.play(take) { $0.only = [2...9] }
        #expect(bench.lines(" > ").first == #"1ms 2.1 > 1 "b\n""#)
        #expect(result.counts.connections == 1 && result.counts.connectionsPartial == 1)
        #expect(result.counts.connectionsNotAskedFor == 1)
    }
}
