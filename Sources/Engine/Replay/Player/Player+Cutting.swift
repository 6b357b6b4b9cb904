import Faults
import Recordings

/// A disconnect: the cut, and what follows it.
extension Player {
    /// So many bytes are not in the consumer's kernel.
    mutating func unacknowledged(_ bytes: Int, at now: Instant) {
        guard case .cutting(let strike, let since, _) = phase else { return }
        let isLate = now.nanoseconds(since: since) >= Limits.drainNanoseconds
        guard bytes == 0 || isLate else { return }
        guard case .disconnect(let cut) = ledger.strikes[strike].effect else { return }
        let reason = bytes == 0 ? "" : "the consumer's kernel had not taken the last \(bytes) bytes"
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
        guard case .disconnect(let cut) = ledger.strikes[strike].effect else { return }
        let message = ledger.strikes[strike].message
        let isTorn =
            cut.sentBytes > 0 && cut.sentBytes < connection.upstream.range(of: message).count
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
