import Recordings
import Testing
import Text

@testable import Faults

/// What leaves a live connection, and when, for what comes.
struct InjectorTests {
    @Test func `without a strike, bytes pass as they come, before their message is whole`() throws {
        var live = try LiveScript("duplicate chance=0%")
        live.say(.upstream, "a")
        live.say(.upstream, "b|c", at: 3)
        live.say(.downstream, "x|", at: 4)
        #expect(live.text == "0 > a; 3 > b|; 3 > c; 4 < x|")
        // The c may turn out to be session state.
        #expect(live.injector.held(.upstream).count == 1)
        #expect(live.injector.held(.downstream).count == 0)
    }

    @Test func `latency holds each cell and keeps order`() throws {
        var live = try LiveScript("latency latency=20ms direction=upstream", protocolName: nil)
        live.say(.upstream, "ab")
        live.say(.downstream, "x", at: 1)
        live.say(.upstream, "c", at: 5)
        live.finish(.upstream, at: 6)
        #expect(live.text == "20 > ab (latency); 1 < x; 25 > c (latency); 25 > fin")
    }

    @Test func `jitter depends on the place alone, however the bytes are cut`() throws {
        let text = String(repeating: "0123456789|", count: 40)
        var whole = try LiveScript("latency latency=20ms jitter=20ms")
        whole.say(.upstream, text)
        let ends = Self.dueAtEnds(whole)
        for size in [1, 2, 3, 7, 11, 100] {
            var cut = try LiveScript("latency latency=20ms jitter=20ms")
            var rest = Substring(text)
            while !rest.isEmpty {
                cut.say(.upstream, String(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            #expect(Self.dueAtEnds(cut) == ends, "cut by \(size)")
            #expect(cut.sent.upstream == whole.sent.upstream, "cut by \(size)")
        }
        #expect(Set(ends).count > 5)
    }

    /// When each line's last byte is due.
    private static func dueAtEnds(_ live: LiveScript) -> [Substring] {
        live.lines.filter { $0.contains("|") }.compactMap { $0.split(separator: " ").first }
    }

    @Test func `a delay holds its message and what comes behind it`() throws {
        var live = try LiveScript("delay by=30ms messages=2 direction=upstream")
        live.say(.upstream, "a|b|c|")
        #expect(
            live.text == "0 > a|; delay@1u2 applied; 30 > b| (delay@1u2); 30 > c| (delay@1u2)")
    }

    @Test func `a copy's answer is swallowed, and the client sees one answer a request`() throws {
        var live = try LiveScript("duplicate messages=2 direction=upstream")
        live.say(.upstream, "a|b|c|")
        live.say(.downstream, "1|2|2 again|3|", at: 1)
        #expect(
            live.text
                == "0 > a|; 0 > b|; duplicate@1u2 applied; 0 > b| (duplicate@1u2); 0 > c|; "
                + "1 < 1|; 1 < 2|; 1 < 3|")
        #expect(live.rules.swallowedAnswers == 1)
        #expect(live.injector.isIdle)
    }

    @Test func `an answer is swallowed however it is cut`() throws {
        for size in 1...8 {
            var live = try LiveScript("duplicate direction=upstream")
            live.say(.upstream, "a|b|")
            let answers = Array("1|1|22|22|".utf8.map { $0 == UInt8(ascii: "|") ? 10 : $0 })
            for start in stride(from: 0, to: answers.count, by: size) {
                live.receive(Array(answers[start..<min(start + size, answers.count)]), .downstream)
            }
            #expect(live.sent.downstream == Array("1\n22\n".utf8), "cut by \(size)")
        }
    }

    @Test func `with answers=raw the answers to copies pass, and it is called a violation`() throws
    {
        var live = try LiveScript("duplicate messages=1 direction=upstream answers=raw")
        live.say(.upstream, "a|")
        live.say(.downstream, "1|1|2|")
        #expect(live.sent.downstream == Array("1\n1\n2\n".utf8))
        #expect(live.strikes.map(\.label) == [.violation])
    }

    @Test func `a copy for later waits for its time, and for the end of a message`() throws {
        var live = try LiveScript("duplicate messages=1 copies=2 after=10ms direction=upstream")
        live.say(.upstream, "a|b")
        #expect(live.nextWake == nil, "b is under way")
        live.say(.upstream, "|", at: 12)
        #expect(live.nextWake == 20)
        live.finish(.upstream, at: 13)
        live.wake(at: 20)
        #expect(
            live.text
                == "0 > a|; duplicate@1u1 applied; 0 > b; 12 > |; 12 > a| (duplicate@1u1); "
                + "20 > a| (duplicate@1u1); 20 > fin")
    }

    @Test func `reordered requests' answers are put back in the client's order`() throws {
        var live = try LiveScript("reorder messages=1 direction=upstream")
        live.say(.upstream, "a|b|c|")
        live.say(.downstream, "B|A|C|", at: 1)
        #expect(
            live.text
                == "reorder@1u1 applied; 0 > b| (reorder@1u1); 0 > a| (reorder@1u1); 0 > c|; "
                + "1 < A|; 1 < B|; 1 < C|")
        #expect(live.injector.isIdle)
    }

    @Test func `with answers=raw they come as the server gives them`() throws {
        var live = try LiveScript("reorder messages=1 direction=upstream answers=raw")
        live.say(.upstream, "a|b|")
        live.say(.downstream, "B|A|")
        #expect(live.sent.downstream == Array("B\nA\n".utf8))
    }

    @Test func `a reorder whose neighbour does not come in time is skipped`() throws {
        var live = try LiveScript("reorder messages=1 direction=upstream")
        live.say(.upstream, "a|")
        #expect(live.text.isEmpty)
        #expect(live.nextWake == 50)
        live.wake(at: 50)
        live.say(.upstream, "b|", at: 51)
        #expect(
            live.text
                == "reorder@1u1 skipped: no neighbour came within 50ms; 0 > a|; 51 > b|")
    }

    @Test func `an answer that begins meanwhile ends the flight`() throws {
        var live = try LiveScript("reorder messages=2 direction=upstream")
        live.say(.upstream, "a|b|")
        live.say(.downstream, "A|", at: 1)
        #expect(
            live.text == "0 > a|; reorder@1u2 skipped: no neighbour in flight; 0 > b|; 1 < A|")
    }

    @Test func `a dropped request has no answer, and those behind it cannot be taken for it`()
        throws
    {
        var live = try LiveScript("drop messages=2 direction=upstream")
        live.say(.upstream, "a|b|c|")
        live.say(.downstream, "A|C|", at: 1)
        #expect(live.text == "0 > a|; drop@1u2 applied; 0 > c|; 1 < A|")
        var raw = try LiveScript("drop messages=2 direction=upstream answers=raw")
        raw.say(.upstream, "a|b|c|")
        raw.say(.downstream, "A|C|", at: 1)
        #expect(raw.sent.downstream == Array("A\nC\n".utf8))
    }

    @Test(arguments: [("before", ""), ("after", "b\n")])
    func `a disconnect ends both sides at its place`(place: String, sent: String) throws {
        var live = try LiveScript("disconnect messages=2 where=\(place) direction=upstream")
        live.say(.upstream, "a|b|c|")
        live.say(.downstream, "A|", at: 1)
        #expect(live.sent.upstream == Array("a\n\(sent)".utf8))
        #expect(live.sent.downstream.isEmpty)
        #expect(live.lines.last == "0 > rst (disconnect@1u2)")
        #expect(live.strikes.map(\.label) == [.transport])
    }

    @Test func `a half-close ends one link, and the answers still pass`() throws {
        var live = try LiveScript(
            "disconnect messages=1 where=after how=half-close direction=upstream")
        live.say(.upstream, "a|b|")
        live.say(.downstream, "A|", at: 1)
        #expect(
            live.text
                == "0 > a|; disconnect@1u1 applied; 0 > half-close (disconnect@1u1); 1 < A|")
    }

    @Test func `one of those that exclude each other stands, and the others say why`() throws {
        var live = try LiveScript(
            "duplicate messages=1 direction=upstream", "drop messages=1 direction=upstream",
            "delay by=5ms messages=1-2 direction=upstream")
        live.say(.upstream, "a|b|")
        #expect(
            live.text
                == "duplicate@1u1 preempted: drop@1u1; drop@1u1 applied; "
                + "delay@1u1 preempted: drop@1u1; delay@1u2 applied; 5 > b| (delay@1u2)")
    }

    @Test func `answers are not struck alone, and a rule that asks for it is told`() throws {
        var both = try LiveScript("duplicate messages=1")
        both.say(.upstream, "a|")
        both.say(.downstream, "A|A|")
        #expect(both.sent.downstream == Array("A\n".utf8))
        #expect(both.strikes.map(\.outcome.id) == ["duplicate@1u1"])
        var down = try LiveScript("drop messages=1 direction=downstream")
        down.say(.upstream, "a|")
        down.say(.downstream, "A|")
        #expect(down.sent.downstream == Array("A\n".utf8))
        #expect(down.strikes.map(\.outcome.result) == [.skipped])
    }

    @Test func `times counts over all connections`() throws {
        let rules = try LiveScript.rules(["drop times=3 direction=upstream"])
        var applied = 0
        for connection in 1...4 {
            var injector = Injector(connection: UInt32(connection), rules: rules)
            let bytes = Array("a\nb\n".utf8)
            injector.receive(bytes.span, .upstream, at: .start)
            applied += injector.takeActions().count { action in
                if case .strike = action { true } else { false }
            }
        }
        #expect(applied == 3)
        #expect(rules.tallies.map(\.applied) == [3])
    }

    @Test func `bytes that no framer reads say so once, and pass`() throws {
        var live = try LiveScript("drop", protocolName: nil)
        live.receive([0x16, 0x03, 0x01, 0x00, 0xFF, 1, 2, 3, 4], .upstream)
        live.receive([5, 6], .upstream)
        #expect(live.strikes.count == 2, "the rule, once a link")
        #expect(live.strikes.allSatisfy { $0.outcome.result == .skipped })
        #expect(live.sent.upstream == [0x16, 0x03, 0x01, 0x00, 0xFF, 1, 2, 3, 4, 5, 6])
    }

    @Test func `the first bytes tell the protocol, and the message they begin is struck`() throws {
        var live = try LiveScript("drop messages=2 direction=upstream", protocolName: nil)
        live.say(.upstream, "*1\r|$4\r|PING\r|*1\r|$4\r|QUIT\r|")
        #expect(live.sent.upstream == Array("*1\r\n$4\r\nPING\r\n".utf8))
    }

    @Test func `a redis transaction is doubled as one, and its copy's answers are swallowed`()
        throws
    {
        var live = try LiveScript(
            "duplicate messages=1 direction=upstream", protocolName: "redis")
        func command(_ text: String) -> String { "*1\r|$\(text.count)\r|\(text)\r|" }
        let group = command("MULTI") + command("PING") + command("EXEC")
        live.say(.upstream, group + command("TIME"))
        #expect(
            live.sent.upstream
                == Array((group + group + command("TIME")).utf8).map { $0 == 124 ? 10 : $0 })
        let answers = "+OK\r|+QUEUED\r|*1\r|+PONG\r|"
        live.say(.downstream, answers + answers + "+T\r|")
        #expect(
            live.sent.downstream == Array((answers + "+T\r|").utf8).map { $0 == 124 ? 10 : $0 })
    }
}

/// The strikes that end, stall and corrupt.
struct InjectorEndingTests {
    @Test func `limit_data ends the connection behind so many bytes`() throws {
        var live = try LiveScript("limit_data at=3B direction=upstream")
        live.say(.upstream, "a|bc|d|")
        #expect(live.sent.upstream == Array("a\nb".utf8))
        #expect(live.lines.last == "0 > fin (limit_data@1u2)")
    }

    @Test func `a timeout is silent for its time, then closes`() throws {
        var live = try LiveScript("timeout timeout=30ms messages=2 direction=upstream")
        live.say(.upstream, "a|b|")
        live.say(.downstream, "A|", at: 1)
        #expect(live.text == "0 > a|; timeout@1u2 applied; 30 > fin (timeout@1u2)")
    }

    @Test func `a stall holds its link for its time`() throws {
        var live = try LiveScript("stall for=30ms messages=1 direction=upstream")
        live.say(.upstream, "a|b|")
        live.say(.downstream, "A|", at: 1)
        #expect(
            live.text
                == "stall@1u1 applied; 30 > a| (stall@1u1); 30 > b| (stall@1u1); 1 < A|")
    }

    @Test func `a corrupted message has other bytes, and as many`() throws {
        var live = try LiveScript("corrupt bits=3 messages=2 direction=upstream")
        live.say(.upstream, "aa|bbbb|cc|")
        let sent = live.sent.upstream
        let original = Array("aa\nbbbb\ncc\n".utf8)
        #expect(sent.count == original.count)
        let flipped = zip(sent, original).map { ($0 ^ $1).nonzeroBitCount }
        #expect(flipped.reduce(0, +) == 3)
        #expect(flipped[..<3].allSatisfy { $0 == 0 } && flipped[8...].allSatisfy { $0 == 0 })
    }
}
