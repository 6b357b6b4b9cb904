import Faults

/// Numbers that follow from a seed.
struct SeededRandom {
    private var dice: Dice
    private var count: UInt64 = 0

    init(state: UInt64) { dice = Dice(seed: state) }

    mutating func next() -> UInt64 {
        count += 1
        return dice.at(count).bits
    }

    mutating func below(_ bound: UInt64) -> UInt64 {
        count += 1
        return dice.at(count).roll(below: bound)
    }
}
