import Recordings
import Text

@testable import Faults

/// One live connection as a value: bytes and time go in as text, what leaves comes out as text.
///
///     0 > a; 5ms > b (delay@1u2); strike delay@1u2 applied
struct LiveScript {
    private(set) var injector: Injector
    private(set) var lines: [String] = []
    /// What left, in order, on each link.
    private(set) var sent = PerDirection<[UInt8]>([])
    private(set) var strikes: [LiveStrike] = []
    private(set) var redeliveries: [LiveRedelivery] = []
    /// What left, since it was taken.
    var sends: [(Direction, LiveSend)] = []
    /// The connections whose waiting messages this one has overtaken, since they were taken.
    var overtaken: [UInt32] = []
    let rules: LiveRules

    init(_ faults: String..., protocolName: String? = "line", connection: UInt32 = 1) throws {
        rules = try Self.rules(faults, protocolName: protocolName)
        injector = Injector(connection: connection, rules: rules)
    }

    init(_ rules: LiveRules, connection: UInt32, route: Int = 0) {
        self.rules = rules
        injector = Injector(connection: connection, route: route, rules: rules)
    }

    static func rules(_ faults: [String], protocolName: String? = "line") throws -> LiveRules {
        var plan = Plan(seed: 7, framing: try protocolName.map { try FramingChoice(parsing: $0) })
        for fault in faults { try plan.add(try FaultText.rule(fault)) }
        return try LiveRules(plan, seed: 7)
    }

    /// The client (`>`) or the server (`<`) says something; each `|` ends a line.
    mutating func say(_ direction: Direction, _ text: String, at milliseconds: Int64 = 0) {
        let bytes = text.utf8.map { $0 == UInt8(ascii: "|") ? UInt8(ascii: "\n") : $0 }
        receive(bytes, direction, at: milliseconds)
    }

    mutating func receive(_ bytes: [UInt8], _ direction: Direction, at milliseconds: Int64 = 0) {
        injector.receive(bytes.span, direction, at: Self.instant(milliseconds))
        take()
    }

    mutating func finish(_ direction: Direction, at milliseconds: Int64 = 0) {
        injector.finish(direction, at: Self.instant(milliseconds))
        take()
    }

    mutating func wake(at milliseconds: Int64) {
        injector.wake(at: Self.instant(milliseconds))
        take()
    }

    mutating func overtaken(_ direction: Direction, at milliseconds: Int64) {
        injector.overtaken(direction, at: Self.instant(milliseconds))
        take()
    }

    mutating func close(_ direction: Direction) {
        injector.close(direction)
        take()
    }

    mutating func setRules(_ rules: LiveRules) {
        injector.setRules(rules)
        take()
    }

    mutating func takeLines() -> [String] {
        defer { lines = [] }
        return lines
    }

    var text: String { lines.joined(separator: "; ") }

    /// In milliseconds.
    var nextWake: Int64? { injector.nextWake.map { $0.nanoseconds / 1_000_000 } }

    static func instant(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: milliseconds * 1_000_000)
    }

    private mutating func take() {
        for action in injector.takeActions() {
            switch action {
            case .send(let direction, let send):
                sends.append((direction, send))
                var bytes: [UInt8] = []
                switch send.bytes {
                case .literal(let literal): bytes = literal
                case .arrived(let range):
                    injector.held(direction).withBytes(range) { span in
                        for index in span.indices { bytes.append(span[index]) }
                    }
                }
                sent[direction] += bytes
                let shown = String(decoding: bytes, as: UTF8.self)
                    .split(separator: "\n", omittingEmptySubsequences: false)
                    .joined(separator: "|")
                let cause = send.cause.isEmpty ? "" : " (\(send.cause))"
                lines.append("\(Self.time(send.due)) \(Self.arrow(direction)) \(shown)\(cause)")
            case .finish(let direction, let due):
                lines.append("\(Self.time(due)) \(Self.arrow(direction)) fin")
            case .cut(let direction, let how, let strike, let due):
                let arrow = Self.arrow(direction)
                lines.append("\(Self.time(due)) \(arrow) \(how.rawValue) (\(strike))")
            case .redeliver(_, let redelivery, let due):
                redeliveries.append(redelivery)
                lines.append("\(Self.time(due)) >> \(redelivery.shown)")
            case .overtaken(let connection, _): overtaken.append(connection)
            case .unrolled(let messages): lines.append("\(messages) unrolled")
            case .strike(let strike):
                strikes.append(strike)
                let reason = strike.outcome.reason.isEmpty ? "" : ": \(strike.outcome.reason)"
                lines.append("\(strike.outcome.id) \(strike.outcome.result.name)\(reason)")
            }
        }
        for direction in Direction.allCases {
            injector.forget(direction, before: injector.keepsFrom(direction))
        }
    }

    private static func time(_ instant: Instant) -> String {
        instant.nanoseconds == .min ? "0" : "\(instant.nanoseconds / 1_000_000)"
    }

    private static func arrow(_ direction: Direction) -> String {
        direction == .upstream ? ">" : "<"
    }
}

extension LiveRedelivery {
    /// Session state, then the copy, each with its number on the client's link.
    var shown: String {
        let parts = (states + [copy]).map { part in
            let text = String(decoding: part.bytes, as: UTF8.self)
            let lines = text.split(whereSeparator: \.isNewline).map { "\($0)|" }.joined()
            return "\(part.message) \(lines)"
        }
        return "\(strike.outcome.id): \(parts.joined(separator: ", "))"
    }
}
