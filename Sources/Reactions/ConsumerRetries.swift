import Faults
import Recordings

/// What a consumer that dials did over again: its attempts to connect, and the messages that it
/// sent more than once. Made from the reactions to a replay as the server; whether any of it was
/// said aloud is for others to judge.
package struct ConsumerRetries: Hashable, Sendable {
    /// More attempts are counted and not kept, nor more messages sent again: of handshakes and
    /// session state so many, and so many others.
    package static let maximumKept = 10_000
    /// Connections that are watched for being dialled again.
    static let maximumEnded = 1 << 20

    /// A connection that it dialled.
    package struct Attempt: Hashable, Sendable {
        /// When it was accepted.
        package var instant: Instant
        /// The recorded connection that it plays, and the how-many-eth it is on that; an attempt
        /// that plays none has a connection's number that the recording does not have.
        package var connection: UInt32
        package var attempt: UInt16
        /// How that was found.
        package var by: ServingMark.Assignment
        /// The strike that was applied last on the attempt before it; empty without one.
        package var strike: String
        /// Since the attempt before it had ended; nil: it is the first.
        package var sinceEndNanoseconds: Int64?

        /// It dialled again for a connection that it had.
        package var isRedial: Bool { attempt > 1 }
    }

    /// A message that it sent again.
    package struct Resend: Hashable, Sendable {
        package var instant: Instant
        /// The recorded connection that it plays, and the how-many-eth attempt on that.
        package var connection: UInt32
        package var attempt: UInt16
        /// Which recorded message it is, and what had become of its answer.
        package var resent: Resent
        /// The strike that was applied last since it had been sent before; empty without one.
        package var strike: String
    }

    package private(set) var attempts: [Attempt] = []
    package private(set) var resends: [Resend] = []
    /// All of them, also those that are not kept; of resends those of handshakes and session state
    /// are not counted here, which any reconnect sends again.
    package private(set) var attemptCount: UInt64 = 0
    package private(set) var redialCount: UInt64 = 0
    package private(set) var resendCount: UInt64 = 0
    package private(set) var sessionStateCount: UInt64 = 0
    /// Messages that the recording does not have.
    package private(set) var unknownCount: UInt64 = 0

    /// The longest time from an attempt's end until it dialled again; nil: it never did.
    package private(set) var longestReconnectNanoseconds: Int64?
    /// Connections that Weir ended behind this strike, and that were not dialled again since.
    private var ended: [UInt32: String] = [:]
    /// Of `resends`, those of handshakes and session state.
    private var keptStates = 0

    package init() {}

    /// Takes the next reaction; those that are about something else change nothing.
    package mutating func add(_ reaction: Reaction) {
        switch reaction.what {
        case .accepted(let accepted):
            attemptCount += 1
            if reaction.attempt > 1 { redialCount += 1 }
            ended[reaction.connection] = nil
            if let since = accepted.sinceEndNanoseconds {
                longestReconnectNanoseconds = max(longestReconnectNanoseconds ?? since, since)
            }
            guard attempts.count < Self.maximumKept else { return }
            attempts.append(
                Attempt(
                    instant: accepted.instant, connection: reaction.connection,
                    attempt: reaction.attempt, by: accepted.by, strike: reaction.strike,
                    sinceEndNanoseconds: accepted.sinceEndNanoseconds))
        case .ended(let ending) where ending.by == .weir && !reaction.strike.isEmpty:
            guard ended.count < Self.maximumEnded else { return }
            ended[reaction.connection] = reaction.strike
        case .resent(let resent):
            if resent.isSessionState { sessionStateCount += 1 } else { resendCount += 1 }
            // What any reconnect sends again takes no room from what it does not.
            let kept = resent.isSessionState ? keptStates : resends.count - keptStates
            guard kept < Self.maximumKept else { return }
            if resent.isSessionState { keptStates += 1 }
            resends.append(
                Resend(
                    instant: reaction.instant, connection: reaction.connection,
                    attempt: reaction.attempt, resent: resent, strike: reaction.strike))
        case .unknown: unknownCount += 1
        default: break
        }
    }

    /// How many connections a strike cut before all of them was played, and nobody dialled again.
    package func abandonedCount(_ outcomes: OutcomeLedger, of recorded: Transcript) -> UInt64 {
        guard !ended.isEmpty else { return 0 }
        var connections: [UInt32: TranscriptConnection] = [:]
        for connection in recorded.connections where ended[connection.number] != nil {
            connections[connection.number] = connection
        }
        return UInt64(
            outcomes.entries.count { entry in
                guard entry.outcome.result == .applied,
                    ended[entry.strike.connection] == entry.strike.id,
                    let cut = entry.strike.effect.cut,
                    let connection = connections[entry.strike.connection]
                else { return false }
                return connection.hasMore(behind: cut, of: entry.strike)
            })
    }
}

extension TranscriptConnection {
    /// Whether anything of it was still to be played when it was cut so.
    fileprivate func hasMore(behind cut: Cut, of strike: Strike) -> Bool {
        let (link, other) = (self[strike.direction], self[strike.direction.opposite])
        guard strike.message > 0 else { return false }
        guard link.count > 0 else {
            let cells = LinkSchedule.cellBytes.multipliedReportingOverflow(by: strike.message - 1)
            let (cutAt, overflow) = cells.partialValue.addingReportingOverflow(cut.sentBytes)
            return !cells.overflow && !overflow && cutAt < link.bytes
        }
        guard strike.message <= link.count else { return false }
        let message = link.message(strike.message)
        if cut.sentBytes < message.length || strike.message < link.count { return true }
        // What comes behind it the other way: a question, or its own answer.
        return other.messages.last.map { $0.began > message.ended } ?? false
    }
}
