import Reactions
import Recordings
import Reports
import Text

extension Fuzzer {
    /// Results of a test as they are kept, bent.
    static let verdict = Fuzzer(
        name: "verdict", summary: "verdicts: written, bent, and read back or refused",
        smokeRounds: 2_000
    ) { dice throws(FuzzFailure) in
        let written = result(&dice).json()
        guard let whole = try? TestResult(reading: Array(written.utf8), file: "verdict.json"),
            whole.json() == written
        else { throw FuzzFailure("a verdict is not read back as it was: \(written)") }
        let text = FuzzText.bent(written, &dice)
        let bent: TestResult
        do throws(DocumentError) {
            bent = try TestResult(reading: Array(text.utf8), file: "verdict.json")
        } catch {
            return try FuzzText.check(error.description)
        }
        let again = bent.json()
        guard (try? TestResult(reading: Array(again.utf8), file: "verdict.json")) == bent else {
            throw FuzzFailure("what was read is written as something else: \(again)")
        }
    }

    private static func result(_ dice: inout FuzzDice) -> TestResult {
        var judgement = Judgement(dice.pick(Verdict.allCases))
        for _ in 0..<dice.below(4) { judgement.symptoms.append(symptom(&dice)) }
        judgement.symptomCounts = [.inconsistent: dice.next(), .crashed: 1]
        judgement.strikes.planned = dice.next()
        judgement.coverage.tokens = UInt64(dice.below(1_000))
        judgement.coverage.maskedTokens = UInt64(dice.below(1_000))
        judgement.coverage.notObservable = [.silentRetry]
        judgement.reasons = [dice.pick(["", "nothing struck", "\u{1b}[2J\u{0}é"])]
        let run = TestResult.JudgedRun(
            seed: dice.next(), folder: "seed-7", nanoseconds: Int64(dice.below(1_000)),
            judgement: judgement)
        return TestResult(
            verdict: dice.pick(Verdict.allCases),
            test: TestResult.About(
                recording: "orders.weir", identity: "crc32c:1f0a2b3c", framing: .none,
                consumer: "127.0.0.1:6379",
                started: Timestamp(nanoseconds: Int64(truncatingIfNeeded: dice.next() >> 1)),
                folder: "runs/7", repeating: "weir test orders.weir"),
            baseline: BaselineAccount(
                cleanRuns: 3, unstable: [], masked: [.init("a", 1)],
                limits: [
                    .init(kind: "GET", samples: 30, p99Nanoseconds: -1, limitNanoseconds: nil)
                ]),
            runs: Array(repeating: run, count: dice.below(3)),
            expectations: [ExpectationResult(text: "p99 < 1ms", held: nil, found: "")])
    }

    private static func symptom(_ dice: inout FuzzDice) -> Symptom {
        let bytes = (0..<dice.below(9)).map { _ in dice.byte() }
        let places: [Symptom.Place] = [
            .answer(connection: 3, attempt: 1, message: dice.next()),
            .push(connection: 0, attempt: 0, number: 1),
            .turn(connection: 1, attempt: 2, number: 3),
            .connection(.max, message: nil), .probe("a"), .process,
        ]
        let evidence: [Symptom.Evidence] = [
            .missing(expected: bytes, expectedBytes: dice.next()), .words("\u{9b}"),
            .lateness(
                serviceNanoseconds: .min, limitNanoseconds: .max, cleanP99Nanoseconds: 0,
                samples: 30),
            .exitCode(expected: 0, actual: .min), .resent(times: 3, request: bytes),
        ]
        return Symptom(
            dice.pick(Symptom.Kind.allCases), dice.pick(places),
            at: Instant(nanoseconds: Int64(dice.below(1_000))), isEffect: dice.isOne(in: 2),
            suspects: ["redelivery@3u17"], evidence: dice.pick(evidence),
            signs: dice.isOne(in: 2) ? [LoudSign(.logLine, at: .start, "ERROR")] : [],
            blame: dice.isOne(in: 2)
                ? Blame(strikes: ["a"], with: .init(3, of: 3), without: .init(0, of: 3)) : nil)
    }
}
