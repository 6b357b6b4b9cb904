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

    private var nextConnection = 0
    private var open: [UInt32: ReplayConnection] = [:]
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
        program = ReplayProgram(transcript, settings, &wire.result.counts)
        clock = ReplayClock(origin: .start, start: .start, speed: settings.speed)
    }

    /// Begins, now; event instants count from `sessionStart`, which is not later.
    package func start(sessionStart: MonotonicTime) {
        wire.sessionStart = sessionStart
        startedAt = wire.now()
        clock = program.clock(transcript, settings, start: startedAt)
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
        goOnNextTurn()
    }

    /// A planned strike goes to its connection, or has its outcome at once.
    private func enter(_ strike: Strike) {
        wire.result.counts.strikesPlanned += 1
        if strike.direction == .downstream {
            settle(strike, "a replay as the client sends nothing downstream")
        } else if !program.plays(strike.connection) {
            settle(strike, "connection \(strike.connection) is not played")
        } else {
            strikes[strike.connection, default: []].append(strike)
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
        if open.isEmpty { finish() }
    }

    private func begin(_ entry: ReplayProgram.Entry) {
        let connection = transcript.connections[entry.index]
        let player = Player(
            connection, schedule.link(connection: connection.number, .upstream),
            strikes: strikes.removeValue(forKey: connection.number) ?? [], settings, clock)
        let address = settings.addresses[connection.route] ?? settings.address
        let played = ReplayConnection(
            player, receives: schedule.link(connection: connection.number, .downstream),
            to: address, wire, owner: self)
        open[connection.number] = played
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
        guard open.removeValue(forKey: connection.number) != nil else { return }
        ended += 1
        wire.result.add(connection.player, connection.number)
        goOnNextTurn()
    }

    func cannotRead(_ error: RecordedBytesError) {
        guard !isStopping else { return }
        // Inside a connection's own turn: the others are stopped after it.
        unreadable = error.reason
        goOnNextTurn()
    }
}
