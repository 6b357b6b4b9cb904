import Recordings
import Testing
import Text

@testable import Reactions

@Suite struct ReactionLineTests {
    private static let started = Timestamp(nanoseconds: 1_795_489_200_000_000_000)

    private func line(_ reaction: Reaction) -> String {
        var lines = ReactionLine(started: Self.started)
        return String(decoding: lines.line(reaction), as: UTF8.self)
    }

    @Test func `times follow the start, whole seconds and their ends too`() {
        var lines = ReactionLine(started: Self.started)
        for (instant, time) in [
            (0, "03:00:00.000000000Z"), (999_999_999, "03:00:00.999999999Z"),
            (1_000_000_000, "03:00:01.000000000Z"), (86_399_000_000_001, "02:59:59.000000001Z"),
            (1, "03:00:00.000000001Z"),
        ] {
            let reaction = Reaction(at: Instant(nanoseconds: Int64(instant)), .stalled)
            let text = String(decoding: lines.line(reaction), as: UTF8.self)
            #expect(text.contains(time + "\""), "\(text)")
        }
    }

    @Test func `an answer's line has the keys that were promised`() {
        var answer = Answer(message: 17, copy: 1, kind: "SET", compared: .extra)
        answer.bytes = 5
        answer.responseNanoseconds = 81_000
        answer.serviceNanoseconds = 80_200
        let reaction = Reaction(
            at: Instant(nanoseconds: 123_456_789), connection: 3, attempt: 1,
            strike: "redelivery@3u17", .answer(answer))
        #expect(
            line(reaction) == """
                {"type":"answer","time":"2026-11-24T03:00:00.123456789Z","t_ns":123456789,\
                "connection":3,"attempt":1,"message":17,"copy":1,"bytes":5,"response_ns":81000,\
                "service_ns":80200,"compared":"extra","kind":"SET","error":false,\
                "strike":"redelivery@3u17"}
                """)
    }

    @Test func `of several answers to one message those after the first say which they are`() {
        var answer = Answer(message: 17, kind: "Query", compared: .same)
        answer.part = 2
        let reaction = Reaction(at: .start, connection: 3, attempt: 1, .answer(answer))
        #expect(line(reaction).contains(#""message":17,"part":2,"copy":0,"#))
    }

    @Test func `the first line names the schema`() {
        var lines = ReactionLine(started: Self.started)
        #expect(
            String(decoding: lines.header(), as: UTF8.self) == """
                {"type":"reactions","version":1,"started":"2026-11-24T03:00:00.000000000Z"}
                """)
    }

    @Test func `a difference is shown with its bytes escaped`() {
        let difference = Difference(
            offset: 1, excerptOffset: 0, expected: Array(":5\r\n".utf8),
            actual: Array(":6\r\n".utf8), expectedBytes: 4)
        let push = Push(number: 2, bytes: 4, compared: .different, difference: difference)
        #expect(
            line(Reaction(at: .start, connection: 1, attempt: 2, .push(push))) == """
                {"type":"push","time":"2026-11-24T03:00:00.000000000Z","t_ns":0,"connection":1,\
                "attempt":2,"push":2,"bytes":4,"compared":"different","differs_at":1,\
                "expected_bytes":4,"excerpt_at":0,"expected":":5\\\\r\\\\n","actual":":6\\\\r\\\\n"}
                """)
    }

    @Test(arguments: [
        (Reaction.What.silence(message: 3, outstanding: 2), #""message":3,"outstanding":2"#),
        (.attempt(failure: nil, tookNanoseconds: nil), #""result":"opened""#),
        (.attempt(failure: .timedOut, tookNanoseconds: 9), #""result":"timed-out","took_ns":9"#),
        (
            .ended(Ending(how: .closed, by: .server, direction: .downstream, isUnasked: true)),
            #""by":"server","direction":"downstream","unasked":true"#
        ),
        (.resumed(afterNanoseconds: 5), #""after_ns":5"#),
        (
            .lostSync(.downstream, offset: 7, reason: "no"),
            #""direction":"downstream","offset":7,"reason":"no""#
        ),
        (.output(.standardError, line: "oops"), #""source":"stderr","line":"oops""#),
        (.exited(code: 139), #""code":139"#),
        (
            .command(
                CommandOutcome(
                    name: "probe", exitCode: 0, tookNanoseconds: 4, output: [65, 10])),
            #""name":"probe","code":0,"took_ns":4,"output":"A\\n""#
        ),
        (
            .turn(Turn(number: 1, bytes: 4, responseNanoseconds: 2, compared: .same)),
            #""turn":1,"bytes":4,"response_ns":2,"compared":"same""#
        ),
    ])
    func `each type has its own keys`(what: Reaction.What, keys: String) throws {
        let text = line(Reaction(at: .start, what))
        #expect(text.hasSuffix("\"t_ns\":0," + keys + "}"), "\(text)")
        #expect(text.hasPrefix("{\"type\":\"\(ReactionLine.name(what))\","))
    }
}
