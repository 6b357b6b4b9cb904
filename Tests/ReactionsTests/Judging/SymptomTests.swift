import Faults
import Recordings
import Testing

@testable import Reactions

/// For each symptom a consumer that shows exactly it, and one that nearly does and is not accused.
@Suite struct SymptomTests {
    private let gets = DrawnConsumer(messages: Array(repeating: #"GET n\r\n"#, count: 40))
    private let value = #"$1\r\n7\r\n"#

    private func script(_ judged: String, strikes: [Strike] = []) -> JudgedScript {
        JudgedScript(
            recorded: gets.recorded { _ in value },
            first: gets.replay { _, _ in .answer(value, milliseconds: 2) }, judged: judged,
            strikes: strikes, asksForFaults: !strikes.isEmpty)
    }

    private let probed = DrawnConsumer(
        messages: [#"GET n\r\n"#], notes: [(3_000, "probe sum 0 5")])

    // MARK: - Delayed

    @Test func `delayed: an answer above three times the clean p99 and 20 ms`() throws {
        let late = script(gets.replay { .answer(value, milliseconds: $0 == 7 ? 30 : 2) + $1 })
        let judgement = try late.judgement()
        #expect(
            try late.text() == """
                recovered
                delayed at connection 1, message 7 (no effect)
                """)
        guard
            case .lateness(let service, let limit, let p99, let samples) =
                judgement.symptoms[0].evidence
        else { return #expect(Bool(false), "its evidence is lateness") }
        #expect(service == 30_000_000)
        #expect(limit == p99 + 20_000_000)
        #expect(samples == 80)
        #expect(judgement.recoveryNanoseconds == 30_000_000)
    }

    @Test func `not delayed: an answer at the limit, or one that an injected burst held up`() throws
    {
        #expect(
            try script(gets.replay { .answer(value, milliseconds: $0 == 7 ? 21 : 2) + $1 })
                .text() == "tolerated")
    }

    @Test func `delayed to the end of a connection is a failure`() throws {
        #expect(
            try script(gets.replay { .answer(value, milliseconds: $0 == 40 ? 90 : 2) + $1 })
                .text() == """
                    failed-silently
                    delayed at connection 1, message 40
                    """)
    }

    // MARK: - Partial

    @Test func `partial: an answer that never comes`() throws {
        #expect(
            try script(gets.replay { $0 == 40 ? .nothing : .answer(value) + $1 }).text() == """
                failed-silently
                partial at connection 1, message 40
                """)
    }

    @Test func `partial: a session that the consumer ends is loud by its end`() throws {
        #expect(
            try script(gets.replay { $0 == 20 ? .close : .answer(value) + $1 }).text() == """
                failed-loudly
                partial at connection 1, from message 21 on !closed-unasked
                partial at connection 1, message 20 !closed-unasked
                """)
    }

    @Test func `not partial: a dropped message owes no answer`() throws {
        let drop = Strike(
            id: "drop@1u40", rule: "drop", connection: 1, direction: .upstream, message: 40,
            effect: .drop)
        let lines = gets.replay { _, _ in .answer(value) }.split(separator: "\n")
        let judged = lines.map { line in
            line.contains("> 40 ") ? "4000000000 c1 strike drop@1u40 applied" : String(line)
        }.filter { !$0.hasPrefix("4001000000 c1 <") }.joined(separator: "\n")
        #expect(try script(judged, strikes: [drop]).text() == "tolerated")
    }

    // MARK: - Inconsistent

    @Test func `inconsistent: another answer to a message that no strike touched`() throws {
        let judged = gets.replay { number, _ in .answer(number == 9 ? #"$1\r\n8\r\n"# : value) }
        let script = script(judged)
        #expect(
            try script.text() == """
                failed-silently
                inconsistent at connection 1, message 9
                """)
        guard case .bytes(let difference) = try script.judgement().symptoms[0].evidence else {
            return #expect(Bool(false), "its evidence is bytes")
        }
        #expect(difference.expected == Array("$1\r\n7\r\n".utf8))
        #expect(difference.actual == Array("$1\r\n8\r\n".utf8))
        #expect(difference.offset == 4)
    }

    @Test func `inconsistent: a probe, which is never masked`() throws {
        var wrong = probed
        wrong.notes = [(3_000, "probe sum 0 6")]
        let script = JudgedScript(
            recorded: probed.recorded { _ in value }, first: probed.replay { .answer(value) + $1 },
            judged: wrong.replay { .answer(value) + $1 }, asksForFaults: false, ignored: [#"\d"#])
        #expect(
            try script.text() == """
                failed-silently
                inconsistent at probe sum
                """)
    }

    @Test func `not inconsistent: another answer to the doubled message, an error to its copy`()
        throws
    {
        let judged = gets.replay(copies: [9]) { number, copy in
            .answer(copy > 0 ? #"-ERR seen\r\n"# : number == 9 ? #"$1\r\n8\r\n"# : value)
        }
        #expect(try script(judged, strikes: [duplicate(at: 9)]).text() == "tolerated")
    }

    @Test func `an error answer to the doubled message itself is recovered from`() throws {
        let judged = gets.replay(copies: [9]) { number, copy in
            .answer(copy == 0 && number == 9 ? #"-ERR busy\r\n"# : value)
        }
        #expect(try script(judged, strikes: [duplicate(at: 9)]).text() == "recovered")
    }

    @Test func `an error answer to an untouched message is a failure that is loud by itself`()
        throws
    {
        let judged = gets.replay { number, _ in .answer(number == 9 ? #"-ERR no\r\n"# : value) }
        #expect(
            try script(judged).text() == """
                failed-loudly
                inconsistent at connection 1, message 9 !error-answer
                """)
    }

    // MARK: - Up but wrong

    @Test(arguments: [2, 3, 10])
    func `up but wrong: three last answers or more, while the health check passes`(
        _ last: Int
    ) throws {
        var script = script(gets.replay { $0 > 40 - last ? .nothing : .answer(value) + $1 })
        script.health = [HealthCheck(at: Instant(nanoseconds: 6_000_000_000), passed: true)]
        let isUpButWrong = last >= 3
        let partial = (0..<last).map {
            "\npartial at connection 1, message \(41 - last + $0)"
        }.joined()
        #expect(
            try script.text() == "failed-silently"
                + (isUpButWrong
                    ? "\nup-but-wrong at connection 1, from message \(41 - last) on" : partial))
    }

    @Test func `not up but wrong: one right answer at the end, or a health check that fails`()
        throws
    {
        let wrong = #"$1\r\n8\r\n"#
        var script = script(
            gets.replay { .answer((37...39).contains($0) ? wrong : value) + $1 })
        script.health = [HealthCheck(at: Instant(nanoseconds: 6_000_000_000), passed: true)]
        #expect(try script.judgement().symptomCounts == [.inconsistent: 3])
        script.judged = gets.replay { $0 > 37 ? .nothing : .answer(value) + $1 }
        #expect(try script.judgement().symptomCounts == [.upButWrong: 1])
        script.health = [(6_100, true), (6_200, false), (6_300, true)].map {
            HealthCheck(at: Instant(nanoseconds: $0 * DrawnConsumer.millisecond), passed: $1)
        }
        #expect(try script.judgement().symptomCounts == [.partial: 3])
        script.health = []
        #expect(try script.judgement().symptomCounts == [.partial: 3])
    }

    // MARK: - Crashed

    @Test(arguments: [0, 134])
    func `crashed: its process ended while the run went on, whatever it says`(_ code: Int) throws {
        var crashing = gets
        crashing.notes = [(5_900, "exit \(code)")]
        let sign = code == 0 ? "" : " !exited"
        #expect(
            try script(crashing.replay { .answer(value, milliseconds: 2) + $1 }).text() == """
                \(code == 0 ? "failed-silently" : "failed-loudly")
                crashed at the consumer's process\(sign)
                """)
    }

    @Test func `not crashed: Weir ended it`() throws {
        let settings = JudgeSettings(framing: .none, hasReset: false)
        let schedule = Schedule(seed: 1)
        var builder = ObservationBuilder(
            schedule: schedule, settings: settings, asksForFaults: false)
        builder.endConsumer()
        builder.receive(Reaction(at: .start, .exited(code: 143)))
        #expect(builder.finish(OutcomeLedger(schedule)).crash == nil)
    }

    // MARK: - Silent retry

    @Test func `silent retry: a request sent again is listed, and no failure by itself`() throws {
        var script = script(gets.replay { .answer(value, milliseconds: 2) + $1 })
        script.consumer = .client
        script.retries = [
            ObservedRetry(
                connection: 1, message: 4, at: Instant(nanoseconds: 1), times: 2,
                request: Array("GET n".utf8))
        ]
        #expect(
            try script.text() == """
                recovered
                silent-retry at connection 1, from message 4 on (no effect)
                """)
        script.retries = []
        #expect(try script.text() == "tolerated")
    }

    @Test func `what makes no failure is listed by its place, not by its time`()
        throws
    {
        var script = script(gets.replay { .answer(value, milliseconds: 2) + $1 })
        script.consumer = .client
        script.retries = [(1, 9, 2), (2, 4, 1), (1, 4, 3)].map { connection, message, instant in
            ObservedRetry(
                connection: connection, message: message, at: Instant(nanoseconds: instant),
                times: 1, request: Array("GET n".utf8))
        }
        #expect(
            try script.text() == """
                recovered
                silent-retry at connection 1, from message 4 on (no effect)
                silent-retry at connection 1, from message 9 on (no effect)
                silent-retry at connection 2, from message 4 on (no effect)
                """)
    }

    @Test func `a consumer that answers nothing, with faults and without, is not compared`() throws
    {
        let silent = gets.replay { _, _ in .nothing }
        let script = JudgedScript(
            recorded: gets.recorded { _ in value }, first: silent, judged: silent,
            strikes: [], asksForFaults: false)
        let judgement = try script.judgement()
        #expect(judgement.verdict == .inconclusive)
        #expect(judgement.coverage.answers == 0)
        #expect(judgement.coverage.notCompared.map(\.count) == [40])
    }

    @Test func `silent retries cannot be observed where Weir is the one that dials`() throws {
        let script = script(gets.replay { .answer(value, milliseconds: 2) + $1 })
        #expect(try script.judgement().coverage.notObservable == [.silentRetry])
    }
}

/// So that a drawn consumer that takes both arguments can be written with `$0` alone.
private func + (reply: DrawnConsumer.Reply, copy: Int) -> DrawnConsumer.Reply { reply }
