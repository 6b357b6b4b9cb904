import Recordings

/// One thing that the consumer did in a replay, or did not do in time.
///
/// The session's connection and attempt are 0 where it concerns none.
package struct Reaction: Hashable, Sendable {
    package var instant: Instant
    package var connection: UInt32
    package var attempt: UInt16
    /// The strike that stands behind it: the one that sent the copy, or cut the connection. Empty
    /// without one.
    package var strike: String
    package var what: What

    package init(
        at instant: Instant, connection: UInt32 = 0, attempt: UInt16 = 0, strike: String = "",
        _ what: What
    ) {
        self.instant = instant
        self.connection = connection
        self.attempt = attempt
        self.strike = strike
        self.what = what
    }

    /// What it was. The names in files are in `ReactionLine`.
    package enum What: Hashable, Sendable {
        case answer(Answer)
        /// A message that nobody asked for.
        case push(Push)
        /// What came before Weir sent again, where answers cannot be paired.
        case turn(Turn)
        /// The answer to this message did not begin by its deadline; told once until something is
        /// answered. `outstanding` messages awaited an answer.
        case silence(message: UInt64, outstanding: UInt64)
        /// A connection was tried, and whether it came to stand; nil: it did.
        case attempt(failure: Event.Refusal?, tookNanoseconds: UInt64?)
        case ended(Ending)
        /// It dialled, where Weir plays the server.
        case accepted(Accepted)
        /// It sent a message again that it had sent before.
        case resent(Resent)
        /// It sent a message that the recording has elsewhere: that one's answer was played.
        case elsewhere(request: UInt64, connection: UInt32, message: UInt64)
        /// It sent a message that the recording does not have.
        case unknown(request: UInt64, bytes: UInt64)
        /// It stopped reading.
        case stalled
        /// It reads again, after so long.
        case resumed(afterNanoseconds: Int64)
        /// A link can no longer be read as messages, and in the recording it could.
        case lostSync(Direction, offset: UInt64, reason: String)
        /// A line that its process wrote.
        case output(Event.OutputStream, line: String)
        /// Its process ended.
        case exited(code: Int32)
        /// A reset or probe command ended.
        case command(CommandOutcome)
    }
}

/// How an answer, a push or a turn compares with the recorded one.
package enum Compared: String, Hashable, Sendable, CaseIterable {
    case same
    case different
    /// The recording has none that it could be compared with: the answer to a copy, above all.
    case extra
    /// The same, but after its deadline.
    case late
    /// It began before its message was whole.
    case early
    /// The connection ended in the middle of it.
    case cutShort = "cut-short"
    /// It never came.
    case missing
    /// It came before a cut after which its message was sent again: the later answer counts.
    case lost
}

/// An answer, or that there is none.
package struct Answer: Hashable, Sendable {
    /// The recorded message that it answers; 0 where that is not known.
    package var message: UInt64
    /// 0: it answers the original.
    package var copy: UInt16
    /// The message's kind, as the framer names it.
    package var kind: String
    package var bytes: UInt64 = 0
    /// From the message's last byte to the answer's first; nil where none came.
    package var responseNanoseconds: Int64?
    /// The same from the later of that and the last byte of the answer before.
    package var serviceNanoseconds: Int64?
    /// nil where the recorded answer could not be read, or this one not be kept.
    package var compared: Compared?
    package var isError = false
    /// Whether the recorded answer is an error; nil where there is none.
    package var wasError: Bool?
    package var difference: Difference?
    /// The how-many-eth answer to its message, from 0.
    package var part: UInt32 = 0
    /// The answer's own kind, as the framer names it; empty where none came.
    package var answerKind = ""
    /// Its bytes, where `ReactionSettings.keepsContent` asks for them; nil for the answer to a
    /// copy, and where none came.
    package var content: Content?

    package init(message: UInt64, copy: UInt16 = 0, kind: String = "", compared: Compared? = nil) {
        self.message = message
        self.copy = copy
        self.kind = kind
        self.compared = compared
    }
}

/// A message that nobody asked for, or that there is none any more.
package struct Push: Hashable, Sendable {
    /// Its place among the pushes of the connection, from 1.
    package var number: UInt64
    package var bytes: UInt64
    package var compared: Compared?
    package var difference: Difference?
    /// As the framer names it; empty where none came.
    package var kind = ""
    /// As of an answer.
    package var content: Content?
}

/// What came downstream before Weir sent again.
package struct Turn: Hashable, Sendable {
    /// From 1 on its attempt.
    package var number: UInt64
    package var bytes: UInt64
    /// From the last byte sent before it to its first byte; nil where nothing was sent before.
    package var responseNanoseconds: Int64?
    /// nil where bytes are not compared: the answers of this protocol cannot be paired, or an
    /// earlier turn differed already.
    package var compared: Compared?
    package var difference: Difference?
    /// All that came on its attempt until its end: how bytes fall into turns is no matter of the
    /// consumer's alone. As of an answer, but at most `Content.keptLinkBytes` are kept.
    package var content: Content?
}

/// What a command did that runs beside the replay.
package struct CommandOutcome: Hashable, Sendable {
    /// The probe's name, or `reset`.
    package var name: String
    package var exitCode: Int32
    package var tookNanoseconds: UInt64
    /// What it printed: at most `Difference.excerptBytes` of it.
    package var output: [UInt8]
    /// As of an answer.
    package var content: Content?
}

/// A connection's or a link's end.
package struct Ending: Hashable, Sendable {
    package enum How: Hashable, Sendable {
        case closed
        case reset
        case failed(errno: Int32)
    }

    package var how: How
    package var by: Party
    /// The link; nil where both ended at once.
    package var direction: Direction?
    /// The consumer ended it although Weir had not, and although the recording has no such end
    /// there.
    package var isUnasked: Bool
    /// The last message that was sent whole on its attempt, by its recorded number; 0: none.
    package var furthest: UInt64 = 0
}

/// A connection that the consumer dialled, where Weir plays the server.
package struct Accepted: Hashable, Sendable {
    /// How the recorded connection was found that it plays.
    package var by: ServingMark.Assignment
    /// When it was accepted: the reaction's instant is when it was known what it plays.
    package var instant: Instant
    /// Since the attempt before it on the same recorded connection had ended; nil: it is the first.
    package var sinceEndNanoseconds: Int64?
}

/// A message that the consumer sent again.
package struct Resent: Hashable, Sendable {
    /// From 1 on its attempt.
    package var request: UInt64
    /// The recorded message that it is, and of which recorded connection: mostly its own.
    package var message: UInt64
    package var connection: UInt32
    /// As the framer names it.
    package var kind: String
    /// Part of a handshake, or session state: what any reconnect sends again.
    package var isSessionState: Bool
    /// What had become of its answer.
    package var answer: ServingMark.Earlier
    /// The how-many-eth time it came: 2 or more.
    package var times: UInt32
    /// Since it came the last time.
    package var sinceNanoseconds: Int64
}

/// Where two runs of bytes part, and what stands there.
package struct Difference: Hashable, Sendable {
    /// More than this of either side is not shown.
    package static let excerptBytes = 64
    /// In a long message, so many equal bytes are shown before those that differ.
    static let contextBytes = 16

    /// The first byte that differs, from the message's start.
    package var offset: UInt64
    /// Where in the message the excerpts begin.
    package var excerptOffset: UInt64
    package var expected: [UInt8]
    package var actual: [UInt8]
    /// How long the recorded one is.
    package var expectedBytes: UInt64

    package init(
        offset: UInt64, excerptOffset: UInt64, expected: [UInt8], actual: [UInt8],
        expectedBytes: UInt64
    ) {
        self.offset = offset
        self.excerptOffset = excerptOffset
        self.expected = expected
        self.actual = actual
        self.expectedBytes = expectedBytes
    }
}
