import Faults
import Platform
import Recordings

/// Does what a responder decides: one connection that a consumer dialled, its socket and its timer.
final class ServedConnection {
    /// So much is moved in one turn, before other connections have theirs.
    static let turnBytes = 262_144
    /// So much is still received before an end of Weir's own: more is what a flood has left.
    static let finalBytes = 128 << 10
    /// So much is received at once: what is asked for in it is kept in mind.
    static let receiveBytes = 8_192
    /// After so many requests in one turn the others, and signals, have theirs; and no more are
    /// heard before an end of Weir's own.
    static let turnRequests: UInt64 = 256
    /// At least so much is received at once, however short the requests are; and at first.
    static let leastReceived = 256
    /// A first message that is longer is not waited for.
    static let firstMessageBytes = 65_536

    /// Hears of this connection.
    protocol Owner: AnyObject {
        func connectionMoved()
        func connectionEnded(_ connection: ServedConnection)
        func cannotRead(_ error: RecordedBytesError)
    }

    /// In the order of accepting, from 0.
    let id: Int
    private(set) var responder: Responder
    private unowned let owner: any Owner
    private let wire: ReplayWire
    private var socket: (any Socket)?
    private let opened: Event.Fact

    /// What came before it was known which recorded connection is played.
    private var held: [UInt8] = []
    private var isTold = false
    private var hasFinished = false
    private var hasConsumerEnded = false
    private var isOver = false

    private var pending = PendingPieces()
    private var isBlocked = false
    private var mayBeReadable = true
    private var receivedAtMost = ServedConnection.leastReceived
    private var awaitsTurn = false
    private var alarm = Alarm()
    private var reading: SlowReading
    private var readTimer: TimerToken?

    init(
        _ id: Int, _ socket: any Socket, _ responder: Responder, receives: Schedule,
        route: UInt16, _ wire: ReplayWire, owner: any Owner
    ) {
        self.id = id
        self.socket = socket
        self.responder = responder
        self.wire = wire
        self.owner = owner
        schedule = receives
        self.route = route
        reading = SlowReading(receives.link(connection: 0, route: route, .upstream))
        let client = socket.peerAddress.map { "\($0)" } ?? ""
        let server = socket.localAddress.map { "\($0)" } ?? ""
        opened = .opened(route: route, client: client, server: server)
        socket.handler = self
    }

    private let schedule: Schedule
    private let route: UInt16

    /// Does all that may be done now.
    func run() {
        guard !isOver else { return }
        tellOpening()
        var budget = Self.turnBytes
        var now = wire.now()
        while true {
            switch responder.next(at: now, canSend: !isBlocked && pending.hasRoom) {
            case .send(let piece):
                pending.append(piece)
            case .wait(let until):
                guard pending.bytes > 0, !isBlocked else {
                    if mayBeReadable, responder.mayReceive, !awaitsTurn { goOnNextTurn() }
                    return wait(until: until)
                }
                guard budget > 0 else { return goOnNextTurn() }
                budget -= flush()
                now = wire.now()
            case .done:
                return finish(at: now)
            case let action:
                perform(action, at: now)
            }
        }
    }

    /// Ends it early.
    func stop() {
        responder.stop(at: wire.now())
        run()
    }

    private func finish(at now: Instant) {
        isOver = true
        alarm.cancel(on: wire.network)
        if let achieved = reading.achieved { tell(.upstream, .mark(label: achieved), at: now) }
        release()
        owner.connectionEnded(self)
    }

    /// Once it is known which connection is played, what has happened on it is told.
    private func tellOpening(at received: Instant? = nil) {
        guard !isTold, responder.isAssigned else { return }
        isTold = true
        if let own = responder.own {
            reading = SlowReading(
                schedule.link(
                    connection: responder.book[own].number, route: route, .upstream))
        }
        let now = received ?? wire.now()
        tell(nil, opened, at: now)
        // Which one it plays is said before what it sent.
        if case .report(let fact) = responder.next(at: now, canSend: false) {
            tell(.downstream, fact, at: now)
        }
        if !held.isEmpty {
            wire.tell(event(.upstream, .chunk, at: now), held.span)
            held = []
        }
    }

    private func perform(_ action: Action, at now: Instant) {
        switch action {
        case .askUnacknowledged:
            responder.unacknowledged(socket?.unacknowledgedBytes ?? 0, at: now)
        case .finish(let party):
            forget()
            hasFinished = true
            tell(.downstream, .finished(by: party), at: now)
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
            if !hasFinished { tell(.downstream, .finished(by: party), at: wire.now()) }
            if !hasConsumerEnded { tell(.upstream, .finished(by: .weir), at: wire.now()) }
            release()
        case .release:
            release()
        case .report(let fact):
            if case .strike(let outcome) = fact { wire.result.count(outcome) }
            tell(.downstream, fact, at: now)
        case .send, .wait, .done, .dial, .abandonDial, .redeliver, .redelivered, .receiveAgain,
            .reportReceived:
            break
        }
    }

    private func event(
        _ direction: Direction?, _ fact: Event.Fact, at now: Instant
    ) -> Event {
        Event(
            at: now, connection: responder.number, attempt: responder.attempt,
            direction: direction, fact)
    }

    private func tell(_ direction: Direction?, _ fact: Event.Fact, at now: Instant) {
        wire.tell(event(direction, fact, at: now))
    }

    private func wait(until: Instant?) {
        guard let until else { return }
        alarm.set(at: wire.time(of: until), on: wire.network, for: self)
    }

    private func goOnNextTurn() {
        guard !awaitsTurn else { return }
        awaitsTurn = true
        wire.network.callNextTurn(self)
    }

    /// What was handed out and not taken is void.
    private func forget() {
        pending = PendingPieces()
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

extension ServedConnection: SocketHandler, TimerHandler, TurnHandler {
    func connected(_ socket: any Socket) {}
    func failed(_ socket: any Socket, _ error: Errno) {}

    func ready(_ socket: any Socket, _ readiness: Readiness) {
        if readiness.contains(.writable) { isBlocked = false }
        if readiness.contains(.readable) {
            mayBeReadable = true
            receive()
        }
        run()
    }

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
        guard !isOver else { return }
        if mayBeReadable { receive() }
        run()
    }
}

/// Bytes in and out.
extension ServedConnection {
    /// Sends what is pending, once.
    /// - Returns: how many bytes the socket took.
    private func flush() -> Int {
        guard let socket else { return 0 }
        let filled: Int
        do throws(RecordedBytesError) {
            filled = try wire.fill(pending.waiting)
        } catch {
            forget()
            responder.stop(at: wire.now())
            owner.cannotRead(error)
            return 0
        }
        wire.flipBits(pending.waiting, filled) { [responder] piece in
            responder.book[piece.source].ledger.strikes[piece.corrupt]
        }
        switch socket.send(UnsafeRawBufferPointer(rebasing: wire.gather[..<filled])) {
        case .bytes(let count):
            owner.connectionMoved()
            take(count, at: wire.now())
            return count
        case .wouldBlock:
            isBlocked = true
            responder.blocked(at: wire.now())
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
        pending.take(count) { part, start in
            wire.withGathered(start, part.count) { bytes in
                tellSent(part, bytes, at: now)
                responder.took(bytes, of: part, at: now, into: &wire.result)
            }
        }
    }

    private func tellSent(_ piece: Piece, _ bytes: Span<UInt8>, at now: Instant) {
        let strike =
            piece.strike >= 0
            ? responder.book[piece.source].ledger.strikes[piece.strike].id : ""
        let sent = Sent(
            message: piece.message, copy: piece.copy, offset: piece.offset, strike: strike,
            source: .literal)
        wire.tell(event(.downstream, .sent(sent), at: now), bytes)
    }

    /// Receives what has come, one turn's worth.
    private func receive() {
        var budget = Self.turnBytes
        let asked = responder.requests
        while mayBeReadable {
            guard budget > 0, responder.requests &- asked < Self.turnRequests else {
                return goOnNextTurn()
            }
            // Who does not take answers is not listened to.
            guard responder.mayReceive else { return }
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
        let asked = responder.requests
        while mayBeReadable, budget > 0, responder.mayReceive,
            responder.requests &- asked < Self.turnRequests
        {
            budget -= receiveOnce()
        }
    }

    private func receiveOnce(atMost most: Int? = nil) -> Int {
        guard let socket, !hasConsumerEnded else {
            mayBeReadable = false
            return 0
        }
        let most = min(most ?? Self.receiveBytes, receivedAtMost)
        let asked = responder.requests
        let outcome = wire.receive(from: socket, atMost: most) { take($0) }
        switch outcome {
        case .bytes(let count, let isDrained):
            owner.connectionMoved()
            expect(count, for: responder.requests &- asked)
            mayBeReadable = !isDrained
            return count
        case .wouldBlock:
            mayBeReadable = false
        case .finished:
            mayBeReadable = false
            hasConsumerEnded = true
            responder.consumerEnded(isReset: false, at: wire.now())
            tellOpening()
            tell(.upstream, .finished(by: .client), at: wire.now())
        case .failed(let error):
            fail(error)
        }
        return 0
    }

    /// The next receive brings a turn's share of requests, if they are as long as these.
    private func expect(_ bytes: Int, for requests: UInt64) {
        let share = Int(clamping: UInt64(bytes) * Self.turnRequests / max(requests, 1))
        receivedAtMost = min(Self.receiveBytes, max(Self.leastReceived, share))
    }

    private func take(_ bytes: Span<UInt8>) {
        let now = wire.now()
        reading.didRead(bytes.count, at: now)
        wire.result.counts.bytesReceived += UInt64(bytes.count)
        guard !isTold else {
            wire.tell(event(.upstream, .chunk, at: now), bytes)
            return responder.receive(bytes, at: now)
        }
        for index in bytes.indices { held.append(bytes[index]) }
        responder.receive(bytes, at: now)
        if !responder.isAssigned, held.count >= Self.firstMessageBytes {
            responder.assignByOrder(at: now)
        }
        // A request came when its bytes are said to have come.
        tellOpening(at: now)
    }

    /// The consumer reset the connection, or it failed otherwise.
    private func fail(_ error: Errno) {
        hasConsumerEnded = true
        let now = wire.now()
        responder.consumerEnded(isReset: true, at: now)
        tellOpening()
        if error == .connectionReset || error == .brokenPipe {
            tell(nil, .reset(by: .client), at: now)
        } else {
            tell(nil, .failed(errno: error.code, by: .client), at: now)
        }
        release()
    }
}
