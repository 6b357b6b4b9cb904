import Recordings

/// Finds the symptoms of one kind in a run that was compared with the baseline.
protocol SymptomFinder: Sendable {
    static var kind: Symptom.Kind { get }

    /// Reports what it finds, effects first.
    static func find(in findings: inout Findings)
}

/// The one list of symptoms. To add one: a file, a case of `Symptom.Kind`, and a line here.
///
/// They are asked in this order: what is up but wrong is not listed as partial or inconsistent too.
enum Symptoms {
    static let all: [any SymptomFinder.Type] = [
        Crashed.self, UpButWrong.self, Inconsistent.self, Partial.self, Delayed.self,
        SilentRetry.self,
    ]
}

/// What is being found in a run.
struct Findings {
    let comparison: RunComparison
    let beside: [BesideDeviation]
    private let suspects: Suspects
    /// Deviations that are listed as a symptom already.
    var claimed: [Range<Int>] = []
    private(set) var symptoms: [Symptom] = []
    private(set) var counts: [Symptom.Kind: UInt64] = [:]

    init(_ comparison: RunComparison, beside: [BesideDeviation]) {
        self.comparison = comparison
        self.beside = beside
        suspects = Suspects(comparison.run)
    }

    var baseline: Baseline { comparison.baseline }
    var run: Observation { comparison.run }

    /// Counts a symptom, and lists it where there is room.
    mutating func report(
        _ kind: Symptom.Kind, _ place: Symptom.Place, at instant: Instant, isEffect: Bool,
        _ evidence: Symptom.Evidence
    ) {
        counts[kind, default: 0] += 1
        guard counts[kind] ?? 0 <= UInt64(Judgement.maximumSymptoms) else { return }
        symptoms.append(
            Symptom(
                kind, place, at: instant, isEffect: isEffect,
                suspects: suspects.before(instant, at: place), evidence: evidence))
    }

    func isClaimed(_ deviation: Int) -> Bool {
        // A linear search: a range is a connection that is up but wrong.
        claimed.contains { $0.contains(deviation) }
    }

    /// Where an answer of the baseline stands in the run.
    func place(of deviation: RunComparison.Deviation) -> Symptom.Place {
        let clean = baseline.run.answers[deviation.expected]
        let attempt = deviation.actual.map { run.answers[$0].attempt } ?? 1
        return .answer(connection: clean.connection, attempt: attempt, message: clean.message)
    }

    /// When a deviation showed.
    func instant(of deviation: RunComparison.Deviation) -> Instant {
        if let actual = deviation.actual { return run.answers[actual].instant }
        let clean = baseline.run.answers[deviation.expected]
        return comparison.connection(clean.connection)?.lastInstant ?? .start
    }

    /// That a content did not come.
    func missing(_ content: StoredContent) -> Symptom.Evidence {
        let excerpt = baseline.run.contents.withBytes(content) { bytes in
            (0..<min(bytes.count, Difference.excerptBytes)).map { bytes[$0] }
        }
        return .missing(expected: excerpt, expectedBytes: content.length)
    }
}
