import Recordings

/// What an injector tells the wire of a connection.
///
/// `send`, `finish` and `cut` stand in the order in which a link has to do them; none is done
/// before its instant.
package enum LiveAction: Hashable, Sendable {
    case send(Direction, LiveSend)
    /// The link's end is passed on.
    case finish(Direction, due: Instant)
    /// The connection is cut; a half-close ends this link alone.
    case cut(Direction, Cut.How, strike: String, due: Instant)
    /// What became of a strike: to be logged and recorded.
    case strike(LiveStrike)
}

/// Bytes that leave.
package struct LiveSend: Hashable, Sendable {
    package var bytes: Bytes
    package var due: Instant
    /// When the last of them arrived.
    package var arrived: Instant
    /// The message on its link; 0 where the bytes belong to none.
    package var message: UInt64
    /// 0 is the original.
    package var copy: UInt16
    /// Where in the message these bytes begin.
    package var offset: UInt64
    /// The strike, or the condition, because of which they leave other than they came: elsewhere
    /// in the order, again, or later. Empty: as they came.
    package var cause: String

    package enum Bytes: Hashable, Sendable {
        /// Of what arrived on the link.
        case arrived(Range<UInt64>)
        case literal([UInt8])
    }

    package var count: Int {
        switch bytes {
        case .arrived(let range): range.count
        case .literal(let bytes): bytes.count
        }
    }
}

/// What became of a strike on live traffic.
package struct LiveStrike: Hashable, Sendable {
    package var outcome: StrikeOutcome
    package var rule: String
    package var faultName: String
    package var connection: UInt32
    package var direction: Direction
    /// 0: the rest of the link.
    package var message: UInt64
    /// How such a thing could come about.
    package var label: FaultLabel
}
