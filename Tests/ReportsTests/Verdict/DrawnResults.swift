import Recordings
import Text

@testable import Reactions
@testable import Reports

/// Results as tests give them, drawn by hand: one for each thing that a report has to say.
enum DrawnResults {
    /// A duplicate that is counted twice and answered as if it were right.
    static var silent: TestResult {
        var judgement = judgement(.failedSilently)
        judgement.symptoms = [
            Symptom(
                .inconsistent, .answer(connection: 3, attempt: 1, message: 21), at: time(4_213),
                isEffect: true, suspects: ["redelivery@3u17"],
                evidence: bytes(":5\r\n", ":6\r\n", at: 1),
                blame: Blame(
                    strikes: ["redelivery@3u17"], with: .init(3, of: 3), without: .init(0, of: 3)))
        ]
        judgement.symptomCounts = [.inconsistent: 1]
        return result(judgement)
    }

    /// The process ends; nothing was proved yet.
    static var crash: TestResult {
        var judgement = judgement(.failedLoudly)
        judgement.symptoms = [
            Symptom(
                .crashed, .process, at: time(4_100), isEffect: true,
                suspects: ["cut@3u17", "redelivery@1u2"],
                evidence: .words("it ended with exit code 139 (killed by SIGSEGV)"),
                signs: [LoudSign(.exitedNonZero, at: time(4_100), "139")])
        ]
        judgement.symptomCounts = [.crashed: 1]
        return result(judgement)
    }

    /// It stops answering well, says so, and several strikes may stand behind it.
    static var loud: TestResult {
        var judgement = judgement(.failedLoudly)
        judgement.symptoms = [
            Symptom(
                .partial, .answer(connection: 2, attempt: 2, message: 7), at: time(900),
                isEffect: true, suspects: ["cut@2u6", "drop@2u7", "slow"],
                evidence: .missing(expected: Array("+OK\r\n".utf8), expectedBytes: 5),
                signs: [
                    LoudSign(.logLine, at: time(910), "ERROR order 7: duplicate key"),
                    LoudSign(.closedUnasked, at: time(911), ""),
                ],
                blame: Blame(
                    strikes: ["cut@2u6", "drop@2u7"], with: .init(2, of: 3),
                    without: .init(1, of: 3), notes: ["slow makes it too, by itself"])),
            Symptom(
                .delayed, .answer(connection: 1, attempt: 1, message: 4), at: time(800),
                isEffect: false, suspects: ["slow"],
                evidence: .lateness(
                    serviceNanoseconds: 312_000_000, limitNanoseconds: 21_200_000,
                    cleanP99Nanoseconds: 1_200_000, samples: 412)),
        ]
        judgement.symptomCounts = [.partial: 1, .delayed: 1]
        judgement.strikes.planned = 12
        judgement.strikes.applied = 10
        judgement.strikes.preempted = 1
        judgement.strikes.skipped = 1
        judgement.strikes.preemptedBefore = 2
        judgement.strikes.skippedBefore = 5
        judgement.strikes.conditions = 1
        judgement.coverage.notCompared = [.init("the answer is too long to keep", 3)]
        judgement.coverage.tooFewToSay = [.init("QUIT", 2), .init("AUTH", 2)]
        var result = result(
            judgement,
            expectations: [
                ExpectationResult(text: "errors <= 3", held: true, found: "0 errors"),
                ExpectationResult(
                    text: "p99 < 200ms", held: false, found: "p99 was 312 ms (seed 7)"),
                ExpectationResult(text: "retries <= 3", held: nil, found: "needs --listen"),
            ])
        for seed in UInt64(8)...20 {
            result.runs.append(
                TestResult.JudgedRun(
                    seed: seed, folder: "seed-\(seed)", nanoseconds: 12_000_000_000,
                    judgement: self.judgement(seed == 9 ? .recovered : .tolerated)))
        }
        return result
    }

    static var inconclusive: TestResult {
        var judgement = judgement(.inconclusive)
        judgement.reasons = [
            "2 of 3 clean runs print another dbsize; give --reset, so that each run begins alike"
        ]
        judgement.coverage.answers = 0
        judgement.coverage.notTried = ["no probe was given", "no health check was given"]
        judgement.strikes = StrikeCounts()
        return result(judgement, unstable: ["probe dbsize: 412 in one clean run, 824 in the next"])
    }

    static var recovered: TestResult {
        var judgement = judgement(.recovered)
        judgement.recoveryNanoseconds = 1_234_000_000
        judgement.symptoms = [
            Symptom(
                .delayed, .answer(connection: 1, attempt: 1, message: 4), at: time(800),
                isEffect: false, suspects: ["cut@1u3"],
                evidence: .lateness(
                    serviceNanoseconds: 312_000_000, limitNanoseconds: 21_200_000,
                    cleanP99Nanoseconds: 1_200_000, samples: 412))
        ]
        judgement.symptomCounts = [.delayed: 1]
        return result(judgement)
    }

    static var tolerated: TestResult { result(judgement(.tolerated)) }

    /// The machine was busy for a moment, in a clean run and in the disturbed one.
    static var hiccup: TestResult {
        var judgement = judgement(.tolerated)
        judgement.repeats = Repeats(runs: 2, alike: 3, lateAgain: 0, notLateAgain: 1)
        var result = result(judgement)
        result.baseline.repeats = Repeats(runs: 2, alike: 3, lateAgain: 0, notLateAgain: 2)
        return result
    }

    /// A failure that one of three runs showed.
    static var flaky: TestResult {
        var result = silent
        result.runs[0].folder = "seed-7/again-1"
        result.runs[0].judgement.repeats = Repeats(
            runs: 2, alike: 1, lateAgain: 1, notLateAgain: 0)
        return result
    }

    /// Bytes and names that would act on a terminal, in XML or in Markdown.
    static var hostile: TestResult {
        var judgement = judgement(.failedSilently)
        let evil = "\u{1b}[2J\u{0}]]><b>|`&\u{202e}\n# x"
        judgement.symptoms = [
            Symptom(
                .inconsistent, .probe("合計 \(evil)"), at: time(4_213), isEffect: true,
                suspects: ["\(evil)@3u17"],
                evidence: .bytes(
                    Difference(
                        offset: 20, excerptOffset: 4, expected: Array(0...63),
                        actual: Array(0...15) + Array(200...247), expectedBytes: 5_000)),
                signs: [LoudSign(.logLine, at: time(4_214), "エラー: 残高が合いません \(evil)")]),
            Symptom(
                .inconsistent, .probe(String(repeating: "long-name-", count: 40)), at: time(5_000),
                isEffect: true, suspects: (1...16).map { "duplicate-of-a-long-name@\($0)u1" },
                evidence: .exitCode(expected: 0, actual: 137)),
        ]
        judgement.symptomCounts = [.inconsistent: 2]
        judgement.reasons = [evil]
        var result = result(
            judgement, expectations: [ExpectationResult(text: evil, held: false, found: evil)])
        result.test.recording = "注文\(evil).weir"
        result.test.consumer = evil
        result.test.folder = "runs/\(evil)"
        result.test.repeating = "weir test \(evil)"
        return result
    }

    static func flood(_ count: Int) -> TestResult {
        var judgement = judgement(.failedSilently)
        judgement.symptoms = (1...count).map { number in
            Symptom(
                .inconsistent, .answer(connection: 3, attempt: 1, message: UInt64(number)),
                at: time(number), isEffect: true, suspects: ["redelivery@3u17"],
                evidence: bytes(":5\r\n", ":6\r\n", at: 1))
        }
        judgement.symptomCounts = [.inconsistent: UInt64(count)]
        return result(judgement)
    }

    // MARK: - Parts

    static func time(_ milliseconds: Int) -> Instant {
        Instant(nanoseconds: Int64(milliseconds) * 1_000_000)
    }

    static func bytes(_ expected: String, _ actual: String, at offset: UInt64) -> Symptom.Evidence {
        .bytes(
            Difference(
                offset: offset, excerptOffset: 0, expected: Array(expected.utf8),
                actual: Array(actual.utf8), expectedBytes: UInt64(expected.utf8.count)))
    }

    static func judgement(_ verdict: Verdict) -> Judgement {
        var judgement = Judgement(verdict)
        judgement.strikes.planned = 1
        judgement.strikes.applied = 1
        judgement.coverage.answers = 412
        judgement.coverage.probes = 1
        judgement.coverage.maskedTokens = 7
        judgement.coverage.tokens = 1_750
        judgement.coverage.notObservable = [.silentRetry]
        return judgement
    }

    static func result(
        _ judgement: Judgement, expectations: [ExpectationResult] = [], unstable: [String] = []
    ) -> TestResult {
        TestResult(
            verdict: judgement.verdict,
            test: TestResult.About(
                recording: "orders.weir", identity: "crc32c:1f0a2b3c",
                framing: .framer(FramerSettings(name: "redis")), consumer: "127.0.0.1:6379",
                started: Timestamp(nanoseconds: 1_795_489_200_000_000_000),
                folder: "runs/20261124T030000Z-7",
                repeating: "weir test orders.weir --to :6379 --duplicate 1% --seed 7"),
            baseline: BaselineAccount(
                cleanRuns: 3, unstable: unstable, masked: [.init("INFO: field 3", 7)],
                limits: [
                    .init(
                        kind: "INCRBY", samples: 412, p99Nanoseconds: 1_200_000,
                        limitNanoseconds: 21_200_000)
                ]),
            runs: [
                TestResult.JudgedRun(
                    seed: 7, folder: "seed-7", nanoseconds: 12_345_678_901, judgement: judgement)
            ],
            expectations: expectations)
    }
}
