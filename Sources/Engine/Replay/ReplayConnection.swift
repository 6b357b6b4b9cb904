import Faults
import Platform
import Recordings

/// Does what a player decides: a recorded connection's sockets, one after the other, and its timer.
final class ReplayConnection {
    /// So much is moved in one turn, before other connections have theirs.
    static let turnBytes = 262_144
    /// Pieces that are gathered for one send.
    static let gatheredPieces = 1_024
    /// So much that has come is still received before an end of Weir's own.
    static let finalBytes = 16 << 20

    /// Hears of this connection.
    protocol Owner: AnyObject {
        func connectionEnded(_ connection: ReplayConnection)
        func cannotRead(_ error: RecordedBytesError)
    }

    let number: UInt32
    private(set) var player: Player
    private unowned let owner: any Owner
    private let wire: ReplayWire
    private let route: UInt16
    private let address: SocketAddress

    private var socket: (any Socket)?
    private var dialledAt = Instant.start
    private var dialledAttempt: UInt16 = 0
    private var hasFinished = false
    private var hasConsumerEnded = false

    // Handed out and not taken, in order; their bytes are read again for each try.
    private var pending: [Piece] = []
    private var pendingHead = 0
    private var pendingBytes = 0
    private var isBlocked = false
    private var mayBeReadable = false
    private var awaitsTurn = false
    private var timer: TimerToken?
    private var timerAt = Instant.start
    private var reading: SlowReading
    private var readTimer: TimerToken?

    /// - Parameter receives: what conditions do to what comes.
    init(
        _ player: Player, receives: LinkSchedule, to address: SocketAddress, _ wire: ReplayWire,
        owner: any Owner
    ) {
        self.player = player
        reading = SlowReading(receives)
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
            let canSend =
                !isBlocked && pending.count - pendingHead < Self.gatheredPieces
                && pending.last?.isAlone != true
                && pendingBytes < ReplayWire.gatherBytes
            switch player.next(at: now, canSend: canSend) {
            case .send(let piece):
                pending.append(piece)
                pendingBytes += piece.count
            case .wait(let until):
                guard pendingBytes > 0, !isBlocked else { return wait(until: until) }
                guard budget > 0 else { return goOnNextTurn() }
                budget -= flush()
                now = wire.now()
            case .done:
                cancelTimer()
                if let achieved = reading.achieved {
                    tell(.downstream, .mark(label: achieved), at: now)
                }
                return owner.connectionEnded(self)
            case let action:
                perform(action, at: now)
            }
        }
    }

    /// Ends it early.
    func stop() {
        player.stop(at: wire.now())
        run()
    }

    private func perform(_ action: Action, at now: Instant) {
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
        case .report(let fact):
            if case .strike(let outcome) = fact { wire.result.count(outcome) }
            tell(.upstream, fact, at: now)
        case .send, .wait, .done:
            break
        }
    }

    private func tell(_ direction: Direction?, _ fact: Event.Fact, at now: Instant) {
        wire.tell(
            Event(
                at: now, connection: number, attempt: max(1, player.attempt), direction: direction,
                fact))
    }

    private func wait(until: Instant?) {
        guard let until else { return }
        if timer != nil {
            guard timerAt > until else { return }
            cancelTimer()
        }
        timerAt = until
        timer = wire.network.schedule(at: wire.time(of: until), self)
    }

    private func cancelTimer() {
        if let timer { wire.network.cancel(timer) }
        timer = nil
    }

    private func goOnNextTurn() {
        guard !awaitsTurn else { return }
        awaitsTurn = true
        wire.network.callNextTurn(self)
    }

    /// What was handed out and not taken is void.
    private func forget() {
        pending = []
        pendingHead = 0
        pendingBytes = 0
        isBlocked = false
    }

    private func release() {
        socket?.close()
        socket = nil
        if let readTimer { wire.network.cancel(readTimer) }
        readTimer = nil
        mayBeReadable = false
        forget()
    }
}

/// Connecting.
extension ReplayConnection: SocketHandler {
    private func dial(_ attempt: UInt16, at now: Instant) {
        dialledAt = now
        dialledAttempt = attempt
        hasFinished = false
        hasConsumerEnded = false
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

    private func refuse(
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
        guard timer == self.timer else { return }
        self.timer = nil
        run()
    }

    func nextTurn() {
        awaitsTurn = false
        if mayBeReadable { receive() }
        run()
    }
}

/// Bytes in and out.
extension ReplayConnection {
    /// Sends what is pending, once.
    /// - Returns: how many bytes the socket took.
    private func flush() -> Int {
        guard let socket else { return 0 }
        let filled: Int
        do throws(RecordedBytesError) {
            filled = try wire.fill(pending[pendingHead...])
        } catch {
            forget()
            player.stop(at: wire.now())
            owner.cannotRead(error)
            return 0
        }
        wire.flipBits(pending[pendingHead...], filled, player.ledger)
        switch socket.send(UnsafeRawBufferPointer(rebasing: wire.gather[..<filled])) {
        case .bytes(let count):
            take(count, at: wire.now())
            return count
        case .wouldBlock:
            isBlocked = true
            player.blocked(at: wire.now())
        case .failed:
            // What came before the error, and the error itself, are there to be received.
            forget()
            receiveLast()
            if !hasConsumerEnded || self.socket != nil { fail(.brokenPipe) }
        }
        return 0
    }

    /// The socket took so many bytes of what was gathered.
    private func take(_ count: Int, at now: Instant) {
        var taken = 0
        while taken < count {
            let piece = pending[pendingHead]
            let part = min(piece.count, count - taken)
            var portion = piece
            portion.count = part
            portion.isLast = piece.isLast && part == piece.count
            wire.withGathered(taken, part) { bytes in
                tellSent(portion, bytes, at: now)
                player.took(bytes, of: portion, at: now, into: &wire.result)
            }
            taken += part
            pendingBytes -= part
            if part == piece.count {
                pendingHead += 1
            } else {
                pending[pendingHead].offset += UInt64(part)
                pending[pendingHead].fileOffset += UInt64(part)
                pending[pendingHead].count -= part
                pending[pendingHead].isFirst = false
            }
        }
        if pendingHead == pending.count {
            pending.removeAll(keepingCapacity: true)
            pendingHead = 0
        }
    }

    private func tellSent(_ piece: Piece, _ bytes: Span<UInt8>, at now: Instant) {
        let strike = piece.strike >= 0 ? player.ledger.strikes[piece.strike].id : ""
        let sent = Sent(
            message: piece.message, copy: piece.copy, offset: piece.offset, strike: strike,
            source: .literal)
        wire.tell(
            Event(
                at: now, connection: number, attempt: player.attempt, direction: .upstream,
                .sent(sent)), bytes)
    }

    /// Receives what has come, one turn's worth.
    private func receive() {
        var budget = Self.turnBytes
        while mayBeReadable {
            guard budget > 0 else { return goOnNextTurn() }
            if reading.portion != nil, reading.readyAt > wire.now() {
                if readTimer == nil {
                    readTimer = wire.network.schedule(at: wire.time(of: reading.readyAt), self)
                }
                return
            }
            budget -= receiveOnce(atMost: reading.portion)
        }
    }

    /// Receives what has come before an end of Weir's own.
    private func receiveLast() {
        guard socket != nil, !hasConsumerEnded else { return }
        var budget = Self.finalBytes
        mayBeReadable = true
        while mayBeReadable, budget > 0 { budget -= receiveOnce() }
    }

    private func receiveOnce(atMost most: Int? = nil) -> Int {
        guard let socket, !hasConsumerEnded else {
            mayBeReadable = false
            return 0
        }
        let outcome = wire.receive(from: socket, atMost: most) { bytes in
            let now = wire.now()
            reading.didRead(bytes.count, at: now)
            wire.tell(
                Event(
                    at: now, connection: number, attempt: player.attempt, direction: .downstream,
                    .chunk), bytes)
            player.received(bytes, at: now, into: &wire.result)
        }
        switch outcome {
        case .bytes(let count, let isDrained):
            mayBeReadable = !isDrained
            return count
        case .wouldBlock:
            mayBeReadable = false
        case .finished:
            mayBeReadable = false
            hasConsumerEnded = true
            tell(.downstream, .finished(by: .server), at: wire.now())
            player.consumerEnded(isReset: false, at: wire.now())
        case .failed(let error):
            fail(error)
        }
        return 0
    }

    /// The consumer reset the connection, or it failed otherwise.
    private func fail(_ error: Errno) {
        hasConsumerEnded = true
        let now = wire.now()
        if error == .connectionReset || error == .brokenPipe {
            tell(nil, .reset(by: .server), at: now)
        } else {
            tell(nil, .failed(errno: error.code, by: .server), at: now)
        }
        release()
        player.consumerEnded(isReset: true, at: now)
    }
}
