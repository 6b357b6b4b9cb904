import Engine
import Faults
import Platform
import Recordings
import Simulation
import Testing
import Text

/// Messages that another connection's overtake.
struct OvertakingReplayTests {
    private func take() throws -> Take {
        try Take(
            "line",
            #"""
            0ms c1 open
            0ms c2 open
            10ms c1 > a\n
            11ms c1 < 1\n
            12ms c2 > k\n
            13ms c2 < 1\n
            14ms c1 > b\n
            15ms c1 < 1\n
            20ms c1 fin >
            20ms c2 fin >
            """#)
    }

    private func held(_ connection: UInt32 = 1, _ message: UInt64 = 1) -> Strike {
        Strike(
            id: "held", rule: "held", connection: connection, direction: .upstream,
            message: message, effect: .overtaken(by: 1, of: connection == 1 ? 2 : 1))
    }

    @Test(arguments: [Pacing.recorded, .causal, .hybrid, .asap])
    func `a message is held until the other was sent, on every pacing`(_ pacing: Pacing) throws {
        let bench = ReplayBench()
        _ = try bench.serveEcho(afterNanoseconds: 500_000)
        let result = try bench.play(take(), [held()]) { $0.pacing = pacing }
        let order = bench.lines(" > ").filter { !$0.contains("fin") }
            .map { $0.split(separator: " ").dropFirst().prefix(3).joined(separator: " ") }
        #expect(Array(order.prefix(3)) == ["2.1 > 1", "1.1 > 1", "1.1 > 2"])
        #expect(bench.lines("held applied").count == 1 && result.counts.strikesApplied == 1)
        #expect(result.counts.messagesSent == 3)
    }

    @Test func `what follows the held one waits for it`() throws {
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        try bench.play(take(), [held()])
        #expect(
            bench.lines(" > ").filter { !$0.contains("fin") } == [
                #"12ms 2.1 > 1 "k\n""#, #"12ms 1.1 > 1 "a\n" [held]"#, #"15ms 1.1 > 2 "b\n""#,
            ])
    }

    @Test func `the other connection is waited for its recorded distance and a second`() throws {
        // k needs the answer to its greeting, and that comes when a has come: nobody can know.
        let take = try Take(
            "line",
            #"""
            0ms c1 open
            0ms c2 open
            1ms c2 > wait\n
            10ms c1 > a\n
            11ms c1 < 1\n
            11ms c2 < 1\n
            12ms c2 > k\n
            13ms c2 < 1\n
            20ms c1 fin >
            20ms c2 fin >
            """#)
        let bench = ReplayBench()
        _ = try bench.serve { line in
            line == "wait" ? [.wait(3_000_000_000), .send("1\n")] : [.send("1\n")]
        }
        let strike = Strike(
            id: "held", rule: "held", connection: 1, direction: .upstream, message: 1,
            effect: .overtaken(by: 2, of: 2))
        let result = try bench.play(take, [strike])
        #expect(
            bench.lines("held skipped") == [
                "1012ms 1.1 held skipped: connection 2 did not send message 2 in time"
            ])
        #expect(bench.lines("1.1 > 1") == [#"1012ms 1.1 > 1 "a\n""#])
        #expect(result.counts.messagesSent == 3)
    }

    @Test func `a connection that ends without the other message holds nothing up`() throws {
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        let cut = Strike(
            id: "cut", rule: "cut", connection: 2, direction: .upstream, message: 1,
            effect: .disconnect(Cut(sentBytes: 0, then: .stop)))
        try bench.play(take(), [held(), cut])
        #expect(
            bench.lines("held skipped") == [
                "12ms 1.1 held skipped: connection 2 ended without sending message 1"
            ])
        #expect(bench.lines("1.1 > 1") == [#"12ms 1.1 > 1 "a\n""#])
    }

    @Test func `one that is not played overtakes nothing`() throws {
        let bench = ReplayBench()
        _ = try bench.serveEcho()
        try bench.play(take(), [held()]) { $0.only = [1...1] }
        #expect(bench.lines("held ") == ["0ms 1.1 held skipped: connection 2 is not played"])
    }

    /// Scheduled by the scheduler, replayed on a bad network.
    @Test func `500 seeds: nothing hangs, and everything is sent once and in its order`() throws {
        var applied = 0
        for seed in UInt64(1)...500 {
            var dice = SeededDice(seed: seed)
            let take = try Take("line", Self.session(&dice))
            let strikes = try Self.schedule(take, seed: seed, &dice)
            let bench = ReplayBench(seed: seed, misbehaviour: .rough)
            _ = try bench.serveEcho(afterNanoseconds: dice.draw(below: 2_000_000))
            let pacing: Pacing = [.recorded, .causal, .hybrid, .asap][Int(seed % 4)]
            let result = try bench.play(take, strikes) { $0.pacing = pacing }
            for (connection, bytes) in take.upstream {
                guard bench.sentBytes(connection) == bytes else {
                    Issue.record("seed \(seed): connection \(connection)\n\(bench.text)")
                    return
                }
            }
            // No strike is missed: none waits for one that cannot come.
            guard result.counts.strikesApplied == UInt64(strikes.count { $0.isPlanned }) else {
                Issue.record("seed \(seed) \(pacing): \(result.counts)\n\(bench.text)")
                return
            }
            applied += Int(result.counts.strikesApplied)
            guard Self.areOvertaken(strikes, bench) else {
                Issue.record("seed \(seed): not in their order\n\(bench.text)")
                return
            }
        }
        #expect(applied > 1_000)
    }

    private static func session(_ dice: inout SeededDice) -> String {
        var lines: [(Int64, String)] = []
        for connection in 1...(2 + dice.draw(below: 4)) {
            var time = dice.draw(below: Int64(2_000))
            lines.append((time, "c\(connection) open"))
            for message in 0..<(1 + dice.draw(below: 12)) {
                time += 1 + dice.draw(below: 3_000)
                lines.append((time, "c\(connection) > m\(message)\\n"))
                if dice.roll(Odds(2, in: 3)) {
                    time += 1 + dice.draw(below: 500)
                    lines.append((time, "c\(connection) < r\\n"))
                }
            }
            lines.append((time + 1, "c\(connection) fin >"))
        }
        lines.sort { $0.0 < $1.0 }
        return lines.map { "\(Double($0.0) / 1_000)ms \($0.1)" }.joined(separator: "\n")
    }

    private static func schedule(
        _ take: Take, seed: UInt64, _ dice: inout SeededDice
    ) throws -> [Strike] {
        var plan = Plan()
        try plan.add(
            FaultText.rule("reorder across=connections chance=50% depth=\(1 + dice.draw(below: 3))")
        )
        let scheduler = try Scheduler(plan, seed: seed, framing: take.framing)
        for (event, bytes) in take.events { scheduler.receive(event, bytes.span) }
        scheduler.finish()
        var strikes: [Strike] = []
        while let next = scheduler.next() { strikes.append(next.strike) }
        return strikes
    }

    private static func areOvertaken(_ strikes: [Strike], _ bench: ReplayBench) -> Bool {
        var places: [String: Int] = [:]
        for (index, entry) in bench.events.enumerated() {
            guard case .sent(let sent) = entry.event.fact else { continue }
            places["\(entry.event.connection) \(sent.message)"] = index
        }
        return strikes.filter(\.isPlanned).allSatisfy { strike in
            guard case .overtaken(let message, let connection) = strike.effect else { return false }
            return places["\(connection) \(message)"] ?? .max
                < places["\(strike.connection) \(strike.message)"] ?? -1
        }
    }
}
