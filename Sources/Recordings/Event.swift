/// One fact at one instant.
///
/// The bytes that some kinds carry (a chunk's payload, a literal that was sent) are not part of the
/// value: they travel beside it as a `Span<UInt8>` for the length of a call, so that reading or
/// writing an event copies nothing.
package struct Event: Hashable, Sendable {
    package var instant: Instant
    /// Numbered from 1; 0 where the event belongs to the session as a whole.
    package var connection: UInt32
    /// Numbered from 1; which try at playing a recorded connection. 0 where there is no connection.
    package var attempt: UInt16
    /// The link, where the event belongs to one.
    package var direction: Direction?
    package var fact: Fact

    package init(
        at instant: Instant, connection: UInt32 = 0, attempt: UInt16 = 0,
        direction: Direction? = nil, _ fact: Fact
    ) {
        self.instant = instant
        self.connection = connection
        self.attempt = attempt
        self.direction = direction
        self.fact = fact
    }

    /// What happened. The kinds' numbers in the file are in `EventLayout`.
    package enum Fact: Hashable, Sendable {
        /// An attempt to connect to `address` over the route with this number (from 0) began.
        case dialled(route: UInt16, address: String)
        /// A connection stands. Addresses are `ip:port`, IPv6 in brackets, or a Unix path.
        case opened(route: UInt16, client: String, server: String)
        /// An attempt to connect failed after so long.
        case refused(reason: Refusal, errno: Int32, tookNanoseconds: UInt64)
        /// Bytes arrived; they travel beside the event.
        case chunk
        /// Bytes left. A literal travels beside the event.
        case sent(Sent)
        /// A link ended in order (FIN), and by whom.
        case finished(by: Party)
        /// A connection was reset, and by whom.
        case reset(by: Party)
        /// A connection failed otherwise (timed out, host gone): the system's error number.
        case failed(errno: Int32, by: Party)
        /// The receiver of this link stopped reading: its window is closed.
        case stalled
        /// It reads again.
        case resumed
        /// Bytes that passed and are known to be missing here (0: an unknown number).
        case gap(bytes: UInt64, reason: String)
        /// What became of a strike.
        case strike(StrikeOutcome)
        /// A label from the user or a test.
        case mark(label: String)
        /// A line that the consumer's process wrote.
        case output(stream: OutputStream, line: String)
        /// The consumer's process ended: its exit code, or 128 + the signal that ended it.
        case exited(code: Int32)
        /// What a reset or probe command printed (the output travels beside the event).
        case command(name: String, exitCode: Int32, tookNanoseconds: UInt64)
    }

    /// Why an attempt to connect failed.
    package enum Refusal: UInt8, Hashable, Sendable {
        case refused = 1
        case timedOut = 2
        case unreachable = 3
        case other = 4
    }

    package enum OutputStream: UInt8, Hashable, Sendable {
        case standardOutput = 1
        case standardError = 2
    }
}

/// Bytes that left: which message they belong to, and why they left as they did.
package struct Sent: Hashable, Sendable {
    /// The recorded message's number on its link, from 1; 0 where the bytes belong to none.
    package var message: UInt64
    /// 0 is the original.
    package var copy: UInt16
    /// Where in the message these bytes begin.
    package var offset: UInt64
    /// The id of the strike that caused it; empty without one.
    package var strike: String
    package var source: Source

    package init(
        message: UInt64, copy: UInt16 = 0, offset: UInt64 = 0, strike: String = "", source: Source
    ) {
        self.message = message
        self.copy = copy
        self.offset = offset
        self.strike = strike
        self.source = source
    }

    package enum Source: Hashable, Sendable {
        /// The bytes themselves travel beside the event.
        case literal
        /// A range of what arrived on this link: an offset from its start, and a count.
        case arrived(offset: UInt64, count: UInt32)
    }
}

/// A strike's outcome: every planned strike has exactly one.
package struct StrikeOutcome: Hashable, Sendable {
    /// As in the schedule: `redelivery@3u17`.
    package var id: String
    package var result: Result
    /// Why it was pre-empted or skipped; empty when applied.
    package var reason: String

    package init(id: String, result: Result, reason: String = "") {
        self.id = id
        self.result = result
        self.reason = reason
    }

    package enum Result: UInt8, Hashable, Sendable {
        case applied = 1
        case preempted = 2
        case skipped = 3

        package var name: String {
            switch self {
            case .applied: "applied"
            case .preempted: "preempted"
            case .skipped: "skipped"
            }
        }
    }
}
