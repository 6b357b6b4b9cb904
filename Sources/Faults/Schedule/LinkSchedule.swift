import Recordings

/// What a schedule says of one link.
package struct LinkSchedule: Sendable {
    /// Where there are no messages, so many bytes of a link are held together: cell n, from 1, is
    /// bytes (n − 1) × 1,460 to n × 1,460 − 1. Its number stands for the message's then.
    package static let cellBytes: UInt64 = 1_460

    package let connection: UInt32
    package let direction: Direction
    /// What is planned, delays apart, by message.
    package let strikes: [Strike]
    private let delays: [Strike]
    private let holds: [Hold]
    fileprivate let hasCorrelation: Bool

    /// A condition that covers this connection.
    private struct Hold: Sendable {
        var condition: Condition
        var dice: Dice
        var chainDice: Dice
    }

    init(
        connection: UInt32, route: UInt16, direction: Direction, planned: [Strike],
        conditions: [Condition], seed: UInt64
    ) {
        self.connection = connection
        self.direction = direction
        strikes = planned.filter { !$0.isDelay }
        delays = planned.filter(\.isDelay)
        holds = conditions.compactMap { condition in
            guard condition.direction == direction,
                condition.covers(connection: connection, route: route, seed: seed)
            else { return nil }
            let lane: Dice.Lane = if case .slicer = condition.effect { .place } else { .amount }
            return Hold(
                condition: condition, dice: condition.dice(seed, lane, connection),
                chainDice: condition.dice(seed, .chain, connection))
        }
        hasCorrelation = holds.contains { hold in
            if case .latency(let latency) = hold.condition.effect {
                latency.correlation != nil
            } else {
                false
            }
        }
    }

    /// Whether nothing is planned on this link and nothing holds it.
    package var isEmpty: Bool { strikes.isEmpty && delays.isEmpty && holds.isEmpty }

    /// The planned delays that strike this message.
    package func delayStrikes(at message: UInt64) -> ArraySlice<Strike> {
        let first = delays.firstIndex(notBefore: message)
        var end = first
        while end < delays.count, delays[end].message == message { end += 1 }
        return delays[first..<end]
    }

    /// The planned strikes other than delays whose first message this is: one at most, unless a
    /// schedule was edited by hand.
    package func strikes(at message: UInt64) -> ArraySlice<Strike> {
        let first = strikes.firstIndex(notBefore: message)
        var end = first
        while end < strikes.count, strikes[end].message == message { end += 1 }
        return strikes[first..<end]
    }

    /// For how long the conditions hold this message (or cell), in nanoseconds; never below 0.
    ///
    /// It depends on the seed, the rules' names and the place alone: ask as often as you like.
    /// - Parameter began: when its first byte was recorded.
    package func holdNanoseconds(message: UInt64, began: Instant) -> Int64 {
        var walk = HoldWalk(self)
        return holdNanoseconds(message: message, began: began, &walk)
    }

    /// The same, quicker where holds resemble each other and it is asked in order.
    /// - Parameters:
    ///   - walked: the message behind which the walk began.
    ///   - walk: of this link.
    package func holdNanoseconds(
        message: UInt64, began: Instant, behind walked: UInt64 = 0, _ walk: inout HoldWalk
    ) -> Int64 {
        var sum: Int64 = 0
        for (index, hold) in holds.enumerated()
        where hold.condition.covers(message: message, began: began) {
            switch hold.condition.effect {
            case .latency(let latency):
                let step = max(1, message - min(message, walked))
                let roll = walk.rolls.isEmpty ? nil : walk.rolls[index]?.roll(at: step)
                let amount =
                    roll.map { latency.hold(roll: $0) } ?? latency.hold(hold.dice.at(message))
                let (total, overflow) = sum.addingReportingOverflow(amount)
                sum = overflow ? .max : total
            case .bandwidth, .slicer, .slowClose, .slowReader: break
            }
        }
        return sum
    }
}

/// How far the holds of a link have come that resemble each other.
package struct HoldWalk: Sendable {
    /// By condition of the link; none at all where no hold depends on another.
    fileprivate var rolls: [CorrelatedRolls?] = []

    package init(_ link: LinkSchedule) {
        guard link.hasCorrelation else { return }
        rolls = link.correlatedRolls
    }
}

extension LinkSchedule {
    fileprivate var correlatedRolls: [CorrelatedRolls?] {
        holds.map { hold in
            guard case .latency(let latency) = hold.condition.effect else { return nil }
            return latency.correlation.map { CorrelatedRolls($0, hold.chainDice) }
        }
    }
}

/// What conditions do beside holding messages.
extension LinkSchedule {
    /// The conditions that cover this link, in the plan's order, with the numbers that
    /// `covers` and `sliceBytes` take.
    package var conditions: [Condition] { holds.map(\.condition) }

    /// Whether what they do differs from one message (or cell) to the next.
    package var dependsOnPlace: Bool {
        conditions.contains { condition in
            guard condition.messages.isEmpty else { return true }
            return switch condition.effect {
            case .latency(let latency): latency.jitterNanoseconds > 0
            case .slicer: true
            case .bandwidth, .slowClose, .slowReader: false
            }
        }
    }

    /// How many bytes one piece of a message (or cell) has.
    /// - Parameters:
    ///   - slicer: which of `conditions`; it is a slicer.
    ///   - piece: from 0.
    package func sliceBytes(slicer: Int, message: UInt64, piece: UInt64) -> UInt64 {
        guard case .slicer(let kind) = holds[slicer].condition.effect else { return .max }
        return kind.bytes(holds[slicer].dice.at(message).at(piece))
    }
}

extension Strike {
    fileprivate var isDelay: Bool { if case .delay = effect { true } else { false } }
}

extension [Strike] {
    /// The first one at this message or behind it; they are in the order of their messages.
    fileprivate func firstIndex(notBefore message: UInt64) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = low + (high - low) / 2
            if self[middle].message < message { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
