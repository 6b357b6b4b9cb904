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

    /// So many clean runs more are made where a failure does not show again.
    static let cleanRuns = 3

    /// So many inquiries in a row that a run which cannot be made ends are the last ones: the
    /// consumer does not start any more, say, and each of them would wait for it.
    static let mostBroken = 2

    /// What was spent by now, clean runs too.
    private var runs = 0
    /// Inquiries in a row that came to no end.
    private var broken = 0

    /// Hears why an inquiry came to no end.
    var broke: ((String) -> Void)?

    /// Whether there are runs left to spend, and any sense in it.
    var goesOn: Bool { runs < Self.mostRuns && broken < Self.mostBroken }

    /// Adds to the symptoms what can be proved of them; those that make a failure come first.
    /// - Parameters:
    ///   - judgement: is as far as it came, whatever is thrown.
    ///   - trial: what the run was part of.
    ///   - name: of the run's folder.
    /// - Throws: when it is interrupted. A run that cannot be made is a note on the symptom.
    func prove(
        _ judgement: inout Judgement, of take: Take, in trial: Trial, named name: String
    ) throws(Failure) {
        let candidates = BlameRuns(
            of: take.schedule, named: name, spent: { trial.runCount }
        ) { schedule, name throws(Failure) in
            let judged = try trial.judge(schedule, named: name)
            return BlameRuns.Answer(judgement: judged.judgement, unstable: judged.unstable)
        }
        let before = runs
        for index in Self.chosen(judgement) where goesOn {
            defer { runs = before + candidates.runs }
            let symptom = judgement.symptoms[index]
            let causes = Self.causes(of: symptom, take)
            var inquiry = BlameInquiry(causes: causes.ids, suspects: causes.suspects)
            var ordinals: [Set<String>: Int] = [:]
            var isBroken = false
            while let part = inquiry.next() {
                let kept = Set(part.map { causes.ids[$0] })
                let ordinal = ordinals[kept, default: 0]
                ordinals[kept] = ordinal + 1
                do throws(Failure) {
                    let run = try candidates.judgement(keeping: kept, number: ordinal)
                    inquiry.receive(run.symptoms.contains { symptom.isAgain($0) })
                } catch {
                    guard trial.bench.loop.interruption == nil else { throw error }
                    isBroken = true
                    broke?(error.message)
                    inquiry.end(because: error.message)
                }
            }
            broken = isBroken ? broken + 1 : 0
            judgement.symptoms[index].blame = inquiry.blame
        }
        guard judgement.isUnproved, broken == 0 else { return }
        defer { runs = before + candidates.runs }
        do throws(Failure) {
            try holdAgainstCleanRuns(&judgement, candidates)
        } catch {
            guard trial.bench.loop.interruption == nil else { throw error }
            broken += 1
            broke?(error.message)
        }
    }

    /// What no part of its schedule shows again may be the consumer's own wavering, of which two
    /// clean runs and a third saw nothing by luck.
    private func holdAgainstCleanRuns(
        _ judgement: inout Judgement, _ candidates: BlameRuns
    ) throws(Failure) {
        for number in 0..<Self.cleanRuns {
            let clean = try candidates.judgement(keeping: [], number: number)
            guard let symptom = clean.symptoms.first(where: \.isProvedByOnce) else { continue }
            return judgement.withdraw(because: symptom)
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
