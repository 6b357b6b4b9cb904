import Faults
import Recordings

/// From the baseline and one run to a judgement: a pure function of the two.
extension Baseline {
    /// Judges a run by itself: whatever is late counts, whether or not it would be late again.
    package func judge(_ run: Observation) -> Judgement { judge(run, []) }

    /// Judges a run without the lateness at these places.
    func judge(_ run: Observation, _ excused: Set<LateAnswers.Place>) -> Judgement {
        var comparison = RunComparison(self, run, excused: excused)
        let beside =
            comparison.compareProbes() + comparison.comparePushes() + comparison.compareTurns()
        let loudness = Loudness(self, run)
        var findings = Findings(comparison, beside: beside, loudness)
        for finder in Symptoms.all { finder.find(in: &findings) }
        let decision = decision(run, comparison, findings, loudness)
        let (verdict, reasons) = decision.verdict
        var judgement = Judgement(verdict)
        judgement.reasons = reasons
        judgement.symptoms = Self.sorted(findings.symptoms)
        judgement.differing = findings.differing
        judgement.symptomCounts = findings.counts
        judgement.strikes = run.counts
        judgement.coverage = coverage(comparison.coverage, run)
        if verdict == .recovered {
            judgement.recoveryNanoseconds = Self.recovery(findings.symptoms, run, loudness)
        }
        return judgement
    }

    /// A crash first, which says more than all that is missing behind it; then probes, which are
    /// few and come last; then effects by time; then the others by place, because they come on
    /// many connections at about the same time.
    private static func sorted(_ symptoms: [Symptom]) -> [Symptom] {
        let order = symptoms.indices.sorted {
            let (left, right) = (symptoms[$0], symptoms[$1])
            let (rank, other) = (rank(left), rank(right))
            if rank != other { return rank < other }
            if left.isEffect { return (left.instant, $0) < (right.instant, $1) }
            return (left.place.connection ?? 0, left.place.message ?? 0, $0)
                < (right.place.connection ?? 0, right.place.message ?? 0, $1)
        }
        return order.prefix(Judgement.maximumSymptoms).map { symptoms[$0] }
    }

    private static func rank(_ symptom: Symptom) -> Int {
        if symptom.kind == .crashed { return 0 }
        if case .probe = symptom.place { return 1 }
        return symptom.isEffect ? 2 : 3
    }

    private func decision(
        _ run: Observation, _ comparison: RunComparison, _ findings: Findings,
        _ loudness: Loudness
    ) -> Decision {
        var decision = Decision()
        decision.unstable = account.unstable
        switch run.ending {
        case .completed: break
        // A replay whose consumer has gone is stopped, and not because anybody interrupted it.
        case .interrupted where run.crash != nil: break
        case .interrupted: decision.cutShort = "the run was interrupted"
        case .unreadable(let why):
            decision.cutShort = "the recording could not be read to its end: \(why)"
        case .defect(let what): decision.defect = what
        }
        decision.effects = findings.effects
        decision.silentEffects = findings.silentEffects
        decision.mildSymptoms = findings.mildSymptoms
        decision.asksForFaults = run.asksForFaults
        decision.strikes = run.counts
        decision.idleConditions = run.idleConditions
        let missed = run.strikes.filter {
            $0.strike.isPlanned && $0.outcome.result == .skipped
        }
        decision.missed = UInt64(missed.count)
        decision.missedReason = missed.first?.outcome.reason ?? ""
        decision.unsent = comparison.unsentByWeir
        decision.openProbes = comparison.openProbes
        let coverage = comparison.coverage
        decision.compared =
            coverage.answers + coverage.pushes + coverage.turns + coverage.probes
            + (run.asked ?? 0)
        decision.troubles =
            UInt64(loudness.troubles.count)
            + UInt64(run.connections.count { $0.reopened != nil })
        return decision
    }

    private func coverage(_ compared: Coverage, _ run: Observation) -> Coverage {
        var coverage = compared
        coverage.requests = run.asked ?? 0
        coverage.notCompared += run.notKept.map {
            Coverage.Reason("\($0.text) beyond what is kept", $0.count)
        }
        if settings.consumer == .server { coverage.notObservable = [.silentRetry] }
        if !settings.lost.isEmpty { coverage.notTried.append(settings.lost) }
        if run.idleConditions > 0, !run.conditions.isEmpty {
            coverage.notTried.append(
                "\(run.idleConditions.counted("condition")) of the schedule, covering nothing of "
                    + "what was played")
        }
        if run.probes.isEmpty { coverage.notTried.append("no probe was given (--probe)") }
        if run.health.isEmpty { coverage.notTried.append("no health check was made (--health)") }
        if !settings.hasConsumerLog {
            coverage.notTried.append(
                "no output of the consumer was read (-- command, --consumer-log)")
        }
        return coverage
    }

    /// From the beginning of the first mild symptom or trouble to the end of the last.
    private static func recovery(
        _ symptoms: [Symptom], _ run: Observation, _ loudness: Loudness
    ) -> Int64? {
        var begins = loudness.troubles
        var ends = loudness.troubles
        for symptom in symptoms {
            var began = symptom.instant
            if case .lateness(let service, _, _, _) = symptom.evidence {
                began = began.advanced(byNanoseconds: -service)
            }
            begins.append(began)
            ends.append(symptom.instant)
        }
        ends += run.connections.compactMap(\.reopened)
        begins += run.connections.compactMap(\.reopened)
        guard let first = begins.min(), let last = ends.max() else { return nil }
        return last.nanoseconds(since: first)
    }
}
