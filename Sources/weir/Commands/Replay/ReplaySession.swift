import Engine
import Faults
import Platform
import Recordings
import Reports
import Text

/// `weir replay` from its recording to its summary, on the kernel's network.
final class ReplaySession {
    private let command: ReplayCommand
    private let console: Console
    private let loop: TestLoop
    private var network: SystemNetwork { loop.network }

    init(_ command: ReplayCommand, _ console: Console) throws(Failure) {
        self.command = command
        self.console = console
        loop = try TestLoop()
    }

    func run() throws(Failure) -> ExitCode {
        let prepared = try ReplaySource.prepare(
            command.recording, command.faults, only: command.playback.only,
            includesPartial: command.playback.includesPartial,
            sends: command.serving == nil ? .upstream : .downstream)
        let serving = try command.serving?.serving(
            prepared.source, command.playback, on: network)
        let settings: ReplaySettings
        if let serving {
            settings = serving.settings.replay
        } else {
            settings = try command.playback.settings(prepared.source)
        }
        network.spinsBeforeDeadlines = command.playback.meetsDeadlines
        let folder = try makeFolder(seed: prepared.schedule.seed)
        let log = try RunLog(console, creating: folder.log)
        log.log(.info, "framing", prepared.source.why)
        if let serving {
            command.serving?.announce(prepared, serving, log)
        } else {
            command.playback.announce(prepared, settings, log)
        }
        try folder.write(prepared.schedule, of: prepared.plan)
        let bench = try BenchRun(
            Bench.Request(
                source: prepared.source, schedule: prepared.schedule, plan: prepared.plan,
                settings: settings, served: serving, speed: "\(command.playback.speed)",
                repeating: RepeatedCommand.line(
                    command.arguments, command.faults, seed: prepared.schedule.seed,
                    schedule: folder.schedule),
                folder: folder),
            command.setup, store: try store(folder), on: loop
        ) { _ in }
        bench.replay.progressed = { [unowned self] run in show(run) }
        loop.endAtOnce = { [unowned bench] in bench.abandon() }
        // A log that nobody takes holds up no message.
        console.isLive = true
        defer { console.isLive = false }
        var failure: Failure?
        do throws(Failure) { try bench.perform() } catch { failure = error }
        let closing = bench.close()
        console.isLive = false
        console.endProgress()
        // Whoever takes the summary may be asleep.
        network.stopHearing()
        if let failure = failure ?? closing, loop.interruption == nil { throw failure }
        return try finish(bench, prepared.source, log)
    }

    private func finish(
        _ bench: BenchRun, _ source: ReplaySource, _ log: RunLog
    ) throws(Failure) -> ExitCode {
        let run = bench.replay
        if let crash = bench.crash {
            log.log(
                .warning, "consumer_ended",
                "the consumer ended before the replay did: \(crash.account)")
        }
        guard let report = run.report else {
            throw Failure(.defect, "the replay ended without a report; please report this")
        }
        try console.write(command.isJSON ? report.json() : report.text)
        for warning in report.warnings { log.note(.warning, "warning", warning) }
        if let failure = run.failure { throw failure }
        if let failure = log.failure { throw Failure(.unwritable, "\(failure)") }
        if let interruption = loop.interruption { return interruption }
        if report.isConsumerUnreachable { return .unreachable }
        if report.run.ending == .unreadable || source.damage != nil && !source.isBeingWritten {
            return .damaged
        }
        return command.isStrict && !report.isAllApplied ? .inconclusive : .done
    }

    private func show(_ run: ReplayRun) {
        guard !run.isOver else { return }
        let counts = run.counts
        let done = counts.messagesSent + counts.messagesUnsent
        let isByMessages = counts.messages > 0
        guard command.serving == nil else {
            return console.showProgress(
                "stand in", done: counts.messagesSent, of: counts.messages,
                note: "\(counts.messagesSent.grouped) messages sent", at: network.now)
        }
        console.showProgress(
            "replay", done: isByMessages ? done : counts.connectionsEnded,
            of: isByMessages ? counts.messages : counts.connections,
            note: isByMessages
                ? "\(counts.messagesSent.grouped) of \(counts.messages.grouped) messages"
                : "\(counts.connectionsEnded.grouped) of \(counts.connections.grouped) connections",
            at: network.now)
    }
}

/// Before it starts.
extension ReplaySession {
    private func makeFolder(seed: UInt64) throws(Failure) -> RunFolder {
        if let path = command.runPath {
            return try RunFolder.make(path, replacing: command.replaces)
        }
        return try RunFolder.make(seed: seed, at: Timestamp(nanoseconds: WallClock.read()))
    }

    private func store(_ folder: RunFolder) throws(Failure) -> any BlockStore {
        do {
            let file = try File.create(folder.recording, isDirect: true)
            return try BlockWriter(to: file, pool: BlockPool(), network: network)
        } catch {
            throw Failure(.unwritable, "\(folder.recording) cannot be recorded to: \(error)")
        }
    }
}
