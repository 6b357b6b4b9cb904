import Faults
import Recordings

/// What follows from what the socket took.
extension Responder {
    /// The socket took these bytes of a piece; pieces are taken in the order of handing out.
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
        if isTimed { result.lateness.add(nanoseconds: now.nanoseconds(since: piece.release)) }
        if piece.isFirst, piece.holdNanoseconds > 0 {
            result.drawnDelay.add(nanoseconds: piece.holdNanoseconds)
            result.appliedDelay.add(nanoseconds: now.nanoseconds(since: piece.due))
        }
        feed(bytes, at: now)
        if piece.isFirst, piece.kind == .original {
            book[piece.source].ledger.delayApplied(to: piece.message)
        }
        if piece.corrupt >= 0,
            case .corrupt(let bits) = book[piece.source].ledger.strikes[piece.corrupt].effect
        {
            let sent = piece.offset..<(piece.offset + UInt64(bytes.count))
            if bits.contains(where: { sent.contains($0 / 8) }) {
                book.settle(Struck(source: piece.source, strike: piece.corrupt), .applied)
            }
        }
        if piece.isLast, piece.kind != .raw, !committed.isEmpty {
            wasSent(committed.removeFirst(), piece, at: now, &result)
        }
        book.collectOutcomes(of: piece.source)
    }

    /// The framer follows what is sent: what the consumer's next bytes mean may depend on it.
    private mutating func feed(_ bytes: Span<UInt8>, at now: Instant) {
        var start = 0
        while start < bytes.count {
            switch conversation.advance(
                bytes.extracting(start..<bytes.count), .downstream, at: now)
            {
            case .message(let consumed, _): start += consumed
            case .needMore, .lostSync, .opaque: return
            }
        }
    }

    private mutating func wasSent(
        _ entry: Outbox.Entry, _ piece: Piece, at now: Instant, _ result: inout ReplayResult
    ) {
        guard entry.kind != .copy else {
            result.counts.copiesSent += 1
            if entry.message == book[entry.source].ledger.strikes[entry.strike].lastMessage {
                book[entry.source].ledger.sentCopy(entry.copy, of: entry.strike)
            }
            return
        }
        result.counts.messagesSent += 1
        if entry.kind == .push { tally.served.pushes += 1 }
        if let index = outstanding.firstIndex(where: { $0.request == entry.request }) {
            outstanding[index].remaining -= 1
            if outstanding[index].remaining == 0 {
                outstanding.remove(at: index)
                tally.served.answered += 1
            }
        }
        if let copies = duplicate(endingWith: entry), copies.after > 0 {
            var due = now
            for copy in 1...copies.count {
                due = due.advanced(byNanoseconds: copies.after)
                outbox.later(
                    Outbox.LaterCopy(
                        entries: entries(of: copies.struck, copy: copy, due: due), due: due))
            }
        }
        if piece.strike >= 0,
            case .reorder = book[entry.source].ledger.strikes[piece.strike].effect,
            book[entry.source].ledger.strikes[piece.strike].lastMessage == entry.message
        {
            book.settle(Struck(source: entry.source, strike: piece.strike), .applied)
        }
        if entry.message == book[entry.source].extent.messages {
            noteEnd(behind: entry.source, at: now)
        }
    }
}

/// Strikes that end or silence the connection.
extension Responder {
    /// The struck message's last byte before the cut was taken: the cut, or the silence before it.
    mutating func beginCut(_ strike: Int, at now: Instant) {
        let struck = Struck(source: headEntry?.source ?? 0, strike: strike)
        switch book[struck.source].ledger.strikes[strike].effect {
        case .stall(_, let nanoseconds):
            beSilent(struck, nanoseconds ?? .max, at: now)
        case .end(let ending) where ending.silenceNanoseconds > 0:
            head = nil
            beSilent(struck, ending.silenceNanoseconds, at: now)
        default:
            head = nil
            phase = .cutting(struck, since: now, askAt: now)
        }
    }

    private mutating func beSilent(_ struck: Struck, _ nanoseconds: Int64, at now: Instant) {
        for index in outstanding.indices { outstanding[index].isStruck = true }
        phase = .silent(struck, since: now, until: now.advanced(byNanoseconds: max(0, nanoseconds)))
    }

    mutating func endSilence(_ struck: Struck, since: Instant, at now: Instant) {
        switch book[struck.source].ledger.strikes[struck.strike].effect {
        case .stall:
            settleSilence(struck, since: since, at: now)
            phase = .playing
            lastRelease = max(lastRelease, now)
            goOn(at: now)
        default:
            phase = .cutting(struck, since: now, askAt: now)
        }
    }

    /// What is left of the message that was stalled comes at once.
    private mutating func goOn(at now: Instant) {
        guard var head, let entry = headEntry else { return }
        if head.end < head.wholeEnd { committed.append(entry) }
        head.cut = nil
        head.end = head.wholeEnd
        head.release = now
        head.began = nil
        self.head = head
    }

    /// It has struck, even if the consumer did not wait for its end.
    mutating func settleSilence(_ struck: Struck, since: Instant, at now: Instant) {
        book.settle(
            struck, .applied, Stall.outcome(nanoseconds: now.nanoseconds(since: since)))
    }

    /// So many bytes are not in the consumer's kernel.
    mutating func unacknowledged(_ bytes: Int, at now: Instant) {
        guard case .cutting(let struck, let since, _) = phase else { return }
        let isLate = now.nanoseconds(since: since) >= Limits.drainNanoseconds
        guard bytes == 0 || isLate,
            let cut = book[struck.source].ledger.strikes[struck.strike].effect.cut
        else { return }
        let reason = bytes == 0 ? "" : "the consumer's kernel had not taken the last \(bytes) bytes"
        book.settle(struck, .applied, reason)
        endedByStrike = true
        switch cut.how {
        case .reset:
            urgent.append(.reset(by: .weir))
            end(at: now)
        case .finish:
            urgent.append(.close(by: .weir))
            end(at: now)
        case .halfClose:
            urgent.append(.finish(by: .weir))
            phase = .halfClosed(
                until: now.advanced(byNanoseconds: book.settings.endTimeoutNanoseconds))
        }
    }
}

/// How a connection ends.
extension Responder {
    /// The consumer ended its direction (FIN), or the connection altogether (RST, or an error).
    mutating func consumerEnded(isReset: Bool, at now: Instant) {
        hasConsumerFinished = true
        if !isAssigned { begin(nil, by: .none, at: now) }
        switch phase {
        case .silent(let struck, let since, _):
            guard isReset || isForever(struck) else { return }
            settleSilence(struck, since: since, at: now)
            endedByStrike = true
            urgent.append(isReset ? .release : .close(by: .weir))
            end(at: now)
        case .playing, .cutting:
            // After a FIN what is owed is still sent.
            guard isReset || isMute else {
                nextPush = nil
                outbox.removePushes()
                return noteEndBehindConsumer(at: now)
            }
            urgent.append(isReset ? .release : .close(by: .weir))
            end(at: now)
        case .halfClosed, .closing:
            urgent.append(isReset ? .release : .close(by: .weir))
            end(at: now)
        case .unassigned, .over: break
        }
    }

    private func isForever(_ struck: Struck) -> Bool {
        switch book[struck.source].ledger.strikes[struck.strike].effect {
        case .stall(_, nil): true
        default: false
        }
    }

    /// A connection on which the recorded server said nothing: its end comes by itself.
    mutating func noteEnd(of index: Int, at now: Instant) {
        if book[index].extent.messages == 0, book[index].extent.bytes == 0,
            book[index].requests == 0
        {
            noteEnd(behind: index, at: now)
        }
    }

    /// The last of a recorded link was sent: what ended it in the recording.
    mutating func noteEnd(behind source: Int, at now: Instant) {
        let connection = book.connection(source)
        let link = connection.downstream
        if book[source].extent.endsAtGap {
            serverEnd = ServerEnd(isReset: false, by: .weir, due: now)
            return
        }
        guard let end = link.end, end.by == .server else { return }
        if let theirs = connection.upstream.end, theirs.by == .client, theirs.instant <= end.instant
        {
            return
        }
        var due = now
        if isTimed {
            let last = link.extents.last?.instant ?? connection.opened ?? end.instant
            due = now.advanced(byNanoseconds: book.clock.nanoseconds(from: last, to: end.instant))
        }
        serverEnd = ServerEnd(isReset: end.how != .finished, by: .server, due: due)
    }

    /// The consumer has finished: the server ends as long after it as recorded.
    private mutating func noteEndBehindConsumer(at now: Instant) {
        var due = now
        if let own, isTimed {
            let connection = book.connection(own)
            if let theirs = connection.upstream.end, let ours = connection.downstream.end {
                due = now.advanced(
                    byNanoseconds: book.clock.nanoseconds(from: theirs.instant, to: ours.instant))
            }
        }
        serverEnd = ServerEnd(isReset: false, by: .server, due: due)
    }

    /// All that is to be sent has been: the end, if it is to come.
    mutating func playEnd(_ now: Instant) -> Action {
        if closesWhenSent {
            serverEnd = ServerEnd(isReset: false, by: .weir, due: now)
        } else if serverEnd == nil, let own, hasPlayedRaw(own) {
            noteEnd(behind: own, at: now)
        }
        guard let end = serverEnd else { return .wait(until: nil) }
        guard end.due <= now else { return .wait(until: end.due) }
        if let until = holdEnd(now) { return .wait(until: until) }
        if end.isReset {
            self.end(at: now)
            return .reset(by: end.by)
        }
        if hasConsumerFinished || closesWhenSent {
            self.end(at: now)
            return .close(by: end.by)
        }
        phase = .closing(until: now.advanced(byNanoseconds: book.settings.endTimeoutNanoseconds))
        return .finish(by: end.by)
    }

    /// Whether all bytes that are no messages were sent, where there were some.
    private func hasPlayedRaw(_ own: Int) -> Bool {
        book[own].extent.bytes > book[own].extent.rawFrom && rawOffset >= book[own].extent.bytes
    }

    /// Until when conditions hold the end; nil when they do not, or no more.
    private mutating func holdEnd(_ now: Instant) -> Instant? {
        guard !throttle.closes.isEmpty else { return nil }
        var asked: Int64 = 0
        for close in throttle.closes {
            let (sum, overflow) = asked.addingReportingOverflow(close.nanoseconds)
            asked = overflow ? .max : sum
        }
        let since = closeHeldSince ?? now
        closeHeldSince = since
        let until = since.advanced(byNanoseconds: asked)
        guard now >= until else { return until }
        let ids = throttle.closes.map(\.id).joined(separator: ", ")
        reports.append(
            .mark(
                label: SlowClose.achieved(
                    ids, asked: asked, held: now.nanoseconds(since: since))))
        return nil
    }
}

/// A consumer that does not read.
extension Responder {
    /// The socket took less than it was handed.
    mutating func blocked(at now: Instant) { blockedSince = blockedSince ?? now }

    /// When a blocked link has to be looked at again.
    var stallDeadline: Instant? {
        guard let blockedSince else { return nil }
        return blockedSince.advanced(
            byNanoseconds: isStalled
                ? book.settings.stallTimeoutNanoseconds : Limits.stallNanoseconds)
    }

    mutating func lookAtStall(_ now: Instant) -> Action? {
        guard let deadline = stallDeadline, now >= deadline else { return nil }
        guard isStalled else {
            isStalled = true
            tally.stalls += 1
            return .report(.stalled)
        }
        urgent.append(.reset(by: .weir))
        end(at: now)
        return next(at: now, canSend: false)
    }
}
