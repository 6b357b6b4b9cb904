import Foundation
import Testing

@testable import Faults

@Suite struct LatencyTests {
    @Test func `without jitter every cell is held equally long`() {
        let latency = Latency(latencyNanoseconds: 20_000_000)
        #expect((0..<100).allSatisfy { latency.hold(Dice(seed: 7).at($0)) == 20_000_000 })
    }

    @Test func `uniform holds from latency minus jitter to latency plus jitter, all as often`() {
        let latency = Latency(latencyNanoseconds: 5, jitterNanoseconds: 3)
        var counts: [Int64: Int] = [:]
        for place in UInt64(0)..<700_000 {
            counts[latency.hold(Dice(seed: 7).at(place)), default: 0] += 1
        }
        #expect(counts.keys.sorted() == [2, 3, 4, 5, 6, 7, 8])
        // √(700,000 × 1/7 × 6/7) = 292.8; five of them.
        #expect(counts.values.allSatisfy { abs($0 - 100_000) <= 1_464 })
    }

    @Test func `normal has the mean and the deviation that it is asked for`() {
        let latency = Latency(
            latencyNanoseconds: 100_000_000, jitterNanoseconds: 8_192_000, distribution: .normal)
        let count = 1_000_000
        var sum: Int64 = 0
        var squares: Int64 = 0
        for place in UInt64(0)..<UInt64(count) {
            // In thousands of nanoseconds, so that the squares fit.
            let distance = (latency.hold(Dice(seed: 7).at(place)) - 100_000_000) / 1_000
            sum += distance
            squares += distance * distance
        }
        // The mean of a million has a deviation of 8,192 / 1,000; five of them.
        #expect(abs(sum) <= 41 * Int64(count))
        // The variance of the table is 8,191² (its outermost 1/8,192 on both sides is cut off);
        // that of a million draws has a deviation of √(2 / 1,000,000) of it, thus 0.14 %.
        let variance = squares / Int64(count)
        #expect(abs(variance - 8_191 * 8_191) <= 8_191 * 8_191 * 7 / 1_000)
    }

    @Test func `each quantile is the one nearest to its definition`() {
        for index in 0..<NormalQuantiles.count {
            let wanted = (Double(index) + 0.5) / Double(NormalQuantiles.count)
            let unit = Double(NormalQuantiles.unit)
            let quantile = Double(NormalQuantiles.quantile(index))
            #expect(below((quantile - 0.5) / unit) <= wanted)
            #expect(below((quantile + 0.5) / unit) >= wanted)
        }
    }

    @Test func `a hold is never below 0 and never overflows`() {
        let below = Latency(latencyNanoseconds: 1, jitterNanoseconds: 1_000_000)
        let above = Latency(latencyNanoseconds: .max, jitterNanoseconds: .max)
        let normal = Latency(
            latencyNanoseconds: .max, jitterNanoseconds: .max, distribution: .normal)
        for place in UInt64(0)..<1_000 {
            #expect(below.hold(Dice(seed: 1).at(place)) >= 0)
            #expect(above.hold(Dice(seed: 1).at(place)) >= 0)
            #expect(normal.hold(Dice(seed: 1).at(place)) >= 0)
        }
    }
}

/// The part of a normal distribution that lies below so many standard deviations.
private func below(_ deviations: Double) -> Double { erfc(-deviations / 2.0.squareRoot()) / 2 }
