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
            command.recording, command.faults, only: command.onlyRanges,
            includesPartial: command.includesPartial)
        let settings = try settings(prepared.source)
        do throws(Errno) {
            // Before the writer's thread is started, which inherits it.
            try network.hear([.interrupt, .terminate], self)
        } catch {
            throw Failure(.defect, "signals cannot be heard: \(error); report this")
        }
        let folder = try makeFolder(seed: prepared.schedule.seed)
        let log = try RunLog(console, creating: folder.log)
        log.log(.info, "framing", prepared.source.why)
        announce(prepared, settings, log)
        try folder.write(prepared.schedule, of: prepared.plan)
        let run = try ReplayRun(
            ReplayRun.Request(
                source: prepared.source, schedule: prepared.schedule, settings: settings,
                consumer: consumer(settings), speed: "\(command.chosenSpeed)",
                repeating: command.repeating(seed: prepared.schedule.seed, in: folder),
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
    private func settings(_ source: ReplaySource) throws(Failure) -> ReplaySettings {
        var addresses: [UInt16: SocketAddress] = [:]
        var fallback: SocketAddress?
        for target in command.targets {
            let address = try resolve(target.address)
            guard let name = target.route else {
                fallback = address
                continue
            }
            guard let route = source.routes.firstIndex(of: name) else {
                let names = source.routes.joined(separator: ", ")
                throw Failure(
                    .usage,
                    "--to: the recording has no route \"\(EscapedText(name, limit: 60))\"; it has "
                        + (names.isEmpty ? "none that has a name" : "\(EscapedText(names))"))
            }
            addresses[UInt16(clamping: route)] = address
        }
        if fallback == nil {
            for (index, name) in source.routes.enumerated()
            where addresses[UInt16(clamping: index)] == nil {
                throw Failure(
                    .usage,
                    "--to: nothing is said for the route \"\(EscapedText(name, limit: 60))\"; add "
                        + "--to \(EscapedText(name, limit: 60))=ADDRESS")
            }
        }
        guard let address = fallback ?? addresses.values.first else {
            throw Failure(.usage, "--to ADDRESS is missing; add it")
        }
        var settings = ReplaySettings(to: address, framing: source.framing)
        settings.units = source.units
        settings.addresses = addresses
        settings.pacing = command.chosenPacing
        let ratio = command.chosenSpeed.ratio
        settings.speed = ReplaySpeed(ratio.numerator, ratio.denominator)
        settings.maximumGapNanoseconds = command.maximumGapAmount?.nanoseconds
        settings.only = command.onlyRanges
        settings.includesPartial = command.includesPartial
        settings.answerTimeoutNanoseconds = command.timeout.nanoseconds
        // A deadline that is met to the microsecond costs a part of a core.
        network.spinsBeforeDeadlines =
            command.chosenPacing == .recorded || command.chosenPacing == .hybrid
        return settings
    }

    /// Looks an address up. One that is not this machine's is refused unless it is allowed.
    private func resolve(_ text: String) throws(Failure) -> SocketAddress {
        let address: SocketAddress
        do {
            address = try SocketAddress.resolve(text)
        } catch {
            throw Failure(.unreachable, "\(error)")
        }
        guard address.isLoopback || command.isRemoteAllowed else {
            throw Failure(
                .usage,
                "--to: \(address) is not this machine: the recorded traffic would be sent there; "
                    + "add --allow-remote if that is meant")
        }
        return address
    }

    /// Says what will be sent where; loudly, where it leaves the machine.
    private func announce(
        _ prepared: ReplaySource.Prepared, _ settings: ReplaySettings, _ log: RunLog
    ) {
        var messages: UInt64 = 0
        var bytes: UInt64 = 0
        var connections: UInt64 = 0
        for connection in prepared.source.transcript.connections {
            let isAskedFor = settings.only.contains { $0.contains(connection.number) }
            guard settings.only.isEmpty || isAskedFor else { continue }
            connections += 1
            messages += connection.upstream.count
            bytes += connection.upstream.bytes
        }
        let addresses = [settings.address] + settings.addresses.values
        let isRemote = addresses.contains { !$0.isLoopback }
        let planned = prepared.schedule.strikes.count(where: \.isPlanned)
        let amount =
            prepared.source.framing == .none
            ? ByteCount(bytes: bytes).forPeople
            : "\(messages.grouped) messages (\(ByteCount(bytes: bytes).forPeople))"
        log.log(
            isRemote ? .warning : .info, "sending",
            "sending \(amount) on \(connections.grouped) connection"
                + "\(connections == 1 ? "" : "s") to \(consumer(settings)), with "
                + "\(planned.grouped) planned strike\(planned == 1 ? "" : "s"); seed "
                + "\(prepared.schedule.seed)")
    }

    private func consumer(_ settings: ReplaySettings) -> String {
        guard !settings.addresses.isEmpty else { return "\(settings.address)" }
        return Set([settings.address] + settings.addresses.values).map { "\($0)" }.sorted()
            .joined(separator: ", ")
    }

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
