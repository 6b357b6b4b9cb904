import Engine
import Faults
import Platform
import Reactions
import Recordings
import Reports
import Text

/// `weir shrink` from a test's folder to the smallest test.
final class ShrinkSession {
    private let command: ShrinkCommand
    private let console: Console
    private let loop: TestLoop
    private let began: MonotonicTime
    private var ending: ShrinkReport.Ending?

    init(_ command: ShrinkCommand, _ console: Console) throws(Failure) {
        self.command = command
        self.console = console
        loop = try TestLoop()
        began = loop.network.readClock()
    }

    func run() throws(Failure) -> ExitCode {
        let kept = try KeptTest(command.path)
        let earlier = try command.resumes ? ShrinkJournal.read(journalPath) : nil
        let subject = try subject(of: kept, earlier?.heading)
        let folder =
            command.resumes
            ? try ShrinkFolder.open(command.outputPath)
            : try ShrinkFolder.make(command.outputPath, replacing: command.replaces)
        let repeats = earlier?.heading.repeats ?? command.repeats ?? 1
        let entries = earlier?.entries ?? []
        let journal = try ShrinkJournal(
            creating: folder.journal,
            ShrinkJournal.Heading(
                run: subject.chosen.run.folder, symptom: UInt64(subject.chosen.number),
                identity: subject.candidates.source.identity, repeats: repeats), entries)
        var shrinker = try resumed(subject, entries, repeats: repeats)
        let bench = CandidateBench(
            subject.candidates, on: Bench(kept.command.setup, on: loop), in: folder.tries)
        announce(subject, entries)
        console.isLive = true
        defer { console.isLive = false }
        do throws(Failure) {
            try search(&shrinker, subject, bench, journal)
        } catch {
            guard loop.interruption != nil else { throw error }
            ending = .interrupted
        }
        console.endProgress()
        console.isLive = false
        loop.network.stopHearing()
        return try finish(shrinker, subject, bench, folder)
    }

    /// What is shrunk, and what that is made of.
    private struct Subject {
        var kept: KeptTest
        var chosen: KeptTest.Subject
        var candidates: CandidateBench.Subject
        var shrinking: ShrinkSubject
    }

    private var journalPath: String { ShrinkFolder(path: command.outputPath).journal }

    private func subject(
        of kept: KeptTest, _ heading: ShrinkJournal.Heading?
    ) throws(Failure) -> Subject {
        let seed =
            heading.map { heading in
                kept.result.runs.first { $0.folder == heading.run }?.seed
            } ?? command.seed
        var chosen = try kept.subject(seed: seed, symptom: heading?.symptom ?? command.symptom)
        let header = chosen.schedule.schedule.header
        var reader = try RecordingFile.reader(kept.command.recording)
        let source = try ReplaySource(&reader, header, why: "")
        guard source.identity == kept.identity else {
            throw Failure(
                .usage,
                "\(EscapedText(source.path)) is not the recording that was tested (\(kept.identity)"
                    + "), but \(source.identity); put that one back")
        }
        let isServed = kept.command.serving != nil
        if !isServed {
            do throws(DocumentError) {
                try chosen.schedule.check(
                    against: source.transcript, identity: source.identity, routes: source.routes)
            } catch {
                throw Failure(.usage, error.description)
            }
        }
        let schedule = chosen.schedule.schedule
        let settings = try kept.command.settings(source)
        loop.network.spinsBeforeDeadlines = kept.command.playback.meetsDeadlines
        return Subject(
            kept: kept, chosen: chosen,
            candidates: CandidateBench.Subject(
                kept: kept, source: source, schedule: schedule, symptom: chosen.symptom,
                settings: settings),
            shrinking: ShrinkSubject(
                schedule: schedule, symptom: chosen.symptom, transcript: source.transcript,
                isAsap: settings.pacing == .asap, cutsRecording: !isServed))
    }

    /// The search where an earlier one has left it.
    private func resumed(
        _ subject: Subject, _ entries: [ShrinkJournal.Entry], repeats: UInt64
    ) throws(Failure) -> Shrinker {
        let before = entries.reduce(0) { $0 + Int(clamping: $1.replays) }
        let most = before + Int(clamping: command.maximumRuns)
        var shrinker = Shrinker(
            subject.shrinking, limits: .init(repeats: Int(clamping: repeats), mostReplays: most))
        let header = subject.candidates.schedule.header
        for (index, entry) in entries.enumerated() {
            guard let candidate = shrinker.next(),
                ShrinkJournal.digest(candidate, header) == entry.candidate
            else {
                throw Failure(
                    .usage,
                    "\(journalPath):\(index + 2): this is not what the search tries there: the "
                        + "test is another one, or weir is; start anew with --force")
            }
            shrinker.receive(entry.isShown, cost: Int(clamping: entry.replays))
        }
        return shrinker
    }

    private func search(
        _ shrinker: inout Shrinker, _ subject: Subject, _ bench: CandidateBench,
        _ journal: ShrinkJournal
    ) throws(Failure) {
        let header = subject.candidates.schedule.header
        var left = shrinker.best.strikes.count
        while let candidate = shrinker.next() {
            guard
                loop.network.readClock().nanoseconds(since: began)
                    < command.maximumTime.nanoseconds
            else {
                ending = .outOfTime
                return
            }
            let now = shrinker
            bench.progressed = { [unowned self] in showProgress(now, trying: candidate) }
            showProgress(now, trying: candidate)
            let outcome = try bench.run(candidate)
            try journal.append(
                ShrinkJournal.Entry(
                    candidate: ShrinkJournal.digest(candidate, header),
                    isShown: outcome.isShown, replays: UInt64(outcome.cost)))
            shrinker.receive(outcome.isShown, cost: outcome.cost)
            if shrinker.best.strikes.count < left {
                left = shrinker.best.strikes.count
                console.log(
                    .info, "smaller",
                    "\(left.grouped) strike\(left == 1 ? "" : "s") left after "
                        + "\(shrinker.replays.grouped) replays")
            }
        }
    }

    private func showProgress(_ shrinker: Shrinker, trying candidate: ShrinkCandidate) {
        let left = shrinker.best.strikes.count
        console.showProgress(
            "shrink", done: UInt64(shrinker.replays), of: UInt64(shrinker.mostReplays),
            note: "\(shrinker.phase.rawValue): \(left.grouped) strike\(left == 1 ? "" : "s") left, "
                + "trying \(candidate.strikes.count.grouped); replay "
                + "\((shrinker.replays + 1).grouped) of at most \(shrinker.mostReplays.grouped)",
            at: loop.network.readClock())
    }

    private func announce(_ subject: Subject, _ entries: [ShrinkJournal.Entry]) {
        let planned = subject.candidates.schedule.strikes.count(where: \.isPlanned)
        let resumed = entries.isEmpty ? "" : ", going on after \(entries.count.grouped) candidates"
        console.log(
            .info, "shrink",
            "shrinking \(planned.grouped) strike\(planned == 1 ? "" : "s") of "
                + "\(subject.chosen.run.folder) that show: \(subject.chosen.symptom.sentence)"
                + resumed)
    }
}

extension ShrinkSession {
    private func finish(
        _ shrinker: Shrinker, _ subject: Subject, _ bench: CandidateBench, _ folder: ShrinkFolder
    ) throws(Failure) -> ExitCode {
        let best = shrinker.best
        let whole = bench.amount(ShrinkCandidate(subject.candidates.schedule))
        let left = bench.amount(best)
        var report = ShrinkReport(
            run: subject.chosen.run.folder, symptom: subject.chosen.symptom,
            ending: ending ?? .searched(shrinker.ending ?? .smallest), best: best,
            of: subject.candidates.schedule,
            messages: .init(left.messages, of: whole.messages),
            connections: .init(UInt64(left.connections), of: UInt64(whole.connections)),
            isAsap: best.setting.isAsap, confirmation: shrinker.confirmation,
            candidates: UInt64(shrinker.candidates), replays: UInt64(shrinker.replays),
            nanoseconds: loop.network.readClock().nanoseconds(since: began))
        if shrinker.hasShown {
            try bench.write(best, recording: folder.recording, schedule: folder.schedule)
            let words = subject.kept.words(
                testing: folder.recording, folder.schedule, isAsap: best.setting.isAsap)
            report.folder = folder.path
            report.repeating = (["weir", "test"] + words).map(shellQuoted).joined(separator: " ")
        }
        let isOver = shrinker.ending == .smallest || shrinker.ending == .notRepeated
        if !isOver { report.resuming = command.resuming }
        try folder.clearTries()
        try folder.write(report.json(.pretty))
        try console.write(command.isJSON ? report.json() : report.text)
        if let interruption = loop.interruption { return interruption }
        return shrinker.hasShown ? .done : .inconclusive
    }
}
