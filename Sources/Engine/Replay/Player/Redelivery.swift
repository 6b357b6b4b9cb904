import Faults
import Recordings

/// A copy of a message, or group, that comes on a connection of its own, as a broker's does: beside
/// the original's, which lives on.
///
/// It is played by a player of its own, which sends the session state that the original's
/// connection had then, then the copy, awaits the answers to both and ends the connection. All that
/// it sends has the copy's number and the strike, so that no answer on it is taken for the
/// original's.
struct Redelivery: Hashable, Sendable {
    let strike: Strike
    /// From 1.
    let copy: UInt16
    /// The connection is dialled then.
    let due: Instant
    /// Messages that make the session what it was; rising.
    let states: [UInt64]

    /// What is sent, in order.
    var prelude: [SendingOrder.Prelude] {
        func entry(_ message: UInt64, isCopy: Bool, waits: Bool) -> SendingOrder.Prelude {
            SendingOrder.Prelude(
                message: message, isResend: isCopy, waits: waits, strike: 0, copy: copy)
        }
        let messages = strike.message...strike.lastMessage
        return states.map { entry($0, isCopy: false, waits: true) }
            + messages.map {
                entry($0, isCopy: true, waits: $0 == strike.message && !states.isEmpty)
            }
    }
}

extension Player {
    /// The duplicate whose last message this is, where its copies come on connections of their own.
    mutating func redelivered(endingWith message: UInt64) -> Int? {
        guard !ledger.isEmpty, redelivery == nil, let index = ledger.strike(taking: message),
            ledger.strikes[index].lastMessage == message, !ledger.isSettled(index),
            case .duplicate(_, _, .new) = ledger.strikes[index].effect
        else { return nil }
        return index
    }

    /// Its original was sent whole: the copies are others' from now on.
    mutating func redeliver(_ index: Int, at now: Instant) {
        let strike = ledger.strikes[index]
        guard case .duplicate(let copies, let after, .new) = strike.effect, copies > 0 else {
            return
        }
        ledger.handOver(index)
        let own = strike.message...strike.lastMessage
        let states = sessionStates.values.filter { !own.contains($0) }.sorted()
        var due = now
        for copy in 1...copies {
            due = due.advanced(byNanoseconds: max(0, after))
            urgent.append(
                .redeliver(Redelivery(strike: strike, copy: copy, due: due, states: states)))
        }
    }

    /// How many bytes had come downstream in the recording when the next message began: those that
    /// answered the copied one are among them.
    func recordedBytes(answering redelivery: Redelivery) -> UInt64 {
        let next = redelivery.strike.lastMessage + 1
        return next <= connection.upstream.count
            ? connection.exchange(next).dependsOnBytes : connection.downstream.bytes
    }
}
