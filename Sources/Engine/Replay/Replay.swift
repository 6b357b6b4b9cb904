import Faults
import Platform
import Recordings

/// A replay of a recording as the client: it dials the consumer and sends the recorded upstream
/// messages, disturbed by a schedule.
///
/// Make it, `start` it on the network's thread, and run the network's loop until the observer hears
/// `replayEnded`. `stop` ends it early, gracefully.
package final class Replay {
    private let transcript: Transcript
    private let schedule: Schedule
    private let settings: ReplaySettings
    private let wire: ReplayWire
    private var program: ReplayProgram
    private var clock: ReplayClock
    private var strikes: [UInt32: [Strike]] = [:]
    private var overtaking = OvertakeBoard()

    private var nextConnection = 0
    private var open: [UInt32: ReplayConnection] = [:]
    private var redeliveries: Redeliveries
    private var ended = 0
    private var startedAt = Instant.start
    private var isStopping = false
    /// Why the recording cannot be read any more.
    private var unreadable: String?
    private var isOver = false
    private var awaitsTurn = false
    private var hasTimer = false

    /// What it has done so far: for a progress bar.
    package var counts: ReplayCounts { wire.result.counts }

    package init(
        of transcript: Transcript, bytes: any RecordedBytes, schedule: Schedule,
        settings: ReplaySettings, on network: any Network, observer: any ReplayObserver
    ) {
        self.transcript = transcript
        self.schedule = schedule
        self.settings = settings
        wire = ReplayWire(network, settings, bytes, observer)
        redeliveries = Redeliveries(wire)
        program = ReplayProgram(transcript, settings, &wire.result.counts)
        clock = ReplayClock(origin: .start, start: .start, speed: settings.speed)
    }

    /// Begins, now; event instants count from `sessionStart`, which is not later.
    package func start(sessionStart: MonotonicTime) {
        wire.sessionStart = sessionStart
        startedAt = wire.now()
        clock = program.clock(transcript, settings, start: startedAt)
        redeliveries.begin(transcript, schedule, clock, owner: self)
        for strike in schedule.strikes where strike.isPlanned { enter(strike) }
        goOnNextTurn()
    }

    /// Ends it early: what is open is finished in order, strikes that were still to come are
    /// pre-empted, and `replayEnded` comes within about a second.
    package func stop() { stop(.interrupted) }

    private func stop(_ ending: ReplayResult.Ending) {
        guard !isStopping, !isOver else { return }
        isStopping = true
        wire.result.ending = ending
        for number in open.keys.sorted() { open[number]?.stop() }
        redeliveries.stop()
        goOnNextTurn()
    }

    /// A planned strike goes to its connection, or has its outcome at once.
    private func enter(_ strike: Strike) {
        wire.result.counts.strikesPlanned += 1
        if strike.direction == .downstream, !strike.effect.strikesReceived {
            settle(strike, "a replay as the client sends nothing downstream")
        } else if case .overtaken(_, let other) = strike.effect, !program.plays(other) {
            settle(strike, "connection \(other) is not played")
        } else if !program.plays(strike.connection) {
            settle(strike, "connection \(strike.connection) is not played")
        } else {
            strikes[strike.connection, default: []].append(strike)
            overtaking.enter(strike)
        }
    }

    private func settle(
        _ strike: Strike, _ reason: String, _ result: StrikeOutcome.Result = .skipped
    ) {
        let outcome = StrikeOutcome(id: strike.id, result: result, reason: reason)
        wire.result.count(outcome)
        wire.tell(
            Event(
                at: wire.now(), connection: strike.connection, attempt: 1,
                direction: strike.direction, .strike(outcome)))
    }

    private func goOnNextTurn() {
        guard !awaitsTurn, !isOver else { return }
        awaitsTurn = true
        wire.network.callNextTurn(self)
    }

    /// Opens the connections whose turn it is, and ends when there is none left.
    private func advance() {
        while nextConnection < program.entries.count, !isStopping {
            let entry = program.entries[nextConnection]
            switch settings.pacing {
            case .recorded, .hybrid:
                let due = clock.due(entry.opened)
                if due > wire.now() {
                    if !hasTimer { wire.network.schedule(at: wire.time(of: due), self) }
                    hasTimer = true
                    return
                }
            case .causal, .asap:
                if ended < entry.endedBefore { return }
            }
            nextConnection += 1
            begin(entry)
        }
        if open.isEmpty, redeliveries.isEmpty { finish() }
    }

    private func begin(_ entry: ReplayProgram.Entry) {
        let connection = transcript.connections[entry.index]
        let own = strikes.removeValue(forKey: connection.number) ?? []
        var player = Player(
            connection,
            schedule.link(connection: connection.number, route: connection.route, .upstream),
            strikes: own, settings, clock)
        for strike in own {
            guard case .overtaken(let message, let other) = strike.effect,
                let ended = program.ended(message, of: other, in: transcript)
            else { continue }
            player.expect(overtaking: strike.id, recorded: ended)
        }
        let played = makeConnection(
            player,
            schedule.link(connection: connection.number, route: connection.route, .downstream))
        open[connection.number] = played
        for news in overtaking.takeNews(for: connection.number) { played.hear(news) }
        played.run()
    }

    private func finish() {
        guard !isOver else { return }
        isOver = true
        for strike in strikes.values.joined().sorted(by: { $0.id < $1.id }) {
            settle(strike, "interrupted", .preempted)
        }
        for entry in program.entries[nextConnection...] {
            wire.result.counts.messagesUnsent += entry.messages
        }
        wire.result.nanoseconds = wire.now().nanoseconds(since: startedAt)
        wire.end()
    }
}

extension Replay: Redeliveries.Owner {
    func takeAttempt(of connection: UInt32) -> UInt16? { open[connection]?.takeAttempt() }

    func makeConnection(_ player: Player, _ receives: LinkSchedule) -> ReplayConnection {
        let number = player.connection.number
        let route = player.connection.route
        return ReplayConnection(
            player, receives: receives,
            watched: player.redelivery == nil ? overtaking.watched(on: number) : [],
            to: settings.addresses[route] ?? settings.address, wire,
            owner: self)
    }

    func redeliveriesEnded() { goOnNextTurn() }
}

extension Replay: TimerHandler, TurnHandler {
    package func timerFired(_ timer: TimerToken) {
        hasTimer = false
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

extension Replay: ReplayConnection.Owner {
    func connectionEnded(_ connection: ReplayConnection) {
        guard open[connection.number] === connection else {
            redeliveries.ended(connection)
            return goOnNextTurn()
        }
        open[connection.number] = nil
        redeliveries.originalEnded(connection.number, attempts: connection.player.attemptsGiven)
        ended += 1
        wire.result.add(connection.player, connection.number)
        for news in overtaking.ended(connection.number, at: wire.now()) {
            open[news.held]?.hear(news)
        }
        goOnNextTurn()
    }

    func redeliver(_ redelivery: Redelivery) { redeliveries.add(redelivery) }

    func sentWatched(_ message: UInt64, on connection: UInt32) {
        for news in overtaking.sent(message, on: connection, at: wire.now()) {
            open[news.held]?.hear(news)
        }
    }

    func redelivered(by connection: ReplayConnection) { redeliveries.sent(by: connection) }

    func cannotRead(_ error: RecordedBytesError) {
        guard !isStopping else { return }
        // Inside a connection's own turn: the others are stopped after it.
        unreadable = error.reason
        goOnNextTurn()
    }
}
