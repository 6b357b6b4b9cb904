import Faults
import Recordings
import Testing

@testable import Reactions

/// What strikes touch, who is suspected, what counts as saying so.
@Suite struct StrikeTests {
    private func touched(
        _ effect: StrikeEffect, at message: UInt64 = 5, last: UInt64? = nil,
        _ result: StrikeOutcome.Result = .applied
    ) -> String {
        let strike = Strike(
            id: "s", rule: "s", connection: 1, direction: .upstream, message: message,
            lastMessage: last, effect: effect)
        let touched = TouchedMessages([
            OutcomeLedger.Entry(
                strike: strike, outcome: StrikeOutcome(id: "s", result: result), instant: .start)
        ])
        return (1...9 as ClosedRange<UInt64>).map { number in
            switch touched.state(connection: 1, message: number) {
            case .untouched: "."
            case .touched: "t"
            case .neverArrived: "-"
            }
        }.joined()
    }

    @Test func `each kind of strike touches what design says it does`() {
        #expect(touched(.duplicate(copies: 1, afterNanoseconds: 0)) == "....t....")
        #expect(touched(.duplicate(copies: 1, afterNanoseconds: 0), last: 6) == "....tt...")
        #expect(touched(.reorder(with: 7...8)) == "....tttt.")
        #expect(touched(.overtaken(by: 2, of: 9)) == "....t....")
        #expect(touched(.drop) == "....-....")
        #expect(touched(.drop, last: 6) == "....--...")
        #expect(touched(.delay(nanoseconds: 1)) == ".........")
        #expect(touched(.stall(sentBytes: 0, nanoseconds: 1)) == ".........")
        #expect(touched(.stall(sentBytes: 0, nanoseconds: nil)) == "....-----")
        #expect(touched(.corrupt(bits: [3])) == "....ttttt")
        #expect(touched(.end(Faults.Ending(.truncate, sentBytes: 1))) == "....-----")
        #expect(touched(.disconnect(Cut(sentBytes: 1, resend: [4...5]))) == "...tt....")
        #expect(touched(.disconnect(Cut(sentBytes: 1, resend: []))) == "....-....")
        #expect(touched(.disconnect(Cut(sentBytes: 0, resend: []))) == "....t....")
        #expect(touched(.disconnect(Cut(sentBytes: 1, then: .stop))) == "....-----")
        #expect(touched(.drop, .skipped) == ".........")
    }

    @Test func `behind flipped bits nobody knows where messages end, and before them everybody`() {
        let strike = Strike(
            id: "s", rule: "s", connection: 1, direction: .upstream, message: 5,
            effect: .corrupt(bits: [3]))
        let touched = TouchedMessages([
            OutcomeLedger.Entry(
                strike: strike, outcome: StrikeOutcome(id: "s", result: .applied), instant: .start)
        ])
        #expect(
            (1...9).filter { touched.isGarbled(connection: 1, message: $0) } == [5, 6, 7, 8, 9])
        #expect(!touched.isGarbled(connection: 2, message: 5))
    }

    private let clean = """
        0 open
        10 > 1 INCR n\\r\\n
        20 < :1\\r\\n
        30 > 2 INCR n\\r\\n
        40 < :2\\r\\n
        50 > 3 GET n\\r\\n
        60 < $1\\r\\n2\\r\\n
        70 line INFO served 3
        80 line 0 errors so far
        90 fin client
        95 fin server
        """

    private func script(_ judged: String, strikes: [Strike] = []) -> JudgedScript {
        JudgedScript(
            recorded: counterRecording, first: clean, judged: judged, strikes: strikes,
            asksForFaults: !strikes.isEmpty)
    }

    private func doubled(_ lines: String) -> String {
        """
        0 open
        10 > 1 INCR n\\r\\n
        20 < :1\\r\\n
        30 > 2 INCR n\\r\\n
        31 > 2.1 [twice@1u2] INCR n\\r\\n
        31 strike twice@1u2 applied
        40 < :2\\r\\n:3\\r\\n
        50 > 3 GET n\\r\\n
        60 < $1\\r\\n3\\r\\n
        \(lines)
        3000000000 fin client
        3000000001 fin server
        """
    }

    @Test(arguments: [
        ("70 line WARN seen twice", " !log-line"),
        ("70 line 12 errors so far", ""),
        ("70 line all is well", ""),
        ("1000000060 line ERROR late", " !log-line"),
        ("1000000061 line ERROR too late", ""),
        ("30 line ERROR before the strike", ""),
    ])
    func `a line is a sign from the strike until a second after the effect, if it is new`(
        _ line: String, _ sign: String
    ) throws {
        let lines = doubled(line).split(separator: "\n")
        let order = lines.indices.sorted {
            let left = Int64(lines[$0].split(separator: " ")[0]) ?? 0
            let right = Int64(lines[$1].split(separator: " ")[0]) ?? 0
            return (left, $0) < (right, $1)
        }
        let judged = order.map { String(lines[$0]) }.joined(separator: "\n")
        #expect(
            try script(judged, strikes: [duplicate(at: 2)]).text() == """
                \(sign.isEmpty ? "failed-silently" : "failed-loudly")
                inconsistent at connection 1, message 3 [twice@1u2]\(sign)
                """)
    }

    /// What is suspected at an answer of connection 1, and at a probe.
    private func suspects(
        _ strikes: [(id: String, connection: UInt32, message: UInt64, instant: Int64)]
    ) -> (answer: [String], probe: [String]) {
        var run = Observation()
        for (id, connection, message, instant) in strikes {
            let strike = Strike(
                id: id, rule: id, connection: connection, direction: .upstream, message: message,
                effect: .drop)
            run.strikes.append(
                OutcomeLedger.Entry(
                    strike: strike, outcome: StrikeOutcome(id: id, result: .applied),
                    instant: Instant(nanoseconds: instant)))
        }
        run.conditions = ["jitter"]
        let suspects = Suspects(run)
        let place = Symptom.Place.answer(connection: 1, attempt: 1, message: 8)
        return (
            suspects.before(Instant(nanoseconds: 50), at: place),
            suspects.before(Instant(nanoseconds: 200), at: .probe("sum"))
        )
    }

    @Test func `the nearest strike before it on its own connection is suspected first`() {
        let found = suspects([("a", 1, 2, 10), ("b", 1, 8, 20), ("c", 2, 1, 30), ("d", 1, 9, 99)])
        #expect(found.answer == ["b", "a", "c", "jitter"])
        #expect(found.probe == ["d", "c", "b", "a", "jitter"])
    }

    @Test func `of a second attempt the cut before it is suspected first`() {
        var run = Observation()
        let cut = StrikeEffect.disconnect(Cut(sentBytes: 1))
        for (id, message, effect) in [("a", 2, .drop), ("cut", 9, cut)]
            as [(String, UInt64, StrikeEffect)]
        {
            let strike = Strike(
                id: id, rule: id, connection: 1, direction: .upstream, message: message,
                effect: effect)
            run.strikes.append(
                OutcomeLedger.Entry(
                    strike: strike, outcome: StrikeOutcome(id: id, result: .applied),
                    instant: Instant(nanoseconds: 10)))
        }
        func suspects(attempt: UInt16) -> [String] {
            Suspects(run).before(
                Instant(nanoseconds: 20),
                at: .answer(connection: 1, attempt: attempt, message: 7))
        }
        #expect(suspects(attempt: 1) == ["a", "cut"])
        #expect(suspects(attempt: 2) == ["cut", "a"])
    }

    @Test func `which of two connections was struck first by chance changes no suspect`() {
        for (b, c) in [(20, 21), (21, 20)] as [(Int64, Int64)] {
            let found = suspects([("a", 2, 1, 10), ("b", 2, 8, b), ("c", 3, 1, c)])
            #expect(found.answer == ["c", "b", "a", "jitter"])
            #expect(found.probe == ["c", "b", "a", "jitter"])
        }
    }

    @Test func `a strike that Weir could not do leaves it open, and so does none at all`() throws {
        let skipped = clean + "\n100 strike twice@1u2 skipped"
        #expect(
            try script(skipped, strikes: [duplicate(at: 2)]).judgement().verdict == .inconclusive)
        var none = script(clean)
        none.asksForFaults = true
        #expect(try none.judgement().verdict == .inconclusive)
    }

    @Test func `a missing answer that a cut of Weir's took is not the consumer's`() throws {
        let cut = Strike(
            id: "cut@1u3", rule: "cut", connection: 1, direction: .upstream, message: 3,
            effect: .disconnect(Cut(sentBytes: 1, then: .stop)))
        let judged = """
            0 open
            10 > 1 INCR n\\r\\n
            20 < :1\\r\\n
            30 > 2 INCR n\\r\\n
            50 > 3 [cut@1u3] G
            60 reset weir
            60 strike cut@1u3 applied
            """
        let judgement = try script(judged, strikes: [cut]).judgement()
        #expect(judgement.symptoms == [])
        #expect(judgement.verdict == .tolerated)
    }

    @Test func `an interrupted run says nothing, and a defect of Weir's comes first`() throws {
        var script = script(clean)
        script.ending = .interrupted
        #expect(try script.judgement().verdict == .inconclusive)
        script.ending = .unreadable("a hole")
        #expect(try script.judgement().verdict == .inconclusive)
        script.ending = .defect("it")
        #expect(try script.judgement().verdict == .defect)
    }

    // MARK: - What cannot be paired

    @Test func `without messages all that came on a connection is one content`() throws {
        func bytes(_ answer: String, _ again: String) -> String {
            """
            0 open
            10 > 1 hello
            20 < \(answer)
            30 > 1 more
            40 < \(again)
            50 fin client
            60 fin server
            """
        }
        let recorded = """
            0 open
            10 > hello
            20 < one
            30 > more
            40 < two
            50 fin client
            60 fin server
            """
        var script = JudgedScript(
            recorded: recorded, first: bytes("one,", "two"), judged: bytes("one,tw", "o"),
            framing: .none, asksForFaults: false)
        #expect(try script.text() == "tolerated", "how bytes fall into turns is chance")
        script.judged = bytes("one,", "six")
        #expect(
            try script.text() == """
                failed-silently
                inconsistent at connection 1, turn 2
                """)
        script.judged = bytes("one,", "")
        #expect(
            try script.text() == """
                failed-silently
                partial at connection 1, turn 2
                """)
    }

    @Test func `a push that is missing accuses none behind it, and one more is no effect`() throws {
        func pushes(_ words: [String]) -> String {
            let lines = words.enumerated().map { index, word in
                "\(40 + index) < >2\\r\\n+msg\\r\\n+\(word)\\r\\n"
            }
            return """
                0 open
                10 > 1 HELLO 3\\r\\n
                20 < +OK\\r\\n
                \(lines.joined(separator: "\n"))
                500 fin client
                510 fin server
                """
        }
        let all = pushes(["a", "b", "c", "d"])
        var script = JudgedScript(
            recorded: all.split(separator: "\n").map {
                $0.replacing("> 1 ", with: "> ")
            }.joined(separator: "\n"), first: all, judged: all, asksForFaults: false)
        #expect(try script.text() == "tolerated")
        script.judged = pushes(["a", "c", "d"])
        #expect(
            try script.text() == """
                failed-silently
                partial at connection 1, push 2
                """)
        script.judged = pushes(["a", "x", "c", "d"])
        #expect(
            try script.text() == """
                failed-silently
                inconsistent at connection 1, push 2
                """)
        script.judged = pushes(["a", "b", "b", "c", "d"])
        #expect(
            try script.text() == """
                recovered
                inconsistent at connection 1, push 3 (no effect)
                """)
        script.second = pushes(["a", "b"])
        #expect(try script.text() == "tolerated", "a number that varies is not compared")
    }
}
