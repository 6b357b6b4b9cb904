import Engine
import Faults
import Reactions
import Recordings
import Text

/// A recording, how it is played and how it is judged: what the runs of a test have in common.
///
/// Clean runs first (`learn`), then any number of others. Blame and the shrinker run their
/// candidates through here too.
final class Trial {
    /// One run, and what it came to.
    struct Judged {
        /// Of its folder in the test's.
        var name: String
        var take: Take
        var measures: Measures
        var judgement: Judgement
        /// Why the clean runs that it was held against are no ground to judge on; nil: they are.
        var unstable: String?
    }

    let bench: Bench
    let source: ReplaySource
    let settings: ReplaySettings
    /// Where the consumer is the one that dials.
    let serving: Bench.ServedAs?
    let judging: JudgeSettings
    let speed: String
    let repeating: String
    let folder: TestFolder
    private(set) var baseline: Baseline?
    /// How many clean runs were made for it so far.
    private(set) var cleanRuns = 0
    /// How many runs were made in all.
    private(set) var runCount = 0
    /// By the messages that they leave out, as one text.
    private var baselines: [String: Baseline] = [:]
    /// Hears of each run before it begins: the name of its folder.
    var began: ((String) -> Void)?
    /// Hears of each run that is over.
    var ended: ((String, Take) -> Void)?
    /// Hears that a run is made again because so many of its answers were late.
    var repeats: ((String, UInt64) -> Void)?

    init(
        on bench: Bench, _ source: ReplaySource, _ settings: ReplaySettings,
        _ judging: JudgeSettings, serving: Bench.ServedAs? = nil, speed: String,
        repeating: String, in folder: TestFolder
    ) {
        self.bench = bench
        self.source = source
        self.settings = settings
        self.judging = judging
        self.serving = serving
        self.speed = speed
        self.repeating = repeating
        self.folder = folder
    }

    /// The clean runs: two make the baseline, and the third is judged against it; again where it
    /// was late.
    func learn(_ schedule: Schedule, named name: String = "clean") throws(Failure) -> Judged {
        let first = try runClean(schedule, "\(name)-1")
        let second = try runClean(schedule, "\(name)-2")
        var baseline = try makeBaseline(first, second)
        var series = try begin(
            schedule, asksForFaults: false, against: baseline, named: "\(name)-3")
        try check(series.first)
        try settle(&series)
        let third = series.judged
        baseline.take(thirdCleanRun: third.judgement)
        self.baseline = baseline
        return third
    }

    /// A disturbed run by itself, judged against clean ones that leave out what it withholds: who
    /// counts in how many runs a symptom shows needs no repeats.
    func judge(
        _ schedule: Schedule, of plan: Plan? = nil, named name: String
    ) throws(Failure) -> Judged {
        let run = try observe(schedule, plan, asksForFaults: true, named: name)
        let baseline = try baseline(for: schedule, run.observation, named: name)
        return Judged(
            name: name, take: run.take, measures: run.observation.measures,
            judgement: baseline.judge(run.observation), unstable: baseline.account.unstable.first)
    }

    /// How many runs `judge` makes at most.
    func runs(for schedule: Schedule) -> Int {
        guard serving == nil else { return 1 }
        let mayEnd = schedule.strikes.contains {
            $0.isPlanned && $0.direction == .downstream && $0.effect.cut != nil
        }
        return !mayEnd && Withheld(schedule, in: source.transcript).schedule == nil ? 1 : 3
    }

    /// What a disturbed run is judged against: clean runs that leave out what it withholds.
    /// - Parameter run: it; what it withholds may depend on it.
    func baseline(
        for schedule: Schedule, _ run: Observation, named name: String
    ) throws(Failure) -> Baseline {
        guard let baseline else {
            throw Failure(.defect, "a run is judged before a clean one was made; report this")
        }
        guard serving == nil,
            let less = Withheld(schedule, in: source.transcript, unsent: run.unsent).schedule
        else { return baseline }
        let key = less.strikes.map(\.id).joined(separator: " ")
        if let known = baselines[key] { return known }
        let parts = name.split(separator: "/")
        let place = parts.dropLast().map { $0 + "/" }.joined()
        let base = "\(place)less-\(parts.last ?? "run")"
        let made = try makeBaseline(
            try runClean(less, "\(base)-1"), try runClean(less, "\(base)-2"))
        baselines[key] = made
        return made
    }

    private func makeBaseline(
        _ first: Observation, _ second: Observation
    ) throws(Failure) -> Baseline {
        do throws(BaselineError) {
            return try Baseline(first, second, judging)
        } catch {
            throw Failure(.inconclusive, error.message)
        }
    }

    private func runClean(_ schedule: Schedule, _ name: String) throws(Failure) -> Observation {
        let run = try observe(schedule, nil, asksForFaults: false, named: name)
        try check(run.take)
        if baseline == nil { cleanRuns += 1 }
        return run.observation
    }

    /// One run, from its reset to its probes.
    func observe(
        _ schedule: Schedule, _ plan: Plan?, asksForFaults: Bool, named name: String
    ) throws(Failure) -> (take: Take, observation: Observation) {
        began?(name)
        runCount += 1
        let run = try folder.run(name)
        try run.write(schedule, of: plan)
        let builder = ObservationBuilder(
            schedule: schedule, settings: judging, asksForFaults: asksForFaults)
        let box = BuilderBox(builder, seesRetries: serving != nil)
        let take = try bench.run(
            Bench.Request(
                source: source, schedule: schedule, plan: plan, settings: settings,
                serving: serving,
                speed: speed,
                repeating: repeating, folder: run)
        ) { box.receive($0) }
        let observation = box.finish(take, source, ending: Self.ending(take))
        ended?(name, take)
        return (take, observation)
    }

    private static func ending(_ take: Take) -> RunEnding {
        // A replay is stopped where its consumer has gone: that is the consumer's doing.
        guard take.crash == nil, !take.hasFinished else { return .completed }
        switch take.report.run.ending {
        case .completed: return .completed
        case .interrupted: return .interrupted
        case .unreadable: return .unreadable("the recording cannot be read to its end")
        }
    }

    /// What makes a clean run useless.
    private func check(_ take: Take) throws(Failure) {
        let name = take.folder.path
        if let crash = take.crash {
            throw Failure(
                .inconclusive,
                "the consumer does not survive a replay without faults (\(name)), so that nothing "
                    + "can be compared: \(crash.account)")
        }
        if take.report.isConsumerUnreachable {
            throw Failure(
                .unreachable,
                "no connection to \(take.report.run.consumer) came to stand; start the consumer, "
                    + "or let weir start it: -- command")
        }
        for (probe, outcome) in take.probes {
            guard let problem = outcome.problem else { continue }
            throw Failure(
                .inconclusive,
                "--probe \(probe.name) fails without faults (\(name)), so that nothing can be "
                    + "compared: \(problem); \(outcome.lastWords)")
        }
    }
}
