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

    init(_ baseline: Baseline, _ run: Observation) {
        for entry in run.strikes where entry.outcome.result == .applied {
            strikes[entry.strike.id] = entry.instant ?? .start
        }
        var errors: Set<ObservedAnswer.Key> = []
        for error in baseline.run.signs.errorAnswers where error.copy == 0 {
            errors.insert(error.key)
        }
        for error in run.signs.errorAnswers where error.copy > 0 || !errors.contains(error.key) {
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
        let start = symptom.suspects.compactMap { strikes[$0] }.min() ?? .start
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
