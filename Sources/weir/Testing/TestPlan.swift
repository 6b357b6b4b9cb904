import Faults
import Recordings

/// What a test plays: the recording, and a schedule for each seed.
struct TestPlan {
    /// One disturbed run.
    struct Case {
        var seed: UInt64
        var schedule: Schedule
        var plan: Plan?
        /// The name of its folder.
        var folder: String
    }

    let source: ReplaySource
    /// None where no faults were asked for.
    let cases: [Case]
    let seed: UInt64

    /// The recording as it is.
    var undisturbed: Schedule {
        let header = ScheduleHeader(
            seed: seed, recording: source.identity, framing: source.framing, units: source.units)
        return Schedule(header, conditions: [], strikes: [])
    }

    init(_ command: TestCommand) throws(Failure) {
        let prepared = try ReplaySource.prepare(
            command.recording, command.faults, only: command.playback.only,
            includesPartial: command.playback.includesPartial, sends: command.sends)
        source = prepared.source
        seed = prepared.schedule.seed
        guard command.faults.isAsking else {
            cases = []
            return
        }
        guard let plan = prepared.plan else {
            cases = [
                Case(seed: seed, schedule: prepared.schedule, plan: nil, folder: "seed-\(seed)")
            ]
            return
        }
        var cases = [
            Case(seed: seed, schedule: prepared.schedule, plan: plan, folder: "seed-\(seed)")
        ]
        for number in 1..<max(1, command.seedCount) {
            var plan = plan
            let seed = seed &+ number
            plan.seed = seed
            let schedule = try ReplaySource.prepare(
                command.recording, plan, seed: seed, prepared.source, command)
            cases.append(
                Case(seed: seed, schedule: schedule, plan: plan, folder: "seed-\(seed)"))
        }
        self.cases = cases
    }
}

extension ReplaySource {
    /// Works a plan out for a recording that is loaded already.
    fileprivate static func prepare(
        _ recording: FileArgument, _ plan: Plan, seed: UInt64, _ source: ReplaySource,
        _ command: TestCommand
    ) throws(Failure) -> Schedule {
        var reader = try RecordingFile.reader(recording)
        let schedule = try ScheduleMaking.make(
            plan, seed: seed, framing: source.framing,
            includesPartial: command.playback.includesPartial, sends: command.sends, &reader
        ).schedule
        return schedule.keeping(only: command.playback.only)
    }
}

extension Schedule {
    /// Without strikes on other connections; empty: all of it.
    func keeping(only connections: [ClosedRange<UInt32>]) -> Schedule {
        guard !connections.isEmpty else { return self }
        let kept = strikes.filter { strike in
            strike.connection == 0 || connections.contains { $0.contains(strike.connection) }
        }
        return Schedule(header, conditions: conditions, strikes: kept)
    }
}
