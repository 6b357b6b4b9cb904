import Engine
import Faults
import Platform
import Reactions
import Recordings
import Reports

/// The demo's recording with the strikes worked out for it, to be replayed as `weir replay` does.
struct DemoTake {
    private let source: ReplaySource
    private let plan: Plan
    let schedule: Schedule

    /// What a replay did.
    struct Replayed {
        /// In the schedule's order.
        var applied: [Strike]
        var strikes: DemoOutcome.Strikes
        var answers: DemoOutcome.Answers
    }

    init(_ path: String, seed: UInt64) throws(Failure) {
        var reader = try RecordingFile.reader(.path(path))
        plan = try DemoPlan.plan(seed: seed)
        let framing: (choice: FramingChoice, why: String)
        do throws(RecordingFileError) {
            framing = try reader.framing()
        } catch {
            throw Failure(reading: path, error)
        }
        schedule = try ScheduleMaking.make(plan, seed: seed, framing: framing.choice, &reader)
            .schedule
        source = try ReplaySource(&reader, schedule.header, why: framing.why)
    }

    /// Replays it into a run folder, with the strikes or without.
    func replay(
        isDisturbed: Bool, to address: SocketAddress, into folder: RunFolder,
        on stage: SystemStage
    ) throws(Failure) -> Replayed {
        let schedule =
            isDisturbed ? schedule : Schedule(schedule.header, conditions: [], strikes: [])
        try folder.write(schedule, of: isDisturbed ? plan : Plan(seed: schedule.seed))
        let run = try ReplayRun(
            ReplayRun.Request(
                source: source, schedule: schedule,
                settings: ReplaySettings(to: address, framing: source.framing),
                consumer: "\(address)", speed: "1x",
                repeating: "weir demo --seed \(schedule.seed)"),
            in: folder, store: try stage.makeStore(folder.recording), on: stage.network)
        try run.start()
        try stage.run("the replay's end") { run.isOver }
        if let failure = run.failure { throw failure }
        guard let report = run.report else {
            throw Failure(.defect, "the replay ended without a report; please report this")
        }
        return Replayed(run, report)
    }
}

extension DemoTake.Replayed {
    fileprivate init(_ run: ReplayRun, _ report: ReplayReport) {
        applied = run.outcomes.entries.filter { $0.outcome.result == .applied }.map(\.strike)
        strikes = DemoOutcome.Strikes()
        for entry in run.outcomes.entries where entry.strike.isPlanned {
            strikes.planned += 1
            switch entry.outcome.result {
            case .applied: strikes.applied += 1
            case .preempted: strikes.preempted += 1
            case .skipped where entry.outcome.reason == OutcomeLedger.untold: break
            case .skipped: strikes.skipped += 1
            }
        }
        let compared = report.reactions.answers
        answers = DemoOutcome.Answers(
            same: compared[.same] + compared[.late], different: compared[.different],
            missing: compared[.missing] + compared[.cutShort],
            errors: report.reactions.errorAnswers)
    }
}
