import Faults
import Platform
import Recordings

/// A replay of a recording as the client: it dials the consumer and sends the recorded upstream
/// messages, disturbed by a schedule.
///
/// Make it, `start` it on the network's thread, and run the network's loop until the observer hears
/// `replayEnded`. `stop` ends it early, gracefully.
package final class Replay {
    private let transcript: Transcript
    private let bytes: any RecordedBytes
    private let schedule: Schedule
    private let settings: ReplaySettings
    private let network: any Network
    private let observer: any ReplayObserver

    /// What it has done so far: for a progress bar.
    package private(set) var counts = ReplayCounts()

    package init(
        of transcript: Transcript, bytes: any RecordedBytes, schedule: Schedule,
        settings: ReplaySettings, on network: any Network, observer: any ReplayObserver
    ) {
        self.transcript = transcript
        self.bytes = bytes
        self.schedule = schedule
        self.settings = settings
        self.network = network
        self.observer = observer
    }

    /// Begins, now; event instants count from `sessionStart`, which is not later.
    package func start(sessionStart: MonotonicTime) {}

    /// Ends it early: what is open is finished in order, strikes that were still to come are
    /// pre-empted, and `replayEnded` comes within `stopNanoseconds`.
    package func stop() {}
}
