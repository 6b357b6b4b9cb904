import Engine
import Faults
import Platform
import Recordings
import Reports
import Text

/// `weir replay` from its recording to its summary, on the kernel's network.
final class ReplaySession: SignalHandler {
    private let command: ReplayCommand
    private let console: Console
    private let network: SystemNetwork
    private var replayRun: ReplayRun?
    private var interruption: ExitCode?

    init(_ command: ReplayCommand, _ console: Console) throws(Failure) {
        self.command = command
        self.console = console
        do throws(Errno) {
            network = try SystemNetwork()
            network.prefersLocalCongestionControl = true
        } catch {
            throw Failure(.defect, "the event loop cannot be made: \(error); report this")
        }
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
        do throws(Errno) {
            // Before the writer's thread is started, which inherits it.
            try network.hear([.interrupt, .terminate], self)
        } catch {
            throw Failure(.defect, "signals cannot be heard: \(error); report this")
        }
        let folder = try makeFolder(seed: prepared.schedule.seed)
        let log = try RunLog(console, creating: folder.log)
        log.log(.info, "framing", prepared.source.why)
        if let serving {
            command.serving?.announce(prepared, serving, log)
        } else {
            command.playback.announce(prepared, settings, log)
        }
        try folder.write(prepared.schedule, of: prepared.plan)
        let run = try ReplayRun(
            ReplayRun.Request(
                source: prepared.source, schedule: prepared.schedule, settings: settings,
                consumer: command.playback.consumer(settings), serving: serving,
                speed: "\(command.playback.speed)",
                repeating: RepeatedCommand.line(
                    command.arguments, command.faults, seed: prepared.schedule.seed,
                    schedule: folder.schedule),
                plan: prepared.plan),
            in: folder, store: try store(folder), on: network)
        replayRun = run
        run.progressed = { [unowned self] run in show(run) }
        // A log that nobody takes holds up no message.
        console.isLive = true
        defer { console.isLive = false }
        try run.start()
        if interruption != nil { run.stop() }
        while !run.isOver { network.turn(waitingAtMost: ReplayRun.tickNanoseconds) }
        console.isLive = false
        console.endProgress()
        // Whoever takes the summary may be asleep.
        network.stopHearing()
        return try finish(run, prepared.source, log)
    }

    func received(_ signal: Signal) {
        let code = signal == .interrupt ? ExitCode.interrupted : .terminated
        guard interruption == nil else { ProcessEnvironment.exit(code.rawValue) }
        interruption = code
        replayRun?.stop()
    }

    private func finish(
        _ run: ReplayRun, _ source: ReplaySource, _ log: RunLog
    ) throws(Failure) -> ExitCode {
        guard let report = run.report else {
            throw Failure(.defect, "the replay ended without a report; please report this")
        }
        try console.write(command.isJSON ? report.json() : report.text)
        for warning in report.warnings { log.note(.warning, "warning", warning) }
        if let failure = run.failure { throw failure }
        if let failure = log.failure { throw Failure(.unwritable, "\(failure)") }
        if let interruption { return interruption }
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
