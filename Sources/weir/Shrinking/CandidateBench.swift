import Engine
import Faults
import Platform
import Reactions
import Recordings
import Text

/// Runs a search's candidates, each in its part of the recording and against clean runs of that
/// part.
final class CandidateBench {
    /// What is run, and what is looked for in it.
    struct Subject {
        var kept: KeptTest
        var source: ReplaySource
        var schedule: Schedule
        var symptom: Symptom
        var settings: ReplaySettings
    }

    /// One run of a candidate.
    struct Outcome {
        var isShown: Bool
        /// Replays that it took, clean ones too.
        var cost: Int
        /// The symptom as this run showed it.
        var symptom: Symptom?
    }

    /// Parts whose clean runs are kept in mind; those of others are made again.
    private static let mostStages = 3
    /// So many folders stand in each other at most.
    private static let depth = 8

    private let subject: Subject
    private let bench: Bench
    /// Runs lie in here; their owner removes it.
    private let folder: String
    private var stages: [Stage] = []
    private var parts = 0
    private var tries = 0
    /// Hears now and then that a replay goes on.
    var progressed: (() -> Void)? {
        didSet { bench.progressed = progressed.map { told in { _ in told() } } }
    }

    /// A part of the recording, and what the consumer does with it undisturbed.
    private struct Stage {
        var setting: ShrinkCandidate.Setting
        var path: String
        var cut: RecordingCut?
        /// nil where it is no ground to judge on: its clean runs show the symptom themselves,
        /// differ from each other, or cannot be made.
        var trial: Trial?
        var source: ReplaySource
    }

    init(_ subject: Subject, on bench: Bench, in folder: String) {
        self.subject = subject
        self.bench = bench
        self.folder = folder
    }

    /// Runs a candidate once.
    func run(_ candidate: ShrinkCandidate) throws(Failure) -> Outcome {
        var cost = 0
        let stage = try stage(candidate.setting, &cost)
        guard let trial = stage.trial, let schedule = schedule(candidate, stage) else {
            return Outcome(isShown: false, cost: max(1, cost))
        }
        tries += 1
        let name = "try-\(tries)"
        let before = trial.runCount
        let judged = try trial.judge(schedule, named: name)
        cost += trial.runCount - before
        try remove("\(stage.path)/\(name)")
        // What was held against clean runs that differ among themselves shows nothing.
        let symptom = judged.unstable == nil ? wanted(in: judged.judgement, stage) : nil
        return Outcome(isShown: symptom != nil, cost: cost, symptom: symptom)
    }

    /// Writes the recording and the schedule of a candidate as files of their own.
    func write(
        _ candidate: ShrinkCandidate, recording: String, schedule path: String
    ) throws(Failure) {
        let cut = RecordingCut(subject.source.transcript, candidate.setting.part)
        try PartRecording.write(subject.source, cut, to: recording)
        let source = try Self.source(recording, subject.schedule.header)
        let whole = candidate.schedule(subject.schedule.header)
        guard let schedule = cut.schedule(whole, identity: source.identity) else {
            throw Failure(.defect, "a strike's message was cut away; please report this")
        }
        do throws(FileError) {
            try Folder.write(ScheduleWriter.bytes(schedule), to: path, replacing: true)
        } catch {
            throw Failure(.unwritable, "\(error)")
        }
    }

    /// How many messages a candidate plays, on how many connections.
    func amount(_ candidate: ShrinkCandidate) -> (messages: UInt64, connections: Int) {
        var messages: UInt64 = 0
        var connections = 0
        let part = candidate.setting.part
        for connection in subject.source.transcript.connections {
            let upstream = connection.upstream
            guard part.keeps(connection.number), upstream.count > 0 else { continue }
            let kept = (1...upstream.count).count { number in
                part.keeps(number, of: connection.number, began: upstream.began(number))
            }
            messages += UInt64(kept)
            if kept > 0 { connections += 1 }
        }
        return (messages, connections)
    }

    // MARK: - Parts

    private func schedule(_ candidate: ShrinkCandidate, _ stage: Stage) -> Schedule? {
        let whole = candidate.schedule(subject.schedule.header)
        guard let cut = stage.cut else { return whole }
        return cut.schedule(whole, identity: stage.source.identity)
    }

    /// The symptom, where a run shows it; one that was silent has to be so again.
    private func wanted(in judgement: Judgement, _ stage: Stage) -> Symptom? {
        var symptom = subject.symptom
        if let cut = stage.cut { symptom.place = cut.place(symptom.place) }
        return judgement.symptoms.first {
            $0.isSame(as: symptom) && (symptom.isLoud || !$0.isLoud)
        }
    }

    private func stage(
        _ setting: ShrinkCandidate.Setting, _ cost: inout Int
    ) throws(Failure) -> Stage {
        if let index = stages.firstIndex(where: { $0.setting == setting }) {
            let stage = stages.remove(at: index)
            stages.append(stage)
            return stage
        }
        if stages.count >= Self.mostStages { try remove(stages.removeFirst().path) }
        let stage = try makeStage(setting, &cost)
        stages.append(stage)
        return stage
    }

    private func makeStage(
        _ setting: ShrinkCandidate.Setting, _ cost: inout Int
    ) throws(Failure) -> Stage {
        parts += 1
        let path = "\(folder)/part-\(parts)"
        var source = subject.source
        var cut: RecordingCut?
        do throws(FileError) {
            try Folder.make(path)
        } catch {
            throw Failure(.unwritable, "\(error)")
        }
        if !setting.part.isWhole {
            let made = RecordingCut(subject.source.transcript, setting.part)
            try PartRecording.write(subject.source, made, to: path + "/part.weir")
            source = try Self.source(path + "/part.weir", subject.schedule.header)
            cut = made
        }
        var settings = subject.settings
        if setting.isAsap { settings.pacing = .asap }
        let command = subject.kept.command
        let trial = Trial(
            on: bench, source, settings, command.judging(source), serving: command.servedAs,
            speed: "\(command.playback.speed)", repeating: subject.kept.result.test.repeating,
            in: TestFolder(path: path))
        var stage = Stage(setting: setting, path: path, cut: cut, trial: trial, source: source)
        defer { cost += max(3, trial.runCount) }
        let isWhole = setting == ShrinkCandidate.Setting()
        do throws(Failure) {
            let clean = try trial.learn(
                Schedule(subject.schedule.header, conditions: [], strikes: []))
            let isShown = wanted(in: clean.judgement, stage) != nil
            let unstable = trial.baseline?.account.unstable.first
            if isShown || unstable != nil {
                stage.trial = nil
                guard !isWhole else {
                    throw Failure(
                        .inconclusive,
                        isShown
                            ? "a clean run shows the symptom by itself, so that no strike stands "
                                + "behind it; run the test again"
                            : "the baseline is not stable, so that nothing can be judged: "
                                + "\(unstable ?? ""); run the test again")
                }
            }
        } catch {
            // What a part of the recording cannot be judged on is no smaller test.
            guard !isWhole, error.code == .inconclusive else { throw error }
            stage.trial = nil
        }
        return stage
    }

    private func remove(_ path: String) throws(Failure) {
        guard Folder.exists(path) else { return }
        do throws(FileError) {
            try Folder.removeAll(path, depth: Self.depth)
        } catch {
            throw Failure(.unwritable, "\(error)")
        }
    }

    private static func source(
        _ path: String, _ header: ScheduleHeader
    ) throws(Failure) -> ReplaySource {
        var reader = try RecordingFile.reader(.path(path))
        return try ReplaySource(&reader, header, why: "reading \(header.framing)")
    }
}
