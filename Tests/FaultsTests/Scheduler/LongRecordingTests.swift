import Recordings
import Testing

@testable import Faults

/// Recordings longer than memory: what is kept does not grow with them.
@Suite struct LongRecordingTests {
    /// Feeds a scheduler, and sums up what comes out and how much was kept meanwhile.
    private final class Feed {
        let scheduler: Scheduler
        var told = 0
        var mostKept = 0
        var last: [UInt32: UInt64] = [:]
        var states: [String: Int] = [:]

        init(_ rules: [String], framing: String = "line") throws {
            scheduler = try Scheduler(
                try plan(rules), seed: 7, framing: try FramingChoice(parsing: framing))
        }

        func send(
            _ connection: UInt32, _ direction: Direction?, _ fact: Event.Fact = .chunk,
            _ bytes: [UInt8] = []
        ) {
            let event = Event(
                at: .start, connection: connection, attempt: 1, direction: direction, fact)
            scheduler.receive(event, bytes.span)
            mostKept = max(mostKept, scheduler.waitingCount)
            drain()
        }

        func open(_ connection: UInt32) {
            send(connection, nil, .opened(route: 0, client: "", server: ""))
        }

        func finish() {
            scheduler.finish()
            drain()
        }

        private func drain() {
            while let next = scheduler.next() {
                told += 1
                #expect(next.strike.message >= last[next.strike.connection] ?? 0)
                last[next.strike.connection] = next.strike.message
                switch next.strike.state {
                case .planned: states["planned", default: 0] += 1
                case .preempted: states["preempted", default: 0] += 1
                case .skipped(let reason): states[reason, default: 0] += 1
                }
            }
        }
    }

    private func lines(_ count: Int) -> [UInt8] {
        Array(repeatElement([UInt8(ascii: "a"), 10], count: count).joined())
    }

    @Test func `a million messages are scheduled in bounded memory`() throws {
        // By turns, because that needs one answer for many: the test is about the messages.
        let feed = try Feed(
            ["drop chance=1%", "reorder chance=1%", "disconnect chance=0.1%"],
            framing: "line:pairing=none")
        feed.open(1)
        let hundred = lines(100)
        for _ in 0..<10_000 {
            feed.send(1, .upstream, .chunk, hundred)
            feed.send(1, .downstream, .chunk, lines(1))
        }
        feed.finish()
        // √(1,000,000 × 0.021) = 145; five of them.
        #expect(abs(feed.told - 21_000) <= 725)
        #expect(feed.mostKept <= 32)
    }

    @Test func `a strike that waits on an idle connection holds up no more than the lookahead`()
        throws
    {
        let feed = try Feed(["reorder connections=1", "drop connections=2 chance=10%"])
        feed.open(1)
        feed.open(2)
        feed.send(1, .upstream, .chunk, lines(1))
        for _ in 0..<800 { feed.send(2, .upstream, .chunk, lines(100)) }
        feed.finish()
        #expect(feed.states["what follows it was not known 65536 messages later"] == 1)
        #expect(feed.mostKept <= Int(StrikeQueue.lookahead) / 9)
        #expect(feed.told == 1 + (feed.states["planned"] ?? 0))
    }

    @Test func `strikes on every message of one endless flight are decided as they come`() throws {
        let feed = try Feed(["reorder", "reorder name=far depth=100", "duplicate chance=50%"])
        feed.open(1)
        for _ in 0..<20 { feed.send(1, .upstream, .chunk, lines(100)) }
        feed.finish()
        #expect(4_000...6_000 ~= feed.told)
        // The hundred that the far one waits for, and the hundred that came at once, three each.
        #expect(feed.mostKept <= 600)
    }
}
