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
    private let loudness: Loudness
    /// Deviations that are listed as a symptom already.
    var claimed: [Range<Int>] = []
    private(set) var symptoms: [Symptom] = []
    private(set) var counts: [Symptom.Kind: UInt64] = [:]
    /// Those that make a failure, those of them of which the consumer said nothing, and the others:
    /// counted whether they are listed or not.
    private(set) var effects: UInt64 = 0
    private(set) var silentEffects: UInt64 = 0
    private(set) var mildSymptoms: UInt64 = 0

    init(_ comparison: RunComparison, beside: [BesideDeviation], _ loudness: Loudness) {
        self.comparison = comparison
        self.beside = beside
        self.loudness = loudness
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
        let count = counts[kind] ?? 0
        if isEffect { effects += 1 } else { mildSymptoms += 1 }
        guard count <= UInt64(Judgement.maximumSymptoms) || isEffect else { return }
        // Whom to suspect is a search: of the last of very many the first strike of all must do.
        let suspects =
            count <= Self.maximumSuspected ? suspects.before(instant, at: place) : nil
        if isEffect, loudness.isSilent(until: instant, suspects) { silentEffects += 1 }
        guard count <= UInt64(Judgement.maximumSymptoms) else { return }
        var symptom = Symptom(
            kind, place, at: instant, isEffect: isEffect, suspects: suspects ?? [],
            evidence: evidence)
        symptom.signs = loudness.signs(of: symptom)
        symptoms.append(symptom)
    }

    /// Of more symptoms of a kind than this, each is called loud if anything was said from the
    /// first strike on.
    private static let maximumSuspected: UInt64 = 1 << 16

    /// How much of what was compared differs.
    var differing: Judgement.Differing {
        var differing = Judgement.Differing()
        for deviation in beside {
            if case .probe = deviation.place {
                differing.probes += 1
            } else {
                differing.answers += 1
            }
        }
        differing.answers += UInt64(comparison.deviations.count + comparison.shortSessions.count)
        return differing
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
