import Recordings

/// How the consumer said that something was wrong: error answers, closes, exits and lines that the
/// baseline does not have.
struct Loudness {
    /// A sign counts from the strike until so long after the effect.
    static let afterEffectNanoseconds: Int64 = 1_000_000_000

    private struct Sign {
        var how: LoudSign.How
        var instant: Instant
        var text: String
        /// The answer that is one.
        var key: ObservedAnswer.Key?
        var connection: UInt32
    }

    /// In order of time.
    private var signs: [Sign] = []
    private var strikes: [String: Instant] = [:]
    private var firstStrike = Instant.start

    init(_ baseline: Baseline, _ run: Observation) {
        for entry in run.strikes where entry.outcome.result == .applied {
            strikes[entry.strike.id] = entry.instant ?? .start
        }
        firstStrike = strikes.values.min() ?? .start
        for error in Self.newErrors(of: run, baseline.run) {
            signs.append(
                Sign(
                    how: .errorAnswer, instant: error.instant, text: error.text,
                    key: error.copy == 0 ? error.key : nil, connection: error.key.connection))
        }
        let ended = Set(baseline.run.signs.unaskedEnds.map(\.connection))
        add(run.signs.unaskedEnds.filter { !ended.contains($0.connection) }, .closedUnasked)
        add(run.signs.exits, .exitedNonZero)
        add(
            run.signs.lines.filter { !baseline.lines.contains(LogLine.form(of: $0.text)) },
            .logLine)
        signs.sort { ($0.instant, $0.how.rawValue) < ($1.instant, $1.how.rawValue) }
    }

    /// Error answers that the baseline does not have. It is asked for its answers: of its signs
    /// only so many are kept. Behind the first answer that either could not keep nobody knows.
    private static func newErrors(
        of run: Observation, _ clean: Observation
    ) -> [ObservedSigns.ErrorAnswer] {
        let end = [clean.firstLost, run.firstLost].compactMap { $0 }.min()
        // What cannot be paired with a message is a sign alone.
        let unpaired = Set(
            clean.signs.errorAnswers.lazy.filter { $0.key.message == 0 }.map(\.key))
        return run.signs.errorAnswers.filter { error in
            guard error.copy == 0 else { return true }
            if error.key.message == 0 { return !unpaired.contains(error.key) }
            return end.map { error.key < $0 } ?? true && !clean.isError(error.key)
        }
    }

    private mutating func add(_ occurrences: [ObservedSigns.Occurrence], _ how: LoudSign.How) {
        signs += occurrences.map {
            Sign(
                how: how, instant: $0.instant, text: $0.text, key: nil,
                connection: $0.connection)
        }
    }

    /// The signs of a symptom: its own first (the error answer that it is, its connection's), then
    /// by time. They count from the earliest of its suspects that is a strike; from the run's start
    /// where only conditions can stand behind it.
    func signs(of symptom: Symptom) -> [LoudSign] {
        let start = start(symptom.suspects)
        let end = symptom.instant.advanced(byNanoseconds: Self.afterEffectNanoseconds)
        var own: [LoudSign] = []
        var others: [LoudSign] = []
        for sign in signs[first(from: start)...] {
            guard sign.instant <= end else { break }
            let value = LoudSign(sign.how, at: sign.instant, sign.text)
            if Self.isOwn(sign, symptom) {
                own.append(value)
            } else if others.count < Symptom.maximumSigns {
                others.append(value)
            }
            if own.count == Symptom.maximumSigns { break }
        }
        return Array((own + others).prefix(Symptom.maximumSigns))
    }

    /// From when on signs count.
    private func start(_ suspects: [String]) -> Instant {
        suspects.compactMap { strikes[$0] }.min() ?? .start
    }

    /// Whether nothing was said that could be about an effect at this instant.
    /// - Parameter suspects: nil: any strike of the run.
    func isSilent(until instant: Instant, _ suspects: [String]?) -> Bool {
        let first = first(from: suspects.map(start) ?? firstStrike)
        return first == signs.count
            || signs[first].instant > instant.advanced(byNanoseconds: Self.afterEffectNanoseconds)
    }

    private static func isOwn(_ sign: Sign, _ symptom: Symptom) -> Bool {
        if case .process = symptom.place { return sign.how == .exitedNonZero }
        guard let key = sign.key else {
            return sign.connection > 0 && sign.connection == symptom.place.connection
        }
        return key.connection == symptom.place.connection && key.message == symptom.place.message
    }

    /// What the consumer said or did without harm: error answers to messages that a strike touched,
    /// and closes. Answers to copies are not among them: refusing a copy is right.
    var troubles: [Instant] {
        signs.filter { $0.key != nil || $0.how == .closedUnasked }.map(\.instant)
    }

    private func first(from instant: Instant) -> Int {
        var (low, high) = (0, signs.count)
        while low < high {
            let middle = low + (high - low) / 2
            if signs[middle].instant < instant { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
