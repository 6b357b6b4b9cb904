import Engine
import Faults
import Platform
import Recordings
import Simulation
import Testing

/// How replayed connections end, and what a consumer that does otherwise makes of it.
struct EndingTests {
    private func strike(_ effect: StrikeEffect, at message: UInt64, id: String = "s") -> Strike {
        Strike(
            id: id, rule: "s", connection: 1, direction: .upstream, message: message,
            effect: effect)
    }

    private func take(_ end: String) throws -> Take {
        try Take(
            "line",
            #"""
            0ms open
            10ms > a\n
            11ms < 1\n
            20ms > b\n
            21ms < 2\n
            """# + "\n" + end)
    }

    @Test func `a recorded reset is played as one`() throws {
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        try bench.play(take("30ms reset >"))
        #expect(bench.lines("by ") == ["30ms 1.1 reset by client"])
    }

    @Test
    func `a connection that was open at the recording's end gets a FIN after its last answer`()
        throws
    {
        let bench = ReplayBench()
        _ = try bench.serveEcho(afterNanoseconds: 40_000_000)
        try bench.play(take(""))
        #expect(bench.lines("by ") == ["99ms 1.1 fin > by weir", "99ms 1.1 fin < by server"])
    }

    @Test func `where the consumer ended first in the recording its end is awaited`() throws {
        let bench = ReplayBench()
        _ = try bench.serve { line in
            line == "b" ? [.send("=b\n"), .wait(15_000_000), .close] : [.send("=a\n")]
        }
        let result = try bench.play(take("30ms fin <\n31ms fin >"))
        #expect(bench.lines("by ") == ["35ms 1.1 fin < by server", "35ms 1.1 fin > by client"])
        #expect(result.counts.endedByConsumer == 0 && result.counts.missingEnds == 0)
    }

    @Test func `an end that the consumer owes and does not make is given up after its timeout`()
        throws
    {
        let bench = ReplayBench()
        _ = try ScriptedServer(
            on: bench.network.outside, at: bench.address, log: bench.log,
            serving: .lines { [.send(ScriptBytes("=" + $0 + "\n"))] }, atEnd: [])
        let result = try bench.play(take("30ms fin >\n31ms fin <")) {
            $0.endTimeoutNanoseconds = 100_000_000
        }
        #expect(
            Array(bench.lines("1.1").suffix(3)) == [
                "30ms 1.1 fin > by client",
                "130ms 1.1 mark the consumer's end did not come in time",
                "130ms 1.1 fin < by weir",
            ])
        #expect(result.counts.missingEnds == 1)
    }

    @Test func `an answer that came after the end in the recording is not awaited`() throws {
        let bench = ReplayBench()
        _ = try bench.serveEcho(afterNanoseconds: 30_000_000)
        try bench.play(
            Take("line", "0ms open\n10ms > a\\n\n11ms fin >\n15ms < 1\\n\n16ms fin <"))
        #expect(
            Array(bench.lines("1.1").suffix(3)) == [
                "11ms 1.1 fin > by client", #"40ms 1.1 < "=a\n""#, "40ms 1.1 fin < by server",
            ])
    }

    @Test func `where the consumer only listens after its end, nothing is waited for`() throws {
        let take = try Take(
            "line",
            #"""
            0ms open
            10ms > a\n
            11ms < 1\n
            12ms fin <
            20ms > b\n
            30ms > c\n
            40ms fin >
            """#)
        let bench = ReplayBench()
        let script: [ScriptStep] = [
            .expect("a\n"), .send("1\n"), .finish, .expect("b\nc\n"), .expectEnd, .close,
        ]
        let server = try ScriptedServer(
            on: bench.network.outside, at: bench.address, log: bench.log, script)
        try bench.play(take)
        #expect(
            Array(bench.lines("1.1").suffix(4)) == [
                "10ms 1.1 fin < by server", #"20ms 1.1 > 2 "b\n""#, #"30ms 1.1 > 3 "c\n""#,
                "40ms 1.1 fin > by client",
            ])
        #expect(server.failure == nil)
    }

    @Test(arguments: [true, false])
    func `when the consumer ends first nothing more is sent and strikes are pre-empted`(
        _ isReset: Bool
    ) throws {
        let bench = ReplayBench()
        _ = try bench.serve { _ in [.send("1\n"), isReset ? .reset : .close] }
        let result = try bench.play(
            take("30ms fin >"),
            [
                strike(.disconnect(Cut(sentBytes: 1)), at: 2),
                strike(.duplicate(copies: 1, afterNanoseconds: 15_000_000), at: 1, id: "x"),
            ])
        #expect(
            Array(bench.lines("1.1").dropFirst(2)) == [
                #"10ms 1.1 > 1 "a\n""#, #"10ms 1.1 < "1\n""#,
                isReset ? "10ms 1.1 reset by server" : "10ms 1.1 fin < by server",
                "10ms 1.1 x preempted: the consumer ended first",
                "10ms 1.1 s preempted: the consumer ended first",
            ] + (isReset ? [] : ["10ms 1.1 fin > by weir"]))
        #expect(result.counts.messagesUnsent == 1 && result.counts.endedByConsumer == 1)
        #expect(result.counts.strikesPreempted == 2)
    }

    @Test func `a consumer that answers too late costs the timeout once, then gaps are kept`()
        throws
    {
        let take = try Take(
            "line",
            #"""
            0ms open
            10ms > a\n
            15ms < 1\n
            20ms > b\n
            21ms < 2\n
            50ms > c\n
            51ms < 3\n
            60ms fin >
            """#)
        let bench = ReplayBench()
        _ = try bench.serve { _ in [] }
        let result = try bench.play(take) { $0.answerTimeoutNanoseconds = 100_000_000 }
        // Sent at 10 ms, answered after 5 ms in the recording, and 100 ms more.
        #expect(
            Array(bench.lines("1.1").dropFirst(2)) == [
                #"10ms 1.1 > 1 "a\n""#, "115ms 1.1 mark uncoupled", #"115ms 1.1 > 2 "b\n""#,
                #"145ms 1.1 > 3 "c\n""#, "246ms 1.1 fin > by client", "246ms 1.1 fin < by server",
            ])
        #expect(result.uncoupled == [1] && result.counts.uncoupled == 1)
    }

    @Test func `a connection that cannot be opened is counted and its strikes pre-empted`() throws {
        let bench = ReplayBench()
        let result = try bench.play(take("30ms fin >"), [strike(.drop, at: 1)])
        #expect(
            bench.lines("1.1") == [
                "0ms 1.1 dial", "0ms 1.1 refused",
                "0ms 1.1 s preempted: the connection could not be opened: connection refused",
            ])
        #expect(result.unopened == [1] && result.counts.messagesUnsent == 2)
    }

    @Test func `a dial without an answer is given up after its timeout`() throws {
        let bench = ReplayBench()
        bench.network.path.dialling = .unanswered
        let result = try bench.play(take("30ms fin >")) {
            $0.dialTimeoutNanoseconds = 1_000_000_000
        }
        #expect(bench.lines("1.1") == ["0ms 1.1 dial", "1000ms 1.1 timedOut"])
        #expect(result.counts.connectionsUnopened == 1 && bench.network.openDescriptors == 0)
    }

    @Test func `a reconnect that is refused is tried again with longer and longer pauses`() throws {
        let bench = ReplayBench()
        let server = try bench.serveEcho()
        bench.start(
            try take("30ms fin >"),
            [strike(.disconnect(Cut(sentBytes: 1, resend: [2...2])), at: 2)])
        try bench.network.run { !bench.lines("reset").isEmpty }
        server.stopListening()
        try bench.network.run(until: .milliseconds(500))
        _ = try bench.serveEcho()
        try bench.network.run { bench.result != nil }
        #expect(
            bench.lines(" dial") == [
                "0ms 1.1 dial", "120.2ms 1.2 dial", "220.2ms 1.2 dial", "420.2ms 1.2 dial",
                "820.2ms 1.2 dial",
            ])
        #expect(bench.lines("1.2 > 2") == [#"820.2ms 1.2 > 2 "b\n" [s]"#])
        #expect(bench.result?.counts.reconnects == 1 && bench.result?.counts.messagesUnsent == 0)
    }

    @Test func `a reconnect that is refused every time is given up`() throws {
        let bench = ReplayBench()
        let server = try bench.serveEcho()
        bench.start(
            try take("30ms fin >"),
            [
                strike(.disconnect(Cut(sentBytes: 2)), at: 1),
                strike(.drop, at: 2, id: "x"),
            ])
        try bench.network.run { !bench.lines("reset").isEmpty }
        server.stopListening()
        try bench.network.run { bench.result != nil }
        #expect(bench.lines(" dial").count == 1 + 6)
        #expect(
            bench.lines("x preempted") == [
                "3210.2ms 1.1 x preempted: the consumer could not be reached again: "
                    + "connection refused"
            ])
    }

    @Test func `a replay that is stopped ends its connections and settles its strikes`() throws {
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        let take = try Take(
            "line",
            #"""
            0ms open
            10ms > a\n
            50ms > b\n
            60ms c2 open
            70ms c2 > c\n
            """#)
        bench.start(
            take,
            [
                strike(.drop, at: 2),
                Strike(
                    id: "y", rule: "s", connection: 2, direction: .upstream, message: 1,
                    effect: .drop),
            ])
        try bench.network.run(until: .milliseconds(20))
        bench.replay?.stop()
        try bench.network.run { bench.result != nil }
        #expect(
            Array(bench.lines("20ms")) == [
                "20ms 1.1 s preempted: interrupted", "20ms 1.1 fin > by weir",
                "20ms 1.1 fin < by server", "20ms 2.1 y preempted: interrupted",
            ])
        #expect(bench.result?.ending == .interrupted && bench.network.openDescriptors == 0)
        #expect(bench.result?.counts.messagesUnsent == 2)
    }

    @Test func `a recording that cannot be read any more ends the replay with its reason`() throws {
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        let take = try take("30ms fin >")
        take.bytes.damagedFrom = 66
        let result = try bench.play(take)
        #expect(result.ending == .unreadable("take: the bytes end at 78"))
        #expect(bench.network.openDescriptors == 0)
    }

    @Test func `a consumer that stops reading is said to be stalled, and given up in the end`()
        throws
    {
        let bench = ReplayBench()
        bench.network.path = NetworkPath(bufferBytes: 4)
        _ = try bench.serve(greeting: [.stopReading]) { _ in [] }
        let take = try Take("line", "0ms open\n1ms > abcdefghijkl\\n\n2ms > m\\n")
        let result = try bench.play(take, [strike(.drop, at: 2)]) {
            $0.stallTimeoutNanoseconds = 1_000_000_000
        }
        #expect(
            Array(bench.lines("1.1").dropFirst(2)) == [
                #"1ms 1.1 > 1 "abcd""#, #"1ms 1.1 > 1+4 "efgh""#, "201ms 1.1 stalled",
                "1001ms 1.1 s preempted: the consumer stopped reading", "1001ms 1.1 reset by weir",
            ])
        #expect(result.counts.stalls == 1 && result.counts.messagesUnsent == 2)
    }

    @Test func `a consumer that goes on reading is resumed, and lateness says how late it was`()
        throws
    {
        let bench = ReplayBench()
        bench.network.path = NetworkPath(bufferBytes: 4)
        let script: [ScriptStep] = [
            .stopReading, .wait(401_000_000), .resumeReading, .expectBytes(13), .close,
        ]
        _ = try ScriptedServer(on: bench.network.outside, at: bench.address, log: bench.log, script)
        let take = try Take("none", "0ms open\n1ms > abcdefghijkl\\n\n2ms fin >")
        let result = try bench.play(take)
        #expect(
            Array(bench.lines("1.1").dropFirst(2)) == [
                #"1ms 1.1 > 0 "abcd""#, #"1ms 1.1 > 0+4 "efgh""#, "201ms 1.1 stalled",
                #"401ms 1.1 > 0+8 "ijkl""#, "401ms 1.1 resumed", #"401ms 1.1 > 0+12 "\n""#,
                "401ms 1.1 fin > by client", "401ms 1.1 fin < by server",
            ])
        #expect(result.lateness.maximum == 400_000_000)
    }

    @Test func `a cut that the consumer's kernel does not take says so`() throws {
        let bench = ReplayBench()
        bench.network.path = NetworkPath(bufferBytes: 4)
        _ = try bench.serve(greeting: [.stopReading]) { _ in [] }
        let take = try Take("line", "0ms open\n1ms > abcdefgh\\n\n2ms > m\\n")
        try bench.play(
            take, [strike(.disconnect(Cut(sentBytes: 6, then: .stop)), at: 1)])
        #expect(
            Array(bench.lines("1.1").suffix(2)) == [
                "1001ms 1.1 s applied: the consumer's kernel had not taken the last 2 bytes",
                "1001ms 1.1 reset by weir",
            ])
    }
}
