import Text

/// The chance of a rule whose rolls depend on those before, along one link.
///
/// Asked for rising message numbers; it walks those in between too, whatever they are.
struct ChanceWalk: Sendable {
    private enum Kind: Sendable {
        case correlated(CorrelatedRolls, Chance)
        case burst(GilbertElliott, Dice, isBad: Bool)
    }

    private var kind: Kind
    private var message: UInt64 = 0
    private var isHit = false

    /// nil where each message is rolled for by itself.
    /// - Parameter dice: of the rule and the link, in the lane of chains.
    init?(_ target: Target, _ dice: Dice) {
        if let burst = target.burst {
            kind = .burst(burst, dice, isBad: false)
        } else if let correlation = target.correlation {
            kind = .correlated(CorrelatedRolls(correlation, dice), target.chance)
        } else {
            return nil
        }
    }

    /// Whether a message is struck.
    mutating func strikes(_ message: UInt64) -> Bool {
        while self.message < message {
            self.message += 1
            isHit = step()
        }
        return isHit
    }

    private mutating func step() -> Bool {
        switch kind {
        case .correlated(var rolls, let chance):
            let roll = rolls.roll(at: message)
            kind = .correlated(rolls, chance)
            let ratio = chance.ratio
            return UInt128(roll) * UInt128(ratio.denominator) < UInt128(ratio.numerator) << 32
        case .burst(let burst, let dice, let isBad):
            let own = dice.at(message)
            func happens(_ chance: Chance, _ decision: UInt64) -> Bool {
                own.at(decision).roll(below: chance.ratio.denominator) < chance.ratio.numerator
            }
            let changes = happens(isBad ? burst.toGood : burst.toBad, 1)
            kind = .burst(burst, dice, isBad: isBad != changes)
            return happens(isBad ? burst.inBad : burst.inGood, 2)
        }
    }
}
