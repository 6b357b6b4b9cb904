import Faults
import Recordings

/// What the attempts of a replay share while their reactions are worked out.
struct ReactionContext {
    var recorded: RecordedSide
    let settings: ReactionSettings
    var connections: [ConnectionState] = []
    /// Reactions that were not taken yet.
    var reactions: [Reaction] = []
    var ordinal: UInt64 = 0
}

/// What is known of one recorded connection, over all its attempts.
struct ConnectionState {
    let number: UInt32
    /// Its place in the transcript; nil: the recording has no such connection.
    let recorded: Int?
    /// The cuts that are still to come, in order.
    var cuts: [PlannedCut] = []
    /// The attempt that was opened last, redeliveries apart.
    var attempt: UInt16 = 0
    /// Attempts that play a copy alone, and the strikes that asked for them.
    var redeliveries: [UInt16: String] = [:]
    /// The last recorded push that was compared, as a message's number, and how many came.
    var push: UInt64 = 0
    var pushes: UInt64 = 0
}

/// A disconnect of the schedule.
struct PlannedCut {
    let id: String
    let then: Cut.Then
    /// The messages that are sent again after it.
    let resend: [ClosedRange<UInt64>]

    func lists(_ message: UInt64) -> Bool {
        // A linear search: a list is a few ranges.
        resend.contains { $0.contains(message) }
    }
}

/// How reactions are worked out: as the replay was run.
package struct ReactionSettings: Hashable, Sendable {
    package var framing: FramingChoice
    package var units: MessageUnits
    /// An answer may be so much later than it was recorded before it is late.
    package var answerTimeoutNanoseconds: Int64
    /// Who is judged.
    package var consumer: Party
    /// Whether reactions carry the bytes that came, for a comparison with another replay.
    package var keepsContent = false

    package init(
        framing: FramingChoice, units: MessageUnits = .messages,
        answerTimeoutNanoseconds: Int64 = 5_000_000_000, consumer: Party = .server
    ) {
        self.framing = framing
        self.units = units
        self.answerTimeoutNanoseconds = answerTimeoutNanoseconds
        self.consumer = consumer
    }
}
