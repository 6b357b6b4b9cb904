import Faults
import Recordings
import Simulation
import Testing
import Text

@testable import Engine

/// Weir reads slowly what the consumer sends.
struct SlowReadingTests {
    private func play(_ rate: UInt64, sends bytes: Int) throws -> ReplayBench {
        var slow = SlowReader()
        slow.rate = ByteRate(bytesPerSecond: rate)
        let condition = Condition(
            id: "slow", effect: .slowReader(slow), direction: SlowReader.direction)
        let take = try Take("line", "0ms open\n10ms > a\\n\n11ms < 1\\n\n30ms fin >")
        let bench = ReplayBench()
        _ = try bench.serve { _ in
            [.send(ScriptBytes(String(repeating: "x", count: bytes - 1) + "\n"))]
        }
        try bench.play(take, conditions: [condition])
        return bench
    }

    @Test func `no more is read than the rate allows, and all of it`() throws {
        let bench = try play(10_000, sends: 3_000)
        let reads = bench.events.filter { $0.event.fact == .chunk }
        #expect(reads.map(\.bytes.count) == [500, 500, 500, 500, 500, 500])
        #expect(
            reads.map { $0.event.instant.nanoseconds / 1_000_000 } == [10, 60, 110, 160, 210, 260])
        #expect(
            bench.lines("mark slow").map { String($0.split(separator: " ", maxSplits: 3)[3]) }
                == ["slow: 10kB/s asked for, 3000 bytes in 300ms (10000 bytes/s)"])
        #expect(bench.result?.counts.bytesReceived == 3_000)
    }

    @Test func `without a condition all is read at once`() throws {
        let take = try Take("line", "0ms open\n10ms > a\\n\n11ms < 1\\n\n30ms fin >")
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        try bench.play(take)
        #expect(bench.lines("mark").isEmpty)
    }
}
