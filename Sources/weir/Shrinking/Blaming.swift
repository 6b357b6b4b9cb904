import Faults
import Reactions
import Recordings

/// Proves which strikes stand behind symptoms, by running again with them alone and without them.
/// Those runs lie in the test's folder `blame`.
final class Blaming {
    /// So many symptoms of a run are looked into.
    static let mostSymptoms = 8
    /// So many runs are spent on a test's symptoms; one that has begun is looked into to its end.
    static let mostRuns = 60

    /// What was spent by now.
    private var runs = 0

    /// Whether there are runs left to spend.
    var goesOn: Bool { runs < Self.mostRuns }

    /// Adds to the symptoms what can be proved of them; those that make a failure come first.
    /// - Parameters:
    ///   - judgement: is as far as it came, whatever is thrown.
    ///   - trial: what the run was part of.
    ///   - name: of the run's folder.
    func prove(
        _ judgement: inout Judgement, of take: Take, in trial: Trial, named name: String
    ) throws(Failure) {
        let candidates = BlameRuns(trial, take, named: name)
        let before = runs
        for index in Self.chosen(judgement) where goesOn {
            defer { runs = before + candidates.runs }
            let symptom = judgement.symptoms[index]
            let causes = Self.causes(of: symptom, take)
            var inquiry = BlameInquiry(causes: causes.ids, suspects: causes.suspects)
            var ordinals: [Set<String>: Int] = [:]
            while let part = inquiry.next() {
                let kept = Set(part.map { causes.ids[$0] })
                let ordinal = ordinals[kept, default: 0]
                ordinals[kept] = ordinal + 1
                let run = try candidates.judgement(keeping: kept, number: ordinal)
                inquiry.receive(run.symptoms.contains { symptom.isAgain($0) })
            }
            judgement.symptoms[index].blame = inquiry.blame
        }
    }

    /// The places of the symptoms that are looked into: effects, or else the first of each kind.
    private static func chosen(_ judgement: Judgement) -> [Int] {
        let effects = judgement.symptoms.indices.filter { judgement.symptoms[$0].isEffect }
        if !effects.isEmpty {
            // What is late comes and goes with the machine; what is wrong stays wrong.
            let late = effects.filter { judgement.symptoms[$0].kind == .delayed }
            let wrong = effects.filter { judgement.symptoms[$0].kind != .delayed }
            return Array((wrong + late).prefix(mostSymptoms))
        }
        var kinds: Set<Symptom.Kind> = []
        return judgement.symptoms.indices.filter {
            kinds.insert(judgement.symptoms[$0].kind).inserted
        }
    }

    /// All that was planned: the suspects in their order, what else was applied, the rest.
    private static func causes(
        of symptom: Symptom, _ take: Take
    ) -> (ids: [String], suspects: Int) {
        let conditions = take.schedule.conditions.map(\.id)
        let planned = take.outcomes.entries.filter(\.strike.isPlanned)
        let applied = planned.filter { $0.outcome.result == .applied }.map(\.strike.id)
        let rest = planned.filter { $0.outcome.result != .applied }.map(\.strike.id)
        let all = Set(conditions + applied + rest)
        var ids: [String] = []
        var seen: Set<String> = []
        for id in symptom.suspects where all.contains(id) && seen.insert(id).inserted {
            ids.append(id)
        }
        let suspects = ids.count
        for id in applied + conditions + rest where seen.insert(id).inserted { ids.append(id) }
        return (ids, suspects)
    }
}

/// Runs of parts of one schedule; what was run once serves every symptom.
private final class BlameRuns {
    private let trial: Trial
    private let take: Take
    private let name: String
    private var known: [Set<String>: [Judgement]] = [:]
    private(set) var runs = 0

    init(_ trial: Trial, _ take: Take, named name: String) {
        self.trial = trial
        self.take = take
        self.name = name
    }

    /// The judgement of the how-many-eth run, from 0, of the strikes and conditions that are kept.
    func judgement(keeping kept: Set<String>, number: Int) throws(Failure) -> Judgement {
        while known[kept, default: []].count <= number {
            runs += 1
            let schedule = take.schedule.keeping(kept)
            let judged = try trial.judge(schedule, named: "blame/\(name)-\(runs)")
            known[kept, default: []].append(judged.judgement)
        }
        return known[kept, default: []][number]
    }
}

extension Schedule {
    /// Only these of its planned strikes and conditions; what it rules out itself is left out.
    func keeping(_ ids: Set<String>) -> Schedule {
        Schedule(
            header, conditions: conditions.filter { ids.contains($0.id) },
            strikes: strikes.filter { $0.isPlanned && ids.contains($0.id) })
    }
}
