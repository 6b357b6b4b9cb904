import Recordings
import Testing

@testable import Faults

@Suite struct StrikeTests {
    @Test func `a rule without a chance strikes every message`() throws {
        #expect(
            try strikes(["drop"], threeThenTwo) == [
                "drop@1u1", "drop@1u2", "drop@1u3", "drop@1u4", "drop@1u5",
            ])
    }

    @Test func `messages, connections, times and chance narrow a rule`() throws {
        let traffic = #"""
            0 open
            0 c2 open
            1 c2 > a\nb\n
            2 > a\nb\nc\n
            3 c2 > c\n
            """#
        #expect(
            try strikes(["drop messages=2-"], traffic) == [
                "drop@2u2", "drop@1u2", "drop@1u3", "drop@2u3",
            ])
        #expect(try strikes(["drop connections=2"], traffic).count == 3)
        // In recorded order, whatever the connection.
        #expect(try strikes(["drop times=3"], traffic) == ["drop@2u1", "drop@2u2", "drop@1u1"])
        #expect(try strikes(["drop chance=0%"], traffic) == [])
    }

    @Test func `window is the recorded time at which a message began`() throws {
        #expect(try strikes(["drop window=3ns-4ns"], threeThenTwo) == ["drop@1u4"])
        #expect(try strikes(["drop window=4ns-"], threeThenTwo) == ["drop@1u5"])
    }

    @Test(arguments: 1...12)
    func `contains finds bytes in a message however they were cut`(size: Int) throws {
        let traffic = Traffic(
            #"""
            0 open
            1 > SET aab\nGET aab\nSET aa\nb\naaab\n
            """#
        ).recut(size)
        func struck(_ contains: String) throws -> [String] {
            try schedule(try plan(["drop contains=\(contains)"]), traffic).strikes.map(inWords)
        }
        #expect(try struck("aab") == ["drop@1u1", "drop@1u2", "drop@1u5"])
        #expect(try struck(#"aa\n"#) == ["drop@1u3"])
        #expect(try struck(#""SET aa""#) == ["drop@1u1", "drop@1u3"])
    }

    @Test func `a reorder takes the neighbour in its flight, and is skipped without one`() throws {
        #expect(
            try strikes(["reorder"], threeThenTwo) == [
                "reorder@1u1 with=2", "reorder@1u2 with=3 < reorder@1u1",
                "reorder@1u3 - no neighbour in flight", "reorder@1u4 - no neighbour in flight",
                "reorder@1u5 - no neighbour in flight",
            ])
        #expect(try strikes(["reorder depth=2 messages=1"], threeThenTwo) == ["reorder@1u1 with=3"])
    }

    @Test func `times counts what can be done, whether or not another takes it`() throws {
        // Of the reorders 3 to 5 are skipped; the second is pre-empted, and counts.
        #expect(
            try strikes(["reorder times=2"], threeThenTwo) == [
                "reorder@1u1 with=2", "reorder@1u2 with=3 < reorder@1u1",
            ])
        #expect(
            try strikes(["reorder times=1 messages=2-"], threeThenTwo) == ["reorder@1u2 with=3"])
    }

    @Test func `the kinds stand in their order, delay with all of them`() throws {
        let rules = ["reorder", "duplicate", "disconnect", "drop", "delay by=1ms"].map {
            $0 + " messages=1"
        }
        #expect(
            try strikes(rules, threeThenTwo) == [
                "reorder@1u1 with=2 < drop@1u1", "duplicate@1u1 < drop@1u1",
                "disconnect@1u1 < drop@1u1", "drop@1u1", "delay@1u1",
            ])
    }

    @Test func `a reorder takes both its places`() throws {
        #expect(
            try strikes(["reorder messages=1", "drop messages=2"], threeThenTwo) == [
                "reorder@1u1 with=2 < drop@1u2", "drop@1u2",
            ])
        // What is between two that change places is free.
        #expect(
            try strikes(["reorder depth=2 messages=1", "drop messages=2"], threeThenTwo) == [
                "reorder@1u1 with=3", "drop@1u2",
            ])
        // A pre-empted one takes nothing.
        #expect(
            try strikes(
                ["drop messages=1", "reorder messages=1", "reorder name=next messages=2"],
                threeThenTwo) == [
                    "drop@1u1", "reorder@1u1 with=2 < drop@1u1", "next@1u2 with=3",
                ])
    }

    @Test func `of one kind the plan's order decides on one message`() throws {
        #expect(
            try strikes(
                ["drop name=b", "drop name=a"],
                #"""
                0 open
                1 > a\n
                """#) == ["b@1u1", "a@1u1 < b@1u1"])
    }

    private let groups = #"""
        0 open
        1 > SET a 1\r\nMULTI\r\nSET b 2\r\nEXEC\r\nSET c 3\r\nPING\r\n
        2 < +OK\r\n+OK\r\n+QUEUED\r\n*1\r\n+OK\r\n+OK\r\n+PONG\r\n
        """#

    @Test func `a group is one message to drop, duplicate and reorder`() throws {
        #expect(
            try strikes(["duplicate"], groups, framing: "redis") == [
                "duplicate@1u1", "duplicate@1u2-4", "duplicate@1u5", "duplicate@1u6",
            ])
        #expect(
            try strikes(["reorder messages=1-2"], groups, framing: "redis") == [
                "reorder@1u1 with=2-4", "reorder@1u2-4 with=5 < reorder@1u1",
            ])
        #expect(
            try strikes(["drop contains=EXEC"], groups, framing: "redis") == ["drop@1u2-4"])
    }

    @Test func `a group over several flights is no pair, and no neighbour`() throws {
        let traffic = #"""
            0 open
            1 > GET a\r\nMULTI\r\n
            2 < $-1\r\n+OK\r\n
            3 > EXEC\r\nGET b\r\n
            4 < *0\r\n$-1\r\n
            """#
        #expect(
            try strikes(["reorder"], traffic, framing: "redis") == [
                "reorder@1u1 - no neighbour in flight",
                "reorder@1u2-3 - its group is not in one flight",
                "reorder@1u4 - no neighbour in flight",
            ])
    }

    @Test func `delay and disconnect strike inside a group, and so take it`() throws {
        #expect(
            try strikes(
                ["duplicate messages=2", "disconnect messages=4", "delay by=1ms messages=3"],
                groups, framing: "redis") == [
                    "duplicate@1u2-4 < disconnect@1u4", "delay@1u3", "disconnect@1u4",
                ])
    }

    @Test func `session state is spared unless a rule includes it`() throws {
        let traffic = #"""
            0 open
            1 > AUTH x\r\nSELECT 1\r\nGET a\r\nSELECT 2\r\nGET b\r\n
            2 < +OK\r\n+OK\r\n$-1\r\n+OK\r\n$-1\r\n
            """#
        #expect(
            try strikes(["drop"], traffic, framing: "redis") == ["drop@1u3", "drop@1u5"])
        #expect(try strikes(["drop state=include"], traffic, framing: "redis").count == 5)
        #expect(
            try strikes(["reorder messages=3"], traffic, framing: "redis") == [
                "reorder@1u3 - session state stands behind it"
            ])
        #expect(
            try strikes(["reorder messages=3 state=include"], traffic, framing: "redis") == [
                "reorder@1u3 with=4"
            ])
    }

    @Test func `what cannot be read is skipped with the reason`() throws {
        let traffic = #"""
            0 open
            1 > SET a 1\r\n*x\r\nSET b 2\r\n
            2 c2 > GET a\r\n
            3 c3 open
            4 c3 > GET a\r\n
            5 c3 gap > 10
            6 c3 > GET b\r\n
            """#
        let lines = try strikes(["drop", "delay by=1ms messages=1"], traffic, framing: "redis")
        #expect(lines[0...1] == ["drop@1u1", "delay@1u1"])
        #expect(lines[2].hasPrefix("drop@1u - not read as messages from byte 9 on: "))
        #expect(
            lines[3...] == [
                "drop@2u - the connection was picked up in the middle",
                "delay@2u - the connection was picked up in the middle", "drop@3u1", "delay@3u1",
                "drop@3u - not read as messages from byte 7 on: bytes are missing",
            ])
    }

    @Test func `a rule on what Weir does not send is skipped in one line`() throws {
        let schedule = try schedule(
            try plan(["drop direction=downstream", "latency latency=1ms direction=downstream"]),
            Traffic(threeThenTwo))
        #expect(
            schedule.strikes.map(inWords) == [
                "drop - a replay to a server does not send downstream",
                "latency - a replay to a server does not send downstream",
            ])
        #expect(schedule.conditions.isEmpty)
    }

    @Test func `without a framer message faults refuse and say what to write`() throws {
        #expect {
            try schedule(try plan(["drop"]), Traffic(threeThenTwo), framing: "none")
        } throws: {
            "\($0)"
                == "the rule drop needs messages (drop strikes messages), and this recording is "
                + "not read as any; name its protocol with --protocol, or let each chunk be a "
                + "message: units=chunks"
        }
        #expect {
            try schedule(
                try plan(["latency latency=1ms messages=2"]), Traffic(threeThenTwo),
                framing: "none")
        } throws: { "\($0)".contains("it names messages") }
        let chunks = try schedule(
            try plan(["drop units=chunks"]), Traffic(threeThenTwo), framing: "none")
        #expect(chunks.strikes.map(inWords) == ["drop@1u1", "drop@1u2", "drop@1u3"])
        let latency = try plan(["latency latency=1ms"])
        #expect(
            try schedule(latency, Traffic(threeThenTwo), framing: "none").conditions.count == 1)
    }
}
