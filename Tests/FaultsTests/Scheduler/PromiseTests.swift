import Recordings
import Testing

@testable import Faults

/// What a schedule promises whatever the plan and the recording: over random ones, from a seed.
@Suite struct PromiseTests {
    private struct Numbers {
        var state: UInt64

        mutating func below(_ bound: Int) -> Int {
            state &+= 1
            return Int(Dice(seed: state).roll(below: UInt64(bound)))
        }

        mutating func pick<Element>(_ elements: [Element]) -> Element {
            elements[below(elements.count)]
        }
    }

    /// Pipelined requests on several connections, some in groups, some answered late.
    private func traffic(_ numbers: inout Numbers, connections: Int, steps: Int) -> Traffic {
        var traffic = Traffic()
        var owed = [[String]](repeating: [], count: connections)
        for connection in 0..<connections { traffic.add(0, UInt32(connection + 1), "open") }
        for step in 1...steps {
            let connection = numbers.below(connections)
            let number = UInt32(connection + 1)
            let instant = Int64(step * 1_000)
            if numbers.below(3) == 0, !owed[connection].isEmpty {
                let count = 1 + numbers.below(owed[connection].count)
                let answers = owed[connection].prefix(count).joined()
                traffic.add(instant, number, "<", answers)
                owed[connection].removeFirst(count)
                continue
            }
            switch numbers.below(12) {
            case 0:
                let text = #"MULTI\r\nSET a \#(step)\r\nGET a\r\nEXEC\r\n"#
                traffic.add(instant, number, ">", text)
                owed[connection] += [
                    #"+OK\r\n"#, #"+QUEUED\r\n"#, #"+QUEUED\r\n"#, #"*2\r\n+OK\r\n$1\r\n1\r\n"#,
                ]
            case 1:
                traffic.add(instant, number, ">", #"SELECT 1\r\n"#)
                owed[connection].append(#"+OK\r\n"#)
            default:
                let count = 1 + numbers.below(3)
                traffic.add(
                    instant, number, ">", String(repeating: #"GET k\#(step)\r\n"#, count: count))
                owed[connection] += Array(repeating: #"$-1\r\n"#, count: count)
            }
        }
        return traffic
    }

    private func randomRules(_ numbers: inout Numbers) -> [String] {
        let faults = [
            "drop", "duplicate", "reorder", "reorder depth=2", "disconnect", "delay by=1ms",
            "reorder depth=5", "drop contains=EXEC", "duplicate contains=k1",
        ]
        return (0..<(2 + numbers.below(5))).map { index in
            var rule = "\(numbers.pick(faults)) name=r\(index)"
            rule += numbers.pick(["", " chance=50%", " chance=10%", " chance=1/3"])
            rule += numbers.pick(["", "", "", " times=5", " messages=3-20", " connections=1-2"])
            return rule
        }
    }

    /// What a strike is, apart from what became of it.
    private func essence(_ strike: Strike) -> Strike {
        var strike = strike
        if case .preempted = strike.state { strike.state = .planned }
        return strike
    }

    @Test(arguments: UInt64(1)...60)
    func `removing a rule changes no other roll, and lifts only what followed from it`(
        seed: UInt64
    ) throws {
        print("seed \(seed)")
        var numbers = Numbers(state: seed << 32)
        let traffic = traffic(&numbers, connections: 3, steps: 120)
        let rules = randomRules(&numbers)
        let all = try schedule(try plan(rules), traffic, framing: "redis", seed: seed)
        for index in rules.indices {
            var fewer = rules
            fewer.remove(at: index)
            let left = try schedule(try plan(fewer), traffic, framing: "redis", seed: seed)
            let kept = all.strikes.filter { $0.rule != "r\(index)" }
            #expect(left.strikes.map(essence) == kept.map(essence))
            try checkLifted(kept, left.strikes, without: "r\(index)", all)
        }
    }

    /// A strike's fate may only change because one that took its message was removed or changed.
    private func checkLifted(
        _ before: [Strike], _ after: [Strike], without rule: String, _ all: Schedule
    ) throws {
        let changed = Set(
            zip(before, after).filter { $0.state != $1.state }.map { $0.0.id })
        for (old, new) in zip(before, after) where old.state != new.state {
            let blamed = [old.state, new.state].compactMap {
                if case .preempted(let other) = $0 { other } else { nil }
            }
            #expect(
                blamed.contains { $0.hasPrefix("\(rule)@") || changed.contains($0) },
                "\(old.id) changed from \(old.state) to \(new.state)")
        }
    }

    @Test(arguments: UInt64(1)...60)
    func `each message is taken by the first that stands, and by no other`(
        seed: UInt64
    ) throws {
        print("seed \(seed)")
        var numbers = Numbers(state: seed << 40)
        let traffic = traffic(&numbers, connections: 3, steps: 120)
        let rules = randomRules(&numbers)
        let made = try schedule(try plan(rules), traffic, framing: "redis", seed: seed)
        // The definition itself, all at once: in order of kind, message and plan.
        var taken: [String: String] = [:]
        func rank(_ strike: Strike) -> Int { FaultKinds.rank(of: strike.effect.faultName) }
        func places(_ strike: Strike) -> [UInt64] {
            var places = Array(strike.message...strike.lastMessage)
            if case .reorder(let with) = strike.effect { places += with }
            return places
        }
        let candidates = made.strikes.filter {
            if case .skipped = $0.state { return false }
            return rank($0) > 0
        }
        let order = candidates.sorted {
            (rank($0), $0.message, $0.rule) < (rank($1), $1.message, $1.rule)
        }
        for strike in order {
            let keys = places(strike).map { "\(strike.connection)-\($0)" }
            let takers = Set(keys.compactMap { taken[$0] })
            if case .preempted(let other) = strike.state {
                #expect(takers.contains(other), "\(strike.id)")
            } else {
                #expect(takers.isEmpty, "\(strike.id)")
                for key in keys { taken[key] = strike.id }
            }
        }
    }

    @Test(arguments: [1, 2, 3, 7, 64])
    func `other cuts of the same bytes give the same schedule`(size: Int) throws {
        var numbers = Numbers(state: 99)
        let traffic = traffic(&numbers, connections: 3, steps: 300)
        let rules = try plan([
            "drop chance=5%", "duplicate chance=10%", "reorder chance=30%",
            "delay by=1ms chance=9%",
            "disconnect chance=4%", "duplicate name=k contains=k2 times=7",
        ])
        let whole = try schedule(rules, traffic, framing: "redis")
        let cut = try schedule(rules, traffic.recut(size), framing: "redis")
        #expect(ScheduleWriter.bytes(whole) == ScheduleWriter.bytes(cut))
        #expect(whole.strikes.count > 100)
    }

    @Test(arguments: [0, UInt64.max])
    func `the outermost seeds strike as often as they should`(seed: UInt64) throws {
        var traffic = Traffic()
        traffic.add(0, 1, "open")
        for index in 1...200 {
            traffic.add(Int64(index), 1, ">", String(repeating: #"a\n"#, count: 50))
        }
        let made = try schedule(try plan(["drop chance=10%"]), traffic, seed: seed)
        // √(10,000 × 0.1 × 0.9) = 30; five of them. And the first places are like all others.
        #expect(abs(made.strikes.count - 1_000) <= 150)
        let first = made.strikes.filter { $0.message <= 100 }.count
        #expect(abs(first - 10) <= 15)
        #expect(made.seed == seed)
    }
}
