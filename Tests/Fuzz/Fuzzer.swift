/// Something that is fed wrong input, over and over, from a seed.
struct Fuzzer: Sendable {
    var name: String
    /// What it proves, for the list.
    var summary: String
    /// Rounds of it that `fuzz smoke` runs.
    var smokeRounds: Int
    /// One round: throws a `FuzzFailure` when a promise was broken.
    var round: @Sendable (inout FuzzDice) throws(FuzzFailure) -> Void

    /// The one list. To add one: a file, and a line here.
    static let all: [Fuzzer] = [
        .framers,
        .json,
        .quantities,
        .recording,
        .plan,
        .schedule,
        .ignored,
        .expectations,
        .verdict,
    ]

    /// Runs rounds `first` and on.
    /// - Returns: the round that failed, and how; nil when none did.
    func run(seed: UInt64, first: Int, rounds: Int) -> (round: Int, failure: FuzzFailure)? {
        for round in first..<(first + rounds) {
            var dice = FuzzDice(seed: seed, round: round)
            do throws(FuzzFailure) {
                try self.round(&dice)
            } catch {
                return (round, error)
            }
        }
        return nil
    }
}

/// A promise that was broken.
struct FuzzFailure: Error {
    var what: String

    init(_ what: String) { self.what = what }
}

/// Numbers that look random, the same for the same seed and round (SplitMix64).
struct FuzzDice {
    private var state: UInt64

    init(seed: UInt64, round: Int) {
        state = seed ^ (UInt64(truncatingIfNeeded: round) &* 0xd134_2543_de82_ef95)
        _ = next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// From 0 to `limit` - 1.
    mutating func below(_ limit: Int) -> Int { limit <= 1 ? 0 : Int(next() % UInt64(limit)) }

    mutating func isOne(in count: Int) -> Bool { below(count) == 0 }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next()) }
}
