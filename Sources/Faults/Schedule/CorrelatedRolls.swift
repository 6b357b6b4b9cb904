import Text

/// Rolls of which each resembles the one before, as netem's: x = roll × (1 − ρ) + last × ρ in 32
/// bits.
///
/// They walk their own rule and link from message 1: each depends on the seed, the rule, the
/// link and the number of the message alone. It narrows the distribution: a chance of 10 % with
/// much correlation is met less often than one time in ten (as netem says of its own).
package struct CorrelatedRolls: Sendable {
    /// A roll is below this.
    package static let bound: UInt64 = 1 << 32
    /// So far back it is remembered; for what stands further behind it is walked anew.
    static let mostKept = 1_024

    private let dice: Dice
    private let share: UInt64
    private var message: UInt64 = 0
    /// Those of the latest messages, by number modulo `mostKept`.
    private var kept: [UInt64]

    /// - Parameter dice: of the rule and the link, in the lane of chains.
    init(_ correlation: Chance, _ dice: Dice) {
        self.dice = dice
        let ratio = correlation.ratio
        // A chance's numbers have at most 40 bits.
        share = UInt64(UInt128(ratio.numerator) << 32 / UInt128(ratio.denominator))
        kept = Array(repeating: 0, count: Self.mostKept)
        kept[0] = dice.at(0).roll(below: Self.bound)
    }

    /// The roll of a message (or cell), from 1 on.
    mutating func roll(at message: UInt64) -> UInt64 {
        let most = UInt64(Self.mostKept)
        if message + most <= self.message {
            self.message = 0
            kept[0] = dice.at(0).roll(below: Self.bound)
        }
        while self.message < message {
            let last = kept[Int(self.message % most)]
            self.message += 1
            let fresh = dice.at(self.message).roll(below: Self.bound)
            // Both products and their sum are below 2⁶⁴: the shares add up to 2³².
            kept[Int(self.message % most)] =
                (fresh * (Self.bound - share) + last * share) >> 32
        }
        return kept[Int(message % most)]
    }
}
