import Recordings

/// What an injector tells the wire of a connection.
///
/// `send`, `redeliver`, `finish` and `cut` stand in the order in which a link has to do them; none
/// is done before its instant.
package enum LiveAction: Hashable, Sendable {
    case send(Direction, LiveSend)
    /// The link's end is passed on.
    case finish(Direction, due: Instant)
    /// Copies come on connections of their own, now that the original was sent.
    case redeliver(Direction, LiveRedelivery, due: Instant)
    /// The connection is cut; a half-close ends this link alone.
    case cut(Direction, Cut.How, strike: String, due: Instant)
    /// A message that waits on this other connection has been overtaken.
    case overtaken(connection: UInt32, Direction)
    /// So many messages had passed before it was known that they are any; no dice were rolled for
    /// them. Said once a connection.
    case unrolled(messages: UInt64)
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
    /// When the message's first byte arrived, or where there is none, the cell's.
    package var began: Instant
    /// Whether the message ends behind these bytes.
    package var isLast: Bool
    /// The strike, or the condition, because of which they leave other than they came: elsewhere
    /// in the order, again, or later. Empty: as they came.
    package var cause: String
    /// When a message of another connection that waits to be overtaken has been, by this one.
    package var overtakes = Overtaking.never

    package enum Overtaking: Hashable, Sendable {
        case never
        case whenSent
        /// Then it is certain that its receiver has dealt with it.
        case whenAnswered
    }

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

    /// What conditions take these bytes for, from so many of them on, and where in it that is.
    func cell(from sent: Int) -> (cell: Throttle.Cell, place: UInt64) {
        let size = LinkSchedule.cellBytes
        if message == 0, case .arrived(let range) = bytes {
            let number = range.lowerBound / size + 1
            let place = range.lowerBound - (number - 1) * size
            let end = place + UInt64(range.count)
            let cell = Throttle.Cell(number: number, began: began, end: end < size ? .max : size)
            return (cell, place + UInt64(sent))
        }
        let end = isLast ? offset + UInt64(count) : .max
        return (Throttle.Cell(number: message, began: began, end: end), offset + UInt64(sent))
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
