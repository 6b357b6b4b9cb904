import Recordings
import Testing
import Text

@testable import Faults

/// What strikes a byte of a live link, with messages and without.
struct LivePlaceTests {
    @Test(arguments: ["none", "line"])
    func `limit_data closes at once when its limit is reached`(_ name: String) throws {
        let id = name == "none" ? "limit_data@1u" : "limit_data@1u2"
        for text in ["a|bc", "a|b"] {
            var live = try LiveWire("limit_data at=3B direction=upstream", protocolName: name)
            live.say(.upstream, text)
            #expect(live.sent.upstream == Array("a\nb".utf8))
            #expect(live.lines.last == "0 > fin (\(id))")
            live.say(.upstream, "more", at: 1)
            live.say(.downstream, "x", at: 1)
            live.run(until: 100)
            #expect(live.sent.upstream.count == 3 && live.sent.downstream.isEmpty)
        }
    }

    @Test func `a place is struck however the bytes are cut`() throws {
        let text = "abcdefghijklmnopqrstuvwxyz"
        for fault in ["limit_data", "reset", "timeout timeout=0ms", "stall", "corrupt bits=3"] {
            var outcomes: Set<[UInt8]> = []
            for size in 1...26 {
                var live = try LiveWire("\(fault) at=10B direction=upstream")
                var rest = Substring(text)
                while !rest.isEmpty {
                    live.say(.upstream, String(rest.prefix(size)))
                    rest = rest.dropFirst(size)
                }
                live.run(until: 1)
                outcomes.insert(live.sent.upstream)
            }
            #expect(outcomes.count == 1, "\(fault)")
            let sent = try #require(outcomes.first)
            let isWhole = fault.hasPrefix("corrupt")
            #expect(sent.prefix(10) == Array(text.utf8).prefix(10)[...], "\(fault)")
            #expect(sent.count == (isWhole ? 26 : 10), "\(fault)")
            guard isWhole else { continue }
            let flipped = zip(sent, text.utf8).map { ($0 ^ $1).nonzeroBitCount }
            #expect(flipped.enumerated().allSatisfy { $1 == ($0 == 10 ? 3 : 0) })
        }
    }

    @Test func `a limit of nothing closes before the first byte, and not before one comes`() throws
    {
        var live = try LiveWire("limit_data at=0B direction=upstream")
        live.run(until: 5)
        #expect(live.text.isEmpty)
        live.say(.upstream, "abc", at: 6)
        #expect(live.text == "limit_data@1u applied; 6 > fin (limit_data@1u)")
    }

    @Test func `a timeout behind so many bytes is silent both ways, then closes`() throws {
        var live = try LiveWire("timeout timeout=30ms at=2B direction=upstream")
        live.say(.upstream, "abcd", at: 1)
        live.say(.downstream, "x", at: 5)
        live.run(until: 100)
        #expect(live.text == "timeout@1u applied; 1 > ab; 31 > fin (timeout@1u)")
    }

    @Test func `a stall behind so many bytes holds the rest of its link for its time`() throws {
        var live = try LiveWire("stall for=30ms at=2B direction=upstream")
        live.say(.upstream, "abcd", at: 1)
        live.say(.downstream, "x", at: 5)
        live.run(until: 100)
        #expect(live.text == "stall@1u applied; 1 > ab; 5 < x; 31 > cd (stall@1u)")
    }

    @Test func `a reset at a byte comes behind what latency holds`() throws {
        var live = try LiveWire(
            "reset at=2B direction=downstream", "latency latency=10ms direction=downstream")
        live.say(.downstream, "abc", at: 1)
        live.run(until: 100)
        #expect(live.text == "reset@1d applied; 11 < ab (latency); 11 < rst (reset@1d)")
    }

    @Test func `a message is cut before it is whole`() throws {
        var live = try LiveWire("limit_data at=500B direction=upstream", protocolName: "line")
        live.say(.upstream, "a|" + String(repeating: "x", count: 400))
        #expect(live.sent.upstream.count == 402)
        live.say(.upstream, String(repeating: "x", count: 400), at: 1)
        #expect(live.sent.upstream.count == 500)
        #expect(live.lines.last == "1 > fin (limit_data@1u2)")
    }

    @Test func `a changed byte is changed in what a delay holds too, and once`() throws {
        var live = try LiveWire(
            "corrupt bits=8 at=1B direction=upstream", "delay by=5ms messages=1 direction=upstream",
            "duplicate messages=1 direction=upstream", protocolName: "line")
        live.say(.upstream, "ab|cd|")
        live.run(until: 100)
        let inverted = ~UInt8(ascii: "b")
        #expect(
            live.sent.upstream
                == [UInt8(ascii: "a"), inverted] + Array("\nab\ncd\n".utf8))
    }

    @Test func `a place inside of a message lets go what was to strike the message`() throws {
        var live = try LiveScript(
            "stall at=4B for=10ms direction=upstream", "reorder messages=1 direction=upstream",
            "drop messages=2 direction=upstream answers=raw")
        live.say(.upstream, "a|bcd|")
        #expect(
            live.text
                == "reorder@1u1 preempted: stall@1u2; 0 > a|; drop@1u2 preempted: stall@1u2; "
                + "0 > bc; stall@1u2 applied; 10 > d| (stall@1u2)")
    }

    @Test func `chance, times and messages count for places too`() throws {
        let rules = try LiveScript.rules(
            ["reset at=5B chance=50% direction=upstream"], protocolName: "none")
        let limited = try LiveScript.rules(
            ["reset at=5B times=3 direction=upstream"], protocolName: "none")
        func cut(_ rules: LiveRules) -> Int {
            (1...200).count { connection in
                var injector = Injector(connection: UInt32(connection), rules: rules)
                injector.receive(Array("abcdef".utf8).span, .upstream, at: .start)
                return injector.takeActions().contains { action in
                    if case .cut = action { true } else { false }
                }
            }
        }
        let rule = try FaultText.rule("reset at=5B chance=50% direction=upstream")
        let reset = try #require(rule.fault as? Reset)
        let strike = StrikeRule(0, rule, reset, seed: 7)
        let wanted = (1...200).count { strike.rolls(connection: $0, .upstream, message: 1) }
        #expect(cut(rules) == wanted && (60...140).contains(wanted))
        #expect(rules.tallies.map(\.rolled) == [200])
        #expect(cut(limited) == 3)
        #expect(throws: SchedulerError.self) {
            _ = try LiveScript.rules(["reset at=5B messages=2"], protocolName: "none")
        }
    }

    @Test
    func `rules that come later strike further on; a limit that is exceeded, at the next byte`()
        throws
    {
        var live = try LiveWire()
        live.say(.upstream, "abcdef")
        try live.setRules("reset at=3B direction=upstream", "stall at=8B direction=upstream")
        live.say(.upstream, "ghij", at: 1)
        live.run(until: 10)
        #expect(
            live.text
                == "0 > abcdef; reset@1u skipped: 3 bytes had passed before it was set; "
                + "stall@1u applied; 1 > gh")
        var limited = try LiveWire()
        limited.say(.upstream, "abcdef")
        try limited.setRules("limit_data at=3B direction=upstream")
        limited.say(.upstream, "g", at: 1)
        #expect(limited.text == "0 > abcdef; limit_data@1u applied; 1 > fin (limit_data@1u)")
    }

    @Test func `refuse resets before anything is said, once a connection, as the dice say`() throws
    {
        var live = try LiveWire("refuse")
        live.run(until: 0)
        live.say(.upstream, "a")
        #expect(live.text == "refuse@1u1 applied; 0 > rst (refuse@1u1)")
        let rules = try LiveScript.rules(["refuse chance=25%"], protocolName: "none")
        let refused = (1...400).count { connection in
            var injector = Injector(connection: UInt32(connection), rules: rules)
            return !injector.takeActions().isEmpty
        }
        #expect(rules.tallies.map(\.rolled) == [400])
        #expect((60...140).contains(refused))
    }
}
