import Recordings

/// A fault over a stretch of links: one line of a schedule, whatever it holds up.
package struct Condition: Hashable, Sendable {
    /// The rule's name.
    package var id: String
    package var effect: ConditionEffect
    package var direction: Direction
    /// The connections it covers; empty: all of them.
    package var connections: [ClosedRange<UInt32>]
    /// The messages it covers on each link; empty: all of them.
    package var messages: [ClosedRange<UInt64>]
    /// The chance that a connection is covered at all, rolled once a connection: `chance` of
    /// `outOf`.
    package var chance: UInt64
    package var outOf: UInt64

    package init(
        id: String, effect: ConditionEffect, direction: Direction,
        connections: [ClosedRange<UInt32>] = [], messages: [ClosedRange<UInt64>] = [],
        chance: UInt64 = 1, outOf: UInt64 = 1
    ) {
        self.id = id
        self.effect = effect
        self.direction = direction
        self.connections = connections
        self.messages = messages
        self.chance = chance
        self.outOf = outOf
    }
}

/// What a condition does.
package enum ConditionEffect: Hashable, Sendable {
    case latency(Latency)
}

/// Every cell of a link (a message, or so many bytes where there are none) is held; order is kept.
package struct Latency: Hashable, Sendable {
    package var latencyNanoseconds: Int64
    package var jitterNanoseconds: Int64
    package var distribution: Distribution

    package init(
        latencyNanoseconds: Int64, jitterNanoseconds: Int64 = 0,
        distribution: Distribution = .uniform
    ) {
        self.latencyNanoseconds = latencyNanoseconds
        self.jitterNanoseconds = jitterNanoseconds
        self.distribution = distribution
    }

    /// Uniform: latency − jitter to latency + jitter. Normal: jitter is the standard deviation.
    package enum Distribution: String, Hashable, Sendable, CaseIterable {
        case uniform, normal
    }
}
