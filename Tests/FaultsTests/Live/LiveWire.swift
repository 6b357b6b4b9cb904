import Recordings

@testable import Faults

/// One live connection whose sockets take all at once, in virtual time: what leaves, and when.
///
///     0 > abcd; 2 > ef (bandwidth); 7 > fin
///
/// Whoever sends waits for the injector alone; times are in milliseconds.
struct LiveWire {
    private(set) var injector: Injector
    private(set) var lines: [String] = []
    /// What left, in order, on each link.
    private(set) var sent = PerDirection<[UInt8]>([])
    private var outlets: PerDirection<LiveOutlet>
    private var now = Instant.start

    init(_ faults: String..., protocolName: String? = "none", connection: UInt32 = 1) throws {
        let rules = try LiveScript.rules(faults, protocolName: protocolName)
        injector = Injector(connection: connection, rules: rules)
        outlets = PerDirection(
            upstream: LiveOutlet(injector.conditions(.upstream)),
            downstream: LiveOutlet(injector.conditions(.downstream)))
        take()
    }

    var text: String { lines.joined(separator: "; ") }

    func achieved(_ direction: Direction) -> [String] { outlets[direction].achieved }

    /// Each `|` ends a line.
    mutating func say(_ direction: Direction, _ text: String, at milliseconds: Int64 = 0) {
        run(until: milliseconds)
        let bytes = text.utf8.map { $0 == UInt8(ascii: "|") ? UInt8(ascii: "\n") : $0 }
        injector.receive(bytes.span, direction, at: now)
        take()
    }

    mutating func finish(_ direction: Direction, at milliseconds: Int64 = 0) {
        run(until: milliseconds)
        injector.finish(direction, at: now)
        take()
    }

    mutating func setRules(_ faults: String..., protocolName: String? = "none") throws {
        injector.setRules(try LiveScript.rules(faults, protocolName: protocolName))
        for direction in Direction.allCases {
            outlets[direction].setConditions(injector.conditions(direction))
        }
        take()
    }

    /// Time goes by.
    mutating func run(until milliseconds: Int64) {
        let end = LiveScript.instant(milliseconds)
        while true {
            leave()
            var next = injector.nextWake
            for direction in Direction.allCases {
                guard let due = outlets[direction].nextDue(now) else { continue }
                next = min(next ?? due, due)
            }
            guard let next, next <= end else { break }
            now = max(now, next)
            injector.wake(at: now)
            take()
        }
        now = end
        take()
    }

    private mutating func take() {
        for action in injector.takeActions() {
            switch action {
            case .send(let direction, let send): outlets[direction].append(send)
            case .finish(let direction, let due): outlets[direction].appendFinish(due: due)
            case .cut(let direction, let how, let strike, let due):
                outlets[direction].appendCut(how, strike: strike, due: due)
            case .redeliver(let direction, let redelivery, let due):
                outlets[direction].append(redelivery, due: due)
            case .overtaken(let connection, _): lines.append("\(connection) overtaken")
            case .unrolled(let messages): lines.append("\(messages) unrolled")
            case .strike(let strike):
                let reason = strike.outcome.reason.isEmpty ? "" : ": \(strike.outcome.reason)"
                lines.append("\(strike.outcome.id) \(strike.outcome.result.name)\(reason)")
            }
        }
        leave()
    }

    private mutating func leave() {
        for direction in Direction.allCases {
            loop: while true {
                switch outlets[direction].next(now) {
                case .nothing, .wait: break loop
                case .send(let send, let start, let count):
                    leave(send, start..<(start + count), direction)
                case .finish: lines.append("\(time) \(Self.arrow(direction)) fin")
                case .redeliver(let redelivery): lines.append("\(time) >> \(redelivery.shown)")
                case .cut(let how, let strike):
                    lines.append("\(time) \(Self.arrow(direction)) \(how.rawValue) (\(strike))")
                }
            }
            let keeps = injector.keepsFrom(direction)
            injector.forget(direction, before: min(keeps, outlets[direction].keepsFrom ?? keeps))
        }
    }

    private mutating func leave(_ send: LiveSend, _ part: Range<Int>, _ direction: Direction) {
        var bytes: [UInt8] = []
        switch send.bytes {
        case .literal(let literal): bytes = Array(literal[part])
        case .arrived(let range):
            let from = range.lowerBound + UInt64(part.lowerBound)
            injector.held(direction).withBytes(from..<(from + UInt64(part.count))) { span in
                for index in span.indices { bytes.append(span[index]) }
            }
        }
        sent[direction] += bytes
        let whole = outlets[direction].took(part.count, at: now)
        let cause = whole.map { $0.cause.isEmpty ? "" : " (\($0.cause))" } ?? ""
        let newline = UInt8(ascii: "\n")
        let shown = String(
            decoding: bytes.map { $0 == newline ? UInt8(ascii: "|") : $0 }, as: UTF8.self)
        lines.append("\(time) \(Self.arrow(direction)) \(shown)\(cause)")
    }

    private var time: String {
        let (whole, rest) = now.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return rest == 0 ? "\(whole)" : "\(whole)ms+\(rest)ns"
    }

    private static func arrow(_ direction: Direction) -> String {
        direction == .upstream ? ">" : "<"
    }
}
