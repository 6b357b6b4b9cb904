import Recordings

/// A fault over a stretch of links: one line of a schedule, whatever it holds up.
package struct Condition: Hashable, Sendable {
    /// The rule's name.
    package var id: String
    package var effect: ConditionEffect
    package var direction: Direction
    /// The route whose connections it covers; nil: those of all.
    package var route: NamedRoute?
    /// The connections it covers; empty: all of them.
    package var connections: [ClosedRange<UInt32>]
    /// The messages it covers on each link; empty: all of them.
    package var messages: [ClosedRange<UInt64>]
    /// The recorded time that it covers; nil: all of it.
    package var window: ClosedRange<Instant>?
    /// The chance that a connection is covered at all, rolled once a connection: `chance` of
    /// `outOf`.
    package var chance: UInt64
    package var outOf: UInt64

    package init(
        id: String, effect: ConditionEffect, direction: Direction, route: NamedRoute? = nil,
        connections: [ClosedRange<UInt32>] = [], messages: [ClosedRange<UInt64>] = [],
        window: ClosedRange<Instant>? = nil, chance: UInt64 = 1, outOf: UInt64 = 1
    ) {
        self.id = id
        self.effect = effect
        self.direction = direction
        self.route = route
        self.connections = connections
        self.messages = messages
        self.window = window
        self.chance = chance
        self.outOf = outOf
    }

    /// Whether it covers anything of this connection: it is one of those, and the roll says so.
    /// - Parameter number: that of the connection's route.
    package func covers(connection: UInt32, route number: UInt16, seed: UInt64) -> Bool {
        guard route.map({ $0.number == number }) ?? true else { return false }
        guard connections.isEmpty || connections.contains(where: { $0.contains(connection) })
        else { return false }
        guard chance < outOf else { return true }
        return dice(seed, .chance, connection).roll(below: outOf) < chance
    }

    /// Whether it covers that message of a connection that it covers.
    /// - Parameter began: when the message's first byte was recorded.
    package func covers(message: UInt64, began: Instant) -> Bool {
        (messages.isEmpty || messages.contains { $0.contains(message) })
            && window?.contains(began) ?? true
    }

    /// The dice of one decision about one connection.
    func dice(_ seed: UInt64, _ lane: Dice.Lane, _ connection: UInt32) -> Dice {
        Dice(seed: seed).at(rule: id).at(lane).at(connection: connection, direction)
    }
}

/// What a condition does.
package enum ConditionEffect: Hashable, Sendable {
    case latency(Latency)
    case bandwidth(Bandwidth)
    case slicer(Slicer)
    case slowClose(SlowClose)
    case slowReader(SlowReader)
}
