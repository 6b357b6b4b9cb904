import Faults
import Platform
import Recordings

/// A connection that a proxy dials for one copy of a message: does what its play says, records it
/// as one more attempt of the original's connection, and throws away what the server answers.
final class CopyConnection {
    /// So many bytes are received before others have their turn.
    static let bytesPerTurn = 1 << 20

    private let batch: LiveCopies.Batch
    private let copy: UInt16
    private let attempt: UInt16
    private let owner: LiveCopies
    private var session: Session?
    private var play: CopyPlay
    private var socket: (any Socket)?
    private var dialled = Instant.start
    private var alarm = Alarm()
    private var isBlocked = false
    private var mayReceive = false
    private var hasTurn = false
    private var isWaiting = false
    private var hasFinished = false
    private var isOver = false
    private var isTold = false

    init(_ batch: LiveCopies.Batch, copy: UInt16, attempt: UInt16, of owner: LiveCopies) {
        self.batch = batch
        self.copy = copy
        self.attempt = attempt
        self.owner = owner
        play = CopyPlay(batch.redelivery, at: .start)
    }

    func begin(to address: SocketAddress, in session: Session) {
        self.session = session
        dialled = session.instant
        play = CopyPlay(batch.redelivery, at: dialled)
        let mark = Duplicate.redeliveryMark(batch.redelivery.strike.outcome.id)
        record(.mark(label: mark))
        record(
            .dialled(
                route: UInt16(clamping: batch.redelivery.route), address: address.description))
        socket = session.network.dial(address, handler: self)
        goOn()
    }

    /// It is ended early.
    func stop() {
        play.stop()
        finish()
        socket?.close()
        end()
    }

    private var strike: String { batch.redelivery.strike.outcome.id }

    private func record(
        _ fact: Event.Fact, _ direction: Direction? = nil, _ bytes: Span<UInt8> = Span()
    ) {
        guard let session else { return }
        session.recorder.record(
            Event(
                at: session.instant, connection: batch.connection, attempt: attempt,
                direction: direction, fact), bytes)
    }

    /// Does what is to be done now.
    private func goOn() {
        guard let session, let socket, !isOver else { return }
        while !isOver {
            switch play.next(at: session.instant) {
            case .send(let part, let start):
                guard !isBlocked, send(part, from: start, to: socket) else { return wakeInTime() }
            case .finish: finish()
            case .close:
                socket.close()
                end()
            case .reset:
                record(.reset(by: .weir))
                socket.reset()
                end()
            case .nothing:
                guard play.nextWake != nil else { return end() }
                return wakeInTime()
            }
        }
    }

    /// Sends once.
    /// - Returns: whether there may be more to do.
    private func send(
        _ part: LiveRedelivery.Part, from start: Int, to socket: any Socket
    ) -> Bool {
        guard let session else { return false }
        let outcome = part.bytes.withUnsafeBytes { bytes in
            socket.send(UnsafeRawBufferPointer(rebasing: bytes[start...]))
        }
        switch outcome {
        case .bytes(let count):
            if start + count == part.bytes.count {
                let sent = Sent(
                    message: part.message, copy: copy, strike: strike, source: .literal)
                record(.sent(sent), .upstream, part.bytes.span)
            }
            play.took(count, at: session.instant)
            if play.isSent, !isTold {
                isTold = true
                owner.sent(batch)
            }
        case .wouldBlock: isBlocked = true
        case .failed:
            // What came before the error, and the error itself, are there to be received.
            mayReceive = true
            receive()
            if !isOver { broke(.brokenPipe) }
        }
        return !isBlocked
    }

    private func finish() {
        guard !hasFinished else { return }
        hasFinished = true
        guard let socket else { return }
        record(.finished(by: .weir), .upstream)
        socket.finish()
    }

    private func broke(_ error: Errno) {
        let isReset = error == .connectionReset || error == .brokenPipe
        record(isReset ? .reset(by: .server) : .failed(errno: error.code, by: .server))
        play.failed("the server ended the connection: \(error)")
        socket?.reset()
        end()
    }

    private func end() {
        guard !isOver else { return }
        isOver = true
        if let session { alarm.cancel(on: session.network) }
        socket = nil
        owner.ended(self, batch, play.reason)
    }

    private func wakeInTime() {
        guard !isOver, let session, let due = play.nextWake else { return }
        alarm.set(at: session.recorder.time(of: due), on: session.network, for: self)
    }
}

extension CopyConnection: SocketHandler {
    func connected(_ socket: any Socket) {
        guard !isOver, let session else { return }
        record(
            .opened(
                route: UInt16(clamping: batch.redelivery.route),
                client: socket.localAddress?.description ?? "",
                server: socket.peerAddress?.description ?? ""))
        play.connected(at: session.instant)
        goOn()
    }

    func failed(_ socket: any Socket, _ error: Errno) {
        guard !isOver, let session else { return }
        let took = session.instant.nanoseconds(since: dialled)
        record(
            .refused(
                reason: Event.Refusal(error), errno: error.code,
                tookNanoseconds: UInt64(clamping: took)))
        play.failed("the server could not be reached: \(error)")
        end()
    }

    func ready(_ socket: any Socket, _ readiness: Readiness) {
        guard !isOver else { return }
        if readiness.contains(.writable) { isBlocked = false }
        if readiness.contains(.readable) || readiness.contains(.peerEnded) {
            mayReceive = true
            receive()
        }
        goOn()
    }

    /// Receives what there is, up to the share of one turn, and throws it away.
    private func receive() {
        guard let session, let socket else { return }
        var share = Self.bytesPerTurn
        while mayReceive, !isOver, !isWaiting, !hasTurn {
            guard share > 0 else {
                hasTurn = true
                return session.network.callNextTurn(self)
            }
            let received = session.recorder.receive(
                from: socket, connection: batch.connection, attempt: attempt,
                direction: .downstream, limit: Link.firstReceive)
            switch received {
            case .bytes(let bytes, let isDrained):
                if isDrained { mayReceive = false }
                share -= bytes.count
                play.receive(
                    bytes.assumingMemoryBound(to: UInt8.self).span, at: session.instant)
            case .wouldBlock: mayReceive = false
            case .finished:
                mayReceive = false
                record(.finished(by: .server), .downstream)
                play.serverEnded()
            case .failed(let error): broke(error)
            case .mustWait:
                isWaiting = true
                session.recorder.wait(for: self)
            }
        }
    }
}

extension CopyConnection: TimerHandler, TurnHandler, RecorderWaiter {
    func timerFired(_ timer: TimerToken) {
        guard alarm.wasSet(by: timer), !isOver, let session else { return }
        let instant = session.instant
        play.wake(at: instant)
        guard play.nextWake == nil else { return goOn() }
        // Nobody answered the dial.
        record(
            .refused(
                reason: .timedOut, errno: Errno.timedOut.code,
                tookNanoseconds: UInt64(clamping: instant.nanoseconds(since: dialled))))
        socket?.reset()
        end()
    }

    func nextTurn() {
        hasTurn = false
        receive()
        goOn()
    }

    func recorderHasRoom() {
        isWaiting = false
        receive()
        goOn()
    }
}
