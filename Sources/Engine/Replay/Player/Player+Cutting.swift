import Faults
import Recordings

/// A stretch in which nothing is sent: a stall, or what comes before a timeout's end.
extension Player {
    /// The struck message's last byte before the cut was taken: the cut, or the silence before it.
    mutating func beginCut(_ strike: Int, at now: Instant) {
        switch ledger.strikes[strike].effect {
        case .stall(_, let nanoseconds?):
            beSilent(strike, nanoseconds, at: now)
        case .stall(_, nil):
            // For good, that is as long as the connection was open, and its end is awaited.
            let ends = Direction.allCases.compactMap { direction in
                connection[direction].end?.instant ?? connection[direction].extents.last?.instant
            }
            let last = ends.max().map { max(clock.due($0), now) } ?? now
            let rest = last.nanoseconds(since: now)
            beSilent(strike, rest + settings.endTimeoutNanoseconds, at: now)
        case .end(let ending) where ending.silenceNanoseconds > 0:
            beSilent(strike, ending.silenceNanoseconds, at: now)
        default:
            phase = .cutting(strike: strike, since: now, askAt: now)
        }
    }

    private mutating func beSilent(_ strike: Int, _ nanoseconds: Int64, at now: Instant) {
        phase = .silent(
            strike: strike, since: now, until: now.advanced(byNanoseconds: max(0, nanoseconds)))
    }

    mutating func endSilence(_ strike: Int, since: Instant, at now: Instant) {
        switch ledger.strikes[strike].effect {
        case .stall(_, .some):
            settleSilence(strike, since: since, at: now)
            phase = .playing
            lastRelease = max(lastRelease, now)
            head?.cut = nil
            if let whole = head?.wholeEnd { head?.end = whole }
            // What was late by it comes at once.
            head?.release = now
            head?.began = nil
        case .stall(_, nil):
            settleSilence(strike, since: since, at: now)
            urgent.append(.close(by: .weir))
            end("\(ledger.strikes[strike].id) ended the connection", at: now)
        default:
            phase = .cutting(strike: strike, since: now, askAt: now)
        }
    }

    /// It has struck, even if the consumer did not wait for its end.
    mutating func settleSilence(_ strike: Int, since: Instant, at now: Instant) {
        ledger.settle(
            strike, .applied, Stall.outcome(nanoseconds: now.nanoseconds(since: since)))
    }
}

/// A disconnect: the cut, and what follows it.
extension Player {
    /// So many bytes are not in the consumer's kernel.
    mutating func unacknowledged(_ bytes: Int, at now: Instant) {
        guard case .cutting(let strike, let since, _) = phase else { return }
        let isLate = now.nanoseconds(since: since) >= Limits.drainNanoseconds
        guard bytes == 0 || isLate else { return }
        guard let cut = ledger.strikes[strike].effect.cut else { return }
        var reasons = beforeEnd.isInVain ? [AnswersBeforeEnd.inVain] : []
        if bytes > 0 {
            reasons.append("the consumer's kernel had not taken the last \(bytes) bytes")
        }
        let reason = reasons.joined(separator: "; ")
        ledger.settle(strike, .applied, reason)
        switch cut.how {
        case .reset:
            urgent.append(.reset(by: .weir))
            afterCut(strike, at: now)
        case .finish:
            urgent.append(.close(by: .weir))
            afterCut(strike, at: now)
        case .halfClose:
            urgent.append(.finish(by: .weir))
            phase = .halfClosed(
                strike: strike,
                until: now.advanced(byNanoseconds: settings.endTimeoutNanoseconds))
        }
    }

    /// The attempt has ended by this strike: stop, or prepare the next one.
    mutating func afterCut(_ strike: Int, at now: Instant) {
        guard let cut = ledger.strikes[strike].effect.cut else { return }
        let message = ledger.strikes[strike].message
        let isTorn =
            !isByCells && cut.sentBytes > 0
            && cut.sentBytes < connection.upstream.range(of: message).count
        if isTorn { tally.struck += 1 }
        answers.settleAll(at: now)
        head = nil
        guard cut.then == .reconnect else {
            return end("\(ledger.strikes[strike].id) ended the connection", at: now)
        }
        turn.recorded = connection.exchange(message).dependsOnBytes
        prepare(cut, strike: strike)
        // Cut before it, the struck message stands at its place still, unless the list sends it.
        if cut.sentBytes == 0, cut.resend.contains(where: { $0.contains(message) }) {
            answers.skip(place: order.place, at: now)
            order.passPlace()
            tally.struck += 1
        }
        phase = .waiting(until: now.advanced(byNanoseconds: max(0, cut.waitNanoseconds)))
    }

    /// Session state as of the cut, the latest of each kind, one after the other; then the list.
    private mutating func prepare(_ cut: Cut, strike: Int) {
        let isListed = { (message: UInt64) in cut.resend.contains { $0.contains(message) } }
        let states = sessionStates.values.filter { !isListed($0) }.sorted()
        var list = states.map {
            SendingOrder.Prelude(message: $0, isResend: false, waits: true, strike: strike)
        }
        var isFirst = true
        for message in cut.resend.lazy.joined() {
            list.append(
                SendingOrder.Prelude(
                    message: message, isResend: true, waits: isFirst && !states.isEmpty,
                    strike: strike))
            isFirst = false
            if order.window?.holds(message) == true, message != ledger.strikes[strike].message {
                order.sentAhead.insert(message)
            }
        }
        order.setPrelude(list)
    }
}
