import Faults
import Recordings
import Testing

@testable import Reactions

/// What a consumer that dials asks for, and asks for again.
@Suite struct RequestTests {
    private let settings = JudgeSettings(framing: .none, hasReset: true, consumer: .client)

    private func retry(
        _ message: UInt64, connection: UInt32 = 1, wasAnswered: Bool = true
    ) -> ObservedRetry {
        ObservedRetry(
            connection: connection, message: message, at: .start, times: 1,
            wasAnswered: wasAnswered, request: Array("GET /status".utf8))
    }

    private func run(
        asked: UInt64 = 100, _ retries: [ObservedRetry] = [], retryCount: UInt64? = nil
    ) -> Observation {
        let schedule = Schedule(seed: 1)
        var builder = ObservationBuilder(
            schedule: schedule, settings: settings, asksForFaults: false)
        builder.receive(
            asked: asked, retries: retries, retryCount: retryCount ?? UInt64(retries.count),
            reconnectNanoseconds: nil, notReconnected: 0)
        return builder.finish(OutcomeLedger(schedule))
    }

    private func baseline(_ first: Observation, _ second: Observation, _ third: Observation)
        throws -> Baseline
    {
        var baseline = try Baseline(first, second, settings)
        baseline.take(thirdCleanRun: baseline.judge(third))
        return baseline
    }

    // MARK: - Asked again

    @Test(arguments: 0...2)
    func `who polls does so without faults too, the oftener the longer it takes`(_ polling: Int)
        throws
    {
        let runs = (0..<3).map { run($0 == polling ? [retry(6)] : []) }
        let baseline = try baseline(runs[0], runs[1], runs[2])
        #expect(baseline.isStable)
        let judged = baseline.judge(run(Array(repeating: retry(6), count: 9)))
        #expect(judged.verdict == .tolerated)
    }

    @Test func `another request, or one whose answer it never got, is a retry all the same`()
        throws
    {
        let polling = run([retry(6)])
        let baseline = try baseline(polling, polling, polling)
        for other in [retry(5), retry(6, connection: 2), retry(6, wasAnswered: false)] {
            let first = try Baseline(polling, polling, settings).judge(run([retry(6), other]))
            #expect(first.symptomCounts == [.silentRetry: 1])
            guard other != retry(6, wasAnswered: false) else { continue }
            #expect(baseline.judge(run([other])).verdict == .recovered)
        }
    }

    @Test func `retries are counted, also those that are not kept`() {
        #expect(run([retry(6)], retryCount: 12_345).measures.retries == 12_345)
    }

    // MARK: - Asked at all

    @Test(arguments: [
        ([100, 98, 100], 99, true), ([98, 100, 100], 97, true), ([98, 100, 100], 96, true),
        ([98, 100, 100], 95, false), ([100, 100, 100], 99, false), ([100, 98, 96], 93, true),
    ])
    func `so few requests as a clean run has, and less by what these differ, are no lack`(
        _ clean: [UInt64], _ asked: UInt64, _ isTolerated: Bool
    ) throws {
        let baseline = try baseline(
            run(asked: clean[0]), run(asked: clean[1]), run(asked: clean[2]))
        #expect(baseline.isStable)
        let judgement = baseline.judge(run(asked: asked))
        #expect((judgement.verdict == .tolerated) == isTolerated, "\(judgement.symptoms)")
    }

    // MARK: - Not asked again

    /// A request and its answer, twice.
    private func recorded() throws -> Transcript {
        try ReplayScript(
            recorded: """
                0 c3 open
                1 c3 > INCR x\\r\\n
                2 c3 < :1\\r\\n
                3 c3 > INCR x\\r\\n
                4 c3 < :2\\r\\n
                5 c3 fin client
                """, replayed: ""
        ).transcript().transcript
    }

    private func abandoned(
        _ effect: StrikeEffect, at message: UInt64, dials: Int = 1,
        _ result: StrikeOutcome.Result = .applied
    ) throws -> UInt64 {
        var retries = ConsumerRetries()
        for attempt in 1...dials {
            retries.add(
                Reaction(
                    at: Instant(nanoseconds: Int64(attempt)), connection: 3,
                    attempt: UInt16(attempt),
                    .accepted(
                        Accepted(
                            by: .order, instant: .start,
                            sinceEndNanoseconds: attempt > 1 ? Int64(attempt) : nil))))
            guard attempt == 1 else { continue }
            retries.add(
                Reaction(
                    at: Instant(nanoseconds: 1), connection: 3, attempt: 1, strike: "s",
                    .ended(Reactions.Ending(how: .reset, by: .weir, isUnasked: false))))
        }
        #expect(retries.longestReconnectNanoseconds == (dials > 1 ? Int64(dials) : nil))
        let schedule = Schedule(
            seed: 1,
            strikes: [
                Strike(
                    id: "s", rule: "s", connection: 3, direction: .downstream, message: message,
                    effect: effect)
            ])
        var outcomes = OutcomeLedger(schedule)
        outcomes.receive(Event(at: .start, .strike(StrikeOutcome(id: "s", result: result))))
        return retries.abandonedCount(outcomes, of: try recorded())
    }

    @Test func `a cut connection that had more to play is to be dialled again`() throws {
        let cut = StrikeEffect.disconnect(Cut(sentBytes: 1))
        #expect(try abandoned(cut, at: 1) == 1)
        #expect(try abandoned(cut, at: 1, dials: 2) == 0)
        #expect(try abandoned(cut, at: 2) == 1)
        #expect(try abandoned(.end(Faults.Ending(.refuse)), at: 1) == 1)
        // Behind its last byte there was nothing more, and behind the first answer there was.
        #expect(try abandoned(.disconnect(Cut(sentBytes: 4)), at: 2) == 0)
        #expect(try abandoned(.disconnect(Cut(sentBytes: 4)), at: 1) == 1)
        #expect(try abandoned(cut, at: 1, .skipped) == 0)
        #expect(try abandoned(.delay(nanoseconds: 1), at: 1) == 0)
    }

    // MARK: - Answers by chance

    private func pending(_ isAnswered: Bool) -> String {
        """
        0 open
        10 > 1 INCR n\\r\\n
        20 < :1\\r\\n
        30 > 2 INCR n\\r\\n
        \(isAnswered ? "40 < :2\\r\\n" : "40 mark nothing")
        70 fin client
        80 fin server
        """
    }

    @Test func `an answer that no recording has, and clean runs by chance, is missed by nobody`()
        throws
    {
        let recorded = """
            0 open
            10 > INCR n\\r\\n
            20 < :1\\r\\n
            30 > INCR n\\r\\n
            """
        var script = JudgedScript(
            recorded: recorded, first: pending(true), second: pending(false),
            judged: pending(false), asksForFaults: false)
        let judgement = try script.judgement()
        #expect(judgement.verdict == .tolerated, "\(judgement.symptoms)")
        #expect(
            judgement.coverage.notCompared.contains {
                $0.text.contains("clean runs have by chance") && $0.count == 1
            })
        script.second = pending(true)
        #expect(try script.judgement().symptomCounts == [.partial: 1])
    }
}
