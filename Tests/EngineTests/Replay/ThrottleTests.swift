import Faults
import Recordings
import Simulation
import Testing

@testable import Engine

/// The conditions that hold bytes back, in virtual time: what is asked for is what is achieved.
struct ThrottleTests {
    private func condition(_ effect: ConditionEffect, id: String = "c") -> Condition {
        Condition(id: id, effect: effect, direction: .upstream)
    }

    private func take() throws -> Take {
        let line = String(repeating: "a", count: 9_999) + #"\n"#
        return try Take(
            "line",
            "0ms open\n10ms > \(line)\n11ms < 1\\n\n20ms > bcdefghi\\n\n21ms < 2\\n\n30ms fin >")
    }

    private func play(_ effect: ConditionEffect) throws -> ReplayBench {
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        try bench.play(take(), conditions: [condition(effect)])
        return bench
    }

    /// Instant and count of each send.
    private func sends(_ bench: ReplayBench) -> [(at: Int64, count: Int)] {
        bench.events.compactMap { entry in
            guard case .sent = entry.event.fact else { return nil }
            return (entry.event.instant.nanoseconds, entry.bytes.count)
        }
    }

    @Test func `bandwidth lets its burst pass and then no more than its rate`() throws {
        var bandwidth = Bandwidth(rate: .init(bytesPerSecond: 10_000))
        bandwidth.burst = .init(bytes: 2_000)
        let bench = try play(.bandwidth(bandwidth))
        let sends = sends(bench)
        #expect(sends.map(\.count).reduce(0, +) == 10_009)
        #expect(sends.first.map { $0.count } == 2_000)
        // From any send on, so long as it takes, no more than the burst and the rate's share.
        for first in sends.indices {
            var sum = 0
            for send in sends[first...] {
                sum += send.count
                let share = (send.at - sends[first].at) / 100_000
                #expect(sum <= 2_000 + Int(share))
            }
        }
        // 10,000 bytes less the burst of 2,000, at 10,000 a second, from 10 ms on.
        let last = try #require(sends.last { $0.at < 815_000_000 })
        #expect(last.at == 810_000_000)
        #expect(
            bench.lines("mark c").first?.contains("c: 10kB/s asked for, 10009 bytes in ") == true)
        #expect(bench.result?.lateness.maximum == 0)
    }

    @Test func `a slicer sends piece by piece, each by itself and so far apart`() throws {
        var slicer = Slicer()
        slicer.size = .init(bytes: 4_000)
        slicer.delay = .init(nanoseconds: 5_000_000)
        let bench = try play(.slicer(slicer))
        let sent = sends(bench).map { "\($0.at / 1_000_000) \($0.count)" }
        #expect(sent == ["10 4000", "15 4000", "20 2000", "29 9"])
        #expect(
            bench.lines("mark c").map { String($0.split(separator: " ", maxSplits: 3)[3]) }
                == ["c: pieces of 4kB asked for, 10009 bytes in 4 pieces"])
    }

    @Test func `a slicer's cuts are drawn by the place, whatever was sent before`() throws {
        var slicer = Slicer()
        slicer.size = .init(bytes: 3_000)
        slicer.variation = .init(bytes: 2_000)
        let sent = sends(try play(.slicer(slicer))).map(\.count)
        let link = Schedule(seed: 7, conditions: [condition(.slicer(slicer))])
            .link(connection: 1, .upstream)
        var wanted: [Int] = []
        var left = 10_000
        while left > 0 {
            let bytes = link.sliceBytes(slicer: 0, message: 1, piece: UInt64(wanted.count))
            #expect(1_000...5_000 ~= bytes)
            wanted.append(min(left, Int(bytes)))
            left -= wanted.last ?? left
        }
        #expect(Array(sent.dropLast()) == wanted && sent.last == 9)
    }

    @Test func `slow_close holds the end and nothing else`() throws {
        var slow = SlowClose()
        slow.delay = .init(nanoseconds: 300_000_000)
        let bench = try play(.slowClose(slow))
        #expect(sends(bench).map { $0.at / 1_000_000 } == [10, 20])
        #expect(
            bench.lines("1.1 ").suffix(3) == [
                "330ms 1.1 fin > by client",
                "330ms 1.1 mark c: the end held for 300ms, 300ms asked for",
                "330ms 1.1 fin < by server",
            ])
    }

    @Test func `bytes that are no messages are held too`() throws {
        let take = try Take("none", "0ms open\n1ms > abcdefghij\n9ms fin >")
        var bandwidth = Bandwidth(rate: .init(bytesPerSecond: 1_000))
        bandwidth.burst = .init(bytes: 4)
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        try bench.play(take, conditions: [condition(.bandwidth(bandwidth))])
        #expect(
            sends(bench).map { "\($0.at / 1_000_000) \($0.count)" } == ["1 4", "3 2", "5 2", "7 2"])
    }
}
