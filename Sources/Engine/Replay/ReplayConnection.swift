import Faults
import Platform
import Recordings

/// Does what a player decides: a recorded connection's sockets, one after the other, and its timer.
final class ReplayConnection {
    /// So much is moved in one turn, before other connections have theirs.
    static let turnBytes = 262_144
    /// So much that has come is still received before an end of Weir's own.
    static let finalBytes = 16 << 20

    /// Hears of this connection.
    protocol Owner: AnyObject {
        func connectionEnded(_ connection: ReplayConnection)
        /// A copy is to be played on a connection of its own.
        func redeliver(_ redelivery: Redelivery)
        /// The copy that this connection plays was sent whole.
        func redelivered(by connection: ReplayConnection)
        /// A message that others wait for was sent whole.
        func sentWatched(_ message: UInt64, on connection: UInt32)
        func cannotRead(_ error: RecordedBytesError)
    }

    let number: UInt32
    var player: Player
    unowned let owner: any Owner
    let wire: ReplayWire
    let route: UInt16
    let address: SocketAddress

    var socket: (any Socket)?
    var dialledAt = Instant.start
    var dialledAttempt: UInt16 = 0
    var hasFinished = false
    var hasConsumerEnded = false

    var pending = PendingPieces()
    var isBlocked = false
    var mayBeReadable = false
    var awaitsTurn = false
    private var alarm = Alarm()
    /// What came behind a strike that keeps it back; at most one receive.
    var kept: [UInt8] = []
    /// Messages that others wait for.
    var watched: Set<UInt64>
    var reading: SlowReading
    var readTimer: TimerToken?

    /// - Parameters:
    ///   - receives: what conditions do to what comes.
    ///   - watched: messages whose sending the owner is to hear of.
    init(
        _ player: Player, receives: LinkSchedule, watched: Set<UInt64> = [],
        to address: SocketAddress, _ wire: ReplayWire,
        owner: any Owner
    ) {
        self.player = player
        reading = SlowReading(receives)
        self.watched = watched
        self.address = address
        self.wire = wire
        self.owner = owner
        number = player.connection.number
        route = player.connection.route
    }

    /// Does all that may be done now.
    func run() {
        var budget = Self.turnBytes
        var now = wire.now()
        while true {
            switch player.next(at: now, canSend: !isBlocked && pending.hasRoom) {
            case .send(let piece):
                pending.append(piece)
            case .wait(let until):
                guard pending.bytes > 0, !isBlocked else { return wait(until: until) }
                guard budget > 0 else { return goOnNextTurn() }
                budget -= flush()
                now = wire.now()
            case .done:
                alarm.cancel(on: wire.network)
                if let achieved = reading.achieved {
                    tell(.downstream, .mark(label: achieved), at: now)
                }
                return owner.connectionEnded(self)
            case let action:
                perform(action, at: now)
            }
        }
    }

    /// The number of the next TCP connection that plays the same recorded one.
    func takeAttempt() -> UInt16 { player.takeAttempt() }

    /// A message of another connection was sent, or will not be, that was to overtake one of this.
    func hear(_ news: OvertakeBoard.News) {
        if let failure = news.failure {
            player.willNotBeOvertaken(news.id, failure)
        } else {
            player.wasOvertaken(news.id, at: news.instant)
        }
        goOnNextTurn()
    }

    /// Ends it early.
    func stop() {
        player.stop(at: wire.now())
        run()
    }

    func perform(_ action: Action, at now: Instant) {
        switch action {
        case .dial(let attempt): dial(attempt, at: now)
        case .abandonDial:
            release()
            refuse(.timedOut, at: now)
        case .askUnacknowledged:
            player.unacknowledged(socket?.unacknowledgedBytes ?? 0, at: now)
        case .finish(let party):
            forget()
            hasFinished = true
            tell(.upstream, .finished(by: party), at: now)
            socket?.finish()
        case .reset(let party):
            receiveLast()
            guard let socket else { return }
            tell(nil, .reset(by: party), at: wire.now())
            socket.reset()
            release()
        case .close(let party):
            receiveLast()
            guard socket != nil else { return }
            if !hasFinished { tell(.upstream, .finished(by: party), at: wire.now()) }
            if !hasConsumerEnded { tell(.downstream, .finished(by: .weir), at: wire.now()) }
            release()
        case .release:
            release()
        case .redeliver(let redelivery):
            owner.redeliver(redelivery)
        case .receiveAgain:
            deliverKept(at: now)
            mayBeReadable = true
            receive()
        case .reportReceived(let outcome):
            wire.result.count(outcome)
            tell(.downstream, .strike(outcome), at: now)
        case .redelivered:
            owner.redelivered(by: self)
        case .report(let fact):
            if case .strike(let outcome) = fact { wire.result.count(outcome) }
            tell(.upstream, fact, at: now)
        case .send, .wait, .done:
            break
        }
    }

    func tell(_ direction: Direction?, _ fact: Event.Fact, at now: Instant) {
        wire.tell(
            Event(
                at: now, connection: number, attempt: player.shownAttempt, direction: direction,
                fact))
    }

    func wait(until: Instant?) {
        guard let until else { return }
        alarm.set(at: wire.time(of: until), on: wire.network, for: self)
    }

    func goOnNextTurn() {
        guard !awaitsTurn else { return }
        awaitsTurn = true
        wire.network.callNextTurn(self)
    }

    /// What was handed out and not taken is void.
    func forget() {
        pending = PendingPieces()
        isBlocked = false
    }

    func release() {
        socket?.close()
        socket = nil
        kept = []
        if let readTimer { wire.network.cancel(readTimer) }
        readTimer = nil
        mayBeReadable = false
        forget()
    }
}

/// Connecting.
extension ReplayConnection: SocketHandler {
    func dial(_ attempt: UInt16, at now: Instant) {
        dialledAt = now
        dialledAttempt = attempt
        hasFinished = false
        hasConsumerEnded = false
        if let redelivery = player.redelivery {
            let label = Duplicate.redeliveryMark(redelivery.strike.id)
            wire.tell(
                Event(at: now, connection: number, attempt: attempt, .mark(label: label)))
        }
        wire.tell(
            Event(
                at: now, connection: number, attempt: attempt,
                .dialled(route: route, address: "\(address)")))
        socket = wire.network.dial(address, handler: self)
    }

    func connected(_ socket: any Socket) {
        let now = wire.now()
        // There is such a framer: the transcript was made with it.
        let framer = try? wire.settings.framing.makeFramer(units: wire.settings.units)
        player.opened(at: now, framer: framer ?? nil)
        let client = socket.localAddress.map { "\($0)" } ?? ""
        let server = socket.peerAddress.map { "\($0)" } ?? "\(address)"
        tell(nil, .opened(route: route, client: client, server: server), at: now)
        run()
    }

    func failed(_ socket: any Socket, _ error: Errno) {
        self.socket = nil
        let reason: Event.Refusal =
            switch error {
            case .connectionRefused: .refused
            case .timedOut: .timedOut
            case .hostUnreachable, .networkUnreachable: .unreachable
            default: .other
            }
        refuse(reason, error, at: wire.now())
        run()
    }

    func refuse(
        _ reason: Event.Refusal, _ error: Errno = .timedOut, at now: Instant
    ) {
        wire.tell(
            Event(
                at: now, connection: number, attempt: dialledAttempt,
                .refused(
                    reason: reason, errno: error.code,
                    tookNanoseconds: UInt64(max(0, now.nanoseconds(since: dialledAt))))))
        player.refused("\(error)", at: now)
    }

    func ready(_ socket: any Socket, _ readiness: Readiness) {
        if readiness.contains(.writable) { isBlocked = false }
        if readiness.contains(.readable) {
            mayBeReadable = true
            receive()
        }
        run()
    }
}

extension ReplayConnection: TimerHandler, TurnHandler {
    func timerFired(_ timer: TimerToken) {
        if timer == readTimer {
            readTimer = nil
            receive()
            return run()
        }
        if alarm.wasSet(by: timer) { run() }
    }

    func nextTurn() {
        awaitsTurn = false
        if mayBeReadable { receive() }
        run()
    }
}
