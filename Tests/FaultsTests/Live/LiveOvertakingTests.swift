import Recordings
import Testing

@testable import Faults

/// `reorder across=connections` on live traffic: a message waits until others have overtaken it.
struct LiveOvertakingTests {
    private static let rule = "reorder across=connections direction=upstream"

    @Test func `a message waits until another connection's was answered, and its own behind it`()
        throws
    {
        var crowd = try LiveCrowd("\(Self.rule) connections=1-2 messages=1 times=1")
        crowd.say(1, "a|b|c")
        #expect(crowd.text == "" && crowd.nextWake(1) == 50)
        crowd.say(2, "x|", at: 5)
        #expect(crowd.text == "2: 5 > x|", "it was sent, and perhaps not dealt with yet")
        crowd.answer(2, "X|", at: 8)
        #expect(
            crowd.text
                == "2: 5 > x|; 2: 8 < X|; 1: reorder@1u1 applied; 1: 8 > a| (reorder@1u1); "
                + "1: 8 > b| (reorder@1u1); 1: 8 > c (reorder@1u1)")
        crowd.say(1, "|", at: 9)
        #expect(crowd.lines.last == "1: 9 > |" && crowd.nextWake(1) == nil)
        #expect(crowd.connections[0].strikes.map(\.label) == [.delivery])
        #expect(crowd.connections[0].injector.rules.tallies.map(\.applied) == [1])
    }

    @Test func `where answers are not told apart, it waits until the other was sent`() throws {
        var crowd = try LiveCrowd(
            "\(Self.rule) connections=1-2 messages=1 times=1", protocolName: "line:pairing=none")
        crowd.say(1, "a|")
        crowd.say(2, "x|", at: 5)
        #expect(
            crowd.text == "2: 5 > x|; 1: reorder@1u1 applied; 1: 5 > a| (reorder@1u1)")
    }

    @Test func `what was sent and is not answered in time has overtaken it all the same`() throws {
        var crowd = try LiveCrowd("\(Self.rule) connections=1-2 messages=1 times=1 within=20ms")
        crowd.say(1, "a|")
        crowd.say(2, "x|", at: 5)
        crowd.wake(1, at: 20)
        #expect(
            crowd.text == "2: 5 > x|; 1: reorder@1u1 applied; 1: 20 > a| (reorder@1u1)")
        crowd.answer(2, "X|", at: 30)
        #expect(crowd.lines.last == "2: 30 < X|")
    }

    @Test func `nothing that comes leaves it waiting no longer than within, with the reason`()
        throws
    {
        var crowd = try LiveCrowd("\(Self.rule) messages=1 within=20ms")
        crowd.say(1, "a|b|")
        crowd.answer(2, "nobody asked|", at: 3)
        crowd.wake(1, at: 21)
        #expect(
            crowd.text
                == "2: 3 < nobody asked|; 1: reorder@1u1 skipped: nothing overtook it within 20ms; "
                + "1: 20 > a| (reorder@1u1); 1: 20 > b| (reorder@1u1)")
    }

    @Test func `depth counts messages of all the others that the rule is about`() throws {
        var crowd = try LiveCrowd(
            "\(Self.rule) depth=3 connections=1-3 messages=1 times=1", connections: 4,
            protocolName: "line:pairing=none")
        crowd.say(1, "a|")
        crowd.say(2, "x|", at: 1)
        crowd.say(4, "not asked|", at: 2)
        crowd.say(3, "y|", at: 3)
        #expect(crowd.lines.count == 3)
        crowd.say(2, "z|", at: 4)
        #expect(crowd.lines.suffix(2) == ["1: reorder@1u1 applied", "1: 4 > a| (reorder@1u1)"])
    }

    @Test func `of two that would wait for each other the earlier waits, and the other overtakes`()
        throws
    {
        var crowd = try LiveCrowd(Self.rule, protocolName: "line:pairing=none")
        crowd.say(1, "a|b|")
        crowd.say(2, "x|y|", at: 1)
        #expect(
            crowd.text
                == "2: reorder@2u1 preempted: reorder@1u1; 2: 1 > x|; "
                + "2: reorder@2u2 preempted: reorder@1u1; 2: 1 > y|; "
                + "1: reorder@1u1 applied; 1: 1 > a| (reorder@1u1); "
                + "1: reorder@1u2 applied; 1: 1 > b| (reorder@1u2)")
    }

    @Test func `session state does not wait, and overtakes nothing`() throws {
        var crowd = try LiveCrowd("\(Self.rule) within=20ms", protocolName: "redis")
        crowd.say(1, "SELECT 1|INCR a|")
        crowd.say(2, "SELECT 2|", at: 1)
        crowd.answer(2, "+OK\r|", at: 2)
        crowd.wake(1, at: 20)
        #expect(
            crowd.text
                == "1: 0 > SELECT 1|; 2: 1 > SELECT 2|; 2: 2 < +OK\r\n; "
                + "1: reorder@1u2 skipped: nothing overtook it within 20ms; "
                + "1: 20 > INCR a| (reorder@1u2)")
    }

    @Test func `a group waits as one, and overtakes as one`() throws {
        var crowd = try LiveCrowd(
            "\(Self.rule) messages=1 connections=1-2 times=1", protocolName: "redis")
        crowd.say(1, "MULTI|")
        crowd.say(1, "INCR a|EXEC|", at: 1)
        crowd.say(2, "MULTI|INCR b|", at: 2)
        crowd.answer(2, "+OK\r|+QUEUED\r|", at: 3)
        #expect(!crowd.text.contains("1:"), "the other's group goes on")
        crowd.say(2, "EXEC|", at: 4)
        crowd.answer(2, "*1\r|:1\r|", at: 5)
        #expect(
            crowd.lines.suffix(4) == [
                "1: reorder@1u1 applied", "1: 5 > MULTI| (reorder@1u1)",
                "1: 5 > INCR a| (reorder@1u1)", "1: 5 > EXEC| (reorder@1u1)",
            ])
    }

    @Test func `the end of its link waits with it`() throws {
        var crowd = try LiveCrowd("\(Self.rule) messages=1 connections=1-2 within=20ms")
        crowd.say(1, "a|b")
        crowd.finish(1, at: 1)
        #expect(crowd.text == "")
        crowd.wake(1, at: 20)
        #expect(
            crowd.text
                == "1: reorder@1u1 skipped: nothing overtook it within 20ms; "
                + "1: 20 > a| (reorder@1u1); 1: 20 > b (reorder@1u1); 1: 20 > fin")
    }

    @Test func `a message whose connection is gone waits no more, and another may`() throws {
        var crowd = try LiveCrowd(Self.rule, protocolName: "line:pairing=none")
        crowd.say(1, "a|")
        crowd.close(1)
        crowd.say(2, "x|", at: 1)
        #expect(
            crowd.text == "1: reorder@1u1 preempted: its connection ended first")
        #expect(crowd.nextWake(2) == 51)
    }

    @Test func `rules that change leave it waiting, and rules that know nothing of it let it go`()
        throws
    {
        var crowd = try LiveCrowd("\(Self.rule) messages=1", protocolName: "line:pairing=none")
        crowd.say(1, "a|b|")
        let rules = crowd.connections[0].injector.rules
        crowd.setRules(try LiveRules(rules.plan, seed: 7, after: rules))
        #expect(crowd.text == "" && crowd.nextWake(1) == 50)
        crowd.setRules(try LiveScript.rules(["latency latency=1ms"]))
        #expect(
            crowd.text
                == "1: reorder@1u1 skipped: the rules were replaced; 1: 0 > a|; 1: 0 > b|")
    }

    @Test func `a reset takes what waits along, and lost sync lets it go first`() throws {
        var cut = try LiveCrowd("\(Self.rule) messages=1", "reset at=6B direction=upstream")
        cut.say(1, "a|")
        cut.say(1, "bcdefgh", at: 1)
        #expect(
            cut.text
                == "1: reorder@1u1 preempted: reset@1u2; 1: 1 > a| (reorder@1u1); "
                + "1: 1 > bcde; 1: reset@1u2 applied; "
                + "1: 1 > rst (reset@1u2)")
        var lost = try LiveCrowd("\(Self.rule) messages=1-2", protocolName: "redis")
        lost.say(1, "INCR a|INCR b|*nonsense\r|rest", at: 0)
        let sent = String(decoding: lost.connections[0].sent.upstream, as: UTF8.self)
        #expect(sent == "INCR a\nINCR b\n*nonsense\r\nrest", "\(lost.text)")
    }

    @Test func `no more messages wait behind it than are allowed`() throws {
        var crowd = try LiveCrowd("\(Self.rule) messages=1")
        let lines = String(repeating: "m|", count: LiveOvertaking.mostMessages + 2)
        crowd.say(1, lines)
        #expect(
            crowd.lines.first
                == "1: reorder@1u1 skipped: more than 4096 messages came behind it")
        #expect(crowd.connections[0].sent.upstream.count == lines.utf8.count)
    }

    @Test func `downstream messages are overtaken too, and no answer is paired wrongly`() throws {
        var crowd = try LiveCrowd(
            "reorder across=connections direction=downstream messages=1 times=1")
        crowd.say(1, "a|")
        crowd.say(2, "x|")
        crowd.answer(1, "A|", at: 1)
        crowd.answer(2, "X|", at: 2)
        #expect(
            crowd.lines.suffix(3) == [
                "2: 2 < X|", "1: reorder@1d1 applied", "1: 2 < A| (reorder@1d1)",
            ])
    }

    /// What two rules make of what four clients and their server say, in an order that is drawn.
    @Test(arguments: UInt64(0)..<200)
    func `no byte is lost, and each link keeps its order`(seed: UInt64) throws {
        let dice = Dice(seed: seed)
        var crowd = try LiveCrowd(
            "\(Self.rule) chance=40% depth=\(1 + dice.at(1).roll(below: 3)) within=10ms",
            "reorder name=down across=connections chance=30% within=7ms",
            "delay chance=10% by=3ms direction=upstream",
            "duplicate on=new chance=20% after=2ms", connections: 4)
        var said = Array(repeating: PerDirection(""), count: 4)
        var owed = Array(repeating: 0, count: 4)
        for step in 0..<UInt64(300) {
            let place = dice.at(2).at(step)
            let index = Int(place.at(1).roll(below: 4))
            let now = Int64(step) / 3
            for number in 1...4 {
                while let wake = crowd.nextWake(number), wake <= now { crowd.wake(number, at: now) }
            }
            if place.at(2).roll(below: 2) == 0 {
                let text = "\(step)" + (place.at(3).roll(below: 4) == 0 ? "" : "|")
                if text.hasSuffix("|") { owed[index] += 1 }
                said[index].upstream += text
                crowd.say(index + 1, text, at: now)
            } else if owed[index] > 0 {
                let isWhole = place.at(3).roll(below: 4) > 0
                if isWhole { owed[index] -= 1 }
                let text = "A\(step)" + (isWhole ? "|" : "")
                said[index].downstream += text
                crowd.answer(index + 1, text, at: now)
            }
        }
        for number in 1...4 {
            crowd.finish(number, at: 200)
            crowd.finish(number, .downstream, at: 200)
            while let wake = crowd.nextWake(number) { crowd.wake(number, at: max(wake, 200)) }
        }
        for (index, connection) in crowd.connections.enumerated() {
            for direction in Direction.allCases {
                let sent = String(decoding: connection.sent[direction], as: UTF8.self)
                let expected = said[index][direction].map { $0 == "|" ? "\n" : "\($0)" }.joined()
                #expect(sent == expected, "seed \(seed), connection \(index + 1), \(direction)")
            }
        }
        let tallies = crowd.connections[0].injector.rules.tallies
        let told = crowd.connections.flatMap(\.strikes).count
        let asked = crowd.connections.flatMap(\.redeliveries).count
        #expect(told + asked == tallies.reduce(0) { $0 + Int($1.struck) }, "seed \(seed)")
    }
}
