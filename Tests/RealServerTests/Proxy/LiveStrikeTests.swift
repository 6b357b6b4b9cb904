import Foundation
import Testing
import Text

@testable import Faults

/// What strikes do on the wire, to the byte: the dice are the same in every run.
struct LiveStrikeTests {
    @Test(arguments: [
        "duplicate chance=10% direction=upstream", "drop chance=10% direction=upstream answers=raw",
        "reorder chance=10% within=10s direction=upstream", "corrupt chance=10% direction=upstream",
        "drop burst=gemodel(5%,20%) direction=upstream answers=raw",
        "duplicate chance=20% correlation=60% direction=upstream",
    ])
    func `the server gets what the dice say, each byte of it`(_ fault: String) throws {
        let bytes = Array((1...2_000).map { "message \($0)\n" }.joined().utf8)
        let expected = try LivePair.expected([fault], protocolName: "line", bytes)
        let pair = try LivePair([fault], protocolName: "line")
        pair.sendAll(Data(bytes))
        let received = try #require(pair.server?.receiveAll())
        #expect(received == Data(expected.sent))
        #expect(received != Data(bytes))
        let lines = received.count { $0 == UInt8(ascii: "\n") }
        try pair.finish(
            fault, "2,000 messages, \(expected.applied.count) struck, \(lines) lines arrived")
        #expect(pair.weir.program.text.contains(": \(expected.applied.count) applied"))
        let rule = try FaultText.rule(fault)
        guard rule.faultName != "reorder", rule.faultName != "corrupt",
            let strike = rule.fault as? any StrikeFault
        else { return }
        // Beside the injector: the dice alone.
        let rolled = StrikeRule(0, rule, strike, seed: LivePair.seed)
        var walk = rolled.walk(connection: 1, .upstream)
        let struck = (1...UInt64(2_000)).count { message in
            walk?.strikes(message) ?? rolled.rolls(connection: 1, .upstream, message: message)
        }
        #expect(lines == 2_000 + (rule.faultName == "drop" ? -struck : struck))
    }

    @Test(arguments: [("limit_data", false), ("reset", true)])
    func `a connection ends behind so many bytes`(_ name: String, isReset: Bool) throws {
        let bytes = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
        let pair = try LivePair(["\(name) at=100kB direction=upstream"])
        pair.sendAll(bytes)
        let ending = try #require(pair.server?.receiveUntilEnd())
        #expect(ending.bytes == bytes.prefix(100_000))
        #expect(ending.isReset == isReset)
        try pair.finish("\(name) at=100kB", "\(ending.bytes.count) bytes arrived")
    }

    @Test func `one byte is changed`() throws {
        let bytes = Data(repeating: 0, count: 5_000)
        let pair = try LivePair(["corrupt bits=2 at=1kB direction=upstream"])
        pair.sendAll(bytes)
        let received = try #require(pair.server?.receiveAll())
        #expect(received.count == 5_000)
        #expect(received.indices.filter { received[$0] != 0 } == [1_000])
        #expect(received[1_000].nonzeroBitCount == 2)
        try pair.finish("corrupt bits=2 at=1kB", "1 byte of 5,000 has 2 other bits")
    }

    @Test func `a refused client is reset, whatever it says`() throws {
        let pair = try LivePair(["refuse"])
        #expect(pair.client?.receiveUntilEnd().isReset == true)
        #expect(pair.server?.receiveUntilEnd().isReset == true)
        try pair.finish("refuse", "both sides were reset")
    }

    @Test(arguments: [
        ("truncate messages=2 how=fin direction=upstream", "one\ntw", false),
        ("truncate messages=2 at=25% direction=upstream", "one\nt", true),
        ("disconnect messages=2 where=after direction=upstream", "one\ntwo\n", true),
        ("disconnect messages=2 where=before how=fin direction=upstream", "one\n", false),
        ("reset messages=3 direction=upstream", "one\ntwo\n", true),
    ])
    func `a connection ends in a message`(_ fault: String, text: String, isReset: Bool) throws {
        let pair = try LivePair([fault], protocolName: "line")
        _ = pair.client?.send(Data("one\ntwo\nthree\n".utf8))
        let ending = try #require(pair.server?.receiveUntilEnd())
        #expect(String(decoding: ending.bytes, as: UTF8.self) == text)
        #expect(ending.isReset == isReset)
        try pair.finish(fault, "\(ending.bytes.count) bytes arrived")
    }
}
