import Recordings
import Testing

@testable import Faults

/// `duplicate on=new` on live traffic: what is asked of the engine, and when.
struct LiveRedeliveryTests {
    private static let rule = "duplicate on=new"

    @Test func `a struck message goes on as it came, and its copies are asked for behind it`()
        throws
    {
        var live = try LiveScript("\(Self.rule) copies=2 after=5ms messages=2")
        live.say(.upstream, "a|b")
        live.say(.upstream, "|c|", at: 1)
        live.say(.downstream, "A|B|C|", at: 2)
        #expect(
            live.text
                == "0 > a|; 0 > b; 1 > |; 1 >> duplicate@1u2: 2 b|; 1 > c|; 2 < A|; 2 < B|; 2 < C|")
        let redelivery = try #require(live.redeliveries.first)
        #expect(redelivery.copies == 2 && redelivery.afterNanoseconds == 5_000_000)
        #expect(redelivery.route == 0 && redelivery.strike.label == .delivery)
        #expect(live.strikes == [], "its outcome is told once they were sent")
        #expect(live.rules.swallowedAnswers == 0 && live.injector.isIdle)
    }

    @Test func `the session state that was sent by then goes before it`() throws {
        var live = try LiveScript("\(Self.rule) contains=INCR", protocolName: "redis")
        live.say(.upstream, "AUTH old|SELECT 1|INCR a|AUTH new|INCR b|SELECT 2|")
        #expect(
            live.redeliveries.map(\.shown) == [
                "duplicate@1u3: 1 AUTH old|, 2 SELECT 1|, 3 INCR a|",
                "duplicate@1u5: 2 SELECT 1|, 4 AUTH new|, 5 INCR b|",
            ])
    }

    @Test func `however the bytes are cut`() throws {
        let text = Array("AUTH secret\r\nSELECT 1\r\nMULTI\r\nINCR a\r\nEXEC\r\nINCR b\r\n".utf8)
        for size in 1...text.count {
            var live = try LiveScript(Self.rule, protocolName: "redis")
            for start in stride(from: 0, to: text.count, by: size) {
                live.receive(Array(text[start..<min(start + size, text.count)]), .upstream)
            }
            #expect(
                live.redeliveries.map(\.shown) == [
                    "duplicate@1u3: 1 AUTH secret|, 2 SELECT 1|, 3 MULTI|INCR a|EXEC|",
                    "duplicate@1u6: 1 AUTH secret|, 2 SELECT 1|, 6 INCR b|",
                ], "cut by \(size)")
            #expect(live.sent.upstream == text && live.injector.isIdle)
        }
    }

    @Test func `without a direction it is about what clients send`() throws {
        var live = try LiveScript(Self.rule)
        live.say(.downstream, "hello|")
        live.say(.upstream, "a|", at: 1)
        live.say(.downstream, "A|", at: 2)
        #expect(live.text == "0 < hello|; 1 > a|; 1 >> duplicate@1u1: 1 a|; 2 < A|")
    }

    @Test func `it waits for the original: behind a delay, a rate and before the end`() throws {
        var wire = try LiveWire(
            "\(Self.rule) messages=1", "delay by=7ms messages=1 direction=upstream",
            "bandwidth rate=1kB/s burst=1B direction=upstream", protocolName: "line")
        wire.say(.upstream, "abcd|")
        wire.finish(.upstream, at: 1)
        wire.run(until: 100)
        #expect(
            wire.lines.suffix(3) == [
                "11 > | (delay@1u1)", "11 >> duplicate@1u1: 1 abcd|", "11 > fin",
            ], "\(wire.text)")
    }

    @Test func `session state that is too long, or answers a challenge, is not played elsewhere`()
        throws
    {
        var long = try LiveScript("\(Self.rule) contains=INCR", protocolName: "redis")
        let name = String(repeating: "n", count: SessionStates.mostBytes)
        long.receive(
            Array("*2\r\n$4\r\nAUTH\r\n$\(name.utf8.count)\r\n\(name)\r\n".utf8), .upstream)
        long.say(.upstream, "INCR a|")
        #expect(
            long.lines.last
                == "duplicate@1u2 skipped: its session state is longer than 64 KiB")

        var live = try LiveScript("\(Self.rule) contains=select", protocolName: "postgresql")
        live.receive(Self.startUp, .upstream)
        live.receive(Self.message("R", [0, 0, 0, 5, 1, 2, 3, 4]), .downstream)
        live.receive(Self.message("p", Array("md5\0".utf8)), .upstream)
        live.receive(
            Self.message("R", [0, 0, 0, 0]) + Self.message("Z", Array("I".utf8)), .downstream)
        live.receive(Self.message("Q", Array("select 1\0".utf8)), .upstream)
        #expect(
            live.strikes.map(\.outcome.reason)
                == ["its handshake answers a challenge, which is another one each time"])
    }

    @Test func `a password in clear text is played again`() throws {
        var live = try LiveScript("\(Self.rule) contains=select", protocolName: "postgresql")
        live.receive(Self.startUp, .upstream)
        live.receive(Self.message("R", [0, 0, 0, 3]), .downstream)
        live.receive(Self.message("p", Array("secret\0".utf8)), .upstream)
        live.receive(
            Self.message("R", [0, 0, 0, 0]) + Self.message("Z", Array("I".utf8)), .downstream)
        live.receive(Self.message("Q", Array("select 1\0".utf8)), .upstream)
        #expect(live.redeliveries.map { $0.states.map(\.message) } == [[1, 2]])
    }

    @Test func `what was said before its protocol was known is session state too`() throws {
        var live = try LiveScript("\(Self.rule) contains=INCR", protocolName: nil)
        live.receive(Array("*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n*2\r\n$4\r\nINCR\r\n".utf8), .upstream)
        live.receive(Array("$1\r\na\r\n".utf8), .upstream, at: 1)
        #expect(live.redeliveries.map { $0.states.map(\.message) } == [[1]])
    }

    @Test func `a rule that comes later knows the session's state from its beginning`() throws {
        var live = try LiveScript("delay by=1ms contains=zzz", protocolName: "redis")
        live.say(.upstream, "SELECT 1|INCR a|")
        live.setRules(try LiveScript.rules([Self.rule], protocolName: "redis"))
        live.say(.upstream, "INCR b|", at: 1)
        #expect(live.redeliveries.map(\.shown) == ["duplicate@1u3: 1 SELECT 1|, 3 INCR b|"])
    }

    @Test func `a group that its link's end cuts short has no copies`() throws {
        var live = try LiveScript(Self.rule, protocolName: "redis")
        live.say(.upstream, "MULTI|INCR a|")
        live.finish(.upstream, at: 1)
        #expect(
            live.lines.suffix(2) == [
                "duplicate@1u1 skipped: the link ended inside of its group", "0 > fin",
            ])
    }

    static let startUp: [UInt8] = [0, 0, 0, 16, 0, 3, 0, 0] + Array("user\0u\0\0".utf8).prefix(8)

    static func message(_ type: Unicode.Scalar, _ body: [UInt8]) -> [UInt8] {
        [UInt8(ascii: type), 0, 0, 0, UInt8(body.count + 4)] + body
    }
}
