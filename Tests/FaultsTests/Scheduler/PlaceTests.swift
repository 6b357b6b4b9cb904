import Recordings
import Testing

@testable import Faults

/// Strikes that need no messages, and strikes on what Weir receives.
@Suite struct PlaceTests {
    private let session = #"""
        0 open
        1 > abcdefghij
        2 < 1234
        3 > klm
        4 < 56
        """#

    private func lines(_ rules: [String], _ traffic: String, framing: String = "none") throws
        -> [String]
    {
        let made = try schedule(try plan(rules), Traffic(traffic), framing: framing)
        let bytes = ScheduleWriter.bytes(made)
        let back = try ScheduleFile.read(bytes, file: "s").schedule
        #expect(back.strikes == made.strikes)
        return made.strikes.map { "\(inWords($0)) \($0.effect.settingsText)" }
    }

    @Test func `without messages a place in bytes is a cell and an offset in it`() throws {
        #expect(try lines(["reset at=11B"], session) == ["reset@1u1 sent=11"])
        #expect(try lines(["reset at=13B"], session) == ["reset@1u1 sent=13"])
        #expect(try lines(["reset at=14B"], session) == [])
        #expect(try lines(["limit_data at=0B"], session) == ["limit_data@1u1 sent=0"])
        #expect(
            try lines(["corrupt at=12B bits=8"], session)
                == ["corrupt@1u1 bits=96,97,98,99,100,101,102,103"])
        #expect(try lines(["corrupt at=13B"], session) == [])
        var long = Traffic()
        long.add(0, 1, "open")
        for _ in 0..<40 { long.add(1, 1, ">", String(repeating: "x", count: 100)) }
        let made = try schedule(
            try plan(["stall at=1460B for=1s", "reset at=3000B"]), long, framing: "none")
        #expect(
            made.strikes.map { "\($0.id) \($0.effect.settingsText)" } == [
                "stall@1u1 sent=1460 for=1s", "reset@1u3 sent=80",
            ])
    }

    @Test func `however reads cut the bytes, the places are the same`() throws {
        let rules = try plan(["stall at=3B for=1s", "limit_data at=12B direction=downstream"])
        let whole = try schedule(rules, Traffic(session), framing: "none")
        let cut = try schedule(rules, Traffic(session).recut(1), framing: "none")
        #expect(whole.strikes.map(\.id) == cut.strikes.map(\.id))
    }

    @Test func `what needs messages says so`() throws {
        for rule in ["reset", "reset at=3B messages=1", "limit_data at=3B contains=x", "drop"] {
            #expect(throws: SchedulerError.self) {
                try schedule(try plan([rule]), Traffic(session), framing: "none")
            }
        }
    }

    @Test func `refuse is rolled once a connection, also where nothing is sent on it`() throws {
        let quiet = "0 c1 open\n1 c2 open\n2 c2 > a\\n\n3 c3 > b\\n"
        #expect(
            try lines(["refuse"], quiet, framing: "line")
                == [
                    "refuse@1u1 ", "refuse@2u1 ",
                    "refuse@3u - the connection was picked up in the middle ",
                ])
        #expect(try lines(["refuse"], quiet).count == 3)
        var many = Traffic()
        for number in UInt32(1)...10_000 { many.add(Int64(number), number, "open") }
        let rolled = try schedule(try plan(["refuse chance=20%"]), many).strikes.count
        // √(10,000 × 1/5 × 4/5) = 40; five of them.
        #expect(abs(rolled - 2_000) <= 200)
    }

    @Test func `stall, reset, timeout and limit_data strike what is received, and no other`() throws
    {
        let lines = try self.lines(
            [
                "stall direction=downstream messages=1 for=1s",
                "reset direction=downstream messages=2",
                "timeout direction=downstream messages=3 timeout=1s",
                "limit_data direction=downstream at=7B", "drop direction=downstream",
                "reset name=seen direction=downstream contains=x",
            ], threeThenTwo, framing: "line")
        #expect(
            lines == [
                "drop - a replay to a server does not send downstream ",
                "seen - what is received is struck before it is looked into ",
                "stall@1d1 sent=0 for=1s", "reset@1d2 sent=0", "timeout@1d3 sent=0 timeout=1s",
                "limit_data@1d4 sent=1",
            ])
    }

    @Test func `strikes on what is received change nothing in those on what is sent`() throws {
        let sent = ["drop chance=50%", "delay by=1ms chance=50%"]
        let all = try lines(
            sent + ["stall direction=downstream chance=50% for=1s"], threeThenTwo, framing: "line")
        #expect(
            all.filter { !$0.hasPrefix("stall") }
                == (try lines(sent, threeThenTwo, framing: "line")))
    }
}
