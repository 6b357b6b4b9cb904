import Faults
import Recordings

/// Before a strike ends a connection, the answers that its schedule takes for granted have to come.
///
/// A schedule says what is sent again after a cut by what was unanswered *in the recording*. A
/// consumer that is slower than its recording, or a replay that waits for no answer, owes more than
/// that when the cut comes, and a reset takes away what the consumer has not read yet. So the
/// struck message waits for the answers that had come by then, in every pacing.
struct AnswersBeforeEnd: Sendable {
    /// The strike that may go ahead, and since when.
    fileprivate var cleared: (strike: Int, at: Instant)?
    /// Of that strike: the answers did not come in time.
    fileprivate(set) var isInVain = false

    /// What a strike says whose answers were awaited in vain.
    static let inVain = "answers that had come by then in the recording had not"
}

extension Player {
    /// When the message that this strike takes may be sent: not before the answers have come that
    /// had come in the recording, or are too late to wait for.
    /// - Parameter bytes: how many had come downstream by then, where answers cannot be paired.
    mutating func afterAnswers(
        _ strike: Int, message: UInt64, bytes: UInt64, isByTurns: Bool, due: Instant, _ now: Instant
    ) -> Due {
        // An end that is only due later waits from then on.
        guard due <= now, let cut = ledger.strikes[strike].effect.cut, !ledger.isSettled(strike)
        else { return .at(due) }
        if let cleared = beforeEnd.cleared, cleared.strike == strike {
            return .at(max(due, cleared.at))
        }
        guard shift == nil, !hasConsumerFinished else { return clear(strike, at: due) }
        let isByTurns = isByTurns || !answers.pairs
        let deadline =
            isByTurns ? bytesDeadline(bytes) : answersDeadline(cut, message: message)
        // What the socket has not taken owes its answers too.
        if untaken > 0, deadline != nil || !isByTurns && owesUntaken(before: message) {
            return .blocked(until: nil)
        }
        guard let deadline else { return clear(strike, at: max(due, answers.lastReceivedAt)) }
        guard now >= deadline else { return .blocked(until: deadline) }
        uncouple(at: now)
        tally.endsInVain += 1
        let cleared = clear(strike, at: now)
        beforeEnd.isInVain = true
        return cleared
    }

    private mutating func clear(_ strike: Int, at instant: Instant) -> Due {
        beforeEnd.cleared = (strike, instant)
        beforeEnd.isInVain = false
        return .at(instant)
    }

    /// Until when an answer is awaited that the recording had by then; nil: all have come.
    private func answersDeadline(_ cut: Cut, message: UInt64) -> Instant? {
        let owed = answers.oldest { owed, isBegun in
            guard owed.place > 0, owed.message != message else { return false }
            // One that a reorder sent ahead is on no list: only its answer says that it arrived.
            if owed.message > message {
                return cut.then == .reconnect && !isBegun
            }
            switch connection.answer(to: owed.message, before: message) {
            case .none: return false
            case .begun: return !isBegun
            case .complete: return true
            }
        }
        guard let owed else { return nil }
        // As long as answers come there is something to wait for.
        return max(
            answerDeadline(owed),
            answers.lastCompletedAt.advanced(byNanoseconds: settings.answerTimeoutNanoseconds))
    }

    /// Whether something on its way to the socket had an answer by then.
    private func owesUntaken(before message: UInt64) -> Bool {
        // What a reorder moved is at another place than its own.
        order.window != nil
            || answers.placesOnTheirWay.contains {
                connection.answer(to: $0, before: message) != .none
            }
    }

    /// The same for bytes. Where each turn is waited for, that has been done.
    private func bytesDeadline(_ bytes: UInt64) -> Instant? {
        guard settings.pacing == .asap || settings.pacing == .recorded, !turn.isVoid,
            bytes > turn.recorded, answers.received < turn.consumed + (bytes - turn.recorded)
        else { return nil }
        return max(answers.lastReceivedAt, answers.lastSentAt ?? floor)
            .advanced(byNanoseconds: settings.answerTimeoutNanoseconds)
    }
}
