import Faults
import Recordings

/// The message that is being sent: what of it is left, and when it is due.
struct Head: Sendable {
    var kind: Piece.Kind
    var message: UInt64
    var copy: UInt16 = 0
    var place: UInt64 = 0
    var strike = -1
    /// The strike that flips bits of it; -1 without one.
    var corrupt = -1
    /// The strike that cuts or stalls the connection in this message, if one does.
    var cut: Int?

    /// Offsets on the link: the message's first byte, the next to send, where sending ends, and
    /// where the message does.
    var start: UInt64
    var next: UInt64
    var end: UInt64
    var wholeEnd: UInt64
    /// What conditions take it for: the message's number (or the cell's), and when it began in the
    /// recording.
    var cell: UInt64 = 0
    var recorded = Instant.start
    /// The extent that `next` lies in, or one before it.
    var extent: Int

    /// When it was due without what holds it, and with it.
    var due: Instant
    var release: Instant
    var holdNanoseconds: Int64 = 0
    /// When its first byte was recorded; later ones keep their distance to it. nil: all at once.
    var began: Instant?
}

extension Head {
    /// What is throttled, by offsets on the link.
    var throttled: Throttle.Cell { Throttle.Cell(number: cell, began: recorded, end: end) }
}

/// Bytes downstream, recorded and real, at the beginning of the turn.
struct TurnBase: Hashable, Sendable {
    var recorded: UInt64 = 0
    var consumed: UInt64 = 0
    /// All that was to be sent in it was dropped: nothing answers.
    var isVoid = false
}

/// When, in the recording, the answers to the first so many messages were complete.
struct RecordedCompletion: Hashable, Sendable {
    private var through: UInt64 = 0
    private var latest = Instant.start

    /// Asked for rising numbers.
    mutating func instant(
        through message: UInt64, of connection: TranscriptConnection
    ) -> Instant {
        while through < message {
            through += 1
            if let ended = connection.exchange(through).answerEnded { latest = max(latest, ended) }
        }
        return latest
    }
}
