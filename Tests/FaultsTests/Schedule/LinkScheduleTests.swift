import Recordings
import Testing

@testable import Faults

@Suite struct LinkScheduleTests {
    private func strike(
        _ connection: UInt32, _ direction: Direction, _ message: UInt64, _ effect: StrikeEffect,
        _ state: Strike.State = .planned
    ) -> Strike {
        Strike(
            id: "r@\(connection)\(direction == .upstream ? "u" : "d")\(message)", rule: "r",
            connection: connection, direction: direction, message: message, effect: effect,
            state: state)
    }

    @Test func `a link has its own planned strikes, by message`() {
        let schedule = Schedule(
            seed: 7,
            strikes: [
                strike(2, .upstream, 1, .drop), strike(1, .upstream, 1, .drop),
                strike(1, .downstream, 1, .drop),
                strike(1, .upstream, 2, .drop, .skipped(reason: "why")),
                strike(1, .upstream, 5, .drop, .preempted(by: "other")),
                strike(1, .upstream, 9, .drop), strike(1, .upstream, 7, .drop),
            ])
        let link = schedule.link(connection: 1, .upstream)
        #expect(link.strikes.map(\.id) == ["r@1u1", "r@1u7", "r@1u9"])
        #expect(link.strikes(at: 7).map(\.id) == ["r@1u7"])
        #expect(link.strikes(at: 8).isEmpty)
        #expect(schedule.link(connection: 3, .upstream).isEmpty)
        #expect(schedule.link(connection: 1, .downstream).strikes.count == 1)
    }

    @Test func `delays are apart from what changes a message`() {
        let schedule = Schedule(
            seed: 7,
            strikes: [
                strike(1, .upstream, 3, .delay(nanoseconds: 5)), strike(1, .upstream, 3, .drop),
                strike(1, .upstream, 3, .delay(nanoseconds: 6)),
                strike(1, .upstream, 4, .delay(nanoseconds: 7)),
            ])
        let link = schedule.link(connection: 1, .upstream)
        #expect(link.strikes.map(\.effect) == [.drop])
        #expect(
            link.delayStrikes(at: 3).map(\.effect)
                == [.delay(nanoseconds: 5), .delay(nanoseconds: 6)])
        #expect(link.delayStrikes(at: 5).isEmpty)
    }

    private func condition(
        _ id: String, _ latency: Int64, connections: [ClosedRange<UInt32>] = [],
        messages: [ClosedRange<UInt64>] = [], window: ClosedRange<Instant>? = nil,
        chance: UInt64 = 1, outOf: UInt64 = 1
    ) -> Condition {
        Condition(
            id: id, effect: .latency(Latency(latencyNanoseconds: latency)), direction: .upstream,
            connections: connections, messages: messages, window: window, chance: chance,
            outOf: outOf)
    }

    @Test func `conditions add up where they cover a message`() {
        let window = Instant(nanoseconds: 10)...Instant(nanoseconds: 20)
        let schedule = Schedule(
            seed: 7,
            conditions: [
                condition("a", 1), condition("b", 10, connections: [2...3]),
                condition("c", 100, messages: [5...6]), condition("d", 1_000, window: window),
            ])
        let first = schedule.link(connection: 1, .upstream)
        let second = schedule.link(connection: 2, .upstream)
        func hold(_ link: LinkSchedule, _ message: UInt64, _ began: Int64) -> Int64 {
            link.holdNanoseconds(message: message, began: Instant(nanoseconds: began))
        }
        #expect(hold(first, 1, 0) == 1)
        #expect(hold(second, 1, 0) == 11)
        #expect(hold(second, 6, 9) == 111)
        #expect(hold(first, 1, 10) == 1_001)
        #expect(hold(first, 7, 20) == 1_001)
        #expect(hold(first, 7, 21) == 1)
        #expect(schedule.link(connection: 1, .downstream).isEmpty)
    }

    @Test func `sums of holds stop at the end of the clock`() {
        let schedule = Schedule(
            seed: 7, conditions: [condition("a", .max), condition("b", .max)])
        let link = schedule.link(connection: 1, .upstream)
        #expect(link.holdNanoseconds(message: 1, began: .start) == .max)
    }

    @Test func `a condition's chance is rolled once a connection`() {
        let half = condition("half", 1, chance: 1, outOf: 2)
        let schedule = Schedule(seed: 7, conditions: [half])
        var covered = 0
        for connection in UInt32(1)...10_000 {
            let link = schedule.link(connection: connection, .upstream)
            let holds = (1...5).map { link.holdNanoseconds(message: $0, began: .start) }
            #expect(Set(holds).count == 1)
            covered += Int(holds[0])
        }
        // √(10,000 × ½ × ½) = 50; five of them.
        #expect(abs(covered - 5_000) <= 250)
    }

    @Test func `holds depend on the rule's name, not on its place among the conditions`() {
        var latency = condition("jitter", 0)
        latency.effect = .latency(
            Latency(latencyNanoseconds: 10_000, jitterNanoseconds: 10_000))
        let alone = Schedule(seed: 7, conditions: [latency])
        let second = Schedule(seed: 7, conditions: [condition("other", 0), latency])
        for message in UInt64(1)...100 {
            let holds = [alone, second].map {
                $0.link(connection: 1, .upstream).holdNanoseconds(message: message, began: .start)
            }
            #expect(holds[0] == holds[1])
        }
    }
}
