import Engine
import Faults
import Recordings
import Simulation
import Testing

/// Strikes on what comes from the consumer, and strikes where there are no messages.
struct ReceivedStrikeTests {
    private func take(_ framing: String = "line") throws -> Take {
        try Take(
            framing,
            #"""
            0ms open
            10ms > a\n
            11ms < 11\n
            20ms > b\n
            21ms < 22\n
            30ms > c\n
            31ms < 33\n
            40ms fin >
            """#)
    }

    private func play(
        _ effect: StrikeEffect, at message: UInt64, _ framing: String = "line",
        _ direction: Direction = .downstream
    ) throws -> ReplayBench {
        let bench = ReplayBench()
        _ = try bench.serve { line in
            [.send(ScriptBytes(["a": "11\n", "b": "22\n", "c": "33\n"][line] ?? "?\n"))]
        }
        try bench.play(
            take(framing),
            [
                Strike(
                    id: "s", rule: "s", connection: 1, direction: direction, message: message,
                    effect: effect)
            ])
        return bench
    }

    @Test func `reset and limit_data end it, and what lies behind is not received`() throws {
        let reset = try play(.end(Ending(.reset)), at: 2)
        #expect(
            Array(reset.lines("ms ").dropFirst(2)) == [
                #"10ms 1.1 > 1 "a\n""#, #"10ms 1.1 < "11\n""#, #"20ms 1.1 > 2 "b\n""#,
                "20ms 1.1 s applied", "20ms 1.1 reset by weir",
            ])
        let limit = try play(.end(Ending(.limitData, sentBytes: 2, how: .finish)), at: 2)
        #expect(
            Array(limit.lines("ms ").dropFirst(5)) == [
                #"20ms 1.1 < "22""#, "20ms 1.1 s applied", "20ms 1.1 fin > by weir",
                "20ms 1.1 fin < by weir",
            ])
        #expect(limit.result?.counts.messagesUnsent == 1)
    }

    @Test func `a stall keeps back what comes, which is received after it`() throws {
        let stall = try play(.stall(sentBytes: 1, nanoseconds: 100_000_000), at: 1)
        #expect(
            Array(stall.lines("ms ").dropFirst(3).prefix(5)) == [
                #"10ms 1.1 < "1""#, "110ms 1.1 s applied: nothing was received for 100ms",
                #"110ms 1.1 < "1\n""#, #"119ms 1.1 > 2 "b\n""#, #"119ms 1.1 < "22\n""#,
            ])
        #expect(stall.result?.counts.messagesSent == 3)
    }

    @Test func `a timeout keeps back what comes, then closes`() throws {
        let ending = Ending(
            .timeout, sentBytes: 0, how: .finish, silenceNanoseconds: 500_000_000)
        let bench = try play(.end(ending), at: 2)
        #expect(
            Array(bench.lines("ms ").dropFirst(4)) == [
                #"20ms 1.1 > 2 "b\n""#, "520ms 1.1 s applied: nothing was received for 500ms",
                "520ms 1.1 fin > by weir", "520ms 1.1 fin < by weir",
            ])
    }

    @Test func `a stall for good lasts until the connection's end`() throws {
        let bench = try play(.stall(sentBytes: 0, nanoseconds: nil), at: 2)
        #expect(bench.lines(" < \"") == [#"10ms 1.1 < "11\n""#])
        #expect(bench.lines("s applied").count == 1 && bench.lines("uncoupled").count == 1)
        #expect(bench.result?.counts.messagesSent == 3)
        #expect(bench.network.openDescriptors == 0)
    }

    @Test func `without messages it is a number of bytes`() throws {
        let limit = try play(.end(Ending(.limitData, sentBytes: 4, how: .finish)), at: 1, "none")
        #expect(limit.lines(" < \"") == [#"10ms 1.1 < "11\n""#, #"20ms 1.1 < "2""#])
        #expect(limit.lines("s applied") == ["20ms 1.1 s applied"])
    }

    @Test func `without messages, what is sent is struck at a number of bytes`() throws {
        let limit = try play(
            .end(Ending(.limitData, sentBytes: 3, how: .finish)), at: 1, "none", .upstream)
        #expect(
            limit.lines(" > ").prefix(2) == [#"10ms 1.1 > 0 "a\n""#, #"20ms 1.1 > 0+2 "b" [s]"#])
        #expect(limit.lines("s applied").count == 1)
        let stall = try play(
            .stall(sentBytes: 2, nanoseconds: 100_000_000), at: 1, "none", .upstream)
        #expect(
            stall.lines(" > ").prefix(3) == [
                #"10ms 1.1 > 0 "a\n" [s]"#, #"110ms 1.1 > 0+2 "b\n""#, #"119ms 1.1 > 0+4 "c\n""#,
            ])
        let corrupt = try play(.corrupt(bits: [16]), at: 1, "none", .upstream)
        #expect(corrupt.lines(" > ").contains { $0.contains(#""c\n" [s]"#) })
        #expect(corrupt.sentBytes(1) == Array("a\nc\nc\n".utf8))
        #expect(corrupt.lines("s applied").count == 1)
        let reset = try play(.end(Ending(.reset, sentBytes: 6)), at: 1, "none", .upstream)
        #expect(reset.sentBytes(1) == Array("a\nb\nc\n".utf8))
        #expect(reset.lines("reset by weir").count == 1)
        #expect(
            try play(.end(Ending(.reset, sentBytes: 7)), at: 1, "none", .upstream)
                .lines("s skipped") == ["0ms 1.1 s skipped: the cell has fewer than 7 bytes"])
    }

    @Test func `refuse ends a connection on which nothing is ever sent`() throws {
        let take = try Take("line", "0ms open\n10ms fin >")
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        let refuse = Strike(
            id: "s", rule: "s", connection: 1, direction: .upstream, message: 1,
            effect: .end(Ending(.refuse)))
        try bench.play(take, [refuse])
        #expect(
            bench.lines("ms ") == [
                "0ms 1.1 dial", "0ms 1.1 open", "0ms 1.1 s applied", "0ms 1.1 reset by weir",
            ])
    }
}
