import Engine
import Faults
import Reactions
import Recordings
import Simulation
import Testing

/// A replay as the server, and the consumers that dial it.
struct StandInTests {
    static func take() throws -> Take {
        try Take(
            "line",
            #"""
            0ms open
            10ms > a\n
            13ms < 1\n
            20ms > b\n
            21ms < 22\n
            30ms > c\n
            31ms < 3\n
            40ms fin >
            41ms fin <
            """#)
    }

    @Test func `a consumer is answered as recorded, each answer as long after as recorded`() throws
    {
        let bench = StandInBench()
        try bench.start(Self.take())
        bench.consume([
            .send("a\n"), .expect("1\n"), .wait(5_000_000), .send("b\nc\n"), .expect("22\n3\n"),
            .finish, .expectEnd,
        ])
        let result = try bench.run()
        #expect(bench.failure == nil)
        #expect(
            bench.lines("ms ") == [
                "0ms 1.1 open", "0ms 1.1 mark accepted by=first-message after_ns=0",
                #"0ms 1.1 < "a\n""#, #"3ms 1.1 > 1 "1\n""#, #"8ms 1.1 < "b\nc\n""#,
                #"9ms 1.1 > 2 "22\n""#, #"9ms 1.1 > 3 "3\n""#, "9ms 1.1 fin > by client",
                "10ms 1.1 fin < by server",
            ])
        #expect(result.served.expected == 3)
        #expect(result.served.answered == 3)
        #expect(result.counts.connectionsEnded == 1)
        #expect(result.ending == .completed)
        #expect(bench.network.openDescriptors == 0)
    }

    @Test(arguments: [Pacing.causal, .asap])
    func `without recorded times it answers at once`(pacing: Pacing) throws {
        let bench = StandInBench()
        try bench.start(Self.take()) { $0.replay.pacing = pacing }
        bench.consume([.send("a\nb\nc\n"), .expect("1\n22\n3\n"), .close])
        try bench.run()
        #expect(bench.failure == nil)
        #expect(bench.lines(" > ").allSatisfy { $0.hasPrefix("0ms ") })
    }

    @Test func `a server that speaks first does, and its pushes come after what preceded them`()
        throws
    {
        let bench = StandInBench()
        try bench.start(
            Take(
                "redis",
                #"""
                0ms open
                2ms < +hi\r\n
                10ms > SUBSCRIBE x\r\n
                11ms < *3\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n:1\r\n
                50ms < *3\r\n$7\r\nmessage\r\n$1\r\nx\r\n$1\r\ny\r\n
                60ms fin >
                """#))
        bench.consume([
            .expect("+hi\r\n"), .wait(100_000_000), .send("SUBSCRIBE x\r\n"),
            .expect("*3\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n:1\r\n"),
            .expect("*3\r\n$7\r\nmessage\r\n$1\r\nx\r\n$1\r\ny\r\n"), .finish, .expectEnd,
        ])
        let result = try bench.run()
        #expect(bench.failure == nil)
        let times = bench.lines(" > ").filter { $0.contains("\"") }.map {
            $0.split(separator: " ")[0]
        }
        #expect(times == ["2ms", "103ms", "142ms"])
        #expect(result.served.pushes == 2)
        #expect(bench.lines("accepted") == ["0ms 1.1 mark accepted by=order after_ns=0"])
    }

    @Test func `who asked in vain in the recording is answered when it asks elsewhere`() throws {
        let bench = StandInBench()
        try bench.start(
            Take(
                "redis",
                #"""
                0ms c1 open
                1ms c1 > GET a\r\n
                50ms c1 fin >
                51ms c1 fin <
                60ms c2 open
                61ms c2 > GET a\r\n
                62ms c2 < :1\r\n
                70ms c2 fin >
                """#))
        bench.consume([.send("GET a\r\n"), .wait(49_000_000), .finish, .expectEnd])
        bench.consume([
            .wait(60_000_000), .send("GET a\r\n"), .expect(":1\r\n"), .finish, .expectEnd,
        ])
        let result = try bench.run()
        #expect(bench.failure == nil)
        #expect(result.served.again == 0)
        #expect(result.counts.connectionsEnded == 2)
        #expect(try bench.retries().resendCount == 0)
    }

    @Test func `who comes first is told by its first message, not by the order of accepting`()
        throws
    {
        let bench = StandInBench()
        try bench.start(
            Take(
                "line",
                #"""
                0ms c1 open
                1ms c1 > one\n
                1ms c1 < 1\n
                2ms c2 open
                3ms c2 > two\n
                3ms c2 < 2\n
                4ms c1 fin >
                4ms c2 fin >
                """#))
        bench.consume([.send("two\n"), .expect("2\n"), .close])
        bench.consume([.wait(1_000_000), .send("one\n"), .expect("1\n"), .close])
        let result = try bench.run()
        #expect(bench.failure == nil)
        #expect(bench.lines("open").map { $0.dropFirst(4) } == ["2.1 open", "1.1 open"])
        #expect(bench.lines("open").first?.contains(" 2.1 ") == true)
        #expect(result.served.expected == 2)
    }

    @Test func `an exchange is used once, then elsewhere, then its answer again`() throws {
        let bench = StandInBench()
        try bench.start(
            Take(
                "line",
                #"""
                0ms c1 open
                1ms c1 > x\n
                1ms c1 < 1\n
                2ms c2 open
                3ms c2 > y\n
                3ms c2 < 9\n
                4ms c2 > x\n
                4ms c2 < 2\n
                """#))
        bench.consume([
            .send("x\n"), .expect("1\n"), .send("x\n"), .expect("2\n"), .send("x\n"),
            .expect("2\n"), .close,
        ])
        let result = try bench.run()
        #expect(bench.failure == nil)
        #expect(result.served.expected == 1)
        #expect(result.served.elsewhere == 1)
        #expect(result.served.reused == 1)
        #expect(bench.lines("elsewhere").map { $0.hasSuffix("connection=2 message=2") } == [true])
        let resends = try bench.retries().resends
        #expect(resends.map(\.resent.answer) == [.reused])
        #expect(resends.map(\.resent.times) == [2])
    }

    @Test
    func `a request that the recording does not have closes the connection, or is waited over`()
        throws
    {
        let bench = StandInBench()
        try bench.start(Self.take())
        bench.consume([.send("a\nq\nb\n"), .expect("1\n"), .expectEnd])
        let result = try bench.run()
        #expect(bench.failure == nil)
        #expect(result.served.unknown == 1)
        #expect(bench.lines("unknown").count == 1)
        let waiting = StandInBench()
        try waiting.start(Self.take()) { $0.onUnknown = .wait }
        waiting.consume([
            .send("a\nq\nb\n"), .expect("1\n"), .wait(500_000_000), .close,
        ])
        #expect(try waiting.run().served.unknown == 1)
        #expect(waiting.failure == nil)
        #expect(try waiting.retries().unknownCount == 1)
    }

    @Test func `bytes without messages are played by turns`() throws {
        let bench = StandInBench()
        try bench.start(
            Take(
                "none",
                #"""
                0ms open
                10ms > abcd
                12ms < 1
                13ms < 2
                20ms > ef
                25ms < 3
                30ms fin >
                """#))
        bench.consume([
            .send("ab"), .wait(1_000_000), .send("cd"), .expect("12"), .send("xy"), .expect("3"),
            .finish, .expectEnd,
        ])
        try bench.run()
        #expect(bench.failure == nil)
        let sent = bench.lines(" > ").filter { $0.contains("\"") }
        #expect(
            sent == [#"3ms 1.1 > 0 "1""#, #"4ms 1.1 > 0+1 "2""#, #"9ms 1.1 > 0+2 "3""#])
    }

    @Test func `a link with a gap ends there, and the recorded server's end is played`() throws {
        let bench = StandInBench()
        try bench.start(
            Take(
                "line",
                #"""
                0ms c1 open
                1ms c1 > a\n
                1ms c1 < 1\n
                2ms c1 > b\n
                2ms c1 gap < 9
                3ms c2 open
                4ms c2 > z\n
                5ms c2 < 7\n
                8ms c2 reset <
                """#))
        bench.consume([.send("a\n"), .expect("1\n"), .expectEnd, .close])
        bench.consume([.send("z\n"), .expect("7\n"), .expectReset])
        try bench.run()
        #expect(bench.failure == nil)
        #expect(bench.lines("2.1 reset by server").count == 1)
    }

    @Test func `nobody who asks any more ends it, and so does an interruption`() throws {
        let bench = StandInBench()
        try bench.start(Self.take())
        let client = bench.consume([.send("a\n"), .expect("1\n"), .expectEnd])
        let result = try bench.run()
        #expect(client.isDone)
        #expect(result.ending == .completed)
        #expect(result.counts.messagesUnsent == 2)
        let stopped = StandInBench()
        try stopped.start(Self.take(), [StandInBench.strike(.drop, at: 3)])
        stopped.consume([.send("a\n"), .expect("1\n")])
        try stopped.network.run(forNanoseconds: 10_000_000)
        stopped.standIn?.stop()
        #expect(try stopped.run().ending == .interrupted)
        #expect(stopped.lines("s preempted").first?.hasSuffix("interrupted") == true)
    }
}
