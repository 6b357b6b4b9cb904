import Recordings

/// Random numbers that depend on the seed and the place of use alone, never on the rolls before.
///
/// Taking one rule or one strike away leaves all other rolls as they were: shrinking needs that. A
/// place is a path of numbers (rule, lane, connection, direction, message), each mixed in.
package struct Dice: Hashable, Sendable {
    private let state: UInt64

    package init(seed: UInt64) { state = Self.mix(seed ^ 0x6A09_E667_F3BC_C908) }

    private init(state: UInt64) { self.state = state }

    /// The dice for one place below this one, such as a connection or a message.
    package func at(_ place: UInt64) -> Dice {
        Dice(state: Self.mix(state ^ Self.mix(place)))
    }

    /// The dice of a rule, by its name: its place in the plan's list means nothing.
    package func at(rule name: String) -> Dice {
        var dice = at(Lane.rule.rawValue)
        for byte in name.utf8 { dice = dice.at(UInt64(byte)) }
        return dice.at(UInt64(name.utf8.count) << 8)
    }

    /// The dice of one decision: one roll must not serve two.
    package func at(_ lane: Lane) -> Dice { at(lane.rawValue) }

    /// The dice of one direction of a connection.
    package func at(connection: UInt32, _ direction: Direction) -> Dice {
        at(UInt64(connection)).at(UInt64(direction.rawValue))
    }

    /// A number from 0 to just below `bound`, which is at least 1.
    ///
    /// The high half of a 128-bit product: the bias is below `bound` in 2⁶⁴.
    package func roll(below bound: UInt64) -> UInt64 {
        precondition(bound > 0, "a roll below 0")
        return state.multipliedFullWidth(by: bound).high
    }

    /// All 64 bits of the roll.
    package var bits: UInt64 { state }

    /// The decisions that are kept from biasing each other.
    package enum Lane: UInt64, Sendable {
        case rule = 0x01
        case chance = 0x02
        case amount = 0x03
        case place = 0x04
        case chain = 0x05
    }

    /// SplitMix64's finaliser (Steele, Lea, Flood 2014) behind an odd constant, because by itself
    /// it maps zero to zero, and seed 0 at place 0 would be a certain strike.
    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
