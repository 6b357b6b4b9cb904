import Faults
import Recordings
import Simulation
import Testing

@testable import Engine

/// The strikes that end or stop a connection, or change its bytes, each by itself in virtual time.
struct EndingStrikeTests {
    private func take() throws -> Take {
        try Take(
            "line",
            #"""
            0ms open
            10ms > abcd\n
            11ms < 1\n
            20ms > ef
            22ms > gh\n
            23ms < 2\n
            30ms > i\n
            31ms < 3\n
            40ms fin >
            """#)
    }

    private func play(_ effect: StrikeEffect, at message: UInt64) throws -> ReplayBench {
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        try bench.play(
            take(),
            [
                Strike(
                    id: "s", rule: "s", connection: 1, direction: .upstream, message: message,
                    effect: effect)
            ])
        return bench
    }

    @Test func `truncate, reset and limit_data end it behind their last byte`() throws {
        let cut = try play(.end(Ending(.truncate, sentBytes: 3, how: .finish)), at: 2)
        #expect(
            Array(cut.lines("ms ").dropFirst(4)) == [
                #"20ms 1.1 > 2 "ef" [s]"#, #"22ms 1.1 > 2+2 "g" [s]"#, "22.2ms 1.1 s applied",
                "22.2ms 1.1 fin > by weir", "22.2ms 1.1 fin < by weir",
            ])
        let reset = try play(.end(Ending(.reset)), at: 2)
        #expect(
            Array(reset.lines("ms ").dropFirst(4)) == [
                "20ms 1.1 s applied", "20ms 1.1 reset by weir",
            ])
        #expect(reset.result?.counts.messagesUnsent == 2)
        let limit = try play(.end(Ending(.limitData, sentBytes: 5, how: .finish)), at: 1)
        #expect(
            Array(limit.lines("ms ").dropFirst(3)) == [
                #"10ms 1.1 < "=abcd\n""#, "10.2ms 1.1 s applied", "10.2ms 1.1 fin > by weir",
                "10.2ms 1.1 fin < by weir",
            ])
    }

    @Test func `refuse resets right after the connection opened`() throws {
        let bench = try play(.end(Ending(.refuse)), at: 1)
        #expect(
            bench.lines("ms ") == [
                "0ms 1.1 dial", "0ms 1.1 open", "0ms 1.1 s applied", "0ms 1.1 reset by weir",
            ])
    }

    @Test func `timeout is silent for a while, then closes`() throws {
        let ending = Ending(
            .timeout, sentBytes: 2, how: .finish, silenceNanoseconds: 500_000_000)
        let bench = try play(.end(ending), at: 2)
        #expect(
            Array(bench.lines("ms ").dropFirst(4)) == [
                #"20ms 1.1 > 2 "ef" [s]"#, "520ms 1.1 s applied", "520ms 1.1 fin > by weir",
                "520ms 1.1 fin < by weir",
            ])
    }

    @Test func `a stall holds what is behind it, which then comes at once`() throws {
        let inside = try play(.stall(sentBytes: 1, nanoseconds: 100_000_000), at: 2)
        #expect(
            Array(inside.lines("ms ").dropFirst(4)) == [
                #"20ms 1.1 > 2 "e" [s]"#, "120ms 1.1 s applied: nothing was sent for 100ms",
                #"120ms 1.1 > 2+1 "f" [s]"#, #"120ms 1.1 > 2+2 "gh\n" [s]"#,
                #"120ms 1.1 < "=efgh\n""#, #"127ms 1.1 > 3 "i\n""#, #"127ms 1.1 < "=i\n""#,
                "127ms 1.1 fin > by client", "127ms 1.1 fin < by server",
            ])
        let before = try play(.stall(sentBytes: 0, nanoseconds: 100_000_000), at: 2)
        #expect(
            Array(before.lines(" > ").dropFirst(1).prefix(2)) == [
                #"120ms 1.1 > 2 "ef""#, #"122ms 1.1 > 2+2 "gh\n""#,
            ])
        #expect(before.result?.counts.messagesSent == 3)
    }

    @Test func `a stall for good leaves the connection up until its end was awaited`() throws {
        let bench = try play(.stall(sentBytes: 5, nanoseconds: nil), at: 1)
        #expect(
            Array(bench.lines("ms ").dropFirst(4)) == [
                "5040ms 1.1 s applied: nothing was sent for 5030ms", "5040ms 1.1 fin > by weir",
                "5040ms 1.1 fin < by weir",
            ])
    }

    @Test func `corrupt flips its bits and no other, on the original alone`() throws {
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        let effects: [StrikeEffect] = [
            .corrupt(bits: [1, 8]), .duplicate(copies: 1, afterNanoseconds: 0),
        ]
        let strikes = effects.enumerated().map { index, effect in
            Strike(
                id: "s\(index)", rule: "s", connection: 1, direction: .upstream, message: 2,
                effect: effect)
        }
        let result = try bench.play(take(), strikes)
        #expect(
            Array(bench.lines(" > ").dropFirst().prefix(3)) == [
                #"20ms 1.1 > 2 "gg" [s0]"#, #"22ms 1.1 > 2+2 "gh\n" [s0]"#,
                #"22ms 1.1 > 2/1 "ef" [s1]"#,
            ])
        #expect(result.counts.strikesApplied == 2)
    }

    @Test func `a consumer that ends during a stall has been struck`() throws {
        let bench = ReplayBench()
        _ = try bench.serve { _ in [.send("x\n"), .wait(5_000_000), .reset] }
        let strike = Strike(
            id: "s", rule: "s", connection: 1, direction: .upstream, message: 1,
            effect: .stall(sentBytes: 5, nanoseconds: 1_000_000_000))
        let result = try bench.play(take(), [strike])
        #expect(bench.lines("s applied") == ["15ms 1.1 s applied: nothing was sent for 5ms"])
        #expect(result.counts.endedByConsumer == 1)
    }
}
