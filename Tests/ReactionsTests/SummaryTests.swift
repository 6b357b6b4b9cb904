import Faults
import Recordings
import Testing
import Text

@testable import Reactions

@Suite struct SummaryTests {
    private func reaction(_ answer: Answer) -> Reaction {
        Reaction(at: .start, connection: 1, attempt: 1, .answer(answer))
    }

    @Test func `answers are counted by how they compare, and errors beside the recorded ones`() {
        var summary = ReactionSummary()
        var error = Answer(message: 1, kind: "GET", compared: .different)
        error.isError = true
        error.wasError = false
        var expected = Answer(message: 2, kind: "GET", compared: .same)
        expected.isError = true
        expected.wasError = true
        summary.add(reaction(error))
        summary.add(reaction(expected))
        summary.add(reaction(Answer(message: 3, compared: .missing)))
        summary.add(reaction(Answer(message: 4)))
        #expect(summary.answers[.different] == 1)
        #expect(summary.answers[.same] == 1)
        #expect(summary.answers[.missing] == 1)
        #expect(summary.answers.notCompared == 1)
        #expect(summary.answers.total == 4)
        #expect(summary.errorAnswers == 2)
        #expect(summary.newErrorAnswers == 1)
        #expect(summary.recordedErrorAnswers == 1)
        #expect(summary.examples.count == 2)
    }

    @Test func `ends are the consumer's`() {
        var summary = ReactionSummary()
        for party in [Party.client, .server, .weir] {
            let ending = Ending(
                how: .reset, by: party, direction: nil, isUnasked: party == .server)
            summary.add(Reaction(at: .start, connection: 1, attempt: 1, .ended(ending)))
        }
        #expect(summary.resets == 1)
        #expect(summary.unaskedEnds == 1)
    }

    @Test func `service times are kept for a bounded number of kinds`() {
        var times = ServiceTimes()
        for kind in 0..<100 { times.add(5, kind: "kind \(kind)") }
        times.add(5, kind: "kind 3")
        #expect(times.all.count == 101)
        #expect(times.kinds.count == ServiceTimes.maximumKinds + 1)
        #expect(times.sortedKinds.first?.kind == "other")
        #expect(times.sortedKinds.dropFirst().first?.kind == "kind 3")
    }

    @Test func `below thirty samples there is no p99`() {
        var times = DurationHistogram()
        for _ in 0..<29 { times.add(nanoseconds: 7) }
        #expect(times.percentile99 == nil)
        times.add(nanoseconds: 7)
        #expect(times.percentile99 == 7)
    }

    @Test func `every strike has exactly one outcome, told or not`() {
        func strike(_ message: UInt64, _ state: Strike.State = .planned) -> Strike {
            Strike(
                id: "drop@1u\(message)", rule: "drop", connection: 1, direction: .upstream,
                message: message, effect: .drop, state: state)
        }
        var ledger = OutcomeLedger(
            Schedule(
                seed: 1,
                strikes: [
                    strike(1), strike(2, .preempted(by: "cut@1u2")),
                    strike(3, .skipped(reason: "no neighbour in flight")), strike(4), strike(5),
                ]))
        func tell(_ id: String, _ result: StrikeOutcome.Result, _ reason: String = "") {
            let outcome = StrikeOutcome(id: id, result: result, reason: reason)
            ledger.receive(Event(at: Instant(nanoseconds: 9), .strike(outcome)))
        }
        tell("drop@1u1", .applied)
        tell("drop@1u1", .skipped, "told twice")
        tell("drop@1u4", .preempted, "the consumer ended first")
        #expect(
            ledger.entries.map(\.outcome.result)
                == [.applied, .preempted, .skipped, .preempted, .skipped])
        #expect(ledger.entries.map(\.instant?.nanoseconds) == [9, nil, nil, 9, nil])
        #expect(ledger.entries.map(\.outcome.reason)[1] == "by cut@1u2")
        let rules = ledger.rules
        #expect(rules.count == 1)
        #expect(rules[0].planned == 3)
        #expect(rules[0].applied == 1)
        #expect(rules[0].preempted == 1)
        #expect(rules[0].skipped == 1)
        #expect(rules[0].ruledOut == 2)
        #expect(
            Set(rules[0].reasons.map(\.text)) == [
                "another strike took its message", "no neighbour in flight",
                "the consumer ended first", OutcomeLedger.untold,
            ])
    }

    @Test func `an outcome's line says which strike, what became of it and when`() {
        let strike = Strike(
            id: "drop@2u5", rule: "drop", connection: 2, direction: .upstream, message: 5,
            effect: .drop)
        let outcome = StrikeOutcome(id: strike.id, result: .preempted, reason: "it ended first")
        var lines = OutcomeLine(started: Timestamp(nanoseconds: 1_795_489_200_000_000_000))
        let entry = OutcomeLedger.Entry(
            strike: strike, outcome: outcome, instant: Instant(nanoseconds: 9))
        #expect(
            String(decoding: lines.line(entry), as: UTF8.self) == """
                {"type":"outcome","id":"drop@2u5","rule":"drop","fault":"drop","connection":2,\
                "direction":"upstream","message":5,"label":"delivery","outcome":"preempted",\
                "reason":"it ended first","time":"2026-11-24T03:00:00.000000009Z","t_ns":9}
                """)
    }
}
