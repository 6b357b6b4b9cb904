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

    /// A condition that covers this connection.
    private struct Hold: Sendable {
        var condition: Condition
        var dice: Dice
    }

    init(
        connection: UInt32, direction: Direction, planned: [Strike], conditions: [Condition],
        seed: UInt64
    ) {
        self.connection = connection
        self.direction = direction
        strikes = planned.filter { !$0.isDelay }
        delays = planned.filter(\.isDelay)
        holds = conditions.compactMap { condition in
            guard condition.direction == direction,
                condition.covers(connection: connection, seed: seed)
            else { return nil }
            return Hold(
                condition: condition, dice: condition.dice(seed, .amount, connection))
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
        var sum: Int64 = 0
        for hold in holds where hold.condition.covers(message: message, began: began) {
            switch hold.condition.effect {
            case .latency(let latency):
                let amount = latency.hold(hold.dice.at(message))
                let (total, overflow) = sum.addingReportingOverflow(amount)
                sum = overflow ? .max : total
            }
        }
        return sum
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
