import Engine
import Faults
import Platform
import Reactions
import Recordings
import Reports
import Text

/// One replay in a run folder: what happens is recorded, what the consumer did is worked out and
/// written while it does it, and at the end it is summed up.
///
/// ```
/// Replay ─► events ─┬─► Recorder ─► replay.weir
///                   ├─► OutcomeLedger ─► outcomes.jsonl
///                   └─► ReactionLog ─► reactions.jsonl ─► ReactionSummary ─► summary.json
/// ```
/// Make it, `start` it on the network's thread, and run the network until `isOver`. What is to
/// happen in the same session before and after the replay is told with `tell`, between `open`,
/// `play` and `close`.
final class ReplayRun {
    /// How often files are flushed, silences told and progress shown.
    static let tickNanoseconds: Int64 = 100_000_000

    /// What is to be replayed, how, and how it is described.
    struct Request {
        var source: ReplaySource
        var schedule: Schedule
        var settings: ReplaySettings
        /// The consumer, as it is shown; as the server, where it is listened for.
        var consumer: String
        /// Where the consumer is the one that dials.
        var serving: Serving?
        var speed: String
        /// The command line that does the same again.
        var repeating: String
        /// Where the schedule comes from: rules of it that struck nothing are reported too.
        var plan: Plan?
        /// Whether reactions carry the bytes that came, for whoever hears them.
        var keepsContent = false
    }

    /// How a recording is replayed as the server, and where.
    struct Serving {
        var settings: StandInSettings
        var door: Door
    }

    private let request: Request
    private let folder: RunFolder
    private let network: any Network
    private let recorder: Recorder
    private let reactionFile: LineFile
    private let outcomeFile: LineFile
    private var replay: (any Replaying)?
    private var reactions: any ReactionWorker
    private var reactionLine: ReactionLine
    /// What became of each strike, so far.
    private(set) var outcomes: OutcomeLedger
    private var outcomeLine: OutcomeLine
    private var strikes: [String: Strike] = [:]
    private var summary: ReactionSummary
    private var result: ReplayResult?
    private var tick: TimerToken?
    private var isClosed = false

    /// Whether the session ends when the replay does; otherwise `close` ends it.
    var endsWithReplay = true
    /// The replay has ended, or was never begun.
    var isPlayed: Bool { replay == nil || result != nil }
    /// Hears each reaction, in order.
    var reacted: ((Reaction) -> Void)?
    /// Hears of it now and then, and when it is over.
    var progressed: ((ReplayRun) -> Void)?
    private(set) var isOver = false
    /// What came of it, once it is over; nil where not all could be written.
    private(set) var report: ReplayReport?
    /// What could not be written.
    private(set) var failure: Failure?

    /// Creates the files, which do not exist yet.
    /// - Parameter store: takes `replay.weir`.
    init(
        _ request: Request, in folder: RunFolder, store: any BlockStore, on network: any Network
    ) throws(Failure) {
        self.request = request
        self.folder = folder
        self.network = network
        let started = Timestamp(nanoseconds: WallClock.read())
        reactionLine = ReactionLine(started: started)
        outcomeLine = OutcomeLine(started: started)
        outcomes = OutcomeLedger(request.schedule)
        for strike in request.schedule.strikes { strikes[strike.id] = strike }
        summary = ReactionSummary(consumer: request.serving == nil ? .server : .client)
        do {
            recorder = try Recorder(
                network: network, store: store, header: Self.header(request, started),
                session: UInt64(bitPattern: started.nanoseconds))
            reactions = try Self.reactions(request)
            reactionFile = try LineFile(creating: folder.reactions)
            outcomeFile = try LineFile(creating: folder.outcomes)
        } catch let error as FileError {
            throw Failure(.unwritable, "\(error)")
        } catch {
            throw Failure(.defect, "the replay cannot be set up: \(error); report this")
        }
    }

    /// What it has done so far.
    var counts: ReplayCounts { replay?.counts ?? ReplayCounts() }

    func start() throws(Failure) {
        open()
        try play()
    }

    /// Begins the files; the session's clock runs already.
    func open() {
        write { () throws(FileError) in
            try reactionFile.append(reactionLine.header())
            try outcomeFile.append(outcomeLine.header(seed: request.schedule.seed))
            for strike in request.schedule.strikes where !strike.isPlanned {
                try writeOutcome(of: strike)
            }
        }
        scheduleTick()
    }

    /// Begins the replay.
    func play() throws(Failure) {
        let bytes = try request.source.recordedBytes()
        let transcript = request.source.transcript
        let replay: any Replaying =
            if let serving = request.serving {
                StandIn(
                    of: transcript, bytes: bytes, schedule: request.schedule,
                    settings: serving.settings, at: serving.door, on: network, observer: self)
            } else {
                Replay(
                    of: transcript, bytes: bytes, schedule: request.schedule,
                    settings: request.settings, on: network, observer: self)
            }
        self.replay = replay
        replay.start(sessionStart: recorder.start)
    }

    /// Adds what happened beside the replay: the consumer's output, a command's.
    func tell(_ fact: Event.Fact, _ bytes: [UInt8] = []) {
        guard !isClosed else { return }
        let event = Event(at: recorder.instant, fact)
        recorder.record(event, bytes.span)
        reactions.receive(event, bytes.span)
        drain()
    }

    /// Ends the replay early, in order.
    func stop() { replay?.stop() }

    /// Ends the session: all is written, and then `isOver`. The replay has ended, or was not begun.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        if let tick { network.cancel(tick) }
        tick = nil
        reactions.finish()
        drain()
        write { () throws(FileError) in
            for strike in request.schedule.strikes where !outcomes.isTold(strike) {
                try writeOutcome(of: strike)
            }
            try reactionFile.flush()
            try outcomeFile.flush()
        }
        recorder.finish { [weak self] in self?.complete() }
    }

    private static func reactions(
        _ request: Request
    ) throws(FramerError) -> any ReactionWorker {
        var settings = ReactionSettings(
            framing: request.settings.framing, units: request.settings.units,
            answerTimeoutNanoseconds: request.settings.answerTimeoutNanoseconds,
            consumer: request.serving == nil ? .server : .client)
        settings.keepsContent = request.keepsContent
        guard request.serving == nil else {
            return try ServingLog(of: request.source.transcript, settings: settings)
        }
        return try ReactionLog(
            of: request.source.transcript, bytes: request.source.file, schedule: request.schedule,
            settings: settings)
    }

    // MARK: - Files

    private func writeOutcome(of strike: Strike) throws(FileError) {
        try outcomeFile.append(outcomeLine.line(outcomes.entry(strike)))
    }

    private func drain() {
        write { () throws(FileError) in
            while let reaction = reactions.next() {
                summary.add(reaction)
                reacted?(reaction)
                try reactionFile.append(reactionLine.line(reaction))
            }
        }
    }

    /// Writes unless something could not be written: then the replay ends, and says why.
    private func write(_ body: () throws(FileError) -> Void) {
        guard failure == nil else { return }
        do throws(FileError) {
            try body()
        } catch {
            failure = Failure(.unwritable, "\(error)")
            stop()
        }
    }

    private static func header(_ request: Request, _ started: Timestamp) -> RecordingHeader {
        let settings = request.settings
        func note(_ key: String, _ value: String) -> RecordingHeader.Note {
            RecordingHeader.Note(key: key, value: value)
        }
        return RecordingHeader(
            wallClockStart: started.nanoseconds, toolVersion: Version.text,
            protocolText: settings.framing.description,
            routes: [
                request.serving == nil
                    ? .init(name: "replay", listen: "", upstream: request.consumer)
                    : .init(name: "replay", listen: request.consumer, upstream: "")
            ],
            notes: (request.serving == nil ? [] : [note("as", "server")]) + [
                note("replay-of", request.source.identity),
                note("seed", "\(request.schedule.seed)"), note("pacing", settings.pacing.rawValue),
                note("speed", request.speed),
                note(
                    "answer-timeout",
                    "\(TimeAmount(nanoseconds: settings.answerTimeoutNanoseconds))"),
            ])
    }
}

extension ReplayRun: ReplayObserver {
    func replayed(_ event: Event, _ bytes: Span<UInt8>) {
        recorder.record(event, bytes)
        reactions.receive(event, bytes)
        drain()
        guard case .strike(let outcome) = event.fact, let strike = strikes[outcome.id],
            !outcomes.isTold(strike)
        else { return }
        outcomes.receive(event)
        write { () throws(FileError) in try writeOutcome(of: strike) }
    }

    func replayEnded(_ result: ReplayResult) {
        self.result = result
        if endsWithReplay { close() }
    }

    /// All is written but the summary.
    private func complete() {
        noteRecorder()
        let report = makeReport()
        if failure == nil {
            do throws(FileError) {
                try Folder.write(Array(report.json(.pretty).utf8), to: folder.summary)
            } catch {
                failure = Failure(.unwritable, "\(error)")
            }
        }
        self.report = report
        isOver = true
        progressed?(self)
    }

    private func noteRecorder() {
        guard failure == nil else { return }
        if let errno = recorder.failure {
            failure = Failure(
                .unwritable,
                "\(folder.recording) could not be written to its end: \(errno); what is there can "
                    + "be read; make room and replay again")
        } else if recorder.isIncomplete {
            failure = Failure(
                .unwritable,
                "the disk could not keep up: \(folder.recording) has gaps; take a faster disk for "
                    + "--run")
        }
    }
}

extension ReplayRun: TimerHandler {
    func timerFired(_ timer: TimerToken) {
        guard timer == tick else { return }
        reactions.pass(to: recorder.instant)
        drain()
        write { () throws(FileError) in
            try reactionFile.flush()
            try outcomeFile.flush()
        }
        if recorder.failure != nil, failure == nil {
            noteRecorder()
            stop()
        }
        progressed?(self)
        scheduleTick()
    }

    private func scheduleTick() {
        tick = network.schedule(
            at: network.now.advanced(byNanoseconds: Self.tickNanoseconds), self)
    }
}

/// From what the engine counted to what is reported.
extension ReplayRun {
    private func makeReport() -> ReplayReport {
        let result = result ?? ReplayResult()
        var notes = request.source.notes
        var ending = ReplayReport.Ending.completed
        switch result.ending {
        case .completed: break
        case .interrupted: ending = .interrupted
        case .unreadable(let reason):
            ending = .unreadable
            notes.append("the recording could not be read to its end: \(EscapedText(reason))")
        }
        if let failure { notes.append(failure.message) }
        var delays = ReplayReport.Delays()
        delays.lateness = result.lateness
        delays.drawn = result.drawnDelay
        delays.applied = result.appliedDelay
        return ReplayReport(
            run: ReplayReport.Run(
                recording: request.source.path, identity: request.source.identity,
                framing: request.settings.framing, seed: request.schedule.seed,
                consumer: request.consumer, pacing: request.settings.pacing.rawValue,
                speed: request.speed, folder: folder.path, repeating: request.repeating,
                ending: ending, nanoseconds: result.nanoseconds,
                role: request.serving == nil ? .client : .server),
            sent: Self.sent(result), served: Self.served(result), rules: rules,
            conditions: request.schedule.conditions, reactions: summary, delays: delays,
            notes: notes)
    }

    /// What became of each rule's strikes; those that have none stand at the end.
    private var rules: [OutcomeLedger.RuleCounts] {
        var rules = outcomes.rules
        for rule in request.plan?.rules ?? [] {
            guard let fault = rule.fault as? any StrikeFault,
                !rules.contains(where: { $0.rule == rule.name })
            else { continue }
            rules.append(OutcomeLedger.RuleCounts(rule: rule.name, label: type(of: fault).label))
        }
        return rules
    }

    private static func served(_ result: ReplayResult) -> ReplayReport.Served {
        let counts = result.served
        return ReplayReport.Served(
            requests: counts.requests, expected: counts.expected, answered: counts.answered,
            pushes: counts.pushes, connectionsPlayed: result.counts.connectionsEnded)
    }

    private static func sent(_ result: ReplayResult) -> ReplayReport.Sent {
        let counts = result.counts
        var sent = ReplayReport.Sent()
        sent.connections = counts.connections
        sent.unopened = counts.connectionsUnopened
        sent.reconnects = counts.reconnects
        sent.endedByConsumer = counts.endedByConsumer
        sent.uncoupled = counts.uncoupled
        sent.missingEnds = counts.missingEnds
        sent.endsInVain = counts.endsInVain
        sent.partial = counts.connectionsPartial
        sent.notAskedFor = counts.connectionsNotAskedFor
        sent.reattempted = counts.connectionsReattempted
        sent.refusedInRecording = counts.connectionsRefused
        sent.messages = counts.messages
        sent.originals = counts.messagesSent
        sent.copies = counts.copiesSent
        sent.resent = counts.messagesResent
        sent.unsent = counts.messagesUnsent
        sent.bytes = counts.bytesSent
        sent.bytesReceived = counts.bytesReceived
        sent.uncoupledConnections = result.uncoupled
        return sent
    }
}
