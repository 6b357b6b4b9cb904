import Recordings
import Testing
import Text

@testable import Faults

/// Rolls that depend on those before.
@Suite struct CorrelationTests {
    private func walk(_ rule: String) throws -> ChanceWalk? {
        ChanceWalk(try FaultText.rule(rule).target, Dice(seed: 7))
    }

    @Test func `correlated rolls are netem's recurrence`() throws {
        let quarter = try #require(Chance(1, outOf: 4))
        var rolls = CorrelatedRolls(quarter, Dice(seed: 7))
        var last = Dice(seed: 7).at(0).roll(below: 1 << 32)
        for message in UInt64(1)...5_000 {
            let fresh = Dice(seed: 7).at(message).roll(below: 1 << 32)
            last = (fresh * ((1 << 32) - (1 << 30)) + last * (1 << 30)) >> 32
            #expect(rolls.roll(at: message) == last)
        }
        // Asked again, and far back.
        var anew = CorrelatedRolls(quarter, Dice(seed: 7))
        #expect(rolls.roll(at: 4_500) == anew.roll(at: 4_500))
        #expect(rolls.roll(at: 10) == anew.roll(at: 10))
        #expect(rolls.roll(at: 5_000) == last)
    }

    @Test func `without a chain each message is rolled for by itself`() throws {
        #expect(try walk("drop chance=5%") == nil)
    }

    @Test func `no correlation is the chance itself, much is met in runs`() throws {
        var none = try #require(try walk("drop chance=30% correlation=0%"))
        var much = try #require(try walk("drop chance=30% correlation=90%"))
        var hits = 0
        var pairs = (none: 0, much: 0)
        var before = (none: false, much: false)
        for message in UInt64(1)...100_000 {
            let now = (none: none.strikes(message), much: much.strikes(message))
            hits += now.none ? 1 : 0
            pairs.none += now.none && before.none ? 1 : 0
            pairs.much += now.much && before.much ? 1 : 0
            before = now
        }
        // √(100,000 × 0.3 × 0.7) = 145; five of them.
        #expect(abs(hits - 30_000) <= 725)
        // Of those that are independent 9 % are behind another, ± five times √(100,000 × 0.09).
        #expect(abs(pairs.none - 9_000) <= 5 * 95)
        #expect(pairs.much > 0)
    }

    @Test func `a burst is as long, and as seldom, as its chances say`() throws {
        var burst = try #require(try walk("drop burst=gemodel(1%,25%)"))
        var hits = 0
        var bursts = 0
        var isBad = false
        let count = 400_000
        for message in UInt64(1)...UInt64(count) {
            let hit = burst.strikes(message)
            hits += hit ? 1 : 0
            bursts += hit && !isBad ? 1 : 0
            isBad = hit
        }
        // The share of the bad state is p / (p + r) = 1/26; a burst has 1/r = 4 messages.
        #expect(abs(hits * 26 - count) <= count / 20)
        #expect(abs(hits - bursts * 4) <= hits / 20)
    }

    @Test func `the states' own chances are kept apart`() throws {
        var always = try #require(try walk("drop burst=gemodel(0%,100%,0%,100%)"))
        var never = try #require(try walk("drop burst=gemodel(100%,0%,0%,0%)"))
        #expect((1...1_000).allSatisfy { always.strikes($0) && !never.strikes($0) })
    }

    @Test func `a walk depends on its rule and link alone`() throws {
        let rules = ["drop burst=gemodel(20%,40%)", "delay by=1ms chance=30% correlation=50%"]
        var traffic = Traffic()
        for connection in UInt32(1)...3 {
            traffic.add(0, connection, "open")
            for index in 1...60 { traffic.add(Int64(index), connection, ">", #"a\n"#) }
        }
        let both = try schedule(try plan(rules), traffic).strikes
        for rule in rules {
            let alone = try schedule(try plan([rule]), traffic).strikes
            #expect(!alone.isEmpty && both.filter { $0.rule == alone[0].rule } == alone)
        }
        let later = try schedule(try plan([rules[0] + " messages=31-"]), traffic).strikes
        #expect(later == both.filter { $0.rule == "drop" && $0.message > 30 })
        // What another rule takes, and what is recut, changes no roll.
        #expect(try schedule(try plan(rules), traffic.recut(1)).strikes == both)
    }

    @Test func `holds resemble each other, however they are asked for`() throws {
        let plan = try plan(["latency latency=50ms jitter=50ms correlation=90%"])
        let link = try schedule(plan, Traffic(threeThenTwo)).link(connection: 1, .upstream)
        var walk = HoldWalk(link)
        let holds = (1...300).map {
            link.holdNanoseconds(message: $0, began: .start, &walk)
        }
        for message in [300, 1, 17] as [UInt64] {
            #expect(
                link.holdNanoseconds(message: message, began: .start)
                    == holds[Int(message) - 1])
        }
        let steps = zip(holds, holds.dropFirst()).map { abs($0 - $1) }
        // A step is at most a tenth of the whole width.
        #expect(steps.allSatisfy { $0 <= 10_000_100 })
        #expect(Set(holds).count > 250)
    }
}
