import Faults
import Recordings

@testable import Reactions

/// A recording and a replay of it as text, one event a line, and the reactions as text again.
///
/// An instant in nanoseconds, a connection and attempt (`c2`, `a2`; 1 where they are left out), and
/// what happened: `open`, `refused`, `> bytes`, `< bytes` (with `\r` and `\n`), `fin client`,
/// `reset weir`, `gap < 10`, `stalled`, `resumed`, `strike ID applied`. In a replay `> 3 bytes`
/// sends message 3, `> 3.1 [ID] bytes` its copy 1 because of a strike.
struct ReplayScript {
    var recorded: String
    var replayed: String
    var framing: FramingChoice = .framer(FramerSettings(name: "redis"))
    var units = MessageUnits.messages
    var timeout: Int64 = 100
    var strikes: [Strike] = []
    var keepsContent = false

    /// The reactions, one a line.
    func reactions() throws -> String {
        try Self.text(values())
    }

    func values() throws -> [Reaction] {
        var (log, events) = try made()
        var reactions: [Reaction] = []
        for (event, bytes) in events {
            log.receive(event, bytes.span)
            while let reaction = log.next() { reactions.append(reaction) }
        }
        log.finish()
        while let reaction = log.next() { reactions.append(reaction) }
        return reactions
    }

    /// The recording, and its file.
    func transcript() throws -> (transcript: Transcript, file: MemoryFile) {
        var builder = try TranscriptBuilder(framing: framing, units: units)
        var file = MemoryFile()
        for (event, bytes) in Self.events(recorded, isReplay: false) {
            builder.receive(event, bytes.span, fileOffset: file.count)
            file.bytes += bytes
        }
        return (builder.finish(), file)
    }

    func made() throws -> (log: ReactionLog, events: [(event: Event, bytes: [UInt8])]) {
        let (transcript, file) = try transcript()
        var settings = ReactionSettings(
            framing: framing, units: units, answerTimeoutNanoseconds: timeout)
        settings.keepsContent = keepsContent
        let log = try ReactionLog(
            of: transcript, bytes: file, schedule: Schedule(seed: 7, strikes: strikes),
            settings: settings)
        return (log, Self.events(replayed, isReplay: true))
    }

    static func text(_ reactions: [Reaction]) -> String {
        reactions.map(line).joined(separator: "\n")
    }

    private static func line(_ reaction: Reaction) -> String {
        var words = ["\(reaction.instant.nanoseconds)"]
        if reaction.connection != 1 { words.append("c\(reaction.connection)") }
        if reaction.attempt > 1 { words.append("a\(reaction.attempt)") }
        words += Self.words(reaction.what)
        if !reaction.strike.isEmpty { words.append("[\(reaction.strike)]") }
        return words.joined(separator: " ")
    }

    private static func words(_ what: Reaction.What) -> [String] {
        switch what {
        case .answer(let answer):
            let copy = answer.copy > 0 ? ".\(answer.copy)" : ""
            return [answer.isError ? "error" : "answer", "\(answer.message)\(copy)"]
                + compared(answer.compared, answer.difference)
        case .push(let push):
            return ["push", "\(push.number)"] + compared(push.compared, push.difference)
        case .turn(let turn):
            return ["turn", "\(turn.number)", "\(turn.bytes)"]
                + compared(turn.compared, turn.difference)
        case .silence(let message, let outstanding):
            return ["silence", "\(message)", "of \(outstanding)"]
        case .attempt(let failure, _): return ["attempt", failure.map { "\($0)" } ?? "opened"]
        case .ended(let ending):
            return ["\(ending.how)", "by \(ending.by.name)"]
                + (ending.isUnasked ? ["unasked"] : [])
        case .stalled: return ["stalled"]
        case .resumed(let after): return ["resumed", "after \(after)"]
        case .lostSync(let direction, let offset, let reason):
            return ["lost sync", direction.name, "\(offset): \(reason)"]
        case .output(_, let line): return ["output", line]
        case .exited(let code): return ["exited", "\(code)"]
        case .command(let command): return ["command", command.name, "\(command.exitCode)"]
        case .accepted(let accepted):
            return ["accepted", "by \(accepted.by.rawValue)"]
                + (accepted.sinceEndNanoseconds.map { ["after \($0)"] } ?? [])
        case .resent(let resent):
            return ["resent", "\(resent.connection).\(resent.message)", resent.answer.rawValue]
                + ["\(resent.times)"] + (resent.isSessionState ? ["state"] : [])
        case .elsewhere(let request, let connection, let message):
            return ["elsewhere", "\(request)", "\(connection).\(message)"]
        case .unknown(let request, let bytes): return ["unknown", "\(request)", "\(bytes)"]
        }
    }

    private static func compared(_ compared: Compared?, _ difference: Difference?) -> [String] {
        [compared?.rawValue ?? "not compared"] + (difference.map { ["at \($0.offset)"] } ?? [])
    }

    // MARK: - Events

    static func events(_ text: String, isReplay: Bool) -> [(event: Event, bytes: [UInt8])] {
        text.split(separator: "\n").map { line in
            var words = line.split(separator: " ")[...]
            var event = Event(
                at: Instant(nanoseconds: Int64(words.removeFirst()) ?? 0), connection: 1,
                attempt: 1, .chunk)
            while let first = words.first, let number = UInt16(first.dropFirst()) {
                if first.first == "c" { event.connection = UInt32(number) }
                if first.first == "a" { event.attempt = number }
                words.removeFirst()
            }
            let what = words.removeFirst()
            if what == ">" || what == "<" {
                return (chunk(event, what == ">", &words, isReplay), unescaped(words))
            }
            if what == "probe" {
                event.connection = 0
                event.fact = .command(
                    name: String(words.removeFirst()),
                    exitCode: Int32(words.removeFirst()) ?? 0, tookNanoseconds: 1)
                return (event, unescaped(words))
            }
            if what == "line" || what == "exit" { event.connection = 0 }
            event.fact = fact(what, words, &event.direction)
            return (event, [])
        }
    }

    private static func chunk(
        _ event: Event, _ isUpstream: Bool, _ words: inout ArraySlice<Substring>, _ isReplay: Bool
    ) -> Event {
        var event = event
        event.direction = isUpstream ? .upstream : .downstream
        guard isUpstream && isReplay else { return event }
        let identity = words.removeFirst().split(separator: ".")
        var sent = Sent(message: UInt64(identity[0]) ?? 0, source: .literal)
        if identity.count > 1 { sent.copy = UInt16(identity[1]) ?? 0 }
        if let strike = words.first, strike.first == "[" {
            sent.strike = String(strike.dropFirst().dropLast())
            words.removeFirst()
        }
        event.fact = .sent(sent)
        return event
    }

    private static func fact(
        _ what: Substring, _ words: ArraySlice<Substring>, _ direction: inout Direction?
    ) -> Event.Fact {
        let party: Party =
            words.first == "client" ? .client : words.first == "server" ? .server : .weir
        switch what {
        case "open": return .opened(route: 0, client: "127.0.0.1:1", server: "127.0.0.1:2")
        case "refused": return .refused(reason: .refused, errno: 111, tookNanoseconds: 1)
        case "fin":
            direction = party == .server ? .downstream : .upstream
            return .finished(by: party)
        case "reset": return .reset(by: party)
        case "stalled": return .stalled
        case "gap":
            direction = words.first == ">" ? .upstream : .downstream
            return .gap(bytes: UInt64(words.last ?? "") ?? 0, reason: "test")
        case "resumed": return .resumed
        case "line":
            return .output(stream: .standardError, line: words.joined(separator: " "))
        case "exit": return .exited(code: Int32(words.first ?? "") ?? 0)
        case "strike":
            let result: StrikeOutcome.Result =
                words.last == "applied" ? .applied : words.last == "skipped" ? .skipped : .preempted
            return .strike(StrikeOutcome(id: String(words.first ?? ""), result: result))
        case "mark": return .mark(label: words.joined(separator: " "))
        default: return .mark(label: String(what))
        }
    }

    private static func unescaped(_ words: ArraySlice<Substring>) -> [UInt8] {
        var bytes: [UInt8] = []
        var isEscaped = false
        for byte in words.joined(separator: " ").utf8 {
            if isEscaped {
                bytes.append(byte == UInt8(ascii: "n") ? 10 : byte == UInt8(ascii: "r") ? 13 : byte)
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }
}
