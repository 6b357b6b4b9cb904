import Recordings
import Testing

@testable import Faults

/// A schedule for a replay as the server: what Weir sends downstream is struck.
struct ServingScheduleTests {
    private static let traffic = Traffic(
        #"""
        0 open
        10 > a\n
        20 > b\n
        30 < 1\n
        31 < 2\n
        40 > c\n
        50 < 3\n
        60 fin >
        """#)

    private func strikes(
        _ rules: [String], _ traffic: Traffic = traffic
    ) throws -> [String] {
        let scheduler = try Scheduler(
            try plan(rules), seed: 7, framing: try FramingChoice(parsing: "line"),
            sends: .downstream)
        for (event, bytes) in traffic.events { scheduler.receive(event, bytes.span) }
        scheduler.finish()
        var found: [String] = []
        while let next = scheduler.next() { found.append(inWords(next.strike)) }
        return found
    }

    @Test func `rules strike downstream messages, wherever the bytes are cut`() throws {
        let whole = try strikes(["drop messages=2", "delay by=1ms messages=3"])
        #expect(whole.count == 2)
        #expect(whole.allSatisfy { $0.contains("@1d") })
        #expect(
            try strikes(["drop messages=2", "delay by=1ms messages=3"], Self.traffic.recut(1))
                == whole)
    }

    @Test func `messages are in one flight as long as the client sends nothing between`() throws {
        let both = try strikes(["reorder"])
        #expect(both.count == 3)
        #expect(both[0].hasPrefix("reorder@1d1 with=2"))
        #expect(both[2].contains("no neighbour in flight") || both[2].contains("behind"))
    }

    @Test func `a rule on what it does not send is skipped, and says why`() throws {
        let upstream = try strikes(["drop direction=upstream"])
        #expect(upstream.count == 1)
        #expect(upstream[0].contains("a replay as a server does not send upstream"))
    }

    @Test func `what Weir receives is slowed upstream`() throws {
        let scheduler = try Scheduler(
            try plan(["slow_reader rate=1KB/s", "latency latency=1ms"]), seed: 7, framing: .none,
            sends: .downstream)
        #expect(scheduler.conditions.map(\.direction) == [.upstream, .downstream])
    }

    @Test(arguments: ["then=stop", "wait=5ms", "resend=last:3"])
    func `what the consumer decides is refused by name`(setting: String) throws {
        #expect(throws: SchedulerError.clientsOnly(rule: "disconnect", setting)) {
            try strikes(["disconnect \(setting)"])
        }
    }

    @Test func `a cut sends nothing again, and is no redelivery`() throws {
        let scheduler = try Scheduler(
            try plan(["disconnect messages=2 where=after"]), seed: 7,
            framing: try FramingChoice(parsing: "line"), sends: .downstream)
        for (event, bytes) in Self.traffic.events { scheduler.receive(event, bytes.span) }
        scheduler.finish()
        let strike = try #require(scheduler.next()?.strike)
        #expect(strike.label == .transport)
        #expect(strike.effect.cut?.resend == [])
    }
}
