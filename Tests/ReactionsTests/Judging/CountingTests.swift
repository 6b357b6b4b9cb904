import Faults
import Recordings
import Testing

@testable import Reactions

/// What is counted is counted in full, whatever is listed or kept.
@Suite struct CountingTests {
    private let value = #"$1\r\n7\r\n"#
    private let many = 260

    private func gets(_ probe: String) -> DrawnConsumer {
        DrawnConsumer(
            messages: Array(repeating: #"GET n\r\n"#, count: many),
            notes: [(90_000, "probe sum 0 \(probe)")])
    }

    private func script(
        probe: String = "5", _ reply: (_ number: Int, _ copy: Int) -> DrawnConsumer.Reply
    ) -> JudgedScript {
        JudgedScript(
            recorded: gets("5").recorded { _ in value },
            first: gets("5").replay { _, _ in .answer(value) },
            judged: gets(probe).replay(reply), asksForFaults: false)
    }

    @Test func `a probe stands before whatever many answers are missing`() throws {
        let judgement = try script(probe: "6") { number, _ in
            number > 10 && number % 40 > 0 ? .nothing : .answer(value)
        }.judgement()
        #expect(judgement.symptoms.count == Judgement.maximumSymptoms)
        #expect(judgement.symptoms.first?.place == .probe("sum"))
        #expect(judgement.differing.probes == 1)
        #expect(judgement.differing.answers > UInt64(Judgement.maximumSymptoms))
        let run = Reactions.Expectation.Run(
            seed: 7, judgement: judgement, measures: Measures())
        let probes = try Reactions.Expectation(parsing: "probes = baseline").result(of: [run])
        #expect(probes.held == false)
        #expect(probes.found == "1 of 1 probes differ from the baseline (seed 7)")
        let answers = try Reactions.Expectation(parsing: "answers = baseline").result(of: [run])
        #expect(answers.found.hasPrefix("\(judgement.differing.answers) of 260 answers differ"))
    }

    @Test func `a crash stands before a probe`() throws {
        var crashing = gets("6")
        crashing.notes.append((80_000, "exit 3"))
        var script = script { _, _ in .answer(value) }
        script.judged = crashing.replay { _, _ in .answer(value) }
        #expect(try script.judgement().symptoms.map(\.kind) == [.crashed, .inconsistent])
    }

    @Test(arguments: [DrawnConsumer.Reply.nothing, .answer(#"$1\r\n8\r\n"#)])
    func `one silent effect behind all that are listed makes it a silent failure`(
        _ last: DrawnConsumer.Reply
    ) throws {
        var script = script { _, _ in .answer(value) }
        // Error answers are loud by themselves, and said before the strike they say nothing of it.
        var answers = gets("5")
        answers.notes.append((25_550, "strike late@1u256 applied"))
        script.judged = answers.replay { number, _ in
            number < 250 ? .answer(#"-ERR no\r\n"#) : number == 260 ? last : .answer(value)
        }
        script.asksForFaults = true
        script.strikes = [
            Strike(
                id: "late@1u256", rule: "late", connection: 1, direction: .upstream, message: 256,
                effect: .delay(nanoseconds: 1))
        ]
        let judgement = try script.judgement()
        #expect(judgement.symptomCounts.values.reduce(0, +) == 250)
        #expect(judgement.symptoms.count == Judgement.maximumSymptoms)
        #expect(judgement.symptoms.allSatisfy { $0.isLoud })
        #expect(judgement.verdict == .failedSilently)
        #expect(judgement.reasons.first?.hasPrefix("1 effect") == true)
    }

    // MARK: - What is too much to keep

    /// Connections in this order, each with three answers.
    private func interleaved(_ order: [Int], _ answer: (Int, Int) -> String) -> String {
        var lines: [String] = []
        var at = 0
        for (place, connection) in order.enumerated() {
            let number = order[..<place].count { $0 == connection } + 1
            if number == 1 {
                lines.append("\(at) c\(connection) open")
            }
            lines.append("\(at + 1) c\(connection) > \(number) GET n\\r\\n")
            lines.append("\(at + 2) c\(connection) < \(answer(connection, number))")
            at += 10
        }
        for connection in 1...2 {
            lines.append("\(at) c\(connection) fin client")
            lines.append("\(at + 1) c\(connection) fin server")
        }
        return lines.joined(separator: "\n")
    }

    private func full(_ judged: String, _ change: (inout JudgedScript) -> Void = { _ in }) throws
        -> Judgement
    {
        let clean = interleaved([1, 1, 1, 2, 2, 2]) { _, _ in value }
        var script = JudgedScript(
            recorded: clean.replacing(#/> \d /#, with: "> "), first: clean,
            second: interleaved([1, 1, 2, 1, 2, 2]) { _, _ in value }, judged: judged,
            asksForFaults: false)
        script.limits.answers = 4
        change(&script)
        return try script.judgement()
    }

    @Test func `which answers were too many is chance, and nothing behind them is compared`()
        throws
    {
        // The second clean run kept 1.1, 1.2, 2.1, 1.3; the judged one keeps 1.1, 2.1, 2.2, 2.3.
        let judgement = try full(interleaved([1, 2, 2, 2, 1, 1]) { _, _ in value })
        #expect(judgement.verdict == .tolerated, "\(judgement.reasons)")
        #expect(judgement.coverage.answers == 1)
        #expect(
            judgement.coverage.notCompared.contains {
                $0.text == "answers behind the first that was too much to keep" && $0.count == 3
            })
        let wrong = try full(
            interleaved([1, 2, 2, 2, 1, 1]) { $0 == 1 && $1 == 1 ? #"$1\r\n8\r\n"# : value })
        #expect(wrong.verdict == .failedSilently)
    }

    @Test func `usual errors are no signs, however few signs are kept`() throws {
        let error = #"-ERR no\r\n"#
        func run(_ last: DrawnConsumer.Reply) -> String {
            gets("5").replay { number, _ in
                number < 200 ? .answer(error) : number == 260 ? last : .answer(value)
            }
        }
        var script = script { _, _ in .answer(value) }
        script.first = run(.answer(value))
        let clean = capping(try script.baseline().run)
        let judged = try Baseline(clean, clean, script.settings).judge(
            script.observation(of: run(.nothing), isClean: true))
        #expect(judged.verdict == .failedSilently)
    }

    /// Of its signs the first few alone.
    private func capping(_ run: Observation) -> Observation {
        var run = run
        run.signs.errorAnswers = Array(run.signs.errorAnswers.prefix(3))
        return run
    }

    @Test func `session state takes no room from what was sent again`() {
        var retries = ConsumerRetries()
        func add(isState: Bool) {
            retries.add(
                Reaction(
                    at: .start, connection: 1, attempt: 2,
                    .resent(
                        Resent(
                            request: 1, message: isState ? 1 : 2, connection: 1, kind: "",
                            isSessionState: isState, answer: .kept, times: 2,
                            sinceNanoseconds: 1))))
        }
        for _ in 0..<(ConsumerRetries.maximumKept + 5) { add(isState: true) }
        for _ in 0..<(ConsumerRetries.maximumKept + 7) { add(isState: false) }
        #expect(retries.resendCount == UInt64(ConsumerRetries.maximumKept + 7))
        #expect(
            retries.resends.count { !$0.resent.isSessionState } == ConsumerRetries.maximumKept)
    }
}
