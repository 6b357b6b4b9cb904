import Faults
import Platform
import Recordings

/// Hears what happens in a session, in order, on the loop's thread.
package protocol SessionObserver: AnyObject {
    func note(_ notice: Notice)
}

/// Something that a person may want to know while a session runs. `weir` makes words of it.
package enum Notice: Sendable {
    /// A connection's life is over: one line in the log.
    case ended(ConnectionSummary)
    /// Accepting or dialling fails for want of descriptors or memory; said once.
    case cannotAccept(route: String, Errno)
    /// So many connections are open that no more are accepted until one ends; said once.
    case full(connections: Int)
    /// The server of this route refuses, and so does the route; or both accept again.
    case refusing(Route)
    case acceptingAgain(Route)
    /// The server accepts again, and the route's address cannot be listened on; said once.
    case cannotListenAgain(Route, Errno)
    /// The protocol, as the first bytes tell it; or TLS.
    case detected(Detection)
    /// Credentials passed and were recorded, on this connection first.
    case authentication(connection: UInt32)
    /// What became of a strike on live traffic.
    case strike(LiveStrike)
    /// So many messages of a connection passed before its protocol was known: none was struck.
    case unrolled(connection: UInt32, messages: UInt64)
    /// What a condition was asked for on a link that is over, and what it achieved.
    case achieved(connection: UInt32, Direction, String)
    case recorder(RecorderNotice)
}

/// What a recorder has to say.
package enum RecorderNotice: Hashable, Sendable {
    /// `--must-record`: traffic has waited for the disk for so long, and goes on waiting.
    case waiting(nanoseconds: Int64)
    /// The disk could not keep up for so long; traffic goes on without being recorded.
    case unrecorded(nanoseconds: Int64)
    /// Recording goes on; so many bytes passed unrecorded and are marked as gaps.
    case resumed(missingBytes: UInt64)
    /// The recording cannot be written any more; traffic goes on without being recorded.
    case failed(Errno)
    /// The same with `--must-record`: no traffic passes from here on.
    case stopped(Errno)
    /// The recording has the size that was asked for and is whole; traffic goes on unrecorded.
    case complete(bytes: UInt64)
}

/// A connection's life, when it is over.
package struct ConnectionSummary: Hashable, Sendable {
    package var number: UInt32
    package var route: String
    package var client: String
    package var server: String
    package var opened: Instant
    package var ended: Instant
    package var upstream = LinkCounters()
    package var downstream = LinkCounters()
    package var ending: Ending

    package enum Ending: Hashable, Sendable {
        /// Both ended in order; this party did so first.
        case finished(first: Party)
        case reset(by: Party)
        case failed(Errno, by: Party)
        /// The server could not be reached.
        case refused(Errno)
        /// A rule cut it: the strike's id.
        case cut(strike: String)
        /// Still open when the session was stopped.
        case stopped
    }
}
