import Reactions

/// What a result comes to for a script.
extension TestResult {
    /// Every planned strike of every run was applied.
    var isAllApplied: Bool {
        runs.allSatisfy { $0.judgement.strikes.applied == $0.judgement.strikes.planned }
    }

    /// Design: an expectation that does not hold counts more than that another cannot be decided;
    /// nothing counts where the baseline does not stand.
    var exitCode: ExitCode {
        if verdict == .defect { return .defect }
        if !baseline.unstable.isEmpty { return .inconclusive }
        if expectations.contains(where: { $0.held == false }) { return .failed }
        let isDecided =
            !runs.isEmpty && expectations.allSatisfy { $0.held != nil }
            && !runs.contains { $0.judgement.verdict == .inconclusive }
        return isDecided ? .done : .inconclusive
    }
}
