import Recordings
import Testing
import Text

@testable import Faults

/// Rules that are limited to one of several routes.
@Suite struct RouteTests {
    private let routes = ["orders", "users"]

    /// Connections 1 and 3 on the first route, 2 on the second; two messages each.
    private let traffic = Traffic(
        #"""
        0 c1 open 0
        0 c2 open 1
        0 c3 open 0
        1 c1 > a\nb\n
        2 c2 > a\nb\n
        3 c3 > a\nb\n
        9 c1 fin >
        9 c2 fin >
        9 c3 fin >
        """#)

    @Test func `a rule strikes the connections of its route alone, by the same rolls`() throws {
        func made(_ rule: String) throws -> [String] {
            try schedule(try plan([rule]), traffic, routes: routes).strikes.map(inWords)
        }
        #expect(
            try made("drop") == [
                "drop@1u1", "drop@1u2", "drop@2u1", "drop@2u2", "drop@3u1", "drop@3u2",
            ])
        #expect(try made("drop route=users") == ["drop@2u1", "drop@2u2"])
        #expect(try made("drop route=orders messages=2") == ["drop@1u2", "drop@3u2"])
        #expect(try made("drop route=orders connections=2-") == ["drop@3u1", "drop@3u2"])
        let half = try made("drop chance=50%")
        #expect(
            try made("drop chance=50% route=orders") == half.filter { !$0.hasPrefix("drop@2u") })
    }

    @Test func `messages of another route are not overtaken by those of the rule's`() throws {
        let rule = "reorder across=connections within=1h messages=1 connections=1-2"
        #expect(try schedule(try plan([rule]), traffic, routes: routes).strikes[0].isPlanned)
        let limited = try schedule(
            try plan([rule + " route=orders"]), traffic, routes: routes)
        #expect(
            limited.strikes.map(inWords) == [
                "reorder@1u1 - no message of another connection stands behind it"
            ])
    }

    @Test func `a condition covers the connections of its route alone`() throws {
        let made = try schedule(
            try plan(["latency latency=1ms route=users"]), traffic, routes: routes)
        #expect(made.conditions[0].route == NamedRoute(number: 1, name: "users"))
        #expect(made.link(connection: 1, route: 0, .upstream).isEmpty)
        #expect(!made.link(connection: 2, route: 1, .upstream).isEmpty)
        #expect(made.link(connection: 3, route: 0, .upstream).isEmpty)
    }

    @Test func `a schedule says its routes once, each condition its own, and reads back equal`()
        throws
    {
        let made = try schedule(
            try plan(["latency latency=1ms route=users", "drop route=orders"]), traffic,
            routes: routes)
        let bytes = ScheduleWriter.bytes(made)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(
            text.contains(#""recording":"test","protocol":"line","routes":["orders","users"]}"#))
        #expect(text.contains(#""fault":"latency","route":"users","connections":"all""#))
        let back = try ScheduleFile.read(bytes, file: "s.jsonl").schedule
        #expect(back.header == made.header)
        #expect(back.conditions == made.conditions)
        #expect(ScheduleWriter.bytes(back) == bytes)
        let plain = try schedule(try plan(["drop"]), traffic, routes: routes)
        #expect(plain.header.routes == [], "no rule names one")
    }

    @Test(arguments: [
        (
            #""routes":["orders"]"#, #""route":"ordes""#,
            #"s.jsonl:2: route: no route is named "ordes"; did you mean "orders"?"#
        ),
        (
            #""protocol":"line""#, #""route":"orders""#,
            "s.jsonl:2: route: the first line names no routes; add \"routes\" there, as the "
                + "recording has them"
        ),
        (
            #""routes":"orders""#, #""route":"orders""#,
            "s.jsonl:1: routes: a string stands here; write a list"
        ),
    ])
    func `a mistake about routes in a schedule is said with its line`(
        header: String, member: String, message: String
    ) {
        let text = """
            {"type":"schedule","version":1,"seed":7,\(header)}
            {"type":"condition","id":"a","fault":"latency",\(member),"settings":{"latency":"1ms"}}
            {"type":"end","conditions":1,"strikes":0,"preempted":0,"skipped":0}
            """
        let error = #expect(throws: DocumentError.self) {
            try ScheduleFile.read(Array(text.utf8), file: "s.jsonl")
        }
        #expect(error?.description == message)
    }

    @Test func `a schedule is not played with a recording of other routes`() throws {
        let made = try schedule(
            try plan(["latency latency=1ms route=users"]), traffic, routes: routes)
        var file = try ScheduleFile.read(ScheduleWriter.bytes(made), file: "s.jsonl")
        let transcript = try traffic.transcript()
        try file.check(against: transcript, identity: "test", routes: routes)
        let error = #expect(throws: DocumentError.self) {
            try file.check(against: transcript, identity: "test", routes: ["users", "orders"])
        }
        #expect(
            error?.description == "s.jsonl:1: routes: the recording has other routes; "
                + #"write ["users", "orders"]"#)
    }

    @Test(arguments: [
        (["orders", "users"], "write one of orders, users"),
        ([], "leave it out: no route has a name"),
    ])
    func `a route that is not there is an error that names those that are`(
        routes: [String], advice: String
    ) throws {
        let rules = try plan(["drop name=lost route=user"])
        let wanted =
            "the rule lost is about the route \"user\", which is not there; " + advice
        let scheduled = #expect(throws: SchedulerError.self) {
            try schedule(rules, traffic, routes: routes)
        }
        #expect(scheduled?.description == wanted)
        let live = #expect(throws: SchedulerError.self) {
            try LiveRules(rules, seed: 7, routes: routes)
        }
        #expect(live?.description == wanted)
    }

    @Test func `live rules disturb the connections of their route alone`() throws {
        let rules = try LiveRules(
            try plan([
                "drop route=users messages=1 direction=upstream", "latency latency=1ms route=users",
            ]),
            seed: 7, routes: routes)
        #expect(!rules.covers(connection: 1, on: 0))
        #expect(rules.covers(connection: 1, on: 1))
        #expect(rules.link(connection: 1, on: 0, .upstream).isEmpty)
        #expect(!rules.link(connection: 1, on: 1, .upstream).isEmpty)
        #expect(rules.strikes(connection: 1, on: 0, .upstream).isEmpty)
        #expect(rules.strikes(connection: 1, on: 1, .upstream).map(\.name) == ["drop"])
        #expect(rules.conditionName(connection: 1, on: 1, .upstream) == "latency")
        #expect(rules.conditionName(connection: 1, on: 0, .upstream) == "")
    }
}
