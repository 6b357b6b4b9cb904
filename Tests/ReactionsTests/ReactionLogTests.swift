import Faults
import Recordings
import Testing

@testable import Reactions

private let three = """
    0 open
    10 > PING\\r\\n
    20 < +PONG\\r\\n
    30 > INCR n\\r\\nINCR n\\r\\n
    40 < :1\\r\\n:2\\r\\n
    50 fin client
    60 fin server
    """

private func cut(at message: UInt64, resend: ClosedRange<UInt64>) -> Strike {
    Strike(
        id: "cut@1u\(message)", rule: "cut", connection: 1, direction: .upstream,
        message: message, effect: .disconnect(Cut(sentBytes: 1, resend: [resend])))
}

@Suite struct ReactionLogTests {
    @Test func `a replay that goes as recorded has only answers that are the same`() throws {
        let script = ReplayScript(
            recorded: three,
            replayed: """
                1 open
                10 > 1 PING\\r\\n
                19 < +PO
                20 < NG\\r\\n
                30 > 2 INCR n\\r\\n
                30 > 3 INCR n\\r\\n
                40 < :1\\r\\n:2\\r\\n
                50 fin client
                60 fin server
                """)
        #expect(
            try script.reactions() == """
                1 attempt opened
                20 answer 1 same
                40 answer 2 same
                40 answer 3 same
                50 closed by client
                60 closed by server
                """)
    }

    @Test func `the answer to a copy is an extra, and the next answer is compared with its own`()
        throws
    {
        let script = ReplayScript(
            recorded: three,
            replayed: """
                30 > 2 INCR n\\r\\n
                30 > 2.1 [twice@1u2] INCR n\\r\\n
                30 > 3 INCR n\\r\\n
                40 < :1\\r\\n:2\\r\\n:3\\r\\n
                """)
        #expect(
            try script.reactions() == """
                40 answer 2 same
                40 answer 2.1 extra [twice@1u2]
                40 answer 3 different at 1
                """)
    }

    @Test func `reordered messages keep their answers`() throws {
        let script = ReplayScript(
            recorded: """
                10 > GET a\\r\\nPING\\r\\n
                20 < $1\\r\\nx\\r\\n+PONG\\r\\n
                """,
            replayed: """
                10 > 2 [reorder@1u1] PING\\r\\n
                11 > 1 [reorder@1u1] GET a\\r\\n
                20 < +PONG\\r\\n$1\\r\\nx\\r\\n
                """)
        #expect(
            try script.reactions() == """
                20 answer 2 same [reorder@1u1]
                20 answer 1 same [reorder@1u1]
                """)
    }

    @Test func `an error answer is told, and where it differs`() throws {
        let script = ReplayScript(
            recorded: three,
            replayed: """
                10 > 1 PING\\r\\n
                20 < -LOADING wait\\r\\n
                """)
        let reactions = try script.values()
        #expect(ReplayScript.text(reactions) == "20 error 1 different at 0")
        guard case .answer(let answer) = reactions[0].what else { return }
        #expect(answer.difference?.expected == Array("+PONG\r\n".utf8))
        #expect(answer.difference?.actual == Array("-LOADING wait\r\n".utf8))
        #expect(answer.wasError == false)
    }

    @Test func `service time begins when the answer before has ended, response time when sent`()
        throws
    {
        let script = ReplayScript(
            recorded: three,
            replayed: """
                30 > 2 INCR n\\r\\n
                30 > 3 INCR n\\r\\n
                45 < :1\\r\\n
                47 < :2\\r
                49 < \\n
                """)
        let times = try script.values().compactMap { reaction -> [Int64?]? in
            guard case .answer(let answer) = reaction.what else { return nil }
            return [answer.responseNanoseconds, answer.serviceNanoseconds]
        }
        #expect(times == [[15, 15], [17, 2]])
    }

    @Test func `an answer past its deadline is preceded by silence, and late`() throws {
        // Recorded after 10, and 100 are allowed on top.
        let script = ReplayScript(
            recorded: three,
            replayed: """
                10 > 1 PING\\r\\n
                500 < +PONG\\r\\n
                """)
        #expect(
            try script.reactions() == """
                120 silence 1 of 1
                500 answer 1 late
                """)
    }

    @Test func `an answer that came at its deadline is not late`() throws {
        let script = ReplayScript(
            recorded: three,
            replayed: """
                10 > 1 PING\\r\\n
                120 < +PONG\\r\\n
                """)
        #expect(try script.reactions() == "120 answer 1 same")
    }

    @Test func `waiting behind earlier answers makes no answer late`() throws {
        let script = ReplayScript(
            recorded: three,
            replayed: """
                30 > 2 INCR n\\r\\n
                30 > 3 INCR n\\r\\n
                139 < :1\\r\\n
                240 < :2\\r\\n
                """)
        #expect(
            try script.reactions() == """
                139 answer 2 same
                240 answer 3 same
                """)
    }

    @Test func `what never came is missing, and what was cut is cut short`() throws {
        let script = ReplayScript(
            recorded: three,
            replayed: """
                30 > 2 INCR n\\r\\n
                30 > 3 INCR n\\r\\n
                31 > 3.1 [twice@1u3] INCR n\\r\\n
                40 < :1\\r
                50 reset server
                """)
        #expect(
            try script.reactions() == """
                50 reset by server unasked
                50 answer 2 cut-short
                50 answer 3 missing
                """)
    }

    @Test func `what is still owed at the session's end is missing`() throws {
        let script = ReplayScript(
            recorded: three, replayed: "10 > 1 PING\\r\\n\n15 mark")
        #expect(try script.reactions() == "15 answer 1 missing")
    }

    @Test func `a message that was never whole owes no answer`() throws {
        let script = ReplayScript(
            recorded: three, replayed: "10 > 1 PI\n15 reset weir")
        #expect(try script.reactions() == "15 reset by weir")
    }

    @Test func `an answer before a cut after which its message is sent again is lost`() throws {
        var script = ReplayScript(
            recorded: three,
            replayed: """
                30 > 2 INCR n\\r\\n
                31 < :1\\r\\n
                32 > 3 [cut@1u3] I
                33 reset weir
                33 strike cut@1u3 applied
                40 a2 open
                41 a2 > 2 [cut@1u3] INCR n\\r\\n
                42 a2 > 3 [cut@1u3] INCR n\\r\\n
                50 a2 < :2\\r\\n:3\\r\\n
                """)
        script.strikes = [cut(at: 3, resend: 2...3)]
        #expect(
            try script.reactions() == """
                31 answer 2 lost [cut@1u3]
                33 reset by weir
                40 a2 attempt opened
                50 a2 answer 2 different at 1 [cut@1u3]
                50 a2 answer 3 different at 1 [cut@1u3]
                """)
    }

    @Test func `a cut settles what was owed: the listed is sent again, the rest is missing by it`()
        throws
    {
        var script = ReplayScript(
            recorded: three,
            replayed: """
                30 > 2 INCR n\\r\\n
                30 > 3 INCR n\\r\\n
                33 strike cut@1u3 applied
                33 reset weir
                """)
        script.strikes = [cut(at: 3, resend: 3...3)]
        #expect(
            try script.reactions() == """
                33 reset by weir
                33 answer 2 missing [cut@1u3]
                """)
    }

    @Test func `a cut that did not come makes no answer lost`() throws {
        var script = ReplayScript(
            recorded: three,
            replayed: """
                30 strike cut@1u3 skipped
                30 > 2 INCR n\\r\\n
                31 < :1\\r\\n
                """)
        script.strikes = [cut(at: 3, resend: 2...3)]
        #expect(try script.reactions() == "31 answer 2 same")
    }

    @Test func `what comes before its message is whole, or sent, is early`() throws {
        let script = ReplayScript(
            recorded: three,
            replayed: """
                5 < +PONG\\r\\n
                10 > 1 PI
                12 < -ERR too slow\\r\\n
                13 > 1 NG\\r\\n
                20 < +PONG\\r\\n
                """)
        #expect(
            try script.reactions() == """
                5 answer 1 early
                12 answer 1 early
                20 answer 1 same
                """)
    }

    @Test func `the consumer's stops in reading are told`() throws {
        let script = ReplayScript(
            recorded: three, replayed: "10 open\n12 stalled\n30 resumed\n31 c2 refused")
        #expect(
            try script.reactions() == """
                10 attempt opened
                12 stalled
                30 resumed after 18
                31 c2 attempt refused
                """)
    }

    @Test func `a replay read as another protocol than it speaks loses sync, once`() throws {
        let script = ReplayScript(
            recorded: three,
            replayed: """
                10 > 1 PING\\r\\n
                20 < hello\\r\\n
                21 < more\\r\\n
                22 > 2 INCR n\\r\\n
                50 fin server
                """)
        let reactions = try script.reactions().split(separator: "\n")
        #expect(reactions.count == 2)
        #expect(reactions.first?.hasPrefix("20 lost sync downstream 0: ") == true)
        #expect(reactions.last == "50 closed by server unasked")
    }

    @Test(arguments: ["", "80 fin server"])
    func `which of the two ends first is chance when all was said, whatever end was recorded`(
        recordedEnd: String
    ) throws {
        var script = ReplayScript(
            recorded: """
                10 > PING\\r\\n
                20 < +PONG\\r\\n
                70 fin client
                \(recordedEnd)
                """,
            replayed: """
                10 > 1 PING\\r\\n
                20 < +PONG\\r\\n
                30 fin server
                """)
        #expect(
            try script.reactions() == """
                20 answer 1 same
                30 closed by server
                """)
        script.replayed = """
            10 > 1 PING\\r\\n
            30 fin server
            """
        #expect(try script.reactions().hasPrefix("30 closed by server unasked"))
    }

    @Test(arguments: [1, 3, 50])
    func `saying that time passes changes no reaction, only when it is told`(step: Int) throws {
        let script = ReplayScript(
            recorded: three,
            replayed: """
                10 > 1 PING\\r\\n
                500 < +PONG\\r\\n
                510 > 2 INCR n\\r\\n
                511 > 3 INCR n\\r\\n
                700 < :1\\r\\n
                1000 fin server
                """)
        var (log, events) = try script.made()
        var reactions: [Reaction] = []
        var now = 0
        for (event, bytes) in events {
            while now < Int(event.instant.nanoseconds) {
                log.pass(to: Instant(nanoseconds: Int64(now)))
                now += step
            }
            log.receive(event, bytes.span)
        }
        log.finish()
        while let reaction = log.next() { reactions.append(reaction) }
        let silences = reactions.count {
            if case .silence = $0.what { true } else { false }
        }
        #expect(silences == 3)
        #expect(try ReplayScript.text(reactions) == script.reactions())
    }
}
