import Platform
import Recordings

/// Hears of everything that really happens in a replay, as the events of a recording.
///
/// In order of time, on the replay's thread, at the instant it happened. Weir's own part as the
/// client has `Party.client` where it plays the recorded end, `Party.weir` where a strike, a
/// timeout or an interruption made it end something.
package protocol ReplayObserver: AnyObject {
    /// - Parameter bytes: what travels beside the event, for the length of this call.
    func replayed(_ event: Event, _ bytes: Span<UInt8>)

    /// The replay is over: no event comes after it.
    func replayEnded(_ result: ReplayResult)
}

/// A replay under way: as the client, or as the server.
package protocol Replaying: AnyObject {
    /// What it has done so far: for a progress bar.
    var counts: ReplayCounts { get }

    /// Begins, now; event instants count from `sessionStart`, which is not later.
    func start(sessionStart: MonotonicTime)

    /// Ends it early, gracefully.
    func stop()
}

extension Replay: Replaying {}
