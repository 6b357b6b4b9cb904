import Recordings
import Testing

@testable import Faults

@Suite struct ScheduleFileTests {
    private func read(_ text: String) throws -> ScheduleFile {
        try ScheduleFile.read(Array(text.utf8), file: "s.jsonl")
    }

    private func text(_ schedule: Schedule) -> String {
        String(decoding: ScheduleWriter.bytes(schedule), as: UTF8.self)
    }

    private let rules = [
        "latency latency=20ms jitter=5ms chance=1/2 connections=1,3- messages=2- window=0ns-1s",
        "duplicate name=redelivery copies=2 after=50ms messages=1", "reorder messages=2,4",
        "drop messages=1 chance=100%", "delay by=3ms messages=5", "disconnect messages=3",
        "drop name=down direction=downstream",
    ]

    @Test func `a schedule is lines as the design has them`() throws {
        let schedule = try schedule(try plan(rules), Traffic(threeThenTwo))
        try Golden.expect(text(schedule), equals: "schedule.jsonl")
    }

    @Test func `what is written reads back equal, and writes the same again`() throws {
        let made = try schedule(try plan(rules), Traffic(threeThenTwo))
        let back = try read(text(made)).schedule
        #expect(back.header == made.header)
        #expect(back.conditions == made.conditions)
        #expect(back.strikes == made.strikes)
        #expect(text(back) == text(made))
        let other = Schedule(
            ScheduleHeader(seed: .max, units: .chunks), conditions: [], strikes: [])
        #expect(try read(text(other)).schedule.header == other.header)
    }

    private let header = #"{"type":"schedule","version":1,"seed":7}"#
    private let end = #"{"type":"end","conditions":0,"strikes":1,"preempted":0,"skipped":0}"#

    /// A strike's line with these members beside its id and fault.
    private func strike(_ fault: String, _ rest: String) -> String {
        #"{"type":"strike","id":"a","fault":"\#(fault)",\#(rest)}"#
    }

    @Test func `what an editor leaves out has its usual meaning`() throws {
        let lines = [
            header, strike("drop", #""connection":1,"message":2"#), "",
            #"{"type":"strike","id":"b","fault":"disconnect","connection":1,"message":3,"#
                + #""settings":{"sent":4}}"#,
            #"{"type":"strike","id":"c","fault":"drop","skipped":"by hand"}"#,
            #"{"type":"end","conditions":0,"strikes":3,"preempted":0,"skipped":1}"#,
        ]
        let strikes = try read(lines.joined(separator: "\n")).schedule.strikes
        #expect(strikes[0].effect == .drop && strikes[0].rule == "a")
        #expect(strikes[1].effect == .disconnect(Cut(sentBytes: 4)))
        #expect(strikes[2].state == .skipped(reason: "by hand"))
    }

    @Test func `a mistake in a schedule is said with its line`() throws {
        let place = #""connection":1,"message":2"#
        func file(_ lines: String...) -> String { lines.joined(separator: "\n") }
        let inputs = [
            "", header, "{}", #"{"type":"end"}"#, file(header, header),
            #"{"type":"schedule","version":2,"seed":7}"#, #"{"type":"schedule","version":1}"#,
            file(header, #"{"type":"strke"}"#), file(header, strike("drop", place)),
            file(header, end), file(header, strike("drop", place), end, end),
            file(header, strike("drop", place), strike("drop", place), end),
            file(header, strike("dropp", place), end),
            file(header, strike("latency", place), end),
            file(header, strike("drop", #""connection":0,"message":2"#), end),
            file(header, strike("drop", #""message":2"#), end),
            file(header, strike("drop", place + #","last_message":1"#), end),
            file(header, strike("drop", place + #","settings":{"a":1}"#), end),
            file(header, strike("drop", place + #","lable":"delivery""#), end),
            file(header, strike("drop", place + #","label":"transprt""#), end),
            file(header, strike("drop", place + #","skipped":"a","preempted_by":"b""#), end),
            file(header, strike("delay", place), end),
            file(header, strike("delay", place + #","settings":{"by":20}"#), end),
            file(header, strike("reorder", place + #","settings":{"with":"3-"}"#), end),
            file(header, strike("disconnect", place + #","settings":{"sent":"4"}"#), end),
            file(
                header, strike("disconnect", place + #","settings":{"sent":4,"resend":"3,2"}"#),
                end),
            file(header, #"{"type":"condition","id":"a","fault":"drop"}"#),
            file(header, "{\"type\":\"condition\","),
        ]
        try Golden.expect(
            Golden.mistakes(inputs) { _ = try read($0) }, equals: "schedule-mistakes.txt")
    }

    @Test func `what the recording does not have is said with its line`() throws {
        let transcript = try Traffic(threeThenTwo).transcript()
        func check(_ fault: String, _ rest: String, recording: String = "crc32c:1") throws {
            let lines = [
                String(header.dropLast()) + #","recording":"\#(recording)"}"#,
                strike(fault, rest), end,
            ]
            var file = try read(lines.joined(separator: "\n"))
            try file.check(against: transcript, identity: "crc32c:1")
        }
        let place = #""connection":1,"message":2"#
        #expect(throws: Never.self) { try check("drop", place) }
        let cases = [
            ("drop", #""connection":2,"message":2"#), ("drop", #""connection":1,"message":6"#),
            ("drop", place + #","last_message":6"#),
            ("drop", place + #","direction":"downstream""#),
            ("reorder", place + #","settings":{"with":"2"}"#),
            ("reorder", place + #","settings":{"with":"6"}"#),
            ("disconnect", place + #","settings":{"sent":3}"#),
            ("disconnect", place + #","settings":{"sent":1,"resend":"1-3"}"#),
        ]
        var said = cases.map { (fault, rest) in
            Golden.mistakes(["\(fault) \(rest)"]) { _ in try check(fault, rest) }
        }
        said.append(
            Golden.mistakes(["another recording"]) { _ in
                try check("drop", place, recording: "crc32c:2")
            })
        try Golden.expect(said.joined(separator: "\n"), equals: "schedule-misfits.txt")
    }

    @Test func `a pair that is not in one flight is a violation`() throws {
        let transcript = try Traffic(threeThenTwo).transcript()
        for (with, label) in [("3", FaultLabel.delivery), ("4", .violation)] {
            let line = strike(
                "reorder", #""connection":1,"message":2,"settings":{"with":"\#(with)"}"#)
            var file = try read([header, line, end].joined(separator: "\n"))
            try file.check(against: transcript, identity: "")
            #expect(file.schedule.strikes.map(\.label) == [label])
            let text = self.text(file.schedule)
            #expect(try read(text).schedule.strikes.map(\.label) == [label])
        }
    }
}
