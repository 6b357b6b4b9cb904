import Engine
import Faults
import Reactions

/// A run, and those that make it again because answers were late.
///
/// The folders of the others lie in the run's own: `seed-7/again-1`.
struct TrialSeries {
    /// What each run was made of, and what expectations look at.
    fileprivate struct Run {
        var name: String
        var take: Take
        var measures: Measures
    }

    fileprivate let schedule: Schedule
    fileprivate let plan: Plan?
    fileprivate let asksForFaults: Bool
    fileprivate var runs: [Run]
    fileprivate var inquiry: LatenessInquiry

    /// What the run was made of, as it was asked for.
    var first: Take { runs[0].take }

    /// What they come to together: the run that counts, with its own folder.
    var judged: Trial.Judged {
        let (index, judgement) = inquiry.judge()
        let run = runs[index]
        return Trial.Judged(
            name: run.name, take: run.take, measures: run.measures, judgement: judgement)
    }
}

extension Trial {
    /// A run that is to be settled.
    /// - Parameter baseline: what it is judged against; nil: clean ones that leave out what it
    ///   withholds, as it turns out.
    func begin(
        _ schedule: Schedule, _ plan: Plan? = nil, asksForFaults: Bool,
        against baseline: Baseline? = nil, named name: String
    ) throws(Failure) -> TrialSeries {
        let first = try observe(schedule, plan, asksForFaults: asksForFaults, named: name)
        let own: Baseline
        if let baseline {
            own = baseline
        } else {
            own = try self.baseline(for: schedule, first.observation, named: name)
        }
        return TrialSeries(
            schedule: schedule, plan: plan, asksForFaults: asksForFaults,
            runs: [
                TrialSeries.Run(
                    name: name, take: first.take, measures: first.observation.measures)
            ], inquiry: LatenessInquiry(own, first.observation))
    }

    /// Runs the same again as long as it is not known whether what was late is late again.
    /// - Parameter series: is as far as it came, whatever is thrown.
    func settle(_ series: inout TrialSeries) throws(Failure) {
        let first = series.runs[0].name
        while series.inquiry.asksForRepeat {
            repeats?(first, series.inquiry.openCount)
            let name = "\(first)/again-\(series.runs.count)"
            let next = try observe(
                series.schedule, series.plan, asksForFaults: series.asksForFaults, named: name)
            series.runs.append(
                TrialSeries.Run(name: name, take: next.take, measures: next.observation.measures))
            let baseline =
                series.asksForFaults
                ? try baseline(for: series.schedule, next.observation, named: name) : nil
            series.inquiry.receive(next.observation, against: baseline)
        }
    }

    /// A disturbed run that is to be settled, judged against clean ones that leave out what it
    /// withholds.
    func begin(
        _ schedule: Schedule, of plan: Plan? = nil, named name: String
    ) throws(Failure) -> TrialSeries {
        try begin(schedule, plan, asksForFaults: true, named: name)
    }
}
