import Engine
import Faults
import Recordings
import Simulation
import Testing

/// Each strike by itself, in virtual time.
struct StrikeTests {
    /// Five requests in one flight, a millisecond apart; all answered at 20 ms.
    private func flight() throws -> Take {
        try Take(
            "line",
            #"""
            0ms open
            10ms > a\n
            11ms > b\n
            12ms > c\n
            13ms > d\n
            14ms > e\n
            20ms < 1\n2\n3\n4\n5\n
            30ms > f\n
            31ms < 6\n
            40ms fin >
            """#)
    }

    private func strike(
        _ effect: StrikeEffect, at message: UInt64, through last: UInt64? = nil, id: String = "s"
    ) -> Strike {
        Strike(
            id: id, rule: "s", connection: 1, direction: .upstream, message: message,
            lastMessage: last, effect: effect)
    }

    @Test func `a drop sends nothing and owes no answer`() throws {
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        let result = try bench.play(flight(), [strike(.drop, at: 3)])
        #expect(
            Array(bench.lines("1.1").dropFirst(2).prefix(8)) == [
                #"10ms 1.1 > 1 "a\n""#, #"10ms 1.1 < "=a\n""#, #"11ms 1.1 > 2 "b\n""#,
                #"11ms 1.1 < "=b\n""#, "12ms 1.1 s applied", #"13ms 1.1 > 4 "d\n""#,
                #"13ms 1.1 < "=d\n""#, #"14ms 1.1 > 5 "e\n""#,
            ])
        #expect(bench.lines(" > 6") == [#"30ms 1.1 > 6 "f\n""#])
        #expect(result.counts.messagesSent == 5 && result.counts.messagesUnsent == 0)
        #expect(result.counts.strikesApplied == 1)
    }

    @Test func `copies follow at once, and what waits for answers does not wait for theirs`()
        throws
    {
        let bench = ReplayBench()
        // The copies' answers take a second each.
        var seen: Set<String> = []
        _ = try bench.serve { line in
            let answer = ScriptStep.send(ScriptBytes("=" + line + "\n"))
            return seen.insert(line).inserted ? [answer] : [.wait(1_000_000_000), answer]
        }
        let take = try Take(
            "line",
            #"""
            0ms open
            10ms > a\n
            11ms < 1\n
            12ms > b\n
            13ms < 2\n
            20ms fin >
            """#)
        try bench.play(take, [strike(.duplicate(copies: 2, afterNanoseconds: 0), at: 1)])
        #expect(
            bench.lines(" > ") == [
                #"10ms 1.1 > 1 "a\n""#, #"10ms 1.1 > 1/1 "a\n" [s]"#, #"10ms 1.1 > 1/2 "a\n" [s]"#,
                #"12ms 1.1 > 2 "b\n""#, "2010ms 1.1 fin > by client",
            ])
        #expect(bench.lines("s applied") == ["10ms 1.1 s applied"])
    }

    @Test func `later copies go between messages at their own time`() throws {
        let take = try Take(
            "line",
            #"""
            0ms open
            10ms > a\n
            12ms > bb
            15ms > b\n
            16ms > c\n
            30ms fin >
            """#)
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        try bench.play(take, [strike(.duplicate(copies: 3, afterNanoseconds: 3_000_000), at: 1)])
        #expect(
            Array(bench.lines(" > ").prefix(7)) == [
                #"10ms 1.1 > 1 "a\n""#, #"12ms 1.1 > 2 "bb""#, #"15ms 1.1 > 2+2 "b\n""#,
                #"15ms 1.1 > 1/1 "a\n" [s]"#, #"16ms 1.1 > 3 "c\n""#, #"16ms 1.1 > 1/2 "a\n" [s]"#,
                #"19ms 1.1 > 1/3 "a\n" [s]"#,
            ])
    }

    @Test func `a reorder swaps what stands at two places`() throws {
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        try bench.play(flight(), [strike(.reorder(with: 4...4), at: 2)])
        #expect(
            Array(bench.lines(" > ").prefix(5)) == [
                #"10ms 1.1 > 1 "a\n""#, #"11ms 1.1 > 4 "d\n" [s]"#, #"12ms 1.1 > 3 "c\n""#,
                #"13ms 1.1 > 2 "b\n" [s]"#, #"14ms 1.1 > 5 "e\n""#,
            ])
        #expect(bench.lines("s applied") == ["11ms 1.1 s applied"])
    }

    @Test func `reorders that reach into each other and groups of other sizes keep every message`()
        throws
    {
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        try bench.play(
            flight(),
            [
                strike(.reorder(with: 4...5), at: 1, id: "x"),
                strike(.reorder(with: 3...3), at: 2, id: "y"),
            ])
        let order = bench.events.compactMap { entry -> UInt64? in
            guard case .sent(let sent) = entry.event.fact else { return nil }
            return sent.message
        }
        #expect(order == [4, 5, 3, 2, 1, 6])
    }

    @Test func `a delay holds its message and what comes behind it`() throws {
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        let result = try bench.play(flight(), [strike(.delay(nanoseconds: 1_500_000), at: 2)])
        #expect(
            Array(bench.lines(" > ").prefix(5)) == [
                #"10ms 1.1 > 1 "a\n""#, #"12.5ms 1.1 > 2 "b\n" [s]"#, #"12.5ms 1.1 > 3 "c\n""#,
                #"13ms 1.1 > 4 "d\n""#, #"14ms 1.1 > 5 "e\n""#,
            ])
        #expect(result.drawnDelay.maximum == 1_500_000 && result.appliedDelay.maximum == 1_500_000)
        #expect(result.lateness.maximum == 0 && result.counts.strikesApplied == 1)
    }

    @Test func `a latency condition holds every message and keeps the order`() throws {
        let condition = Condition(
            id: "latency",
            effect: .latency(
                Latency(latencyNanoseconds: 3_000_000, jitterNanoseconds: 3_000_000)),
            direction: .upstream)
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        let result = try bench.play(flight(), conditions: [condition])
        let link = Schedule(seed: 7, conditions: [condition]).link(
            connection: 1, .upstream)
        var expected: [Int64] = []
        for message in UInt64(1)...5 {
            let due = 9 + Int64(message)
            let hold = link.holdNanoseconds(
                message: message, began: Instant(nanoseconds: due * 1_000_000))
            expected.append(max(expected.last ?? 0, due * 1_000_000 + hold))
        }
        let sent = bench.events.compactMap { entry -> Int64? in
            guard case .sent = entry.event.fact else { return nil }
            return entry.event.instant.nanoseconds
        }
        #expect(Array(sent.prefix(5)) == expected && Set(expected).count > 2)
        #expect(result.drawnDelay.count == 6 && result.lateness.maximum == 0)
        #expect(result.appliedDelay.total >= result.drawnDelay.total)
    }

    @Test
    func `a disconnect cuts at its byte, and the resend list comes first on the next attempt`()
        throws
    {
        let bench = ReplayBench()
        _ = try bench.serveEcho(afterNanoseconds: 50_000_000)
        let cut = Cut(sentBytes: 1, resend: [2...3])
        let result = try bench.play(flight(), [strike(.disconnect(cut), at: 3)])
        #expect(
            Array(bench.lines("ms ").prefix(13)) == [
                "0ms 1.1 dial", "0ms 1.1 open", #"10ms 1.1 > 1 "a\n""#, #"11ms 1.1 > 2 "b\n""#,
                #"12ms 1.1 > 3 "c" [s]"#, "12.2ms 1.1 s applied", "12.2ms 1.1 reset by weir",
                "112.2ms 1.2 dial", "112.2ms 1.2 open", #"112.2ms 1.2 > 2 "b\n" [s]"#,
                #"112.2ms 1.2 > 3 "c\n" [s]"#, #"112.2ms 1.2 > 4 "d\n""#, #"112.2ms 1.2 > 5 "e\n""#,
            ])
        // The sixth waited for the answers to what was sent again, not for those that were lost.
        #expect(bench.lines(" > 6") == [#"322.2ms 1.2 > 6 "f\n""#])
        #expect(result.counts.messagesResent == 2 && result.counts.reconnects == 1)
    }

    @Test func `a disconnect before a message sends it at its place on the next attempt`() throws {
        let bench = ReplayBench()
        _ = try bench.serveEcho(afterNanoseconds: 50_000_000)
        let cut = Cut(sentBytes: 0, how: .finish, waitNanoseconds: 5_000_000, resend: [2...2])
        try bench.play(
            flight(),
            [
                strike(.delay(nanoseconds: 500_000), at: 3, id: "d"),
                strike(.disconnect(cut), at: 3),
            ])
        #expect(
            Array(bench.lines("ms ").dropFirst(4).prefix(9)) == [
                "12.5ms 1.1 d applied", "12.5ms 1.1 s applied", "12.5ms 1.1 fin > by weir",
                "12.5ms 1.1 fin < by weir", "17.5ms 1.2 dial", "17.5ms 1.2 open",
                #"17.5ms 1.2 > 2 "b\n" [s]"#, #"17.5ms 1.2 > 3 "c\n""#, #"17.5ms 1.2 > 4 "d\n""#,
            ])
    }

    @Test func `a disconnect that stops sends no more and pre-empts what was still to strike`()
        throws
    {
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        let cut = Cut(sentBytes: 2, how: .reset, then: .stop)
        let result = try bench.play(
            flight(), [strike(.disconnect(cut), at: 2), strike(.drop, at: 4, id: "x")])
        #expect(
            Array(bench.lines("ms ").dropFirst(5)) == [
                #"11ms 1.1 < "=b\n""#, "11.2ms 1.1 s applied",
                "11.2ms 1.1 x preempted: s ended the connection", "11.2ms 1.1 reset by weir",
            ])
        #expect(result.counts.messagesUnsent == 4)
    }

    @Test func `after a half-close answers still count until the consumer's end`() throws {
        let bench = ReplayBench()
        _ = try bench.serveEcho(afterNanoseconds: 50_000_000)
        let cut = Cut(sentBytes: 2, how: .halfClose, waitNanoseconds: 1_000_000)
        try bench.play(flight(), [strike(.disconnect(cut), at: 2)])
        #expect(
            Array(bench.lines("ms ").dropFirst(4).prefix(6)) == [
                "11.2ms 1.1 s applied", "11.2ms 1.1 fin > by weir", #"60ms 1.1 < "=a\n""#,
                #"110ms 1.1 < "=b\n""#, "110ms 1.1 fin < by server", "111ms 1.2 dial",
            ])
    }

    @Test func `a reconnect plays the session state again, one after the other, before the list`()
        throws
    {
        let take = try Take(
            "redis",
            #"""
            0ms open
            1ms > AUTH x\r\n
            2ms < +OK\r\n
            3ms > SELECT 1\r\n
            4ms < +OK\r\n
            5ms > SELECT 2\r\n
            6ms < +OK\r\n
            10ms > SET a 1\r\n
            11ms > SET b 2\r\n
            12ms < +OK\r\n+OK\r\n
            20ms > PING\r\n
            21ms < +PONG\r\n
            """#)
        let bench = ReplayBench()
        _ = try bench.serve { _ in [.wait(500_000), .send("+OK\r\n")] }
        let cut = Cut(sentBytes: 3, waitNanoseconds: 1_000_000, resend: [5...5])
        let result = try bench.play(take, [strike(.disconnect(cut), at: 5)])
        #expect(
            bench.lines("1.2 > ") == [
                #"12.2ms 1.2 > 1 "AUTH x\r\n" [s]"#, #"12.7ms 1.2 > 3 "SELECT 2\r\n" [s]"#,
                #"13.2ms 1.2 > 5 "SET b 2\r\n" [s]"#, #"21.7ms 1.2 > 6 "PING\r\n""#,
            ])
        #expect(result.counts.messagesResent == 3)
    }

    @Test func `session state that the list holds is sent once`() throws {
        let take = try Take(
            "redis",
            #"""
            0ms open
            1ms > AUTH x\r\n
            2ms > PING\r\n
            3ms < +OK\r\n+PONG\r\n
            """#)
        let bench = ReplayBench()
        _ = try bench.serve { _ in [.send("+OK\r\n")] }
        try bench.play(take, [strike(.disconnect(Cut(sentBytes: 3, resend: [1...2])), at: 2)])
        #expect(
            String(decoding: bench.sentBytes(1, attempt: 2), as: UTF8.self)
                == "AUTH x\r\nPING\r\n")
    }

    @Test func `a group is copied, swapped and dropped whole`() throws {
        let take = try Take(
            "redis",
            #"""
            0ms open
            1ms > SET a 1\r\nMULTI\r\nINCR b\r\nEXEC\r\nSET c 1\r\n
            9ms < +OK\r\n+OK\r\n+QUEUED\r\n*1\r\n:1\r\n+OK\r\n
            20ms fin >
            """#)
        func order(_ strikes: [Strike]) throws -> [String] {
            let bench = ReplayBench()
            _ = try bench.serve { _ in [.send("+OK\r\n")] }
            try bench.play(take, strikes) { $0.answerTimeoutNanoseconds = 1_000_000 }
            return bench.events.compactMap { entry in
                guard case .sent(let sent) = entry.event.fact else { return nil }
                return "\(sent.message)/\(sent.copy)"
            }
        }
        #expect(
            try order([strike(.duplicate(copies: 1, afterNanoseconds: 0), at: 2, through: 4)])
                == ["1/0", "2/0", "3/0", "4/0", "2/1", "3/1", "4/1", "5/0"])
        #expect(
            try order([strike(.reorder(with: 5...5), at: 2, through: 4)])
                == ["1/0", "5/0", "2/0", "3/0", "4/0"])
        #expect(
            try order([strike(.reorder(with: 2...4), at: 1)])
                == ["2/0", "3/0", "4/0", "1/0", "5/0"])
        #expect(try order([strike(.drop, at: 2, through: 4)]) == ["1/0", "5/0"])
    }

    @Test func `a later copy does not go into a group`() throws {
        let take = try Take(
            "redis",
            #"""
            0ms open
            1ms > SET a 1\r\n
            2ms > MULTI\r\n
            4ms > INCR b\r\n
            6ms > EXEC\r\n
            8ms < +OK\r\n+OK\r\n+QUEUED\r\n*1\r\n:1\r\n
            """#)
        let bench = ReplayBench()
        _ = try bench.serve { _ in [.send("+OK\r\n")] }
        try bench.play(take, [strike(.duplicate(copies: 1, afterNanoseconds: 2_000_000), at: 1)])
        #expect(bench.lines(" > 1/1") == [#"6ms 1.1 > 1/1 "SET a 1\r\n" [s]"#])
    }

    @Test func `what the list sent ahead of its place is not sent again there`() throws {
        let bench = ReplayBench()
        _ = try bench.serveEcho(afterNanoseconds: 50_000_000)
        try bench.play(
            flight(),
            [
                strike(.reorder(with: 4...4), at: 2, id: "x"),
                strike(.disconnect(Cut(sentBytes: 1, resend: [2...3])), at: 3),
            ])
        func order(_ attempt: UInt16) -> [UInt64] {
            bench.events.compactMap { entry in
                guard case .sent(let sent) = entry.event.fact, entry.event.attempt == attempt else {
                    return nil
                }
                return sent.message
            }
        }
        #expect(order(1) == [1, 4, 3] && order(2) == [2, 3, 5, 6])
    }

    @Test func `what waits behind a list of older messages is not held up for good`() throws {
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        let result = try bench.play(
            flight(), [strike(.disconnect(Cut(sentBytes: 2, resend: [1...1])), at: 5)])
        #expect(result.counts.messagesSent == 6 && result.counts.uncoupled == 0)
    }

    @Test func `what a schedule asks for and cannot be done is skipped with its reason`() throws {
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        let result = try bench.play(
            flight(),
            [
                strike(.drop, at: 9, id: "far"), strike(.drop, at: 0, id: "none"),
                strike(.disconnect(Cut(sentBytes: 3)), at: 1, id: "long"),
                strike(.reorder(with: 1...1), at: 2, id: "back"),
                strike(.disconnect(Cut(sentBytes: 1, resend: [2...2])), at: 1, id: "list"),
                Strike(
                    id: "down", rule: "s", connection: 1, direction: .downstream, message: 1,
                    effect: .drop),
                Strike(
                    id: "other", rule: "s", connection: 2, direction: .upstream, message: 1,
                    effect: .drop),
                strike(.drop, at: 5, id: "first"), strike(.drop, at: 5, id: "second"),
            ])
        #expect(
            Set(bench.lines("skipped") + bench.lines("preempted")) == [
                "0ms 1.1 far skipped: the link has only 6 messages",
                "0ms 1.1 none skipped: the link has only 6 messages",
                "0ms 1.1 long skipped: the message has fewer than 3 bytes",
                "0ms 1.1 back skipped: messages 1 to 1 do not follow it",
                "0ms 1.1 list skipped: its resend list is not rising up to the message",
                "0ms 1.1 down skipped: a replay as the client sends nothing downstream",
                "0ms 2.1 other skipped: connection 2 is not played",
                "0ms 1.1 second preempted: first takes the same message",
            ])
        #expect(result.counts.strikesPlanned == 9 && result.counts.strikesApplied == 1)
        #expect(result.counts.strikesSkipped == 7 && result.counts.strikesPreempted == 1)
    }
}
