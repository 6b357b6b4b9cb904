import Recordings
import Testing

@testable import Reactions

/// Swift Testing has one of the same name.
private typealias Expectation = Reactions.Expectation

@Suite struct ExpectationTests {
    private func run(
        _ verdict: Verdict = .tolerated, seed: UInt64 = 7,
        _ change: (inout Judgement, inout Measures) -> Void = { _, _ in }
    ) -> Expectation.Run {
        var judgement = Judgement(verdict)
        judgement.coverage.answers = 10
        var measures = Measures()
        change(&judgement, &measures)
        return Expectation.Run(seed: seed, judgement: judgement, measures: measures)
    }

    private func held(_ text: String, _ runs: Expectation.Run...) throws -> Bool? {
        try Expectation(parsing: text).result(of: runs).held
    }

    @Test(arguments: [Verdict.tolerated, .recovered])
    func `no failure holds`(_ verdict: Verdict) throws {
        #expect(try held("no failure", run(verdict)) == true)
        #expect(Expectation.standard == (try Expectation(parsing: "no failure")))
    }

    @Test func `a loud failure passes where only silent ones are refused`() throws {
        #expect(try held("no failure", run(.failedLoudly)) == false)
        #expect(try held("no silent failure", run(.failedLoudly)) == true)
        #expect(try held("no silent failure", run(.failedSilently)) == false)
    }

    @Test func `what is inconclusive is not decided, and a failure elsewhere decides`() throws {
        #expect(try held("no failure", run(.inconclusive)) == nil)
        #expect(try held("no failure", run(.tolerated), run(.inconclusive)) == nil)
        #expect(try held("no failure", run(.inconclusive), run(.failedLoudly)) == false)
        #expect(try held("no failure") == nil)
    }

    @Test func `times are those of all answers or of one kind, and too few say nothing`() throws {
        let timed = run { _, measures in
            for _ in 0..<50 { measures.serviceTimes.add(1_000_000, kind: "GET") }
            measures.serviceTimes.add(300_000_000, kind: "SET")
        }
        #expect(try held("p50 < 200ms", timed) == true)
        #expect(try held("max<200ms", timed) == false)
        #expect(try held("p99 of GET <= 200ms", timed) == true)
        #expect(try held("max of SET < 200ms", timed) == false)
        #expect(try held("p99 of SET < 200ms", timed) == nil)
        #expect(try held("p99 of DEL < 200ms", timed) == nil)
        #expect(try held("p99 < 200ms", run()) == nil)
    }

    @Test func `counts are errors, closes, retries and symptoms of a kind`() throws {
        let counted = run(.recovered) { judgement, measures in
            measures.errorAnswers = 3
            measures.unaskedEnds = 1
            judgement.symptomCounts = [.delayed: 2]
        }
        #expect(try held("errors <= 3", counted) == true)
        #expect(try held("errors < 3", counted) == false)
        #expect(try held("closes = 0", counted) == false)
        #expect(try held("delayed <= 2", counted) == true)
        #expect(try held("no delayed", counted) == false)
        #expect(try held("no crashed", counted) == true)
        #expect(try held("no symptom", counted) == false)
        #expect(try held("retries <= 3", counted) == nil, "not observable with --to")
        let retried = run { _, measures in measures.retries = 4 }
        #expect(try held("retries <= 3", retried) == false)
        let unseen = run { judgement, _ in judgement.coverage.notObservable = [.silentRetry] }
        #expect(try held("silent-retry = 0", unseen) == nil)
    }

    @Test func `recovery and reconnects have their time`() throws {
        let recovered = run(.recovered) { judgement, _ in
            judgement.recoveryNanoseconds = 4_000_000_000
        }
        #expect(try held("recovers within 5s", recovered) == true)
        #expect(try held("recovers within 3s", recovered) == false)
        #expect(try held("recovers within 5s", run()) == true)
        #expect(try held("recovers within 5s", run(.failedLoudly)) == false)
        #expect(try held("reconnects within 5s", run()) == nil)
        let again = run { _, measures in
            measures.retries = 0
            measures.reconnectNanoseconds = 6_000_000_000
        }
        #expect(try held("reconnects within 5s", again) == false)
        let never = run { _, measures in
            measures.retries = 0
            measures.reconnectNanoseconds = 1
            measures.notReconnected = 1
        }
        #expect(try held("reconnects within 5s", never) == false)
    }

    @Test func `answers are compared with the baseline, and none is no answer`() throws {
        #expect(try held("answers = baseline", run()) == true)
        let none = run { judgement, _ in judgement.coverage.answers = 0 }
        #expect(try held("answers = baseline", none) == nil)
        #expect(try held("probes = baseline", run()) == nil)
        let wrong = run(.failedSilently) { judgement, _ in
            judgement.coverage.probes = 1
            judgement.differing.probes = 1
        }
        #expect(try held("probes = baseline", wrong) == false)
        #expect(try held("answers = baseline", wrong) == true)
    }

    @Test func `what was found names the seed that decides`() throws {
        let result = try Expectation(parsing: "errors <= 3").result(of: [
            run(seed: 1), run(seed: 2) { $1.errorAnswers = 4 },
        ])
        #expect(result.text == "errors <= 3")
        #expect(result.held == false)
        #expect(result.found == "4 error answers (seed 2)")
    }

    @Test(arguments: [
        ("no failur", "did you mean \"failure\"?"),
        ("erors <= 3", "did you mean \"errors\"?"),
        ("errors <= three", "\"three\" is no whole number"),
        ("errors 3", "wants < or <= or > or >= or = here, not \"3\""),
        ("p99 < 200", "200"),
        ("p99", "wants < or <= or > or >= or = here, at its end"),
        ("answers = basline", "wants baseline here, not \"basline\""),
        ("no failure please", "\"please\" is too much"),
        ("", "write one like"),
    ])
    func `errors say what is wrong, and what to write`(_ text: String, _ says: String) {
        #expect {
            try Expectation(parsing: text)
        } throws: { error in
            "\(error)".contains(says)
        }
    }

    @Test func `the example of each form is one`() throws {
        for form in ExpectationForm.all {
            #expect(try Expectation(parsing: form.example).description == form.example)
        }
    }
}
