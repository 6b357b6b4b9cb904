import Recordings
import Testing
import Text

@testable import Faults

/// What conditions make of the bytes of a live link, and when these leave.
struct LiveConditionTests {
    @Test func `bandwidth lets its burst pass, then no more than its rate`() throws {
        var live = try LiveWire("bandwidth rate=1kB/s burst=4B direction=upstream")
        live.say(.upstream, "abcdefghij")
        live.say(.downstream, "x", at: 1)
        live.finish(.upstream, at: 1)
        live.run(until: 100)
        #expect(
            live.text
                == "0 > abcd; 1 < x; 2 > ef; 4 > gh; 6 > ij (bandwidth); 6 > fin")
        #expect(
            live.achieved(.upstream) == [
                "bandwidth: 1kB/s asked for, 10 bytes in 6ms (1666 bytes/s)"
            ]
        )
    }

    @Test func `after a rest the burst passes again`() throws {
        var live = try LiveWire("bandwidth rate=1kB/s burst=4B direction=upstream")
        live.say(.upstream, "abcdef")
        live.say(.upstream, "ghij", at: 50)
        live.run(until: 100)
        #expect(live.text == "0 > abcd; 2 > ef (bandwidth); 50 > ghij")
    }

    @Test func `other bandwidth rules hold what waits as they say, and none lets it go`() throws {
        var live = try LiveWire("bandwidth rate=1kB/s burst=2B direction=upstream")
        live.say(.upstream, "abcdef")
        live.run(until: 1)
        try live.setRules("bandwidth rate=2kB/s burst=2B direction=upstream")
        live.run(until: 1)
        try live.setRules()
        live.run(until: 2)
        #expect(live.text == "0 > ab; 1 > c; 1 > de; 1 > f (bandwidth)")
        #expect(live.sent.upstream == Array("abcdef".utf8))
    }

    @Test func `a rule beside it changes nothing of what a bandwidth has let pass`() throws {
        let bandwidth = "bandwidth rate=1kB/s burst=2B direction=upstream"
        var live = try LiveWire(bandwidth)
        live.say(.upstream, "abcdef")
        try live.setRules(bandwidth, "latency latency=1ms direction=downstream")
        live.run(until: 100)
        #expect(live.text == "0 > ab; 1 > c; 2 > d; 3 > e; 4 > f (bandwidth)")
    }

    @Test func `a slicer sends small pieces, so far apart, and begins anew at each message`() throws
    {
        var live = try LiveWire(
            "slicer size=3B delay=2ms direction=upstream", protocolName: "line")
        live.say(.upstream, "abcdefg|hi|")
        live.run(until: 100)
        #expect(
            live.text == "0 > abc; 2 > def; 4 > g| (slicer); 6 > hi| (slicer)")
        #expect(
            live.achieved(.upstream) == ["slicer: pieces of 3B asked for, 11 bytes in 4 pieces"])
    }

    @Test func `a slicer cuts at drawn places, however the bytes came`() throws {
        let text = String(repeating: "0123456789", count: 400)
        func places(cut size: Int) throws -> Set<Int> {
            var live = try LiveWire("slicer size=50B variation=40B direction=upstream")
            var rest = Substring(text)
            while !rest.isEmpty {
                live.say(.upstream, String(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            live.run(until: 1)
            #expect(live.sent.upstream == Array(text.utf8))
            var sum = 0
            return Set(
                live.lines.map { line in
                    sum += line.split(separator: " ")[2].count
                    return sum
                })
        }
        let whole = try places(cut: text.count)
        #expect(whole.count > 60)
        // Cells are drawn by themselves: each ends a piece.
        #expect(whole.contains(1_460) && whole.contains(2_920))
        for size in [1, 7, 100, 1_459] {
            #expect(try places(cut: size).isSuperset(of: whole), "cut by \(size)")
        }
    }

    @Test func `slow_close holds the end, behind all that was sent, and nothing else`() throws {
        var live = try LiveWire(
            "bandwidth rate=1kB/s burst=1B direction=upstream", "slow_close delay=30ms")
        live.say(.upstream, "abc")
        live.finish(.upstream)
        live.say(.downstream, "x", at: 1)
        live.finish(.downstream, at: 5)
        live.run(until: 100)
        #expect(
            live.text
                == "0 > a; 1 > b; 1 < x; 2 > c (bandwidth); 32 > fin; 35 < fin")
        #expect(
            live.achieved(.downstream) == ["slow_close: the end held for 30ms, 30ms asked for"])
    }

    @Test func `an end that is held passes at once when its rule goes`() throws {
        var live = try LiveWire("slow_close delay=30ms")
        live.finish(.upstream)
        live.run(until: 10)
        try live.setRules()
        live.run(until: 10)
        #expect(live.text == "10 > fin")
    }

    @Test func `latency comes first, then the rate`() throws {
        var live = try LiveWire(
            "latency latency=10ms direction=upstream",
            "bandwidth rate=1kB/s burst=2B direction=upstream")
        live.say(.upstream, "abc")
        live.run(until: 100)
        #expect(live.text == "10 > ab; 11 > c (latency)")
    }

    @Test func `holds that resemble each other are those of the same link in a replay`() throws {
        var live = try LiveScript(
            "latency latency=20ms jitter=10ms correlation=90% direction=upstream")
        for place in 1...50 { live.say(.upstream, "a|", at: Int64(place) * 100) }
        let link = live.injector.conditions(.upstream)
        var walk = HoldWalk(link)
        let wanted = (1...UInt64(50)).map { message in
            let hold = link.holdNanoseconds(message: message, began: .start, &walk) / 1_000_000
            return "\(Int64(message) * 100 + hold)"
        }
        #expect(live.lines.map { String($0.prefix { $0 != " " }) } == wanted)
        #expect(wanted.contains { !$0.hasSuffix("20") })
    }

    @Test func `a slow reader reads a twentieth of a second's worth at a time`() throws {
        let rules = try LiveScript.rules(["slow_reader rate=10kB/s direction=upstream"])
        var reading = SlowReading(rules.link(connection: 1, .upstream))
        #expect(SlowReading(rules.link(connection: 1, .downstream)).portion == nil)
        #expect(reading.portion == 500)
        reading.didRead(500, at: LiveScript.instant(3))
        #expect(reading.readyAt == LiveScript.instant(53))
        reading.didRead(200, at: LiveScript.instant(60))
        #expect(reading.readyAt == LiveScript.instant(80))
        #expect(
            reading.achieved == "slow_reader: 10kB/s asked for, 700 bytes in 77ms (9090 bytes/s)")
        let other = try LiveScript.rules(
            ["slow_reader rate=10kB/s direction=upstream", "latency latency=1ms"])
        let kept = SlowReading(other.link(connection: 1, .upstream), after: reading)
        #expect(kept.readyAt == reading.readyAt, "another rule is no reason to read at once")
    }
}

/// Chances that depend on what came before, and a reorder across flights.
struct LiveChanceTests {
    private func struck(_ fault: String, messages: Int) throws -> [UInt64] {
        var live = try LiveScript(fault)
        for _ in 0..<messages { live.say(.upstream, "a|") }
        return live.strikes.map(\.message)
    }

    @Test(arguments: ["chance=30% correlation=75%", "burst=gemodel(5%,20%,90%,1%)"])
    func `chained chances strike what they strike in a replay`(_ chance: String) throws {
        let fault = "drop \(chance) direction=upstream answers=raw"
        let struck = try struck(fault, messages: 2_000)
        let rule = try FaultText.rule(fault)
        let strike = try #require(rule.fault as? any StrikeFault)
        var walk = try #require(
            StrikeRule(0, rule, strike, seed: 7).walk(connection: 1, .upstream))
        #expect(struck == (1...2_000).filter { walk.strikes($0) })
        #expect(struck.count > 50)
    }

    @Test func `a burst is as long as its definition says, on the average`() throws {
        // In the bad state with p/(p+r) = 1/5; a stay there lasts 1/r = 5 messages.
        let struck = try struck(
            "drop burst=gemodel(5%,20%) direction=upstream answers=raw", messages: 20_000)
        let bursts = struck.indices.count { $0 == 0 || struck[$0] != struck[$0 - 1] + 1 }
        // The dice are the same each time: these are what they give, within what is asked.
        print("gemodel(5%,20%): \(struck.count) of 20,000 in \(bursts) bursts")
        #expect((3_400...4_600).contains(struck.count))
        #expect((4.5...5.5).contains(Double(struck.count) / Double(bursts)))
    }

    @Test func `without force a message waits for no one behind an answer, with it it does`() throws
    {
        func text(_ force: String) throws -> String {
            var live = try LiveScript(
                "reorder messages=2 direction=upstream within=50ms force=\(force)")
            live.say(.upstream, "a|b|")
            live.say(.downstream, "A|", at: 1)
            live.say(.upstream, "c|", at: 2)
            live.say(.downstream, "C|B|", at: 3)
            if force == "yes" { #expect(live.strikes.map(\.label) == [.violation]) }
            return live.text
        }
        #expect(
            try text("no")
                == "0 > a|; reorder@1u2 skipped: no neighbour in flight; 0 > b|; 1 < A|; 2 > c|; "
                + "3 < C|; 3 < B|")
        #expect(
            try text("yes")
                == "0 > a|; 1 < A|; reorder@1u2 applied; 2 > c| (reorder@1u2); "
                + "2 > b| (reorder@1u2); 3 < B|; 3 < C|")
    }

    @Test func `with force it still waits no longer than it may`() throws {
        var live = try LiveScript("reorder messages=1 direction=upstream within=20ms force=yes")
        live.say(.upstream, "a|")
        live.wake(at: 20)
        #expect(live.text == "reorder@1u1 skipped: no neighbour came within 20ms; 0 > a|")
    }
}
