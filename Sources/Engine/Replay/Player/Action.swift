import Faults
import Recordings

/// What a player tells the wire to do next.
enum Action: Hashable, Sendable {
    /// Connect; the attempt's number.
    case dial(attempt: UInt16)
    /// The dial took too long.
    case abandonDial
    /// Hand these bytes to the socket, behind those handed out before. Everything else comes only
    /// after the socket took them all, or makes them void.
    case send(Piece)
    /// Say how many bytes the consumer's kernel has not taken: `unacknowledged`.
    case askUnacknowledged
    /// End the sending direction (FIN); receiving goes on.
    case finish(by: Party)
    /// Receive what has come, then end both at once (RST).
    case reset(by: Party)
    /// Receive what has come, then close in order.
    case close(by: Party)
    /// The connection is gone already: let go of the socket.
    case release
    /// Play a redelivery of this strike's messages on connections of their own.
    case redeliver(Redelivery)
    /// The copy that this redelivery is was sent whole.
    case redelivered
    /// Hand over what was kept back of what came, and receive again.
    case receiveAgain
    /// Tell what became of a strike on what comes.
    case reportReceived(StrikeOutcome)
    /// Tell it as an event.
    case report(Event.Fact)
    /// Nothing to do until then, or until something happens.
    case wait(until: Instant?)
    /// The recorded connection has been played.
    case done
}

/// Bytes on their way to the socket: a part of one message, from one place in the file.
struct Piece: Hashable, Sendable {
    enum Kind: UInt8, Sendable {
        case original, copy, session, resent
        /// Bytes that belong to no message.
        case raw
    }

    var kind: Kind
    /// The recorded message; 0 for raw bytes.
    var message: UInt64
    var copy: UInt16
    /// The place in the recorded order that it stands at; 0 for copies and session state.
    var place: UInt64
    /// From the message's first byte, or the link's where there is no message.
    var offset: UInt64
    var fileOffset: UInt64
    var count: Int
    var isFirst: Bool
    /// The message is whole with it.
    var isLast: Bool
    /// Where its bits count from, for a strike that flips some.
    var bitOffset: UInt64 { kind == .raw ? offset % LinkSchedule.cellBytes : offset }
    /// When it is due: with what holds it, and without.
    var release: Instant
    var due: Instant
    /// What its holds were drawn to be.
    var holdNanoseconds: Int64
    /// The strike that caused it, as an index into the link's planned strikes; -1 without one.
    var strike: Int
    /// Nothing behind it goes out with it.
    var isAlone = false
    /// The strike that flips bits of the message, likewise.
    var corrupt = -1
    /// As the server: the recorded connection whose link it is from.
    var source = 0
}
