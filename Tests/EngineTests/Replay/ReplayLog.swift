import Engine
import Platform
import Recordings
import Simulation

/// All that a replay told.
class ReplayLog: ReplayObserver {
    private(set) var events: [(event: Event, bytes: [UInt8])] = []
    private(set) var result: ReplayResult?

    func replayed(_ event: Event, _ bytes: Span<UInt8>) {
        events.append((event, bytes.indices.map { bytes[$0] }))
    }

    func replayEnded(_ result: ReplayResult) { self.result = result }

    /// What happened, a line for each event: `10ms 1.1 > 2 "b\n"`.
    ///
    /// A time, connection and attempt, and what: `>` is sent, with message, `/copy` and `+offset`
    /// where they are not 0, and the strike in brackets; `<` is received.
    var text: String {
        events.map { Self.text($0.event, $0.bytes) + "\n" }.joined()
    }

    /// The lines that contain this.
    func lines(_ part: String) -> [String] {
        events.map { Self.text($0.event, $0.bytes) }.filter { $0.contains(part) }
    }

    private static func text(_ event: Event, _ bytes: [UInt8]) -> String {
        let time = MonotonicTime(nanoseconds: event.instant.nanoseconds).inMilliseconds
        return "\(time) \(event.connection).\(event.attempt) \(what(event, bytes))"
    }

    private static func what(_ event: Event, _ bytes: [UInt8]) -> String {
        let arrow = event.direction.map { $0 == .upstream ? " >" : " <" } ?? ""
        switch event.fact {
        case .dialled: return "dial"
        case .opened: return "open"
        case .refused(let reason, _, _): return "\(reason)"
        case .chunk: return "< \"\(TimeDiagram.escaped(bytes))\""
        case .sent(let sent):
            let copy = sent.copy > 0 ? "/\(sent.copy)" : ""
            let offset = sent.offset > 0 ? "+\(sent.offset)" : ""
            let strike = sent.strike.isEmpty ? "" : " [\(sent.strike)]"
            return "> \(sent.message)\(copy)\(offset) \"\(TimeDiagram.escaped(bytes))\"\(strike)"
        case .finished(let party): return "fin\(arrow) by \(party)"
        case .reset(let party): return "reset by \(party)"
        case .failed(let errno, let party): return "failed \(errno) by \(party)"
        case .stalled: return "stalled"
        case .resumed: return "resumed"
        case .strike(let outcome):
            return "\(outcome.id) \(outcome.result.name)"
                + (outcome.reason.isEmpty ? "" : ": \(outcome.reason)")
        case .mark(let label): return "mark \(label)"
        default: return "\(event.fact)"
        }
    }

    /// What happened, as the recording's file that it makes.
    func recording() throws -> [UInt8] {
        var writer = try RecordingWriter(
            RecordingHeader(toolVersion: "test"), session: 1, to: MemoryFile(), capacity: 65_536)
        for (event, bytes) in events { try writer.append(event, bytes.span) }
        try writer.finish()
        return writer.sink.bytes
    }

    /// What was sent, by connection and attempt, as the events tell it.
    func sentBytes(_ connection: UInt32, attempt: UInt16 = 1) -> [UInt8] {
        events.reduce(into: []) { bytes, entry in
            guard case .sent = entry.event.fact, entry.event.connection == connection,
                entry.event.attempt == attempt
            else { return }
            bytes += entry.bytes
        }
    }
}
