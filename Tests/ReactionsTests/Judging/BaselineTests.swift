import Faults
import Recordings
import Testing

@testable import Reactions

/// What two clean runs say of what varies by itself.
@Suite struct BaselineTests {
    private let clean = counterClean
    private var script: JudgedScript {
        JudgedScript(
            recorded: counterRecording, first: clean, judged: clean, asksForFaults: false)
    }

    /// The clean run with some text in another's place.
    private func with(_ text: String, _ other: String) -> String {
        clean.split(separator: "\n").map { line in
            line.hasSuffix(text) ? line.dropLast(text.count) + other : line
        }.joined(separator: "\n")
    }

    @Test func `a baseline of two runs that are alike is stable, and a third is tolerated`() throws
    {
        #expect(try script.baseline().isStable)
        #expect(try script.text() == "tolerated")
    }

    @Test func `what differs makes it unstable without a reset, and is masked with one`() throws {
        var script = script
        script.second = with(":2\\r\\n", ":3\\r\\n")
        script.judged = with(":2\\r\\n", ":9\\r\\n")
        #expect(try script.text() == "tolerated")
        #expect(
            try script.baseline().account.masked.map(\.text) == [
                "INCR → :: line 1, token 2"
            ])
        script.hasReset = false
        let judgement = try script.judgement()
        #expect(judgement.verdict == .inconclusive)
        #expect(judgement.reasons.first?.contains("give --reset") == true)
    }

    @Test func `the baseline says how much of the traffic is masked`() throws {
        var script = script
        script.second = with(":2\\r\\n", ":3\\r\\n")
        let coverage = try script.judgement().coverage
        // Two answers `: n \r \n`, and one of `$ 1 \r \n 2 \r \n`; the numbers are masked.
        #expect(coverage.tokens == 15)
        #expect(coverage.maskedTokens == 2)
    }

    @Test func `an answer that is an error, or missing, in one clean run is never masked`() throws {
        var script = script
        script.second = with(":2\\r\\n", "-ERR x\\r\\n")
        #expect(try script.baseline().account.unstable.first?.contains("an error") == true)
        script.second = clean.split(separator: "\n").filter { !$0.hasPrefix("60 ") }
            .joined(separator: "\n")
        #expect(try script.baseline().account.unstable.first?.contains("one clean run") == true)
    }

    @Test func `a probe that differs between clean runs is inconclusive, whatever is ignored`()
        throws
    {
        var script = script
        script.second = with("probe count 0 2", "probe count 0 3")
        script.ignored = [#"\d"#]
        let judgement = try script.judgement()
        #expect(judgement.verdict == .inconclusive)
        #expect(judgement.reasons.first?.contains("the probe count differs") == true)
    }

    @Test func `a probe that fails without faults is an error that says so`() throws {
        var script = script
        script.first = with("probe count 0 2", "probe count 3 no such table")
        #expect {
            try script.baseline()
        } throws: { error in
            let text = "\(error)"
            return text.contains("the probe count failed without any fault, in clean run 1")
                && text.contains("exit code 3: \"no such table\"")
        }
    }

    @Test func `a third clean run that shows a symptom makes the baseline unstable`() throws {
        var script = script
        script.judged = with(":2\\r\\n", ":9\\r\\n")
        var baseline = try script.baseline()
        let third = try script.judgement()
        #expect(third.verdict == .failedSilently)
        baseline.take(thirdCleanRun: third)
        #expect(!baseline.isStable)
        #expect(baseline.account.cleanRuns == 3)
        let judged = baseline.judge(try script.observation(of: clean, isClean: true))
        #expect(judged.verdict == .inconclusive)
        #expect(judged.reasons.first?.contains("inconsistent at connection 1, message 2") == true)
    }

    @Test func `a limit is above three times the clean p99, and by 20 ms, and above what was`() {
        func limit(_ samples: [Int64], least: Int64 = 20) -> Int64? {
            var times = DurationHistogram()
            for sample in samples { times.add(nanoseconds: sample * 1_000_000) }
            return LatencyLimits.limit(of: "GET", times, least: least * 1_000_000)
                .limitNanoseconds.map { $0 / 1_000_000 }
        }
        #expect(limit(Array(repeating: 1, count: 29)) == nil)
        #expect(limit(Array(repeating: 1, count: 30)) == 21)
        #expect(limit(Array(repeating: 1, count: 30), least: 1_000) == 1_001)
        #expect(limit(Array(repeating: 50, count: 30)).map { $0 / 10 } == 15)
        #expect(limit(Array(repeating: 1, count: 300) + [80]) == 80)
    }

    @Test func `kinds with too few samples are counted, not judged`() throws {
        var script = script
        script.judged = with("60 < $1\\r\\n2\\r\\n", "90000000000 < $1\\r\\n2\\r\\n")
        let judgement = try script.judgement()
        #expect(judgement.symptomCounts[.delayed] == nil)
        #expect(
            judgement.coverage.tooFewToSay == [
                Coverage.Reason("GET", 1), Coverage.Reason("INCR", 2),
            ])
    }

    // MARK: - Random runs

    /// A run in which fields vary and others do not, as reactions.
    private func observation(
        _ numbers: inout SeededNumbers, _ shape: UInt64, changes: Int? = nil
    ) -> Observation {
        let schedule = Schedule(seed: 1)
        var builder = ObservationBuilder(
            schedule: schedule, settings: Self.settings, asksForFaults: false)
        var form = SeededNumbers(seed: shape)
        for message in 1...(1 + form.below(8)) {
            var text = ""
            for field in 0..<(1 + form.below(6)) {
                let isFree = form.below(3) == 0
                let isLong = form.below(4) == 0
                var value = isFree ? "\(numbers.next() % 1_000)" : "v\(form.below(100))"
                if isFree, isLong {
                    value = (0...numbers.below(3)).map { "\($0)" }.joined(separator: "-")
                }
                if changes == message, !isFree { value = "changed" }
                text += "f\(field)=\(value)" + (form.below(2) == 0 ? "&" : "\r\n")
            }
            var answer = Answer(message: UInt64(message), kind: "K\(form.below(2))")
            answer.compared = .different
            answer.serviceNanoseconds = Int64(numbers.below(50)) * 1_000_000
            answer.content = Content(Array(text.utf8))
            builder.receive(
                Reaction(
                    at: Instant(nanoseconds: Int64(message)), connection: 1, attempt: 1,
                    .answer(answer)))
        }
        return builder.finish(OutcomeLedger(schedule))
    }

    private static let settings = JudgeSettings(framing: .none, hasReset: true)

    @Test func `two clean runs never show a symptom against themselves`() throws {
        let seed: UInt64 = 3
        print("seed \(seed)")
        var numbers = SeededNumbers(seed: seed)
        for shape in 0..<1_000 as Range<UInt64> {
            let first = observation(&numbers, shape)
            let second = observation(&numbers, shape)
            let baseline = try Baseline(first, second, Self.settings)
            #expect(baseline.isStable)
            for run in [first, second] {
                let judgement = baseline.judge(run)
                #expect(judgement.symptoms == [], "shape \(shape)")
                #expect(judgement == baseline.judge(run), "judging is a pure function")
            }
        }
    }

    @Test func `a change in a field that does not vary is found beside those that do`() throws {
        let seed: UInt64 = 4
        print("seed \(seed)")
        var numbers = SeededNumbers(seed: seed)
        var found = 0
        for shape in 0..<300 as Range<UInt64> {
            let first = observation(&numbers, shape)
            let baseline = try Baseline(first, observation(&numbers, shape), Self.settings)
            let changed = observation(&numbers, shape, changes: 1)
            guard !first.isSame(as: changed, message: 1) else { continue }
            let judgement = baseline.judge(changed)
            if judgement.symptoms.contains(where: { $0.place.message == 1 }) { found += 1 }
        }
        // What is fixed in one message may be free in another of its kind, under the same name.
        #expect(found > 100)
    }
}

extension Observation {
    /// Whether no fixed field of a message changed.
    fileprivate func isSame(as other: Observation, message: UInt64) -> Bool {
        func text(_ run: Observation) -> String {
            guard let answer = run.answers.first(where: { $0.message == message }) else {
                return ""
            }
            return run.contents.withBytes(answer.content) { bytes in
                String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
            }
        }
        return !text(other).contains("changed")
    }
}
