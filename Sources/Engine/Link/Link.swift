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
    private var isBlocked = false
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
    var isReceiving: Bool { !hasEnded && !isOver && !isBlocked && !isWaiting }

    /// Bytes that wait for the receiver.
    var heldBytes: Int { queue.count }

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
        guard !isOver, sendQueue() else { return }
        var share = Self.bytesPerTurn
        while mayReceive, !hasEnded, !isOver, !isWaiting, !hasTurn {
            guard share > 0 else {
                hasTurn = true
                return session.network.callNextTurn(self)
            }
            share -= receiveOnce()
            guard queue.isEmpty else { return }
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
    func stopReceiving() { hasEnded = true }

    /// Forgets what waits: its receiver is gone.
    func abandon() {
        isOver = true
        session.counters.hold(-queue.count)
        queue.removeAll()
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
        let limit = isFrugal ? Self.frugalReceive : receiveSize
        let received = session.recorder.receive(
            from: source, connection: connection.number, attempt: 1, direction: direction,
            limit: limit)
        switch received {
        case .bytes(let bytes, let isDrained):
            if isDrained { mayReceive = false }
            count(bytes)
            send(bytes, isFull: bytes.count == limit)
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
        isBlocked = true
        lastProgress = session.network.now
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
                isBlocked = true
                watchForStall()
                return false
            case .failed(let error):
                connection.failedSending(self, error)
                return false
            }
        }
        if isStalled {
            isStalled = false
            record(.resumed)
        }
        if hasEnded { passOnEnd() }
        return true
    }

    /// The FIN follows the last byte. After a reset the connection itself sees to the end.
    private func passOnEnd() {
        guard queue.isEmpty, !isOver, connection.isOpen else { return }
        isOver = true
        destination.finish()
        connection.linkIsOver()
    }
}

/// Timers and turns.
extension Link: TurnHandler, TimerHandler, RecorderWaiter {
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
