import Reactions
import Recordings
import Testing

/// When a failure is taken back.
@Suite struct WithdrawingTests {
    private func failure(_ blames: [Blame?], _ verdict: Verdict = .failedSilently) -> Judgement {
        var judgement = Judgement(verdict)
        judgement.symptoms = blames.enumerated().map { index, blame in
            var symptom = Self.symptom(.inconsistent, message: UInt64(index) + 1)
            symptom.blame = blame
            return symptom
        }
        return judgement
    }

    private static func symptom(_ kind: Symptom.Kind, message: UInt64) -> Symptom {
        Symptom(
            kind, .answer(connection: 1, attempt: 1, message: message), at: .start, isEffect: true,
            suspects: [], evidence: .words(""))
    }

    private let settled = Blame(
        strikes: ["a"], with: Blame.Count(3, of: 3), without: Blame.Count(0, of: 3), notes: [])
    private let open = Blame(
        strikes: [], with: Blame.Count(0, of: 3), without: Blame.Count(0, of: 0), notes: [])

    @Test func `only a failure of which nothing is settled is unproved`() {
        #expect(failure([open]).isUnproved)
        #expect(failure([open, nil], .failedLoudly).isUnproved)
        #expect(!failure([open, settled]).isUnproved)
        #expect(!failure([nil]).isUnproved)
        #expect(!failure([open], .recovered).isUnproved)
    }

    @Test func `it is inconclusive once a clean run shows something wrong, and says so first`() {
        var judgement = failure([open])
        judgement.reasons = ["1 effect"]
        judgement.withdraw(because: Self.symptom(.inconsistent, message: 9))
        #expect(judgement.verdict == .inconclusive)
        #expect(judgement.reasons.count == 2)
        #expect(judgement.reasons[0].contains("shows inconsistent at connection 1, message 9"))
        #expect(Self.symptom(.partial, message: 1).isProvedByOnce)
        #expect(!Self.symptom(.delayed, message: 1).isProvedByOnce)
    }
}
