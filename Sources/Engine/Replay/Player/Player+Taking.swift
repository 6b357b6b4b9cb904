import Faults
import Recordings

/// What follows from what the socket took and what came.
extension Player {
    /// The socket took these bytes: a piece that was handed out, or the part of it that `piece`
    /// says. Pieces are taken in the order of handing out.
    mutating func took(
        _ bytes: Span<UInt8>, of piece: Piece, at now: Instant, into result: inout ReplayResult
    ) {
        untaken -= bytes.count
        blockedSince = nil
        if isStalled {
            isStalled = false
            reports.append(.resumed)
        }
        result.counts.bytesSent += UInt64(bytes.count)
        if settings.pacing != .asap {
            result.lateness.add(nanoseconds: now.nanoseconds(since: piece.release))
        }
        if piece.isFirst, piece.holdNanoseconds > 0 {
            result.drawnDelay.add(nanoseconds: piece.holdNanoseconds)
            result.appliedDelay.add(nanoseconds: now.nanoseconds(since: piece.due))
        }
        answers.took(bytes, of: piece, isAwaited: isAwaited(piece), at: now)
        if piece.isFirst, piece.kind == .original { ledger.delayApplied(to: piece.message) }
        if piece.corrupt >= 0, case .corrupt(let bits) = ledger.strikes[piece.corrupt].effect {
            let sent = piece.bitOffset..<(piece.bitOffset + UInt64(bytes.count))
            if bits.contains(where: { sent.contains($0 / 8) }) {
                ledger.settle(piece.corrupt, .applied)
            }
        }
        if piece.isLast { wasSent(piece, at: now, &result) }
    }

    /// Bytes came from the consumer.
    mutating func received(
        _ bytes: Span<UInt8>, at now: Instant, into result: inout ReplayResult
    ) {
        result.counts.bytesReceived += UInt64(bytes.count)
        answers.receive(bytes, at: now)
    }

    private mutating func wasSent(_ piece: Piece, at now: Instant, _ result: inout ReplayResult) {
        switch piece.kind {
        case .raw: break
        case .session, .resent:
            result.counts.messagesResent += 1
            if order.nextPrelude == nil { floor = max(floor, now) }
            if piece.kind == .resent { noteState(piece.message) }
        case .copy:
            result.counts.copiesSent += 1
            if let redelivery {
                if piece.message == redelivery.strike.lastMessage { urgent.append(.redelivered) }
            } else if piece.message == ledger.strikes[piece.strike].lastMessage {
                ledger.sentCopy(piece.copy, of: piece.strike)
            }
        case .original:
            result.counts.messagesSent += 1
            tally.sent += 1
            noteState(piece.message)
            if let strike = redelivered(endingWith: piece.message) {
                redeliver(strike, at: now)
            } else if let (strike, copies) = duplicate(endingWith: piece.message), copies.after > 0
            {
                followLater(strike, copies.count, copies.after, at: now)
            }
            noteOvertaken(piece)
            if piece.strike >= 0, case .reorder(let other) = ledger.strikes[piece.strike].effect,
                piece.message == other.upperBound
            {
                ledger.settle(piece.strike, .applied)
            }
        }
    }

    /// The end waits for the answers that had come before it in the recording.
    private func isAwaited(_ piece: Piece) -> Bool {
        guard piece.isLast, piece.kind != .raw, piece.kind != .session else { return false }
        let exchange = connection.exchange(piece.message)
        guard exchange.isComplete, let ended = exchange.answerEnded else { return false }
        if redelivery != nil { return true }
        guard let end = connection.upstream.end else { return true }
        return ended <= end.instant
    }

    private mutating func noteState(_ message: UInt64) {
        guard connection.upstream.hasState(message),
            let state = connection.upstream.message(message).state
        else { return }
        sessionStates[state.key] = message
    }

    /// The duplicate whose last message this is.
    mutating func duplicate(
        endingWith message: UInt64
    ) -> (strike: Int, copies: (count: UInt16, after: Int64))? {
        guard !ledger.isEmpty, let strike = ledger.strike(taking: message),
            ledger.strikes[strike].lastMessage == message,
            case .duplicate(let count, let after, .same) = ledger.strikes[strike].effect
        else { return nil }
        return (strike, (count, max(0, after)))
    }

    mutating func follow(_ strike: Int, _ count: UInt16, due: Instant) {
        let struck = ledger.strikes[strike]
        for copy in 0..<count {
            order.follow(
                SendingOrder.Copy(
                    messages: struck.message...struck.lastMessage, copy: copy + 1, strike: strike,
                    due: due))
        }
    }

    private mutating func followLater(
        _ strike: Int, _ count: UInt16, _ after: Int64, at now: Instant
    ) {
        let struck = ledger.strikes[strike]
        var due = now
        for copy in 0..<count {
            due = due.advanced(byNanoseconds: after)
            order.followLater(
                SendingOrder.Copy(
                    messages: struck.message...struck.lastMessage, copy: copy + 1, strike: strike,
                    due: due))
        }
    }
}

/// A consumer that does not read.
extension Player {
    /// When a blocked link has to be looked at again.
    var stallDeadline: Instant? {
        guard let blockedSince else { return nil }
        return blockedSince.advanced(
            byNanoseconds: isStalled
                ? settings.stallTimeoutNanoseconds : Limits.stallNanoseconds)
    }

    mutating func lookAtStall(_ now: Instant) -> Action? {
        guard let deadline = stallDeadline, now >= deadline else { return nil }
        guard isStalled else {
            isStalled = true
            tally.stalls += 1
            return .report(.stalled)
        }
        urgent.append(.reset(by: .weir))
        end("the consumer stopped reading", at: now)
        return next(at: now, canSend: false)
    }
}
