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

    @Test func `the quantiles of the long tails are those of their definitions`() {
        for index in 0..<NormalQuantiles.count {
            let part = (Double(index) + 0.5) / Double(NormalQuantiles.count)
            let pareto = (pow(1 - part, -1 / 3.0) - 1.5) * 2 / 3.0.squareRoot() * 8_192
            #expect(abs(Double(TailQuantiles.pareto[index]) - pareto) <= 1)
            let power = exp(Double(NormalQuantiles.quantile(index)) / 8_192)
            let deviation = (exp(2.0) - exp(1.0)).squareRoot()
            let lognormal = (power - exp(0.5)) / deviation * 8_192
            #expect(abs(Double(TailQuantiles.lognormal[index]) - lognormal) <= 1)
        }
    }

    @Test(arguments: [Latency.Distribution.pareto, .lognormal])
    func `a long tail has the mean, and most is below it`(_ tail: Latency.Distribution) {
        let latency = Latency(
            latencyNanoseconds: 100_000_000, jitterNanoseconds: 8_192_000, distribution: tail)
        let count = 100_000
        let holds = (0..<UInt64(count)).map { latency.hold(Dice(seed: 7).at($0)) }
        let mean = holds.reduce(0, +) / Int64(count)
        // A deviation of the mean is 8,192,000 / 316; the table's own mean is a little below 0,
        // because its end is cut off.
        #expect(abs(mean - 100_000_000) <= 300_000)
        #expect(holds.count { $0 < 100_000_000 } > count * 6 / 10)
        #expect(holds.max() ?? 0 > 100_000_000 + 8 * 8_192_000)
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
