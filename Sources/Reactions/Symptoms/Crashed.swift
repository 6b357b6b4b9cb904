/// The consumer's process ended while the run went on, with whatever exit code.
enum Crashed: SymptomFinder {
    static let kind = Symptom.Kind.crashed

    static func find(in findings: inout Findings) {
        guard let crash = findings.run.crash else { return }
        findings.report(
            kind, .process, at: crash.instant, isEffect: true,
            .exitCode(expected: 0, actual: crash.code))
    }
}
