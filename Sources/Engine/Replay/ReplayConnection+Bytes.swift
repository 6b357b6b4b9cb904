import Faults
import Platform
import Recordings

/// Bytes in and out.
extension ReplayConnection {
    /// Sends what is pending, once.
    /// - Returns: how many bytes the socket took.
    func flush() -> Int {
        guard let socket else { return 0 }
        let filled: Int
        do throws(RecordedBytesError) {
            filled = try wire.fill(pending.waiting)
        } catch {
            forget()
            player.stop(at: wire.now())
            owner.cannotRead(error)
            return 0
        }
        wire.flipBits(pending.waiting, filled, player.ledger)
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
        pending.take(count) { part, start in
            wire.withGathered(start, part.count) { bytes in
                tellSent(part, bytes, at: now)
                player.took(bytes, of: part, at: now, into: &wire.result)
            }
            if !watched.isEmpty, part.isLast { noteWatched(part) }
        }
    }

    private func noteWatched(_ piece: Piece) {
        guard piece.kind == .original || piece.kind == .resent,
            watched.remove(piece.message) != nil
        else { return }
        owner.sentWatched(piece.message, on: number)
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
    func receive() {
        var budget = Self.turnBytes
        while mayBeReadable, !player.receiving.isHeld {
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
    func receiveLast() {
        guard socket != nil, !hasConsumerEnded else { return }
        var budget = Self.finalBytes
        mayBeReadable = true
        while mayBeReadable, budget > 0, !player.receiving.isHeld { budget -= receiveOnce() }
    }

    private func receiveOnce(atMost most: Int? = nil) -> Int {
        guard let socket, !hasConsumerEnded else {
            mayBeReadable = false
            return 0
        }
        let outcome = wire.receive(from: socket, atMost: most) { bytes in
            let now = wire.now()
            reading.didRead(bytes.count, at: now)
            take(received: bytes, at: now)
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

    /// What came is delivered, as far as no strike keeps it back.
    private func take(received bytes: Span<UInt8>, at now: Instant) {
        guard let count = player.bytesBeforeStrike(bytes) else { return deliver(bytes, at: now) }
        if count > 0 { deliver(bytes.extracting(0..<count), at: now) }
        player.strikeReceived(at: now)
        let rest = bytes.extracting(count..<bytes.count)
        kept = rest.indices.map { rest[$0] }
    }

    private func deliver(_ bytes: Span<UInt8>, at now: Instant) {
        wire.tell(
            Event(
                at: now, connection: number, attempt: player.attempt, direction: .downstream,
                .chunk), bytes)
        player.received(bytes, at: now, into: &wire.result)
    }

    func deliverKept(at now: Instant) {
        let bytes = kept
        kept = []
        if !bytes.isEmpty { take(received: bytes.span, at: now) }
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
