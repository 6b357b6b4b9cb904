import Foundation
import Recordings
import Testing
import Text

@testable import Faults

/// What `weir proxy` is asked for and what it achieves on the wire. Nothing may arrive before its
/// time; how much later it did is printed, and depends on the machine.
struct LiveRateTests {
    @Test func `bandwidth takes at least the time of its rate`() throws {
        let pair = try LivePair(["bandwidth rate=1MB/s direction=upstream"])
        let bytes = Data((0..<4_000_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 9) })
        pair.sendAll(bytes)
        let received = pair.server?.receiveAll()
        let took = pair.elapsed
        #expect(received == bytes)
        // 4,000,000 bytes less the burst of 16,384, at 1,000,000 a second.
        #expect(took >= .nanoseconds(3_983_616_000))
        try pair.finish(
            "bandwidth rate=1MB/s", "4,000,000 bytes in \(took.inMilliseconds), asked 3983.616 ms")
    }

    @Test func `a slow reader takes at least the time of its rate`() throws {
        let pair = try LivePair(["slow_reader rate=1MB/s direction=upstream"])
        let bytes = Data(repeating: 7, count: 1_000_000)
        pair.sendAll(bytes)
        let received = pair.server?.receiveAll()
        let took = pair.elapsed
        #expect(received == bytes)
        // The first portion, a twentieth of a second's worth, is read at once.
        #expect(took >= .milliseconds(950))
        try pair.finish(
            "slow_reader rate=1MB/s", "1,000,000 bytes in \(took.inMilliseconds), asked 950 ms")
    }

    @Test func `latency holds each message of a dialogue`() throws {
        let pair = try LivePair(["latency latency=20ms direction=upstream"], protocolName: "line")
        let line = Data("ping\n".utf8)
        let times = (0..<30).map { _ in
            let begin = ContinuousClock.now
            _ = pair.client?.send(line)
            #expect(pair.server?.receive(exactly: 5) == line)
            _ = pair.server?.send(line)
            #expect(pair.client?.receive(exactly: 5) == line)
            return begin.duration(to: .now)
        }.sorted()
        #expect(times[0] >= .milliseconds(20))
        try pair.finish(
            "latency latency=20ms",
            "30 round trips: min \(times[0].inMilliseconds), "
                + "median \(times[15].inMilliseconds), max \(times[29].inMilliseconds)")
    }

    @Test func `jitter holds each message for just as long as its dice say`() throws {
        let fault = "latency latency=10ms jitter=10ms direction=upstream"
        let pair = try LivePair([fault], protocolName: "line")
        let link = try LivePair.rules([fault], protocolName: "line")
            .link(connection: 1, .upstream)
        var excess: [Duration] = []
        var asked: [Int64] = []
        for message in 1...UInt64(40) {
            let hold = link.holdNanoseconds(message: message, began: .start)
            let begin = ContinuousClock.now
            _ = pair.client?.send(Data("m\n".utf8))
            #expect(pair.server?.receive(exactly: 2).count == 2)
            let took = begin.duration(to: .now)
            #expect(took >= .nanoseconds(hold), "message \(message)")
            excess.append(took - .nanoseconds(hold))
            asked.append(hold)
        }
        excess.sort()
        asked.sort()
        #expect(asked[0] < 3_000_000 && asked[39] > 17_000_000)
        try pair.finish(
            "latency latency=10ms jitter=10ms",
            "40 holds of \(asked[0] / 1_000) to \(asked[39] / 1_000) µs as drawn; later than that: "
                + "median \(excess[20].inMilliseconds), max \(excess[39].inMilliseconds)")
    }

    @Test func `a slicer's pieces are so far apart`() throws {
        let pair = try LivePair(
            ["slicer size=64B delay=2ms direction=upstream"], protocolName: "line")
        let bytes = Data(repeating: 65, count: 6_399) + Data("\n".utf8)
        pair.sendAll(bytes)
        let received = pair.server?.receiveAll()
        let took = pair.elapsed
        #expect(received == bytes)
        // 100 pieces, 99 times 2 ms between them.
        #expect(took >= .milliseconds(198))
        try pair.finish(
            "slicer size=64B delay=2ms", "100 pieces in \(took.inMilliseconds), asked 198 ms")
    }

    @Test func `slow_close holds the end, and a delay its message`() throws {
        let pair = try LivePair(
            [
                "slow_close delay=200ms direction=upstream",
                "delay by=100ms messages=2 direction=upstream",
            ], protocolName: "line")
        _ = pair.client?.send(Data("a\nb\n".utf8))
        #expect(pair.server?.receive(exactly: 2) == Data("a\n".utf8))
        let first = pair.elapsed
        #expect(pair.server?.receive(exactly: 2) == Data("b\n".utf8))
        let second = pair.elapsed
        #expect(second >= .milliseconds(100))
        let begin = ContinuousClock.now
        pair.client?.finish()
        #expect(pair.server?.receive() == nil)
        let end = begin.duration(to: .now)
        #expect(end >= .milliseconds(200))
        try pair.finish(
            "slow_close delay=200ms, delay by=100ms",
            "first \(first.inMilliseconds), second \(second.inMilliseconds), "
                + "end after \(end.inMilliseconds)")
    }

    @Test func `a stall holds what is behind it, and a timeout ends what is not`() throws {
        let bytes = Data(repeating: 65, count: 200)
        let stalled = try LivePair(["stall for=300ms at=100B direction=upstream"])
        _ = stalled.client?.send(bytes)
        #expect(stalled.server?.receive(exactly: 100).count == 100)
        #expect(stalled.server?.receive(exactly: 100).count == 100)
        let held = stalled.elapsed
        #expect(held >= .milliseconds(300))
        try stalled.finish("stall for=300ms at=100B", "rest after \(held.inMilliseconds)")

        let silent = try LivePair(["timeout timeout=300ms at=100B direction=upstream"])
        _ = silent.client?.send(bytes)
        let ending = silent.server?.receiveUntilEnd()
        let ended = silent.elapsed
        #expect(ending?.bytes.count == 100 && ending?.isReset == false)
        #expect(ended >= .milliseconds(300))
        try silent.finish("timeout timeout=300ms at=100B", "closed after \(ended.inMilliseconds)")
    }
}
