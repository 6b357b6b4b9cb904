import Faults
import Recordings

/// Works a plan out for a recording's file: one pass, in bounded memory.
enum ScheduleMaking {
    /// What a plan became.
    struct Made {
        var schedule: Schedule
        var notes: ReadingNotes
    }

    /// Hands over the scheduler, which knows the header and the conditions, and then each strike in
    /// recorded order.
    /// - Parameters:
    ///   - framing: how the recording is read; see `RecordingReader.framing`.
    ///   - sends: what Weir sends in the replay.
    static func run(
        _ plan: Plan, seed: UInt64, framing: FramingChoice, includesPartial: Bool = false,
        sends: Direction = Scheduler.sends, _ reader: inout RecordingReader<RecordingFile>,
        begin: (Scheduler) throws(Failure) -> Void,
        strike: (ScheduledStrike) throws(Failure) -> Void
    ) throws(Failure) -> ReadingNotes {
        let scheduler = try scheduler(
            plan, seed: seed, framing: framing, includesPartial: includesPartial, sends: sends,
            &reader)
        try begin(scheduler)
        func drain() throws(Failure) {
            while let next = scheduler.next() { try strike(next) }
        }
        try drain()
        var failure: Failure?
        let notes: ReadingNotes
        do throws(RecordingFileError) {
            notes = try reader.scan { event, bytes, _ in
                scheduler.receive(event, bytes)
                do throws(Failure) {
                    try drain()
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
        } catch {
            throw Failure(reading: reader.bytes.path, error)
        }
        if let failure { throw failure }
        scheduler.finish()
        try drain()
        return notes
    }

    /// The whole schedule in memory, for a replay.
    static func make(
        _ plan: Plan, seed: UInt64, framing: FramingChoice, includesPartial: Bool = false,
        sends: Direction = Scheduler.sends, _ reader: inout RecordingReader<RecordingFile>
    ) throws(Failure) -> Made {
        var header = ScheduleHeader(seed: seed)
        var conditions: [Condition] = []
        var strikes: [Strike] = []
        let notes = try run(
            plan, seed: seed, framing: framing, includesPartial: includesPartial, sends: sends,
            &reader,
            begin: { scheduler in
                header = scheduler.header
                conditions = scheduler.conditions
            },
            strike: { (next) throws(Failure) in
                guard strikes.count < Schedule.maximumStrikes else {
                    throw Failure(
                        .usage,
                        "the plan strikes more than \(Schedule.maximumStrikes) times; lower the "
                            + "chances, or limit them with times or messages")
                }
                strikes.append(next.strike)
            })
        return Made(
            schedule: Schedule(header, conditions: conditions, strikes: strikes), notes: notes)
    }

    private static func scheduler(
        _ plan: Plan, seed: UInt64, framing: FramingChoice, includesPartial: Bool,
        sends: Direction, _ reader: inout RecordingReader<RecordingFile>
    ) throws(Failure) -> Scheduler {
        let identity: String
        do throws(RecordingFileError) {
            identity = try reader.identityText()
        } catch {
            throw Failure(reading: reader.bytes.path, error)
        }
        do throws(SchedulerError) {
            return try Scheduler(
                plan, seed: seed, framing: framing, recording: identity,
                routes: reader.header.routes.map(\.name), includesPartial: includesPartial,
                sends: sends)
        } catch {
            throw Failure(.usage, error.description)
        }
    }
}
