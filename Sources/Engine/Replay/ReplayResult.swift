import Recordings

/// What a replay did, once it is over.
package struct ReplayResult: Hashable, Sendable {
    /// Why it ended.
    package var ending = Ending.completed
    package var counts = ReplayCounts()
    /// As the server: what the consumer asked for.
    package var served = ServedCounts()
    /// How much later than it was due each send was: recorded and hybrid pacing; causal measures
    /// from the moment at which it might be sent, asap not at all.
    package var lateness = DurationHistogram()
    /// What latency and delay strikes were to hold messages, one entry a message that was held.
    package var drawnDelay = DurationHistogram()
    /// How much later than without them these messages were sent.
    package var appliedDelay = DurationHistogram()
    /// Connections whose answers came too late to wait for: from there on they kept their recorded
    /// gaps. At most `maximumListed`.
    package var uncoupled: [UInt32] = []
    /// Connections that could not be opened. At most `maximumListed`.
    package var unopened: [UInt32] = []
    /// From the start to the end.
    package var nanoseconds: Int64 = 0

    package init() {}

    /// More connections than this are counted and not listed.
    package static let maximumListed = 1_000

    package enum Ending: Hashable, Sendable {
        case completed
        /// It was stopped before its end.
        case interrupted
        /// The recording could not be read any more: why.
        case unreadable(String)
    }
}

/// What a replay has done so far.
package struct ReplayCounts: Hashable, Sendable {
    /// Connections of the recording that are played.
    package var connections: UInt64 = 0
    /// Those that have come to their end.
    package var connectionsEnded: UInt64 = 0
    /// Those that are not played: picked up in the middle, and not asked for with `only`.
    package var connectionsPartial: UInt64 = 0
    package var connectionsNotAskedFor: UInt64 = 0
    /// Later attempts of a connection, in a recording that is a replay's own: the first is played.
    package var connectionsReattempted: UInt64 = 0
    /// Those whose dial was refused when they were recorded.
    package var connectionsRefused: UInt64 = 0
    /// Connections that could not be opened.
    package var connectionsUnopened: UInt64 = 0
    /// Connections on which a copy alone was sent again.
    package var redeliveries: UInt64 = 0
    /// Reconnections that a strike asked for and that succeeded.
    package var reconnects: UInt64 = 0
    /// Connections that the consumer ended before all was sent.
    package var endedByConsumer: UInt64 = 0
    /// Connections whose answers came too late to wait for.
    package var uncoupled: UInt64 = 0
    /// Strikes that ended a connection though the consumer had not given the answers by then that
    /// the recording had, and that were waited for.
    package var endsInVain: UInt64 = 0
    /// Ends of the consumer that did not come in time.
    package var missingEnds: UInt64 = 0
    /// Times at which the consumer stopped reading.
    package var stalls: UInt64 = 0

    /// Upstream messages of the connections that are played.
    package var messages: UInt64 = 0
    /// Originals sent whole, copies sent whole.
    package var messagesSent: UInt64 = 0
    package var copiesSent: UInt64 = 0
    /// Messages sent again after a reconnect: session state, and the resend lists.
    package var messagesResent: UInt64 = 0
    /// Originals that were to be sent and were not (drops apart), because a connection ended early.
    package var messagesUnsent: UInt64 = 0
    /// Bytes that the socket took, and that came.
    package var bytesSent: UInt64 = 0
    package var bytesReceived: UInt64 = 0

    package var strikesPlanned: UInt64 = 0
    package var strikesApplied: UInt64 = 0
    package var strikesPreempted: UInt64 = 0
    package var strikesSkipped: UInt64 = 0

    package init() {}
}

/// What a consumer asked of a replay as the server.
package struct ServedCounts: Hashable, Sendable {
    /// Connections that were accepted; those that play a recorded connection again; those that
    /// play none.
    package var attempts: UInt64 = 0
    package var redials: UInt64 = 0
    package var unassigned: UInt64 = 0
    /// Messages that came; those that came as the recording has them: on their connection, or of
    /// another one.
    package var requests: UInt64 = 0
    package var expected: UInt64 = 0
    package var elsewhere: UInt64 = 0
    /// Those that had come before; of them, those that had been answered whole.
    package var again: UInt64 = 0
    package var reused: UInt64 = 0
    /// Those that the recording does not have.
    package var unknown: UInt64 = 0
    /// Requests whose answer was sent whole, and pushes.
    package var answered: UInt64 = 0
    package var pushes: UInt64 = 0

    package init() {}

    package static func += (left: inout ServedCounts, right: ServedCounts) {
        left.attempts += right.attempts
        left.redials += right.redials
        left.unassigned += right.unassigned
        left.requests += right.requests
        left.expected += right.expected
        left.elsewhere += right.elsewhere
        left.again += right.again
        left.reused += right.reused
        left.unknown += right.unknown
        left.answered += right.answered
        left.pushes += right.pushes
    }
}

extension ReplayResult {
    /// A connection that a consumer dialled is over.
    mutating func add(_ responder: Responder) {
        served += responder.tally.served
        counts.stalls += responder.tally.stalls
        if responder.tally.isEndMissing { counts.missingEnds += 1 }
    }

    /// A strike has its outcome.
    mutating func count(_ outcome: StrikeOutcome) {
        switch outcome.result {
        case .applied: counts.strikesApplied += 1
        case .preempted: counts.strikesPreempted += 1
        case .skipped: counts.strikesSkipped += 1
        }
    }

    /// A connection has been played.
    mutating func add(_ player: Player, _ number: UInt32) {
        counts.connectionsEnded += 1
        counts.messagesUnsent += player.unsent
        counts.reconnects += player.tally.reconnects
        counts.stalls += player.tally.stalls
        counts.endsInVain += player.tally.endsInVain
        if player.tally.isEndMissing { counts.missingEnds += 1 }
        if player.tally.isEndedByConsumer { counts.endedByConsumer += 1 }
        if player.tally.isUnopened {
            counts.connectionsUnopened += 1
            if unopened.count < Self.maximumListed { unopened.append(number) }
        }
        if player.tally.isUncoupled {
            counts.uncoupled += 1
            if uncoupled.count < Self.maximumListed { uncoupled.append(number) }
        }
    }
}
