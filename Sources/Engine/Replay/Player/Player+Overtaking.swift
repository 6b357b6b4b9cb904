import Faults
import Recordings

/// A message that another connection's overtakes is held until that one was sent.
///
/// It waits as long as the two were apart in the recording, and a second more: the other may wait
/// for an answer that depends on the held one, which a recording does not tell. Then it is sent,
/// and the strike skipped.
struct Overtakes: Sendable {
    /// When the overtaking message was recorded, by strike.
    var recorded: [Int: Instant] = [:]
    /// Since when its message is held.
    var held: [Int: Instant] = [:]
    /// When the overtaking one was sent.
    var sent: [Int: Instant] = [:]
}

extension Player {
    /// - Parameter recorded: when the message that overtakes was whole in the recording.
    mutating func expect(overtaking id: String, recorded: Instant) {
        guard let index = ledger.strikes.firstIndex(where: { $0.id == id }) else { return }
        overtakes.recorded[index] = recorded
    }

    /// The message that overtakes was sent.
    mutating func wasOvertaken(_ id: String, at instant: Instant) {
        guard let index = ledger.strikes.firstIndex(where: { $0.id == id }) else { return }
        overtakes.sent[index] = instant
    }

    /// The message that overtakes will not be sent.
    mutating func willNotBeOvertaken(_ id: String, _ reason: String) {
        guard let index = ledger.strikes.firstIndex(where: { $0.id == id }),
            overtakes.sent[index] == nil
        else { return }
        ledger.settle(index, .skipped, reason)
    }

    /// When the held message may go.
    mutating func overtaking(_ index: Int, due: Instant, _ now: Instant) -> Due {
        guard !ledger.isSettled(index), due <= now || overtakes.sent[index] != nil,
            case .overtaken(let message, let connection) = ledger.strikes[index].effect
        else { return .at(due) }
        if let sent = overtakes.sent[index] { return .at(max(due, sent)) }
        let since = overtakes.held[index] ?? now
        overtakes.held[index] = since
        let deadline = since.advanced(byNanoseconds: distance(index))
            .advanced(byNanoseconds: Limits.overtakeNanoseconds)
        guard now >= deadline else { return .blocked(until: deadline) }
        ledger.settle(
            index, .skipped, "connection \(connection) did not send message \(message) in time")
        return .at(now)
    }

    /// The held message was sent.
    mutating func noteOvertaken(_ piece: Piece) {
        guard piece.strike >= 0, case .overtaken = ledger.strikes[piece.strike].effect else {
            return
        }
        if overtakes.sent[piece.strike] != nil { ledger.settle(piece.strike, .applied) }
    }

    private func distance(_ index: Int) -> Int64 {
        guard settings.pacing == .recorded || settings.pacing == .hybrid,
            let recorded = overtakes.recorded[index]
        else { return 0 }
        let began = connection.upstream.began(ledger.strikes[index].message)
        return max(0, clock.nanoseconds(from: began, to: recorded))
    }
}
