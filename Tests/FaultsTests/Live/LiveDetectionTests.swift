import Recordings
import Testing

@testable import Faults

/// Messages whose protocol nobody has named are rolled for, from the first one on.
struct LiveDetectionTests {
    private static let wait = Injector.detectionNanoseconds / 1_000_000

    @Test func `what a client said is held until nothing can answer, and rolled for`() throws {
        var live = try LiveWire("drop messages=1 direction=upstream", protocolName: nil)
        live.say(.upstream, "PING\r|")
        live.run(until: Self.wait - 1)
        #expect(live.text.isEmpty)
        live.run(until: Self.wait)
        #expect(live.text == "drop@1u1 applied")
        live.say(.upstream, "PING\r|", at: 40)
        #expect(live.text == "drop@1u1 applied; 40 > PING\r|")
    }

    @Test func `more bytes that tell end the wait`() throws {
        var live = try LiveWire("drop messages=1 direction=upstream", protocolName: nil)
        live.say(.upstream, "*1\r|")
        live.say(.upstream, "$4\r|PING\r|*1\r|$4\r|TIME\r|", at: 3)
        #expect(live.text == "drop@1u1 applied; 3 > *1\r|$4\r|TIME\r|")
    }

    @Test func `the copies of lines sent before any answer are known, and their answers`() throws {
        var live = try LiveWire("duplicate direction=upstream", protocolName: nil)
        live.say(.upstream, "pay a|pay b|")
        live.run(until: Self.wait)
        live.say(.downstream, "ok 1|ok 1|ok 2|ok 2|", at: 30)
        #expect(live.sent.upstream == Array("pay a\npay a\npay b\npay b\n".utf8))
        #expect(live.sent.downstream == Array("ok 1\nok 2\n".utf8))
    }

    @Test func `later connections to the same server are known at once`() throws {
        let rules = try LiveScript.rules(
            ["delay by=5ms direction=upstream"], protocolName: nil)
        func isHeld(_ connection: UInt32, route: Int, answer: String?) -> Bool {
            var injector = Injector(connection: connection, route: route, rules: rules)
            injector.receive(Array("INCR n\r\n".utf8).span, .upstream, at: .start)
            let isHeld = injector.nextWake != nil
            injector.wake(at: LiveScript.instant(Self.wait))
            if let answer { injector.receive(Array(answer.utf8).span, .downstream, at: .start) }
            return isHeld
        }
        #expect(isHeld(1, route: 0, answer: nil))
        #expect(isHeld(2, route: 0, answer: ":1\r\n"), "nothing has told yet")
        #expect(!isHeld(3, route: 0, answer: ":1\r\n"))
        #expect(isHeld(4, route: 1, answer: nil), "another server")
    }

    @Test func `where it cannot be known in time the messages pass, and are counted once`() throws {
        var live = try LiveWire("delay by=5ms", protocolName: nil)
        live.say(.downstream, "hi|yo|")
        live.run(until: Self.wait)
        live.say(.upstream, "pay 100 to bob|", at: 30)
        live.say(.upstream, "b|", at: 50)
        live.run(until: 100)
        #expect(
            live.text
                == "20 < hi|yo|; delay@1u1 applied; 2 unrolled; 35 > pay 100 to bob| (delay@1u1); "
                + "delay@1u2 applied; 55 > b| (delay@1u2)")
    }

    @Test func `an end lets go what is held`() throws {
        var live = try LiveWire("delay by=5ms direction=upstream", protocolName: nil)
        live.say(.upstream, "PING\r|", at: 1)
        live.finish(.upstream, at: 2)
        live.run(until: 100)
        #expect(live.text == "delay@1u1 applied; 7 > PING\r| (delay@1u1); 7 > fin")
    }

    @Test func `nothing waits on a link that no message rule is about`() throws {
        var live = try LiveWire(
            "latency latency=1ms jitter=1ms direction=downstream", "drop direction=downstream",
            protocolName: nil)
        live.say(.upstream, "PING\r|")
        #expect(live.text == "0 > PING\r|")
    }

    @Test func `what is TLS passes at once, and says so`() throws {
        var live = try LiveWire("drop", protocolName: nil)
        live.say(.upstream, "\u{16}\u{3}")
        #expect(live.sent.upstream == [0x16, 0x03])
        #expect(live.lines.count == 3)
    }

    @Test func `a limit counts the bytes that are held`() throws {
        var live = try LiveWire(
            "limit_data at=3B direction=upstream", "delay by=1ms", protocolName: nil)
        live.say(.upstream, "PING")
        live.run(until: 100)
        #expect(live.sent.upstream == Array("PIN".utf8))
    }

    @Test func `each of many connections has all its messages rolled, however they are cut`() throws
    {
        let text = (1...40).map { "SET k\($0) v\r\n" }.joined()
        for size in [1, 2, 3, 5, 17, 1_000] {
            let rules = try LiveScript.rules(
                ["drop chance=30% direction=upstream answers=raw"], protocolName: nil)
            for connection in 1...5 {
                var injector = Injector(connection: UInt32(connection), rules: rules)
                var rest = Substring(text)
                while !rest.isEmpty {
                    injector.receive(Array(rest.prefix(size).utf8).span, .upstream, at: .start)
                    rest = rest.dropFirst(size)
                }
                injector.wake(at: LiveScript.instant(Self.wait))
                injector.receive(Array("+OK\r\n".utf8).span, .downstream, at: .start)
            }
            #expect(rules.tallies.map(\.rolled) == [200], "cut by \(size)")
        }
    }
}
