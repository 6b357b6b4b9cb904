import Recordings

/// Works out reactions from a replay's events, one after the other: as the client a `ReactionLog`,
/// as the server a `ServingLog`.
package protocol ReactionWorker {
    /// Takes the next event of the replay, with the bytes beside it.
    mutating func receive(_ event: Event, _ bytes: Span<UInt8>)

    /// The next reaction.
    mutating func next() -> Reaction?

    /// Says that the replay has come to this instant without an event.
    mutating func pass(to instant: Instant)

    /// The replay is over.
    mutating func finish()
}

extension ReactionLog: ReactionWorker {}
