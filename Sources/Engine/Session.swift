import Faults
import Platform
import Recordings

/// One run of a proxy or a replay: one clock, one recorder, one set of counters.
package final class Session {
    /// Bytes that all links together hold because their receivers do not take them. Above it links
    /// receive only little at a time.
    package static let heldBytes = 512 << 20

    package let network: any Network
    package let recorder: Recorder

    /// What has passed so far; the recorder's own are in `recorder.counters`.
    package internal(set) var counters = Counters()

    /// Finds the protocol and credentials in the first bytes of connections.
    package internal(set) var watch: ProtocolWatch

    /// Hears what a person may want to know.
    package weak var observer: (any SessionObserver)?

    /// - Parameter framing: what to read messages as; nil: what the first bytes look like.
    package init(network: any Network, recorder: Recorder, framing: FramingChoice? = nil) {
        self.network = network
        self.recorder = recorder
        watch = ProtocolWatch(framing: framing)
        recorder.session = self
    }

    /// The moment of this call, on the session's clock.
    package var instant: Instant { recorder.instant }

    func note(_ notice: Notice) { observer?.note(notice) }

    /// What became of a strike on live traffic: it is logged and recorded.
    func tell(_ strike: LiveStrike) {
        note(.strike(strike))
        recorder.record(
            Event(
                at: instant, connection: strike.connection, attempt: 1,
                direction: strike.direction, .strike(strike.outcome)))
    }

    /// Shows a link's first bytes to the watch.
    func see(_ chunk: Event, _ bytes: UnsafeRawBufferPointer, at offset: UInt64) {
        let bytes = bytes.assumingMemoryBound(to: UInt8.self)
        for notice in watch.see(chunk, bytes.span, at: offset) { note(notice) }
    }
}
