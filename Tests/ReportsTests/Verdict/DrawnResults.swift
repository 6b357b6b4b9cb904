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
