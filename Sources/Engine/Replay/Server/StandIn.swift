import Faults
import Platform
import Recordings

/// A replay of a recording as the server: it accepts connections, and answers what consumers ask
/// with the recorded answers, disturbed by a schedule.
///
/// Make it, `start` it on the network's thread, and run the network's loop until the observer hears
/// `replayEnded`: when every recorded connection was played to its end, or nothing was asked for
/// and nothing was to be sent for `idleNanoseconds` after a first connection. `stop` ends it
/// early, gracefully.
package final class StandIn {
    /// So many connections are open at once; further ones wait in the kernel's backlog.
    package static let maximumConnections = 16_384

    private let settings: StandInSettings
    private let schedule: Schedule
    private let transcript: Transcript
    private let bytes: any RecordedBytes
    private let door: Door
    private let wire: ReplayWire
    private let program: ReplayProgram
    private var book: ServiceBook?

    private var open: [Int: ServedConnection] = [:]
    private var accepted = 0
    private var startedAt = Instant.start
    private var lastMove = Instant.start
    private var isStopping = false
    private var unreadable: String?
    private var isOver = false
    private var awaitsTurn = false
    private var timer: TimerToken?

    /// What it has done so far: for a progress bar.
    package var counts: ReplayCounts { wire.result.counts }

    /// - Parameter door: where it listens.
    package init(
        of transcript: Transcript, bytes: any RecordedBytes, schedule: Schedule,
        settings: StandInSettings, at door: Door, on network: any Network,
        observer: any ReplayObserver
    ) {
        self.transcript = transcript
        self.bytes = bytes
        self.schedule = schedule
        self.settings = settings
        self.door = door
        wire = ReplayWire(network, settings.replay, bytes, observer)
        program = ReplayProgram(transcript, settings.replay, &wire.result.counts)
        wire.result.counts.messages = program.entries.reduce(0) { sum, entry in
            sum + PlayableExtent(transcript.connections[entry.index], .downstream).messages
        }
    }

    /// Begins to accept, now; event instants count from `sessionStart`, which is not later.
    package func start(sessionStart: MonotonicTime) {
        wire.sessionStart = sessionStart
        startedAt = wire.now()
        let clock = program.clock(transcript, settings.replay, start: startedAt)
        do throws(RecordedBytesError) {
            book = try ServiceBook(
                transcript, program, bytes, schedule, settings.replay, clock)
        } catch {
            unreadable = error.reason
        }
        for strike in schedule.strikes where strike.isPlanned { enter(strike) }
        if let book {
            for index in book.played.indices { book.collectOutcomes(of: index) }
            tellOutcomes()
        }
        door.visited = self
        goOnNextTurn()
    }

    /// Ends it early: what is open is finished in order, strikes that were still to come are
    /// pre-empted, and `replayEnded` comes within about a second.
    package func stop() { stop(.interrupted) }

    private func stop(_ ending: ReplayResult.Ending) {
        guard !isStopping, !isOver else { return }
        isStopping = true
        door.close()
        wire.result.ending = ending
        for id in open.keys.sorted() { open[id]?.stop() }
        goOnNextTurn()
    }

    private func enter(_ strike: Strike) {
        wire.result.counts.strikesPlanned += 1
        if strike.direction == .upstream {
            settle(strike, "a replay as the server sends nothing upstream")
        } else if !program.plays(strike.connection) {
            settle(strike, "connection \(strike.connection) is not played")
        } else if strike.effect.needsOtherConnection {
            settle(strike, "a replay as the server opens no connections")
        }
    }

    private func settle(_ strike: Strike, _ reason: String) {
        tell(StrikeOutcome(id: strike.id, result: .skipped, reason: reason), strike.connection)
    }

    private func tell(_ outcome: StrikeOutcome, _ connection: UInt32) {
        wire.result.count(outcome)
        wire.tell(
            Event(
                at: wire.now(), connection: connection, attempt: 1, direction: .downstream,
                .strike(outcome)))
    }

    private func tellOutcomes() {
        for outcome in book?.takeOutcomes() ?? [] { tell(outcome, 0) }
    }

    private func goOnNextTurn() {
        guard !awaitsTurn, !isOver else { return }
        awaitsTurn = true
        wire.network.callNextTurn(self)
    }

    /// Ends when all was played, or nobody asks any more.
    private func advance() {
        guard open.isEmpty || !isStopping else { return }
        if isStopping { return finish() }
        if accepted == 0, !program.entries.isEmpty { return }
        if open.isEmpty, book?.isAllPlayed ?? true {
            door.close()
            return finish()
        }
        let now = wire.now()
        let deadline = lastMove.advanced(byNanoseconds: settings.idleNanoseconds)
        guard now >= deadline else { return wait(until: deadline) }
        // What is still to be sent is no silence.
        guard open.values.contains(where: { $0.responder.isBusy }) else {
            return stop(.completed)
        }
        lastMove = now
        wait(until: now.advanced(byNanoseconds: settings.idleNanoseconds))
    }

    private func wait(until deadline: Instant) {
        guard timer == nil else { return }
        timer = wire.network.schedule(at: wire.time(of: deadline), self)
    }

    private func finish() {
        guard !isOver else { return }
        isOver = true
        if let timer { wire.network.cancel(timer) }
        if let book {
            let reason =
                wire.result.ending == .interrupted
                ? "interrupted" : "the consumer did not ask for it"
            for index in book.played.indices {
                book[index].ledger.preemptAll(reason)
                book.collectOutcomes(of: index)
                for outcome in book.takeOutcomes() { tell(outcome, book[index].number) }
                if book[index].attempts > 0 { wire.result.counts.connectionsEnded += 1 }
            }
        }
        let counts = wire.result.counts
        wire.result.counts.messagesUnsent =
            counts.messages - min(counts.messages, counts.messagesSent)
        wire.result.counts.reconnects = wire.result.served.redials
        wire.result.nanoseconds = wire.now().nanoseconds(since: startedAt)
        wire.end()
    }
}

extension StandIn: Replaying {}

extension StandIn: Door.Visited {
    func entered(_ socket: any Socket) {
        guard !isStopping, !isOver, let book else { return socket.reset() }
        lastMove = wire.now()
        // There is such a framer: the transcript was made with it.
        let framer = try? wire.settings.framing.makeFramer(units: wire.settings.units)
        let responder = Responder(
            book, framer: framer ?? nil, onUnknown: settings.onUnknown, at: lastMove)
        let connection = ServedConnection(
            accepted, socket, responder, receives: schedule,
            route: settings.replay.route ?? 0, wire, owner: self)
        open[accepted] = connection
        accepted += 1
        door.isFull = open.count >= Self.maximumConnections
        // Bytes may be there already: the turn receives them.
        connection.nextTurn()
        goOnNextTurn()
    }
}

extension StandIn: TimerHandler, TurnHandler {
    package func timerFired(_ timer: TimerToken) {
        guard timer == self.timer else { return }
        self.timer = nil
        goOn()
    }

    package func nextTurn() {
        awaitsTurn = false
        goOn()
    }

    private func goOn() {
        guard !isOver else { return }
        if let unreadable {
            self.unreadable = nil
            stop(.unreadable(unreadable))
        }
        advance()
    }
}

extension StandIn: ServedConnection.Owner {
    func connectionMoved() { lastMove = wire.now() }

    func connectionEnded(_ connection: ServedConnection) {
        guard open.removeValue(forKey: connection.id) != nil else { return }
        wire.result.add(connection.responder)
        door.isFull = open.count >= Self.maximumConnections
        lastMove = wire.now()
        goOnNextTurn()
    }

    func cannotRead(_ error: RecordedBytesError) {
        guard !isStopping else { return }
        // Inside a connection's own turn: the others are stopped after it.
        unreadable = error.reason
        goOnNextTurn()
    }
}

/// How a recording is replayed as the server.
package struct StandInSettings: Sendable {
    /// Its addresses are not used; its route is the one that is played.
    package var replay: ReplaySettings
    package var onUnknown = OnUnknown.close
    /// It ends when nothing was asked for and nothing sent for so long, after a first connection.
    package var idleNanoseconds: Int64 = 10_000_000_000

    package init(_ replay: ReplaySettings) { self.replay = replay }
}
