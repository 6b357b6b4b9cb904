import Engine
import Faults
import Reactions
import Recordings
import Simulation
import Testing

/// What strikes do to what a replay as the server sends, and what consumers do then.
struct StandInStrikeTests {
    private func serve(
        _ effect: StrikeEffect, at message: UInt64 = 2, _ steps: [ScriptStep]
    ) throws -> StandInBench {
        let bench = StandInBench()
        try bench.start(StandInTests.take(), [StandInBench.strike(effect, at: message)])
        bench.consume(steps)
        try bench.run()
        #expect(bench.failure == nil)
        #expect(bench.network.openDescriptors == 0)
        return bench
    }

    @Test func `a consumer that retries a cut request in silence is found by it`() throws {
        let bench = try serve(
            .disconnect(Cut(sentBytes: 1)),
            [
                .send("a\n"), .expect("1\n"), .send("b\n"), .expectReset, .wait(7_000_000),
                .dialAgain, .send("b\n"), .expect("22\n"), .send("c\n"), .expect("3\n"),
                .finish, .expectEnd,
            ])
        #expect(bench.lines("s applied").count == 1)
        #expect(bench.result?.served.redials == 1)
        let retries = try bench.retries()
        #expect(retries.attempts.map(\.attempt) == [1, 2])
        #expect(retries.attempts.map(\.strike) == ["", "s"])
        #expect(retries.attempts.map(\.sinceEndNanoseconds) == [nil, 7_000_000])
        let resend = try #require(retries.resends.first)
        #expect(retries.resends.count == 1)
        #expect((resend.connection, resend.attempt) == (1, 2))
        #expect((resend.resent.message, resend.resent.times) == (2, 2))
        #expect(resend.resent.answer == .kept)
        #expect(resend.strike == "s")
    }

    @Test func `a consumer that goes on behind the cut has sent nothing again`() throws {
        let bench = try serve(
            .disconnect(Cut(sentBytes: 3)),
            [
                .send("a\n"), .expect("1\n"), .send("b\n"), .expect("22\n"), .expectReset,
                .dialAgain, .send("c\n"), .expect("3\n"), .finish, .expectEnd,
            ])
        let retries = try bench.retries()
        #expect(retries.resends.isEmpty)
        #expect(retries.redialCount == 1)
    }

    @Test func `a consumer that gives up is waited for, and not longer than said`() throws {
        let bench = try serve(
            .disconnect(Cut(sentBytes: 0)),
            [.send("a\n"), .expect("1\n"), .send("b\n"), .expectReset])
        #expect(bench.result?.nanoseconds == 1_004_000_000)
        #expect(bench.result?.served.redials == 0)
        #expect(try bench.retries().resendCount == 0)
    }

    @Test func `a dropped answer that is asked for again on the same connection is a resend`()
        throws
    {
        let bench = try serve(
            .drop,
            [
                .send("a\n"), .expect("1\n"), .send("b\n"), .wait(100_000_000), .send("b\n"),
                .expect("22\n"), .send("c\n"), .expect("3\n"), .finish, .expectEnd,
            ])
        let resends = try bench.retries().resends
        #expect(resends.map(\.resent.message) == [2])
        #expect(resends.map(\.strike) == ["s"])
        #expect(resends.map(\.attempt) == [1])
    }

    @Test func `duplicate, reorder, corrupt and delay change what is sent`() throws {
        let double = try serve(
            .duplicate(copies: 1, afterNanoseconds: 0),
            [.send("a\nb\nc\n"), .expect("1\n22\n22\n3\n"), .finish, .expectEnd])
        #expect(double.lines(" > 2/1 ").count == 1)
        let later = try serve(
            .duplicate(copies: 2, afterNanoseconds: 1_000_000),
            [.send("a\nb\n"), .expect("1\n22\n22\n22\n"), .finish, .expectEnd])
        #expect(later.lines("s applied").count == 1)
        _ = try serve(
            .reorder(with: 3...3),
            [.send("a\nb\nc\n"), .expect("1\n3\n22\n"), .finish, .expectEnd])
        let alone = try serve(
            .reorder(with: 3...3),
            [
                .send("a\nb\n"), .expect("1\n22\n"), .send("c\n"), .expect("3\n"), .finish,
                .expectEnd,
            ])
        #expect(alone.lines("s skipped").count == 1)
        _ = try serve(
            .corrupt(bits: [0]), [.send("a\nb\n"), .expect("1\n32\n"), .finish, .expectEnd])
        let slow = try serve(
            .delay(nanoseconds: 20_000_000),
            [.send("a\nb\n"), .expect("1\n22\n"), .finish, .expectEnd])
        #expect(slow.lines("22").first?.hasPrefix("21ms ") == true)
    }

    @Test func `truncate, timeout, stall and refuse end or hold the connection`() throws {
        _ = try serve(
            .end(Ending(.truncate, sentBytes: 2, how: .finish)),
            [.send("a\nb\n"), .expect("1\n22"), .expectEnd, .close])
        let silent = try serve(
            .end(Ending(.timeout, how: .finish, silenceNanoseconds: 90_000_000)),
            [.send("a\nb\n"), .expect("1\n"), .expectEnd, .close])
        #expect(silent.lines("s applied").first?.hasPrefix("93ms ") == true)
        let stall = try serve(
            .stall(sentBytes: 1, nanoseconds: 50_000_000),
            [.send("a\nb\n"), .expect("1\n22\n"), .finish, .expectEnd])
        #expect(stall.lines("s applied").count == 1)
        let forever = try serve(
            .stall(sentBytes: 0, nanoseconds: nil),
            [.send("a\nb\n"), .expect("1\n"), .wait(300_000_000), .close])
        #expect(forever.lines("s applied").count == 1)
        let refused = try serve(
            .end(Ending(.refuse)), at: 1,
            [
                .expectReset, .dialAgain, .send("a\nb\nc\n"), .expect("1\n22\n3\n"), .finish,
                .expectEnd,
            ])
        #expect(try refused.retries().attempts.map(\.strike) == ["", "s"])
    }

    @Test func `a half-close leaves the consumer's end to come`() throws {
        let bench = try serve(
            .disconnect(Cut(sentBytes: 3, how: .halfClose)),
            [
                .send("a\nb\n"), .expect("1\n22\n"), .expectEnd, .wait(10_000_000), .close,
            ])
        #expect(bench.lines("fin < by weir").count == 1)
    }
}
