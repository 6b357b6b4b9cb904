import Recordings

/// What the consumer said by itself: material for `Loudness`.
struct ObservedSigns: Sendable {
    /// An error answer.
    struct ErrorAnswer: Hashable, Sendable {
        var key: ObservedAnswer.Key
        var copy: UInt16
        var instant: Instant
        var text: String
    }

    /// Something that happened to a connection or the process.
    struct Occurrence: Hashable, Sendable {
        var connection: UInt32
        var instant: Instant
        var text: String
    }

    /// Characters of a line that are kept.
    static let lineLimit = 400

    var errorAnswers: [ErrorAnswer] = []
    var unaskedEnds: [Occurrence] = []
    var exits: [Occurrence] = []
    /// Lines that match the loud pattern.
    var lines: [Occurrence] = []
}
