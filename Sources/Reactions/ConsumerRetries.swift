import Recordings

/// What a consumer that dials did over again: its attempts to connect, and the messages that it
/// sent more than once. Made from the reactions to a replay as the server; whether any of it was
/// said aloud is for others to judge.
package struct ConsumerRetries: Hashable, Sendable {
    /// More of either are counted and not kept.
    package static let maximumKept = 10_000

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

    package init() {}

    /// Takes the next reaction; those that are about something else change nothing.
    package mutating func add(_ reaction: Reaction) {
        switch reaction.what {
        case .accepted(let accepted):
            attemptCount += 1
            if reaction.attempt > 1 { redialCount += 1 }
            guard attempts.count < Self.maximumKept else { return }
            attempts.append(
                Attempt(
                    instant: accepted.instant, connection: reaction.connection,
                    attempt: reaction.attempt, by: accepted.by, strike: reaction.strike,
                    sinceEndNanoseconds: accepted.sinceEndNanoseconds))
        case .resent(let resent):
            if resent.isSessionState { sessionStateCount += 1 } else { resendCount += 1 }
            guard resends.count < Self.maximumKept else { return }
            resends.append(
                Resend(
                    instant: reaction.instant, connection: reaction.connection,
                    attempt: reaction.attempt, resent: resent, strike: reaction.strike))
        case .unknown: unknownCount += 1
        default: break
        }
    }
}
