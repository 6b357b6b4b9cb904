import Text

/// An answer or a session ended short of the baseline, or did not come at all.
enum Partial: SymptomFinder {
    static let kind = Symptom.Kind.partial

    static func find(in findings: inout Findings) {
        if let asked = findings.run.asked, let fewest = findings.baseline.fewestAsked,
            let usual = findings.baseline.asked?.lowerBound, asked < fewest
        {
            findings.report(
                kind, .process, at: findings.run.connections.map(\.lastInstant).max() ?? .start,
                isEffect: true,
                .words(
                    "it sent \(asked.grouped) of the \(usual.grouped) recorded requests that it "
                        + "sends at least without faults"))
        }
        for session in findings.comparison.shortSessions {
            let lack = session.answers > 0 ? "; \(session.answers.counted("answer")) less" : ""
            findings.report(
                kind, .connection(session.connection, message: session.message),
                at: session.instant, isEffect: true, .words(session.how + lack))
        }
        for (index, deviation) in findings.comparison.deviations.enumerated()
        where !findings.isClaimed(index) {
            let place = findings.place(of: deviation)
            let clean = findings.baseline.run.answers[deviation.expected].content
            switch deviation.what {
            case .wrong: continue
            case .missing:
                let evidence = findings.missing(clean)
                findings.report(
                    kind, place, at: findings.instant(of: deviation), isEffect: true, evidence)
            case .cutShort:
                let came = deviation.actual.map { findings.run.answers[$0].content.length } ?? 0
                findings.report(
                    kind, place, at: findings.instant(of: deviation), isEffect: true,
                    .words("ended after \(came) of \(clean.length) bytes"))
            }
        }
        for deviation in findings.beside {
            guard case .missing(let content) = deviation.what else { continue }
            let evidence = findings.missing(content)
            findings.report(
                kind, deviation.place, at: deviation.instant, isEffect: true, evidence)
        }
    }
}
