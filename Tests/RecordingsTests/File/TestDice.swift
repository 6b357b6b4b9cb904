@testable import Recordings

/// Numbers that look random, the same for the same seed (SplitMix64), and events made of them.
struct TestDice {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// From 0 to `limit` - 1.
    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

    mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next()) }

    mutating func bytes(_ limit: Int) -> [UInt8] { (0..<below(limit)).map { _ in byte() } }

    mutating func text() -> String {
        let parts = ["", "a", "127.0.0.1:6379", "[::1]:1", "ü", "…", "🦆", " ", "\0", "\n"]
        return (0..<below(5)).map { _ in parts[below(parts.count)] }.joined()
    }

    /// An event of any kind with a random number of this type in each field.
    mutating func event(_ kind: EventKind) -> Event {
        Event(
            at: Instant(nanoseconds: Int64(truncatingIfNeeded: next())),
            connection: UInt32(truncatingIfNeeded: next()),
            attempt: UInt16(truncatingIfNeeded: next()),
            direction: [nil, .upstream, .downstream][below(3)], fact(kind))
    }

    private mutating func party() -> Party { [.client, .server, .weir][below(3)] }
    private mutating func number() -> Int32 { Int32(truncatingIfNeeded: next()) }
    private mutating func route() -> UInt16 { UInt16(truncatingIfNeeded: next()) }

    private mutating func fact(_ kind: EventKind) -> Event.Fact {
        switch kind {
        case .dialled: return .dialled(route: route(), address: text())
        case .opened: return .opened(route: route(), client: text(), server: text())
        case .refused:
            let reasons: [Event.Refusal] = [.refused, .timedOut, .unreachable, .other]
            return .refused(reason: reasons[below(4)], errno: number(), tookNanoseconds: next())
        case .chunk: return .chunk
        case .sent:
            let arrived = Sent.Source.arrived(offset: next(), count: UInt32(below(1 << 31)))
            return .sent(
                Sent(
                    message: next(), copy: route(), offset: next(), strike: text(),
                    source: below(2) == 0 ? .literal : arrived))
        case .finished: return .finished(by: party())
        case .reset: return .reset(by: party())
        case .failed: return .failed(errno: number(), by: party())
        case .stalled: return .stalled
        case .resumed: return .resumed
        case .gap: return .gap(bytes: next(), reason: text())
        case .strike:
            let results: [StrikeOutcome.Result] = [.applied, .preempted, .skipped]
            return .strike(StrikeOutcome(id: text(), result: results[below(3)], reason: text()))
        case .mark: return .mark(label: text())
        case .output:
            return .output(
                stream: below(2) == 0 ? .standardOutput : .standardError, line: text())
        case .exited: return .exited(code: number())
        case .command:
            return .command(name: text(), exitCode: number(), tookNanoseconds: next())
        }
    }
}

/// An event and the bytes beside it, as a value that tests compare.
struct Recorded: Hashable {
    var event: Event
    var bytes: [UInt8]

    var isGap: Bool { if case .gap = event.fact { true } else { false } }
}

extension RecordingWriter {
    mutating func append(_ all: [Recorded]) throws {
        for one in all { try append(one.event, one.bytes.span) }
    }
}

extension RecordingReader {
    /// All events, and what was found on the way.
    mutating func all(
        from: Instant? = nil, until: Instant? = nil, connections: Set<UInt32>? = nil
    ) throws -> (events: [Recorded], notes: ReadingNotes) {
        var events: [Recorded] = []
        let notes = try forEachEvent(from: from, until: until, connections: connections) {
            event, bytes, _ in
            events.append(Recorded(event: event, bytes: bytes.indices.map { bytes[$0] }))
        }
        return (events, notes)
    }
}

/// A recording in memory.
func recording(
    of events: [Recorded], session: UInt64 = 5, capacity: Int = 4096, isEnded: Bool = true,
    flushingEvery count: Int = .max, _ header: RecordingHeader = RecordingHeader(toolVersion: "1.0")
) throws -> MemoryFile {
    var writer = try RecordingWriter(header, session: session, to: MemoryFile(), capacity: capacity)
    for (number, event) in events.enumerated() {
        try writer.append([event])
        if number % count == count - 1 { try writer.flush() }
    }
    if isEnded { try writer.finish() } else { try writer.flush() }
    return writer.sink
}

/// Two connections that talk by turns: lines up, lines down, and both ends.
func conversation(lines: Int) -> [Recorded] {
    var clock: Int64 = 0
    func event(
        _ connection: UInt32, _ direction: Direction?, _ fact: Event.Fact, _ text: String = ""
    ) -> Recorded {
        clock += 1_000
        return Recorded(
            event: Event(
                at: Instant(nanoseconds: clock), connection: connection, attempt: 1,
                direction: direction, fact), bytes: Array(text.utf8))
    }
    var events: [Recorded] = []
    for connection in [1, 2] as [UInt32] {
        events.append(
            event(connection, nil, .opened(route: 0, client: "c\(connection)", server: "s")))
    }
    for line in 0..<lines {
        let connection = UInt32(line % 2 + 1)
        events.append(event(connection, .upstream, .chunk, "ask \(line)\n"))
        events.append(event(connection, .downstream, .chunk, "answer \(line)\n"))
    }
    for connection in [1, 2] as [UInt32] {
        events.append(event(connection, .upstream, .finished(by: .client)))
        events.append(event(connection, .downstream, .finished(by: .server)))
    }
    return events
}
