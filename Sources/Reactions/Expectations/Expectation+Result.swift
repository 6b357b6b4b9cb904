import Recordings
import Text

extension Expectation {
    /// Whether it held in all runs: one in which it did not decides; else one that is undecided
    /// leaves it open.
    package func result(of runs: [Run]) -> ExpectationResult {
        var undecided: (seed: UInt64, found: String)?
        var last = "there was no run"
        for run in runs {
            let (held, found) = decide(run)
            switch held {
            case false:
                return ExpectationResult(
                    text: description, held: false, found: "\(found) (seed \(run.seed))")
            case true: last = found
            case nil: undecided = undecided ?? (run.seed, found)
            }
        }
        if let undecided {
            return ExpectationResult(
                text: description, held: nil,
                found: "\(undecided.found) (seed \(undecided.seed))")
        }
        return ExpectationResult(text: description, held: runs.isEmpty ? nil : true, found: last)
    }

    /// Whether it held in one run, as far as the judgement alone says so; nil: it is about amounts
    /// that a judgement does not have.
    package func result(of judgement: Judgement, seed: UInt64) -> ExpectationResult? {
        switch claim {
        case .no, .sameAsBaseline, .within(.recovers, _), .count(.kind, _, _):
            result(of: [Run(seed: seed, judgement: judgement, measures: Measures())])
        case .time, .within(.reconnects, _), .count: nil
        }
    }

    /// Whether it says which failures are none.
    package var isOfFailures: Bool { claim == .no(.failure) || claim == .no(.silentFailure) }

    private typealias Finding = (held: Bool?, found: String)

    private func decide(_ run: Run) -> Finding {
        switch claim {
        case .no(let bad): return decide(bad, run.judgement)
        case .sameAsBaseline(let compared): return decide(compared, run.judgement)
        case .time(let time, let kind, let relation, let amount):
            return decide(time, kind, relation, amount, run.measures)
        case .count(let counted, let relation, let number):
            return decide(counted, relation, number, run)
        case .within(let span, let amount): return decide(span, amount, run)
        }
    }

    // MARK: - Symptoms

    /// Why a run says nothing of symptoms that it does not show.
    private func open(_ judgement: Judgement) -> Finding? {
        switch judgement.verdict {
        case .inconclusive, .defect:
            (nil, judgement.reasons.first ?? "the run was inconclusive")
        default: nil
        }
    }

    private func decide(_ bad: Bad, _ judgement: Judgement) -> Finding {
        if let open = open(judgement) { return open }
        let verdict = judgement.verdict
        switch bad {
        case .failure:
            let hasFailed = verdict == .failedSilently || verdict == .failedLoudly
            return (!hasFailed, "the verdict was \(verdict.rawValue)")
        case .silentFailure:
            return (verdict != .failedSilently, "the verdict was \(verdict.rawValue)")
        case .symptom:
            let count = judgement.symptomCounts.values.reduce(0, +)
            return (count == 0, count.counted("symptom"))
        case .kind(let kind):
            let count = judgement.symptomCounts[kind] ?? 0
            guard !judgement.coverage.notObservable.contains(kind) else {
                return (nil, "\(kind.rawValue) cannot be observed here")
            }
            return (count == 0, "\(count.grouped) \(kind.rawValue)")
        }
    }

    private func decide(_ compared: Compared, _ judgement: Judgement) -> Finding {
        if let open = open(judgement) { return open }
        let coverage = judgement.coverage
        let (count, differs): (UInt64, UInt64) =
            switch compared {
            case .probes: (coverage.probes, judgement.differing.probes)
            case .answers:
                (
                    coverage.answers + coverage.pushes + coverage.turns,
                    judgement.differing.answers
                )
            }
        guard count > 0 else { return (nil, "no \(compared.rawValue) could be compared") }
        return (
            differs == 0,
            "\(differs.grouped) of \(count.grouped) \(compared.rawValue) differ from the baseline"
        )
    }

    // MARK: - Amounts

    private func decide(
        _ time: Time, _ kind: String?, _ relation: Relation, _ amount: TimeAmount,
        _ measures: Measures
    ) -> Finding {
        let times = kind.map { measures.serviceTimes.kinds[$0] } ?? measures.serviceTimes.all
        let name = time.rawValue + (kind.map { " of \($0)" } ?? "")
        guard let times, times.count > 0 else { return (nil, "there is no \(name)") }
        guard time == .max || times.count >= ServiceTimes.fewest else {
            return (nil, "too few to say: \(times.count.counted("answer"))")
        }
        let found: Int64 =
            switch time {
            case .p50: times.percentile(50)
            case .p90: times.percentile(90)
            case .p99: times.percentile(99)
            case .max: times.maximum
            }
        let value = TimeAmount(nanoseconds: found)
        return (relation.holds(value, amount), "\(name) was \(value.forPeople)")
    }

    private func decide(
        _ counted: Counted, _ relation: Relation, _ number: UInt64, _ run: Run
    ) -> Finding {
        let count: UInt64
        let name: String
        switch counted {
        case .errors: (count, name) = (run.measures.errorAnswers, "error answers")
        case .closes: (count, name) = (run.measures.unaskedEnds, "closes")
        case .retries:
            guard let retries = run.measures.retries else {
                return (nil, "retries cannot be observed with --to")
            }
            (count, name) = (retries, "retries")
        case .kind(let kind):
            guard !run.judgement.coverage.notObservable.contains(kind) else {
                return (nil, "\(kind.rawValue) cannot be observed here")
            }
            if let open = open(run.judgement) { return open }
            (count, name) = (run.judgement.symptomCounts[kind] ?? 0, kind.rawValue)
        }
        return (relation.holds(count, number), "\(count.grouped) \(name)")
    }

    private func decide(_ span: Span, _ amount: TimeAmount, _ run: Run) -> Finding {
        switch span {
        case .reconnects:
            guard run.measures.retries != nil else {
                return (nil, "reconnects cannot be observed with --to")
            }
            let lost = run.measures.notReconnected
            guard lost == 0 else {
                return (
                    false,
                    "it never dialled again for \(lost.counted("connection")) that Weir cut"
                )
            }
            guard let time = run.measures.reconnectNanoseconds else {
                return (nil, "nothing was to be reconnected")
            }
            let value = TimeAmount(nanoseconds: time)
            return (value <= amount, "it reconnected within \(value.forPeople)")
        case .recovers:
            if let open = open(run.judgement) { return open }
            let verdict = run.judgement.verdict
            guard verdict != .failedSilently, verdict != .failedLoudly else {
                return (false, "it did not recover: the verdict was \(verdict.rawValue)")
            }
            guard let time = run.judgement.recoveryNanoseconds else {
                return (true, "nothing was to recover from")
            }
            let value = TimeAmount(nanoseconds: time)
            return (value <= amount, "it recovered within \(value.forPeople)")
        }
    }
}
