import Faults
import Platform
import Recordings

/// The demo from end to end: recorded, tested, blamed, shrunk.
struct Demo {
    let seed: UInt64
    /// Made already.
    let folder: RunFolder
    /// What an earlier demo left in the folder is replaced.
    let replaces: Bool
    let console: Console

    func play() throws(Failure) -> DemoOutcome {
        guard let program = ProcessEnvironment.program else {
            throw Failure(.defect, "weir cannot tell where it lies, to start its ledgers")
        }
        let script = ProducerScript(seed: seed)
        let path = "\(folder.path)/ledger.weir"
        let recording = try record(script, into: path)
        var outcome = DemoOutcome(
            seed: seed, folder: folder.path,
            recorded: DemoOutcome.Recorded(
                path: path, connections: script.connections.count,
                requests: script.requestCount,
                answers: recording.answers, nanoseconds: recording.nanoseconds),
            schedule: try schedule(path), script: script, trials: [])
        for subject in DemoSubject.all {
            say("testing \(subject.name)")
            var trial = try DemoTrial(
                subject, on: path, seed: seed, program: program,
                into: "\(folder.path)/\(subject.folderName)", replacing: replaces, console)
            if subject == .ledger(.naive), trial.judgement == .asPromised {
                say("looking for the smallest set of strikes that breaks \(subject.name)")
                try trial.shrink(program: program, replacing: replaces, console)
            }
            outcome.trials.append(trial)
        }
        return outcome
    }

    private func say(_ what: String) { console.log(.info, "demo", what) }

    private func record(
        _ script: ProducerScript, into path: String
    ) throws(Failure) -> DemoRecording {
        say("recording a producer and its ledger")
        let stage = try SystemStage()
        defer { stage.stopHearing() }
        return try DemoRecording(
            of: script, into: try stage.makeStore(path, replacing: replaces),
            header: RecordingHeader(
                wallClockStart: WallClock.read(), toolVersion: Version.text), on: stage)
    }

    /// What is to happen to the ledgers: the same for each, and what their tests work out too.
    private func schedule(_ path: String) throws(Failure) -> Schedule {
        var reader = try RecordingFile.reader(.path(path))
        let framing: FramingChoice
        do throws(RecordingFileError) {
            framing = try reader.framing().choice
        } catch {
            throw Failure(reading: path, error)
        }
        return try ScheduleMaking.make(
            DemoPlan.plan(seed: seed), seed: seed, framing: framing, &reader
        ).schedule
    }
}
