import Recordings

/// An answer's service time is above the limit of its kind. It makes a failure only where it is the
/// last answer of its connection: lateness that never ended.
enum Delayed: SymptomFinder {
    static let kind = Symptom.Kind.delayed

    static func find(in findings: inout Findings) {
        for (index, isLast) in findings.comparison.late where isLast {
            report(index, isEffect: true, &findings)
        }
        for (index, isLast) in findings.comparison.late where !isLast {
            report(index, isEffect: false, &findings)
        }
    }

    private static func report(_ index: Int, isEffect: Bool, _ findings: inout Findings) {
        let answer = findings.run.answers[index]
        let limit = findings.baseline.limits[findings.run.kinds[Int(answer.kind)]]
        findings.report(
            kind,
            .answer(
                connection: answer.connection, attempt: answer.attempt, message: answer.message),
            at: answer.instant, isEffect: isEffect,
            .lateness(
                serviceNanoseconds: answer.service,
                limitNanoseconds: limit?.limitNanoseconds ?? .max,
                cleanP99Nanoseconds: limit?.p99Nanoseconds ?? 0, samples: limit?.samples ?? 0))
    }
}
