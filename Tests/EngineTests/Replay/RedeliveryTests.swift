import Engine
import Faults
import Recordings
import Simulation
import Testing

/// Copies that come on connections of their own, in virtual time.
struct RedeliveryTests {
    private func take() throws -> Take {
        try Take(
            "redis",
            #"""
            0ms open
            1ms > SELECT 2\r\n
            2ms < +OK\r\n
            10ms > INCR a\r\n
            11ms < :1\r\n
            20ms > INCR b\r\n
            21ms < :2\r\n
            40ms fin >
            """#)
    }

    private func twice(
        _ copies: UInt16 = 1, after: Int64 = 0, at message: UInt64 = 2, through last: UInt64? = nil
    ) -> Strike {
        Strike(
            id: "twice", rule: "twice", connection: 1, direction: .upstream, message: message,
            lastMessage: last,
            effect: .duplicate(copies: copies, afterNanoseconds: after, on: .new))
    }

    @Test
    func `a copy comes on a second connection, with its session state, while the first lives`()
        throws
    {
        let bench = ReplayBench()
        _ = try bench.serve { _ in [.wait(2_000_000), .send("+OK\r\n")] }
        let result = try bench.play(take(), [twice()])
        #expect(
            bench.lines(" 1.2 ") == [
                "11ms 1.2 mark redelivery twice", "11ms 1.2 dial", "11ms 1.2 open",
                #"11ms 1.2 > 1/1 "SELECT 2\r\n" [twice]"#, #"13ms 1.2 < "+OK\r\n""#,
                #"13ms 1.2 > 2/1 "INCR a\r\n" [twice]"#, #"15ms 1.2 < "+OK\r\n""#,
                "15ms 1.2 fin > by weir", "15ms 1.2 fin < by server",
            ])
        // The first goes on as if nothing was, and the strike is told when the copy was sent.
        #expect(
            bench.lines(" 1.1 > ") == [
                #"1ms 1.1 > 1 "SELECT 2\r\n""#, #"11ms 1.1 > 2 "INCR a\r\n""#,
                #"22ms 1.1 > 3 "INCR b\r\n""#,
            ])
        #expect(bench.lines("twice applied") == ["13ms 1.1 twice applied"])
        #expect(result.counts.redeliveries == 1 && result.counts.copiesSent == 1)
        #expect(result.counts.messagesSent == 3 && result.counts.reconnects == 0)
    }

    @Test func `each copy has a connection of its own, also behind the end of the first`() throws {
        let bench = ReplayBench()
        _ = try bench.serve { _ in [.send("+OK\r\n")] }
        let result = try bench.play(take(), [twice(3, after: 25_000_000)])
        #expect(
            bench.lines("dial") == [
                "0ms 1.1 dial", "35ms 1.2 dial", "60ms 1.3 dial", "85ms 1.4 dial",
            ])
        #expect(bench.lines("fin > by client") == ["40ms 1.1 fin > by client"])
        #expect(bench.lines("twice applied") == ["85ms 1.1 twice applied"])
        #expect(result.counts.redeliveries == 3 && result.ending == .completed)
    }

    @Test func `numbers are given in the order of dialling, to a reconnect too`() throws {
        let bench = ReplayBench()
        _ = try bench.serve { _ in [.send("+OK\r\n")] }
        let cut = Strike(
            id: "cut", rule: "cut", connection: 1, direction: .upstream, message: 3,
            effect: .disconnect(Cut(sentBytes: 3, waitNanoseconds: 5_000_000, resend: [3...3])))
        let result = try bench.play(take(), [twice(2, after: 8_000_000), cut])
        #expect(
            bench.lines("dial") == [
                "0ms 1.1 dial", "18ms 1.2 dial", "25.2ms 1.3 dial", "26ms 1.4 dial",
            ])
        #expect(bench.lines(" 1.3 > ").first == #"25.2ms 1.3 > 1 "SELECT 2\r\n" [cut]"#)
        #expect(bench.lines(" 1.4 > ").first == #"26ms 1.4 > 1/2 "SELECT 2\r\n" [twice]"#)
        #expect(result.counts.reconnects == 1 && result.counts.strikesApplied == 2)
    }

    @Test func `a group is copied whole`() throws {
        let take = try Take(
            "redis",
            #"""
            0ms open
            1ms > MULTI\r\nINCR b\r\nEXEC\r\n
            9ms < +OK\r\n+QUEUED\r\n*1\r\n:1\r\n
            20ms fin >
            """#)
        let bench = ReplayBench()
        _ = try bench.serve { _ in [.send("+OK\r\n")] }
        try bench.play(take, [twice(at: 1, through: 3)])
        #expect(
            String(decoding: bench.sentBytes(1, attempt: 2), as: UTF8.self)
                == "MULTI\r\nINCR b\r\nEXEC\r\n")
    }

    @Test func `a consumer that hangs up on the copy has been struck; one that is gone has not`()
        throws
    {
        let bench = ReplayBench()
        var connections = 0
        _ = try bench.serve { line in
            if line.hasPrefix("SELECT") { connections += 1 }
            return connections > 1 && line.hasPrefix("INCR a") ? [.reset] : [.send("+OK\r\n")]
        }
        let result = try bench.play(take(), [twice()])
        #expect(bench.lines("twice ").contains("10ms 1.1 twice applied"))
        #expect(bench.lines("reset") == ["10ms 1.2 reset by server"])
        // The first connection's end is not the second's.
        #expect(result.counts.endedByConsumer == 0)
    }

    @Test func `an interruption ends copies too, and pre-empts those that were to come`() throws {
        let bench = ReplayBench()
        _ = try bench.serve { _ in [.send("+OK\r\n")] }
        bench.start(try take(), [twice(2, after: 1_000_000_000)])
        try bench.network.run(forNanoseconds: 1_015_000_000)
        bench.replay?.stop()
        try bench.network.run { bench.result != nil }
        #expect(
            bench.lines("twice ").last
                == "1015ms 1.1 twice applied: with 1 of its copies: interrupted"
        )
        #expect(bench.network.openDescriptors == 0)
    }

    @Test func `without a protocol's framer the answer is awaited by its bytes`() throws {
        let take = try Take(
            "line:pairing=none",
            """
            0ms open
            10ms > a\\n
            11ms < 1\\n
            30ms > b\\n
            31ms < 2\\n
            40ms fin >
            """)
        let bench = ReplayBench()
        _ = try bench.serve { _ in [.wait(3_000_000), .send("1\n")] }
        try bench.play(take, [twice(at: 1)])
        #expect(
            bench.lines(" 1.2 ").suffix(4) == [
                #"10ms 1.2 > 1/1 "a\n" [twice]"#, #"13ms 1.2 < "1\n""#, "13ms 1.2 fin > by weir",
                "13ms 1.2 fin < by server",
            ])
    }
}
