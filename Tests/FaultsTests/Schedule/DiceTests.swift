import Recordings
import Testing

@testable import Faults

@Suite struct DiceTests {
    @Test(arguments: [0, 1, UInt64.max])
    func `the first places of the outermost seeds roll like any others`(seed: UInt64) {
        // A multiplicative mixer maps the all-zero place to zero, which would be a certain strike.
        let dice = Dice(seed: seed)
        #expect(dice.bits != 0)
        var rolls: Set<UInt64> = [dice.bits]
        for place in UInt64(0)..<1_000 {
            #expect(dice.at(place).bits != 0)
            rolls.insert(dice.at(place).bits)
            rolls.insert(dice.at(place).at(0).bits)
        }
        #expect(rolls.count == 2_001)
    }

    @Test(arguments: [0, 7, UInt64.max])
    func `a chance strikes as often as it says, within five standard deviations`(seed: UInt64) {
        // One in a hundred of 1,000,000 places: 10,000 are expected, one standard deviation is
        // √(1,000,000 × 0.01 × 0.99) = 99.5.
        let dice = Dice(seed: seed).at(rule: "duplicate").at(.chance).at(connection: 1, .upstream)
        var hits = 0
        for message in UInt64(1)...1_000_000 where dice.at(message).roll(below: 100) < 1 {
            hits += 1
        }
        #expect(abs(hits - 10_000) <= 497)
    }

    @Test func `amounts are as evenly spread where the chance struck as everywhere`() {
        // The amounts of those places that a 1 % chance strikes fall into ten equal parts. Of n
        // strikes each part expects n/10, with a standard deviation of √(n × 0.1 × 0.9).
        let rule = Dice(seed: 7).at(rule: "delay")
        let chance = rule.at(.chance).at(connection: 1, .upstream)
        let amount = rule.at(.amount).at(connection: 1, .upstream)
        var parts = [Int](repeating: 0, count: 10)
        for message in UInt64(1)...1_000_000 where chance.at(message).roll(below: 100) < 1 {
            parts[Int(amount.at(message).roll(below: 10))] += 1
        }
        let count = parts.reduce(0, +)
        #expect(count > 9_500)
        for part in parts {
            let distance = abs(part * 10 - count)
            // Ten times five standard deviations, squared: 2,500 × n × 0.09.
            #expect(distance * distance <= 225 * count)
        }
    }

    @Test func `a roll below a bound gives each number as often, within five deviations`() {
        var counts = [Int](repeating: 0, count: 6)
        for place in UInt64(0)..<600_000 {
            counts[Int(Dice(seed: 1).at(place).roll(below: 6))] += 1
        }
        // √(600,000 × 1/6 × 5/6) = 288.7.
        for count in counts { #expect(abs(count - 100_000) <= 1_443) }
    }

    @Test func `names, lanes, connections, directions and messages all count, in their order`() {
        let seed = Dice(seed: 7)
        let places = [
            seed.at(rule: "a"), seed.at(rule: "b"), seed.at(rule: "ab"), seed.at(rule: "ba"),
            seed.at(rule: "a").at(.chance), seed.at(rule: "a").at(.amount),
            seed.at(rule: "a").at(.chance).at(connection: 1, .upstream),
            seed.at(rule: "a").at(.chance).at(connection: 1, .downstream),
            seed.at(rule: "a").at(.chance).at(connection: 2, .upstream),
            seed.at(1).at(2), seed.at(2).at(1), Dice(seed: 8).at(rule: "a"),
        ]
        #expect(Set(places).count == places.count)
    }
}
