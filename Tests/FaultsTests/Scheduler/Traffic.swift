import Recordings
import Text

@testable import Faults

/// A recording in memory, written as text, one event a line: `30 c2 > PING\r\n`.
///
/// An instant in nanoseconds, a connection (`c1` where it is left out), and what happened: `open`
/// (`open 2` on route 2), `> bytes`, `< bytes` (with `\r` and `\n`), `fin >`, `reset`, `gap > 10`.
struct Traffic {
    var events: [(event: Event, bytes: [UInt8])] = []

    init() {}

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            var words = line.split(separator: " ")[...]
            let instant = Int64(words.removeFirst()) ?? 0
            var connection: UInt32 = 1
            if words.first?.first == "c", let number = UInt32(words.first?.dropFirst() ?? "") {
                connection = number
                words.removeFirst()
            }
            let what = words.removeFirst()
            add(instant, connection, String(what), words.joined(separator: " "))
        }
    }

    mutating func add(_ instant: Int64, _ connection: UInt32, _ what: String, _ rest: String = "") {
        let direction: Direction? =
            ["open", "reset"].contains(what)
            ? nil : what == ">" || rest.hasPrefix(">") ? .upstream : .downstream
        let fact: Event.Fact
        var bytes: [UInt8] = []
        switch what {
        case "open":
            fact = .opened(
                route: UInt16(rest) ?? 0, client: "127.0.0.1:1", server: "127.0.0.1:2")
        case "fin": fact = .finished(by: direction == .upstream ? .client : .server)
        case "reset": fact = .reset(by: .client)
        case "gap": fact = .gap(bytes: UInt64(rest.dropFirst(2)) ?? 0, reason: "test")
        default:
            fact = .chunk
            let text = rest.split(separator: "\\r", omittingEmptySubsequences: false)
                .joined(separator: "\r").split(separator: "\\n", omittingEmptySubsequences: false)
                .joined(separator: "\n")
            bytes = Array(text.utf8)
        }
        let event = Event(
            at: Instant(nanoseconds: instant), connection: connection, attempt: 1,
            direction: direction, fact)
        events.append((event, bytes))
    }

    /// The same bytes in the same order, each chunk cut into pieces of so many bytes.
    func recut(_ size: Int) -> Traffic {
        var copy = Traffic()
        for (event, bytes) in events {
            guard bytes.count > size else {
                copy.events.append((event, bytes))
                continue
            }
            for start in stride(from: 0, to: bytes.count, by: size) {
                copy.events.append((event, Array(bytes[start..<min(start + size, bytes.count)])))
            }
        }
        return copy
    }

    /// What a transcript makes of it.
    func transcript(_ framing: String = "line") throws -> Transcript {
        var builder = try TranscriptBuilder(framing: try FramingChoice(parsing: framing))
        for (event, bytes) in events { builder.receive(event, bytes.span, fileOffset: 0) }
        return builder.finish()
    }
}

/// A plan of rules as `--fault` has them.
func plan(_ rules: [String]) throws -> Plan {
    var plan = Plan()
    for rule in rules { try plan.add(try FaultText.rule(rule)) }
    return plan
}

/// A schedule, worked out by going through the traffic once.
func schedule(
    _ plan: Plan, _ traffic: Traffic, framing: String = "line", seed: UInt64 = 7,
    routes: [String] = []
) throws -> Schedule {
    let scheduler = try Scheduler(
        plan, seed: seed, framing: try FramingChoice(parsing: framing), recording: "test",
        routes: routes)
    var strikes: [Strike] = []
    func drain() { while let next = scheduler.next() { strikes.append(next.strike) } }
    for (event, bytes) in traffic.events {
        scheduler.receive(event, bytes.span)
        drain()
    }
    scheduler.finish()
    drain()
    return Schedule(scheduler.header, conditions: scheduler.conditions, strikes: strikes)
}

/// The strikes in a few words each: `drop@1u2`, `reorder@1u3 with=4`, `x@1u1 - why`.
func strikes(
    _ rules: [String], _ traffic: String, framing: String = "line", seed: UInt64 = 7
) throws -> [String] {
    try schedule(try plan(rules), Traffic(traffic), framing: framing, seed: seed)
        .strikes.map(inWords)
}

func inWords(_ strike: Strike) -> String {
    var words = strike.id
    if strike.lastMessage != strike.message { words += "-\(strike.lastMessage)" }
    if case .reorder(let with) = strike.effect { words += " with=\(MessageRange(with))" }
    switch strike.state {
    case .planned: return words
    case .preempted(let other): return "\(words) < \(other)"
    case .skipped(let reason): return "\(words) - \(reason)"
    }
}

/// A small connection of the line protocol: three in one flight, then one by one.
let threeThenTwo = #"""
    0 open
    1 > a\nb\nc\n
    2 < 1\n2\n3\n
    3 > d\n
    4 < 4\n
    5 > e\n
    6 < 5\n
    7 fin >
    8 fin <
    """#
