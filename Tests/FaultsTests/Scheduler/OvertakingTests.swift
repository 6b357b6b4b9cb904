import Recordings
import Testing

@testable import Faults

/// Reorders across connections: which message overtakes which.
@Suite struct OvertakingTests {
    /// Two connections in turns; then a third, which opens late.
    private let turns = #"""
        0 c1 open
        0 c2 open
        1 c1 > a\n
        2 c2 > k\n
        3 c1 > b\n
        4 c1 > c\n
        5 c2 > l\n
        6 c3 open
        7 c3 > x\n
        8 c2 > m\n
        """#

    private func words(_ rules: [String], _ traffic: String, framing: String = "line") throws
        -> [String]
    {
        try schedule(try plan(rules), Traffic(traffic), framing: framing).strikes.map { strike in
            guard case .overtaken(let message, let connection) = strike.effect else {
                return inWords(strike)
            }
            return inWords(strike) + " by \(connection)u\(message)"
        }
    }

    @Test func `the next message of another connection overtakes, or the depth-th`() throws {
        #expect(
            try words(["reorder across=connections connections=1-2 messages=2"], turns)
                == [
                    "reorder@1u2 by 2u2",
                    // The third connection is none of the rule's.
                    "reorder@2u2 - no message of another connection stands behind it",
                ])
        #expect(
            try words(
                ["reorder across=connections depth=2 connections=1-2 messages=1 times=1"], turns)
                == ["reorder@1u1 by 2u2"])
    }

    @Test func `a connection that opened later does not overtake`() throws {
        #expect(
            try words(["reorder across=connections messages=3"], turns)
                == [
                    "reorder@1u3 by 2u2",
                    "reorder@2u3 - no message of another connection stands behind it",
                ])
        #expect(
            try words(["reorder across=connections connections=1,3 messages=3"], turns)
                == ["reorder@1u3 - no message of another connection stands behind it"])
    }

    @Test func `it begins within its time, or the strike is skipped`() throws {
        let far = #"""
            0 c1 open
            0 c2 open
            1 c1 > a\n
            50000001 c2 > k\n
            50000002 c2 > l\n
            """#
        #expect(
            try words(["reorder across=connections messages=1"], far).first == "reorder@1u1 by 2u1")
        #expect(
            try words(["reorder across=connections messages=1 within=49ms"], far).first
                == "reorder@1u1 - no message of another connection begins within 49ms")
    }

    @Test func `groups are held whole, and neither groups nor session state overtake`() throws {
        let groups = #"""
            0 c1 open
            0 c2 open
            1 c1 > MULTI\r\nINCR a\r\nEXEC\r\n
            2 c2 > SELECT 1\r\n
            3 c2 > MULTI\r\nINCR b\r\nEXEC\r\n
            4 c2 > PING\r\n
            """#
        #expect(
            try words(
                ["reorder across=connections connections=1 messages=1"], groups, framing: "redis")
                == ["reorder@1u1-3 - no message of another connection stands behind it"])
        #expect(
            try words(
                ["reorder across=connections messages=1 contains=INCR"], groups, framing: "redis")
                == ["reorder@1u1-3 by 2u5"])
    }

    @Test func `what overtakes is taken too, and the first kind stands`() throws {
        #expect(
            try words(
                [
                    "reorder across=connections connections=1-2 messages=2 times=1",
                    "drop connections=2 messages=2",
                ], turns) == ["reorder@1u2 < drop@2u2 by 2u2", "drop@2u2"])
        #expect(
            try words(
                [
                    "reorder across=connections connections=1-2 messages=2 times=1",
                    "duplicate name=again connections=2 messages=3",
                ], turns) == ["reorder@1u2 by 2u2", "again@2u3"])
    }

    @Test func `two that might wait for each other do not both stand`() throws {
        // a waits for l, and k, which stands before l, would wait for b, which stands behind a.
        #expect(
            try words(
                [
                    "reorder name=x across=connections depth=2 connections=1-2 messages=1 times=1",
                    "reorder name=y across=connections connections=1-2 contains=k",
                ], turns) == ["x@1u1 by 2u2", "y@2u1 < x@1u1 by 1u2"])
        // Two held on one connection are in nobody's way.
        #expect(
            try words(
                ["reorder across=connections connections=1-2 contains=b", "drop contains=zzz"],
                turns)
                == ["reorder@1u2 by 2u2"])
    }

    @Test func `a schedule's line says it, and reads back equal`() throws {
        let made = try schedule(
            try plan(["reorder across=connections connections=1-2 messages=2 times=1"]),
            Traffic(turns))
        let bytes = ScheduleWriter.bytes(made)
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n")[1]
        #expect(
            line
                == #"{"type":"strike","id":"reorder@1u2","rule":"reorder","fault":"reorder","#
                + #""connection":1,"direction":"upstream","message":2,"#
                + #""settings":{"with":"2","of_connection":2},"label":"delivery"}"#)
        let back = try ScheduleFile.read(bytes, file: "s").schedule
        #expect(back.strikes == made.strikes && ScheduleWriter.bytes(back) == bytes)
    }

    @Test func `force is about flights of one connection`() throws {
        #expect(throws: FaultTextError.self) {
            try FaultText.rule("reorder across=connections force=yes")
        }
    }

    @Test func `taking the rule away changes no other roll`() throws {
        let with = try words(
            ["reorder across=connections chance=50%", "delay by=1ms chance=50%"], turns)
        let without = try words(["delay by=1ms chance=50%"], turns)
        #expect(with.filter { $0.hasPrefix("delay") } == without)
    }
}
