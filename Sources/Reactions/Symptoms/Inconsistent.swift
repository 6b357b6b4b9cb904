/// An answer to a message that was not struck differs, or a push does, or a probe's result.
enum Inconsistent: SymptomFinder {
    static let kind = Symptom.Kind.inconsistent

    static func find(in findings: inout Findings) {
        // Probes first: they are few, and say most.
        for deviation in findings.beside {
            guard case .probe = deviation.place else { continue }
            report(deviation, &findings)
        }
        for (index, deviation) in findings.comparison.deviations.enumerated() {
            guard case .wrong(let difference) = deviation.what, !findings.isClaimed(index) else {
                continue
            }
            let place = findings.place(of: deviation)
            findings.report(
                kind, place, at: findings.instant(of: deviation), isEffect: true,
                .bytes(difference))
        }
        for deviation in findings.beside {
            if case .probe = deviation.place { continue }
            report(deviation, &findings)
        }
    }

    private static func report(_ deviation: BesideDeviation, _ findings: inout Findings) {
        switch deviation.what {
        case .wrong(let difference):
            findings.report(
                kind, deviation.place, at: deviation.instant, isEffect: true, .bytes(difference))
        case .exitCode(let expected, let actual):
            findings.report(
                kind, deviation.place, at: deviation.instant, isEffect: true,
                .exitCode(expected: expected, actual: actual))
        case .extra(let content):
            // A message doubled may be told on; nothing is wrong or missing by that alone.
            let words = "nobody was told this in the baseline: \(content.length) bytes"
            findings.report(
                kind, deviation.place, at: deviation.instant, isEffect: false, .words(words))
        case .missing: break
        }
    }
}
