import Faults
import Reactions
import Recordings
import Testing
import Text

@testable import weir

@Suite struct DemoStoryTests {
    @Test func `it has shown its point when each fails as it must, and no other`() {
        #expect(outcome().verdict == .shown)
        #expect(outcome().exitCode == .done)
        #expect(outcome(careful: .recovered).verdict == .shown)
    }

    @Test func `strikes that do no harm are inconclusive, and another seed is named`() {
        for outcome in [
            outcome(naive: .tolerated), outcome(strict: .recovered), outcome(clientRetries: false),
        ] {
            #expect(outcome.verdict == .harmless)
            #expect(outcome.exitCode == .inconclusive)
            #expect(DemoStory(outcome: outcome).text.contains("weir demo --seed 8\n"))
        }
    }

    @Test func `a careful ledger that fails is a defect, and so is one that cannot be judged`() {
        let careful = outcome(careful: .failedSilently)
        #expect(careful.verdict == .defect("the careful ledger: failed-silently, as drawn"))
        #expect(careful.exitCode == .defect)
        #expect(DemoStory(outcome: careful).text.contains("NOT AS IT MUST BE"))
        #expect(
            outcome(naive: .inconclusive).verdict
                == .defect("the naive ledger: inconclusive, as drawn"))
        #expect(
            outcome(naive: .failedLoudly).verdict
                == .defect("the naive ledger: failed-loudly, as drawn"))
    }

    @Test func `the story names the strike that was proved, and what it did`() {
        let text = DemoStory(outcome: outcome()).text
        #expect(
            text.contains(
                """
                the naive ledger: failed silently
                  shows     inconsistent: probe balances: it printed something else from byte 3 on
                  expected  a  1\\n
                  actual    a  3\\n
                  strike    duplicate@1u2
                            delivered twice: STATEMENT card=card-1 version=1 balance=358
                  how sure  proved: 3 of 3 with it alone, 0 of 3 without it
                  said so?  silent: it said nothing

                  weir shrink kept/naive
                    as shrunk

                """), "\(text)")
        #expect(text.contains("said so?  loud: closed-unasked"))
    }

    @Test func `the last seed of all is followed by the first`() {
        var outcome = outcome(naive: .tolerated)
        outcome.seed = .max
        #expect(DemoStory(outcome: outcome).text.contains("weir demo --seed 0\n"))
    }
}

/// The four trials, with these verdicts.
private func outcome(
    naive: Verdict = .failedSilently, careful: Verdict = .tolerated,
    strict: Verdict = .failedLoudly, clientRetries: Bool = true
) -> DemoOutcome {
    let strike = Strike(
        id: "duplicate@1u2", rule: "duplicate", connection: 1, direction: .upstream,
        message: 2, effect: .duplicate(copies: 1, afterNanoseconds: 0))
    var trials = [
        trial(.ledger(.naive), naive), trial(.ledger(.careful), careful),
        trial(.ledger(.strict), strict),
        trial(.retryingClient, .recovered, retries: clientRetries),
    ]
    trials[0].shrunk = "as shrunk\n"
    return DemoOutcome(
        seed: 7, folder: "kept",
        recorded: .init(
            path: "kept/ledger.weir", connections: 5, requests: 10, answers: 10,
            nanoseconds: 600_000_000),
        schedule: Schedule(seed: 7, strikes: [strike]), script: ProducerScript(seed: 7),
        trials: trials)
}

private func trial(
    _ subject: DemoSubject, _ verdict: Verdict, retries: Bool = false
) -> DemoTrial {
    var judgement = Judgement(verdict)
    judgement.reasons = ["as drawn"]
    if verdict == .failedSilently || verdict == .failedLoudly {
        let difference = Difference(
            offset: 3, excerptOffset: 0, expected: Array("a  1\n".utf8),
            actual: Array("a  3\n".utf8), expectedBytes: 5)
        judgement.symptoms = [
            Symptom(
                .inconsistent, .probe("balances"), at: .start, isEffect: true,
                suspects: ["duplicate@1u2"], evidence: .bytes(difference),
                signs: verdict == .failedLoudly ? [LoudSign(.closedUnasked, at: .start, "")] : [],
                blame: Blame(
                    strikes: ["duplicate@1u2"], with: .init(3, of: 3), without: .init(0, of: 3)))
        ]
    }
    if retries {
        judgement.symptoms = [
            Symptom(
                .silentRetry, .connection(1, message: 2), at: .start, isEffect: false,
                evidence: .resent(times: 1, request: Array("PAY".utf8)))
        ]
    }
    for symptom in judgement.symptoms { judgement.symptomCounts[symptom.kind, default: 0] += 1 }
    let about = TestResult.About(
        recording: "kept/ledger.weir", identity: "", framing: .none, consumer: "",
        started:
            Timestamp(nanoseconds: 0), folder: "kept", repeating: "")
    return DemoTrial(
        subject: subject, folder: "kept/\(subject.folderName)",
        result: TestResult(
            verdict: verdict, test: about, baseline: BaselineAccount(cleanRuns: 3),
            runs: [
                .init(seed: 7, folder: "seed-7", nanoseconds: 1, judgement: judgement)
            ], expectations: []))
}
