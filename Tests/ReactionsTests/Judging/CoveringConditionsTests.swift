import Faults
import Recordings
import Testing

@testable import Reactions

/// Conditions count as applied where they cover something of what was played.
@Suite struct CoveringConditionsTests {
    private func condition(
        _ direction: Direction = .upstream, connections: [ClosedRange<UInt32>] = [],
        messages: [ClosedRange<UInt64>] = [], window: ClosedRange<Instant>? = nil,
        chance: UInt64 = 1, outOf: UInt64 = 1
    ) -> Condition {
        Condition(
            id: "slow",
            effect: .latency(Latency(latencyNanoseconds: 500_000_000)),
            direction: direction, connections: connections, messages: messages, window: window,
            chance: chance, outOf: outOf)
    }

    private func verdict(
        _ conditions: Condition..., replayed: String = counterClean,
        framing: FramingChoice = .framer(FramerSettings(name: "redis"))
    ) throws -> Judgement {
        try JudgedScript(
            recorded: counterRecording, first: counterClean, judged: replayed, framing: framing,
            conditions: conditions
        ).judgement()
    }

    @Test func `one that covers a message that was sent is a fault that was applied`() throws {
        let judgement = try verdict(
            condition(
                connections: [1...1], messages: [3...9],
                window: Instant(nanoseconds: 50)...Instant(nanoseconds: 50)))
        #expect(judgement.verdict == .tolerated)
        #expect(judgement.strikes.conditions == 1)
    }

    @Test func `one that covers nothing leaves it open, and says so`() throws {
        let window = Instant(nanoseconds: 51)...Instant(nanoseconds: 1_000)
        for idle in [
            condition(connections: [2...99]), condition(messages: [4...1_000]),
            condition(window: window), condition(chance: 0, outOf: 20),
            condition(.downstream),
        ] {
            let judgement = try verdict(idle)
            #expect(judgement.verdict == .inconclusive, "\(idle)")
            #expect(judgement.reasons.first?.contains("covering nothing") == true)
            #expect(judgement.strikes.conditions == 0)
        }
    }

    @Test func `a chance is that of each connection's roll, whatever the seeds`() throws {
        var covered = 0
        let slow = condition(chance: 1, outOf: 2)
        for seed in 1...64 as ClosedRange<UInt64> {
            let recorded = try ReplayScript(recorded: counterRecording, replayed: "").transcript()
            var connection = ObservedConnection(number: 1)
            connection.furthest = 3
            let ids = CoveringConditions(
                of: recorded.transcript, Schedule(seed: seed, conditions: [slow]), for: .server,
                [connection]
            ).ids
            #expect(ids.isEmpty != slow.covers(connection: 1, route: 0, seed: seed))
            covered += ids.count
        }
        #expect((1...63).contains(covered))
    }

    @Test func `a message that was never sent is not covered`() throws {
        let ended =
            counterClean.split(separator: "\n").prefix(3).joined(separator: "\n")
            + "\n30 reset server"
        #expect(
            try verdict(condition(messages: [2...9]), replayed: ended).strikes.conditions == 0)
        #expect(
            try verdict(condition(messages: [1...9]), replayed: ended).strikes.conditions == 1)
    }

    @Test func `where there are no messages a cell is covered`() throws {
        #expect(try verdict(condition(), framing: .none).strikes.conditions == 1)
        #expect(
            try verdict(condition(messages: [2...9]), framing: .none).strikes.conditions == 0)
    }

    @Test func `what covers nothing beside one that does is told`() throws {
        let judgement = try verdict(condition(), condition(messages: [4...9]))
        #expect(judgement.verdict == .tolerated)
        #expect(judgement.coverage.notTried.contains { $0.contains("1 condition") })
    }
}
