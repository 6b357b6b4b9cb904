import Recordings
import Testing
import Text

@testable import Faults

/// What conditions say of themselves: on the command line, in a plan, in a schedule.
@Suite struct ConditionKindTests {
    @Test(arguments: [
        "bandwidth rate=100KB/s", "bandwidth rate=1B/s burst=1B messages=2-",
        "slicer", "slicer size=10B variation=9B delay=5ms connections=1", "slow_close delay=2s",
        "slow_reader rate=5KB/s", "latency latency=2ms jitter=1ms correlation=25%",
        "latency latency=1ms jitter=1ms distribution=pareto",
        "latency latency=1ms jitter=1ms distribution=lognormal",
    ])
    func `a condition survives the plan and the schedule`(text: String) throws {
        let plan = try plan([text])
        #expect(try PlanFile.read(Array(PlanFile.write(plan).utf8), file: "p") == plan)
        let made = try schedule(plan, Traffic(threeThenTwo))
        #expect(made.conditions.count == 1 && made.strikes.isEmpty)
        let bytes = ScheduleWriter.bytes(made)
        let back = try ScheduleFile.read(bytes, file: "s").schedule
        #expect(back.conditions == made.conditions && ScheduleWriter.bytes(back) == bytes)
    }

    @Test func `a limit's times and amounts are exact`() {
        var bandwidth = Bandwidth(rate: ByteRate(bytesPerSecond: 3))
        #expect(bandwidth.nanoseconds(1) == 333_333_334)
        #expect(bandwidth.nanoseconds(3) == 1_000_000_000)
        #expect(bandwidth.bytes(999_999_999) == 2)
        #expect(bandwidth.bytes(1_000_000_000) == 3)
        #expect(bandwidth.bytes(-1) == 0)
        bandwidth.rate = ByteRate(bytesPerSecond: 1)
        #expect(bandwidth.nanoseconds(.max) == .max)
        bandwidth.rate = ByteRate(bytesPerSecond: .max)
        #expect(bandwidth.bytes(.max) == .max)
        #expect(bandwidth.nanoseconds(.max) == 1_000_000_000)
    }

    @Test func `slices are as large as asked for, more or less, all as often`() {
        var slicer = Slicer()
        slicer.size = ByteCount(bytes: 5)
        #expect((0..<100).allSatisfy { slicer.bytes(Dice(seed: 7).at($0)) == 5 })
        slicer.variation = ByteCount(bytes: 2)
        var counts: [UInt64: Int] = [:]
        for place in UInt64(0)..<50_000 {
            counts[slicer.bytes(Dice(seed: 7).at(place)), default: 0] += 1
        }
        #expect(counts.keys.sorted() == [3, 4, 5, 6, 7])
        // √(50,000 × 1/5 × 4/5) = 89.4; five of them.
        #expect(counts.values.allSatisfy { abs($0 - 10_000) <= 447 })
        slicer.variation = ByteCount(bytes: .max)
        #expect((0..<1_000).allSatisfy { slicer.bytes(Dice(seed: 7).at($0)) >= 1 })
    }
}
