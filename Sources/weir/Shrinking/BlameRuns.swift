import Faults
import Reactions

/// Runs of parts of one schedule; what was run once serves every symptom.
final class BlameRuns {
    /// What a run came to.
    struct Answer {
        var judgement: Judgement
        /// Why the clean runs that it was held against are no ground to judge on; nil: they are.
        var unstable: String?
    }

    private let schedule: Schedule
    private let name: String
    private let spent: () -> Int
    private let judge: (Schedule, String) throws(Failure) -> Answer
    private var known: [Set<String>: [Judgement]] = [:]
    private var tries = 0
    /// What they took, clean ones too.
    private(set) var runs = 0

    /// - Parameters:
    ///   - name: of the folder of the run that is looked into.
    ///   - spent: how many runs were made in all, clean ones too.
    ///   - judge: makes a run in the folder with this name, and whatever clean ones that takes.
    init(
        of schedule: Schedule, named name: String, spent: @escaping () -> Int,
        judge: @escaping (Schedule, String) throws(Failure) -> Answer
    ) {
        self.schedule = schedule
        self.name = name
        self.spent = spent
        self.judge = judge
    }

    /// The judgement of the how-many-eth run, from 0, of the strikes and conditions that are kept.
    /// - Throws: also where the clean runs that leave out what it withholds are no ground to judge
    ///   on.
    func judgement(keeping kept: Set<String>, number: Int) throws(Failure) -> Judgement {
        let before = spent() - runs
        defer { runs = spent() - before }
        while known[kept, default: []].count <= number {
            tries += 1
            let answer = try judge(schedule.keeping(kept), "blame/\(name)-\(tries)")
            if let unstable = answer.unstable {
                throw Failure(
                    .inconclusive,
                    "runs without what it withholds cannot be judged against: \(unstable)")
            }
            known[kept, default: []].append(answer.judgement)
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
