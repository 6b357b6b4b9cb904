import Recordings
import Text

/// Writes reactions as JSON Lines: one object a line, after a line that names the schema.
///
/// ```
/// {"type":"reactions","version":1,"started":"2026-11-24T03:00:00.000000000Z"}
/// {"type":"answer","time":"…","t_ns":123456789,"connection":3,"attempt":1,"message":17,"copy":1,…}
/// ```
/// Keys that do not apply are left out. Bytes stand as escaped text. Lines are given without their
/// ends.
package struct ReactionLine: Sendable {
    package static let version = 1

    private var clock: LineClock
    private var writer = JSONWriter()

    /// - Parameter started: the wall clock when the session started.
    package init(started: Timestamp) { clock = LineClock(started: started) }

    /// The line that names the schema.
    package mutating func header() -> [UInt8] {
        let started = clock.started
        return line { writer in
            writer.member("type", "reactions")
            writer.member("version", Self.version)
            writer.member("started", started)
        }
    }

    /// A reaction's line.
    package mutating func line(_ reaction: Reaction) -> [UInt8] {
        let time = clock.time(of: reaction.instant)
        return line { Self.write(reaction, time: time, to: &$0) }
    }

    /// The members of a reaction's object; without its time on the wall clock where that is nil.
    package static func write(
        _ reaction: Reaction, time: String?, to writer: inout JSONWriter
    ) {
        writer.member("type", name(reaction.what))
        writer.member("time", ifPresent: time)
        writer.member("t_ns", reaction.instant.nanoseconds)
        if reaction.connection > 0 {
            writer.member("connection", reaction.connection)
            writer.member("attempt", reaction.attempt)
        }
        write(reaction.what, to: &writer)
        if !reaction.strike.isEmpty { writer.member("strike", reaction.strike) }
    }

    /// The word for a reaction in files.
    package static func name(_ what: Reaction.What) -> String {
        switch what {
        case .answer: "answer"
        case .push: "push"
        case .turn: "turn"
        case .silence: "silence"
        case .attempt, .accepted: "attempt"
        case .resent: "resent"
        case .elsewhere: "elsewhere"
        case .unknown: "unknown"
        case .ended(let ending):
            switch ending.how {
            case .closed: "close"
            case .reset: "reset"
            case .failed: "failed"
            }
        case .stalled: "stalled"
        case .resumed: "resumed"
        case .lostSync: "lost-sync"
        case .output: "output"
        case .exited: "exit"
        case .command: "command"
        }
    }

    private mutating func line(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
        writer.removeAll()
        writer.object(body)
        return writer.bytes
    }

    private static func write(_ what: Reaction.What, to writer: inout JSONWriter) {
        switch what {
        case .answer(let answer): write(answer, to: &writer)
        case .push(let push):
            writer.member("push", push.number)
            writer.member("bytes", push.bytes)
            write(push.compared, push.difference, to: &writer)
        case .turn(let turn):
            writer.member("turn", turn.number)
            writer.member("bytes", turn.bytes)
            writer.member("response_ns", ifPresent: turn.responseNanoseconds)
            write(turn.compared, turn.difference, to: &writer)
        case .silence(let message, let outstanding):
            writer.member("message", message)
            writer.member("outstanding", outstanding)
        case .attempt(let failure, let took):
            writer.member("result", failure.map(Self.name) ?? "opened")
            writer.member("took_ns", ifPresent: took)
        case .ended(let ending):
            if case .failed(let errno) = ending.how { writer.member("errno", errno) }
            writer.member("by", ending.by.name)
            writer.member("direction", ifPresent: ending.direction?.name)
            writer.member("unasked", ending.isUnasked)
        case .accepted(let accepted):
            writer.member("result", "accepted")
            writer.member("by", accepted.by.rawValue)
            writer.member("accepted_ns", accepted.instant.nanoseconds)
            writer.member("since_end_ns", ifPresent: accepted.sinceEndNanoseconds)
        case .resent(let resent):
            writer.member("request", resent.request)
            writer.member("of_connection", resent.connection)
            writer.member("message", resent.message)
            writer.member("kind", resent.kind)
            writer.member("state", resent.isSessionState)
            writer.member("answer", resent.answer.rawValue)
            writer.member("times", resent.times)
            writer.member("since_ns", resent.sinceNanoseconds)
        case .elsewhere(let request, let connection, let message):
            writer.member("request", request)
            writer.member("of_connection", connection)
            writer.member("message", message)
        case .unknown(let request, let bytes):
            writer.member("request", request)
            writer.member("bytes", bytes)
        case .stalled: break
        case .resumed(let after): writer.member("after_ns", after)
        case .lostSync(let direction, let offset, let reason):
            writer.member("direction", direction.name)
            writer.member("offset", offset)
            writer.member("reason", reason)
        case .output(let source, let line):
            writer.member("source", source == .standardOutput ? "stdout" : "stderr")
            writer.member("line", line)
        case .exited(let code): writer.member("code", code)
        case .command(let command):
            writer.member("name", command.name)
            writer.member("code", command.exitCode)
            writer.member("took_ns", command.tookNanoseconds)
            writer.member("output", EscapedText(command.output.span))
        }
    }

    private static func write(_ answer: Answer, to writer: inout JSONWriter) {
        writer.member("message", answer.message)
        if answer.part > 0 { writer.member("part", answer.part) }
        writer.member("copy", answer.copy)
        writer.member("bytes", answer.bytes)
        writer.member("response_ns", ifPresent: answer.responseNanoseconds)
        writer.member("service_ns", ifPresent: answer.serviceNanoseconds)
        write(answer.compared, answer.difference, to: &writer)
        writer.member("kind", answer.kind)
        writer.member("error", answer.isError)
        writer.member("recorded_error", ifPresent: answer.wasError)
    }

    private static func write(
        _ compared: Compared?, _ difference: Difference?, to writer: inout JSONWriter
    ) {
        writer.member("compared", compared?.rawValue)
        guard let difference else { return }
        writer.member("differs_at", difference.offset)
        writer.member("expected_bytes", difference.expectedBytes)
        writer.member("excerpt_at", difference.excerptOffset)
        writer.member("expected", EscapedText(difference.expected.span))
        writer.member("actual", EscapedText(difference.actual.span))
    }

    private static func name(_ refusal: Event.Refusal) -> String {
        switch refusal {
        case .refused: "refused"
        case .timedOut: "timed-out"
        case .unreachable: "unreachable"
        case .other: "failed"
        }
    }
}
