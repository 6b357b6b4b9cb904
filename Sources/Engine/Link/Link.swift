import Platform
import Recordings

/// One direction of a connection: receives from one peer, records, and sends to the other from the
/// same memory.
///
///     moving ──receiver takes no more──► blocked: the tail waits in the queue, nothing is received
///        ▲────────the queue is empty────────┘
///     moving ──FIN──► ending ──the queue is empty──► over: the FIN is passed on
///
/// Readiness comes as edges, so a link remembers what it was told until it would block.
final class Link {
    /// So many bytes a link moves before others have their turn (and one receive more).
    static let bytesPerTurn = 1 << 20
    /// So many sends a link does of what rules have cut up, before others have their turn.
    static let sendsPerTurn = 256
    /// A receive asks for more as long as it is filled, and for less when the receiver is slower.
    static let smallestReceive = 16 << 10
    static let firstReceive = 64 << 10
    /// What a receive asks for when all links together hold `Session.heldBytes`.
    static let frugalReceive = 1 << 10
    /// After so long without room a receiver counts as stalled.
    static let stallNanoseconds: Int64 = 200_000_000

    let direction: Direction
    /// A cycle that `Connection.close` breaks: whoever still holds a link may call it.
    let connection: Connection
    let session: Session
    let source: any Socket
    let destination: any Socket

    var counters = LinkCounters()
    /// When the receiver last took something, or when it stopped.
    private(set) var lastProgress: MonotonicTime
    /// The sender has ended in order; what it sent before may still wait.
    private(set) var hasEnded = false
    /// Nothing more happens on this link.
    private(set) var isOver = false
    private var queue = SendQueue()
    private var receiveSize = Link.firstReceive
    private var mayReceive = true
    private(set) var isBlocked = false
    private var isStalled = false
    private var isWaiting = false
    private var hasTurn = false
    private var hasStallTimer = false

    init(_ direction: Direction, of connection: Connection, from: any Socket, to: any Socket) {
        self.direction = direction
        self.connection = connection
        session = connection.session
        source = from
        destination = to
        lastProgress = session.network.now
    }

    /// It receives whatever comes; otherwise it waits for something else, or is at its end.
    var isReceiving: Bool { !hasEnded && !isOver && !isBlocked && !isWaiting && hasRoom }

    /// Bytes that wait for the receiver, or for their time.
    var heldBytes: Int { queue.count + (connection.injection?.heldBytes(direction) ?? 0) }

    /// Without rules a link holds no more than one receive, and waits until that is sent.
    private var hasRoom: Bool { connection.injection?.hasRoom(direction) ?? true }

    /// The source may have something to receive.
    func becameReadable() {
        mayReceive = true
        move()
    }

    /// The destination may take more.
    func becameWritable() {
        guard isBlocked else { return }
        isBlocked = false
        move()
    }

    /// Moves what there is, up to the share of one turn.
    func move() {
        guard !isOver, sendQueue(), sendDue() else { return }
        var share = Self.bytesPerTurn
        while mayReceive, !hasEnded, !isOver, !isWaiting, !hasTurn, hasRoom {
            guard share > 0 else { return waitForTurn() }
            share -= receiveOnce()
            guard !isBlocked else { return }
        }
    }

    /// The sender is heard no more, as if it had ended in order.
    func finish(by party: Party) {
        guard !hasEnded, !isOver else { return }
        hasEnded = true
        record(.finished(by: party))
        passOnEnd()
    }

    /// Nothing more is received. What waits may still be sent: the connection broke on the sender's
    /// side.
    func stopReceiving() {
        hasEnded = true
        connection.injection?.finish(self)
    }

    /// Forgets what waits: its receiver is gone.
    func abandon() {
        isOver = true
        connection.injection?.abandon(self)
        session.counters.hold(-queue.count)
        queue.removeAll()
    }

    /// The receiver is told that no byte follows.
    func endSending() {
        guard !isOver, connection.isOpen else { return }
        isOver = true
        destination.finish()
        connection.linkIsOver()
    }

    /// Rules end this link here: what its sender says from now on is not received.
    func cutShort() {
        guard !isOver, connection.isOpen else { return }
        hasEnded = true
        record(.finished(by: .weir))
        endSending()
    }

    func record(_ fact: Event.Fact) {
        session.recorder.record(
            Event(
                at: session.instant, connection: connection.number, attempt: 1,
                direction: direction, fact))
    }
}

extension Link {
    /// Receives once; how many bytes came.
    private func receiveOnce() -> Int {
        let isFrugal = session.counters.heldBytes >= Session.heldBytes
        var limit = isFrugal ? Self.frugalReceive : receiveSize
        if let most = connection.injection?.receiveLimit(direction) { limit = min(limit, most) }
        let received = session.recorder.receive(
            from: source, connection: connection.number, attempt: 1, direction: direction,
            limit: limit)
        switch received {
        case .bytes(let bytes, let isDrained):
            if isDrained { mayReceive = false }
            count(bytes)
            if let injection = connection.injection {
                injection.receive(bytes, on: self)
            } else {
                send(bytes, isFull: bytes.count == limit)
            }
            return bytes.count
        case .wouldBlock:
            mayReceive = false
        case .finished:
            mayReceive = false
            connection.finished(self)
        case .failed(let error):
            mayReceive = false
            connection.failed(direction.producer, error)
        case .mustWait:
            isWaiting = true
            session.recorder.wait(for: self)
        }
        return 0
    }

    private func count(_ bytes: UnsafeRawBufferPointer) {
        let offset = counters.bytes
        counters.add(bytes.count)
        if direction == .upstream {
            session.counters.upstream.add(bytes.count)
        } else {
            session.counters.downstream.add(bytes.count)
        }
        guard session.watch.wants(connection.number, direction, at: offset) else { return }
        let chunk = Event(
            at: .start, connection: connection.number, attempt: 1, direction: direction, .chunk)
        session.see(chunk, bytes, at: offset)
    }

    /// Sends from where the bytes lie; what the receiver does not take is copied to the queue.
    private func send(_ bytes: UnsafeRawBufferPointer, isFull: Bool) {
        var rest = bytes
        while !rest.isEmpty {
            switch destination.send(rest) {
            case .bytes(let count):
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            case .wouldBlock:
                receiveSize = Self.size(near: bytes.count - rest.count)
                hold(rest)
                return
            case .failed(let error):
                return connection.failedSending(self, error)
            }
        }
        if isFull { receiveSize = Self.size(near: receiveSize * 2) }
    }

    private static func size(near count: Int) -> Int {
        min(max(count, smallestReceive), Recorder.receiveBytes)
    }

    private func hold(_ rest: UnsafeRawBufferPointer) {
        queue.append(rest)
        session.counters.hold(rest.count)
        lastProgress = session.network.now
        block()
    }

    /// The receiver takes no more until it says so.
    private func block() {
        isBlocked = true
        watchForStall()
    }

    /// Sends what waits. True when nothing does any more.
    private func sendQueue() -> Bool {
        guard !queue.isEmpty else { return true }
        guard !isBlocked else { return false }
        while !queue.isEmpty {
            switch queue.withBytes({ destination.send($0) }) {
            case .bytes(let count):
                queue.removeFirst(count)
                session.counters.hold(-count)
                lastProgress = session.network.now
            case .wouldBlock:
                block()
                return false
            case .failed(let error):
                connection.failedSending(self, error)
                return false
            }
        }
        resume()
        if hasEnded { passOnEnd() }
        return true
    }

    private func resume() {
        guard isStalled else { return }
        isStalled = false
        record(.resumed)
    }

    /// Does what rules have decided on and is due, behind what was received without rules.
    func sendHeld() {
        if !isOver, queue.isEmpty { _ = sendDue() }
    }

    /// Does what rules have decided on and is due. False: the receiver takes no more, or is gone.
    private func sendDue() -> Bool {
        guard let injection = connection.injection, !isBlocked else { return !isBlocked }
        var share = Self.sendsPerTurn
        while !isOver, let outcome = injection.sendNext(on: self) {
            switch outcome {
            case .bytes:
                lastProgress = session.network.now
                share -= 1
                guard share > 0 else {
                    waitForTurn()
                    return false
                }
            case .wouldBlock:
                block()
                return false
            case .failed(let error):
                connection.failedSending(self, error)
                return false
            }
        }
        resume()
        return !isOver
    }

    /// The FIN follows the last byte. After a reset the connection itself sees to the end.
    private func passOnEnd() {
        guard queue.isEmpty, !isOver, connection.isOpen else { return }
        if let injection = connection.injection { return injection.finish(self) }
        endSending()
    }
}

/// Timers and turns.
extension Link: TurnHandler, TimerHandler, RecorderWaiter {
    private func waitForTurn() {
        guard !hasTurn else { return }
        hasTurn = true
        session.network.callNextTurn(self)
    }

    func nextTurn() {
        hasTurn = false
        move()
    }

    func recorderHasRoom() {
        isWaiting = false
        move()
    }

    /// One timer a link at most, however often it blocks: it looks when the last block began.
    private func watchForStall() {
        guard !hasStallTimer, !isStalled else { return }
        hasStallTimer = true
        let time = lastProgress.advanced(byNanoseconds: Self.stallNanoseconds)
        session.network.schedule(at: time, self)
    }

    func timerFired(_ timer: TimerToken) {
        hasStallTimer = false
        guard isBlocked, !isOver, !isStalled else { return }
        let time = lastProgress.advanced(byNanoseconds: Self.stallNanoseconds)
        guard time <= session.network.now else { return watchForStall() }
        isStalled = true
        session.counters.stalls += 1
        record(.stalled)
    }
}

extension Direction {
    /// Who sends in this direction, and who receives.
    var producer: Party { self == .upstream ? .client : .server }
    var consumer: Party { self == .upstream ? .server : .client }
}
