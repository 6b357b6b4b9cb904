import Recordings

/// A connection that stays open to its end, but whose last answers are missing or wrong while the
/// health check passes: the service looks well and is not.
enum UpButWrong: SymptomFinder {
    static let kind = Symptom.Kind.upButWrong
    /// So many last answers, or more.
    static let fewestAnswers = 3

    static func find(in findings: inout Findings) {
        guard findings.run.crash == nil else { return }
        for tail in findings.comparison.tails where tail.deviations.count >= fewestAnswers {
            guard let connection = findings.comparison.connection(tail.connection),
                connection.endedUnasked == nil, connection.refused == nil,
                connection.lostSync == nil,
                !findings.comparison.touched.isStopped(connection: tail.connection)
            else { continue }
            let first = findings.comparison.deviations[tail.deviations.lowerBound]
            let instant = findings.instant(of: first)
            guard isHealthy(findings.run.health, from: instant) else { continue }
            findings.claimed.append(tail.deviations)
            let message = findings.baseline.run.answers[first.expected].message
            findings.report(
                kind, .connection(tail.connection, message: message), at: instant, isEffect: true,
                .words(
                    "its last \(UInt64(tail.deviations.count).counted("answer")) are missing or "
                        + "wrong while the health check passes"))
        }
    }

    /// Whether a check passed from then on, and none failed. The last check before counts where
    /// none followed: it is made at the end of a run.
    private static func isHealthy(_ checks: [HealthCheck], from instant: Instant) -> Bool {
        let later = checks.filter { $0.instant >= instant }
        return later.isEmpty ? checks.last?.passed ?? false : later.allSatisfy(\.passed)
    }
}
