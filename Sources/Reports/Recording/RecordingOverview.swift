import Recordings
import Text

/// What a recording is and holds: all that `weir show` and `weir check` say of one.
package struct RecordingOverview: Sendable {
    /// As it was named.
    package var path: String
    package var header: RecordingHeader
    package var summary: RecordingSummary
    /// How its bytes are read, in a sentence.
    package var framing: String
    /// Ended in order, still being written, or cut.
    package var state: RecordingState

    package init(
        path: String, header: RecordingHeader, summary: RecordingSummary, framing: String,
        state: RecordingState
    ) {
        self.path = path
        self.header = header
        self.summary = summary
        self.framing = framing
        self.state = state
    }

    /// Whether something that passed is known to be missing, or the file is damaged. That a
    /// recording goes on is no damage.
    package var hasHoles: Bool { state == .cut || gaps > 0 || !damages.isEmpty }

    /// What is damaged, beside an end that is still to come.
    package var damages: [Damage] {
        guard state == .beingWritten else { return summary.notes.damages }
        return summary.notes.damages.filter { $0.kind != .notEnded && $0.kind != .tornTail }
    }

    /// Stretches that are missing.
    package var gaps: UInt64 {
        summary.connections.reduce(summary.gaps) { $0 + $1.gaps }
    }

    /// Bytes that are missing, as far as it is known.
    package var missingBytes: UInt64 {
        summary.connections.reduce(0) { sum, connection in
            let (upstream, downstream) = (connection.upstream, connection.downstream)
            return sum &+ upstream.missingBytes &+ downstream.missingBytes
        }
    }
}

/// How a recording's file stands.
package enum RecordingState: String, Hashable, Sendable {
    /// Its recorder ended it in order.
    case ended
    /// A recorder holds it.
    case beingWritten = "being-written"
    /// It was not ended, and nobody writes it: its recorder was killed.
    case cut

    package init(isEnded: Bool, isBeingWritten: Bool) {
        self = isEnded ? .ended : isBeingWritten ? .beingWritten : .cut
    }

    /// In a sentence; nil where there is nothing to say.
    package var sentence: String? {
        switch self {
        case .ended: nil
        case .beingWritten: "still being written: this is what there is until now"
        case .cut:
            "cut: its recorder was stopped before it could end it; the last second is missing"
        }
    }
}
