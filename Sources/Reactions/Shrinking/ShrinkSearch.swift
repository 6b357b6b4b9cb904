import Faults
import Recordings

/// The search for the smallest of one thing, everything else as it is in the best candidate.
enum ShrinkSearch: Sendable {
    case candidates(Ladder<ShrinkCandidate>)
    case parts(DeltaDebugging, of: Things)
    case stretch(Bisection, of: End)

    /// A list of things, of which fewer may do.
    enum Things: Sendable {
        /// Those that are planned, the likeliest first, each with its place in recorded order.
        case strikes([(place: Int, strike: Strike)])
        case conditions([Condition])
        /// The connections that may go, and those that stay.
        case connections([UInt32], kept: [UInt32])
        /// Upstream messages (or groups) that may go, each with its connection.
        case messages([(connection: UInt32, messages: ClosedRange<UInt64>)])
    }

    /// One end of the messages that a condition covers.
    enum End: Sendable {
        case last(condition: Int)
        /// So many messages from the last one on.
        case count(condition: Int, last: UInt64)
    }

    /// The candidate to run next; nil once the smallest is found.
    mutating func next(_ best: ShrinkCandidate) -> ShrinkCandidate? {
        switch self {
        case .candidates(let ladder): return ladder.next()
        case .parts(var parts, let things):
            defer { self = .parts(parts, of: things) }
            return parts.next().map { things.candidate($0, from: best) }
        case .stretch(var bisection, let end):
            defer { self = .stretch(bisection, of: end) }
            return bisection.next().map { end.candidate($0, from: best) }
        }
    }

    mutating func receive(_ shows: Bool) {
        switch self {
        case .candidates(var ladder):
            ladder.receive(shows)
            self = .candidates(ladder)
        case .parts(var parts, let things):
            parts.receive(shows)
            self = .parts(parts, of: things)
        case .stretch(var bisection, let end):
            bisection.receive(shows)
            self = .stretch(bisection, of: end)
        }
    }
}

extension ShrinkSearch.Things {
    func candidate(_ part: [Int], from best: ShrinkCandidate) -> ShrinkCandidate {
        var candidate = best
        switch self {
        case .strikes(let strikes):
            candidate.strikes = part.map { strikes[$0] }.sorted { $0.place < $1.place }
                .map(\.strike)
        case .conditions(let conditions):
            candidate.conditions = part.map { conditions[$0] }
        case .connections(let connections, let kept):
            candidate.setting.part.connections = (part.map { connections[$0] } + kept).sorted()
        case .messages(let messages):
            let stays = Set(part)
            for (index, message) in messages.enumerated() where !stays.contains(index) {
                candidate.setting.part.leftOut[message.connection, default: []]
                    .formUnion(message.messages)
            }
        }
        return candidate
    }
}

extension ShrinkSearch.End {
    func candidate(_ number: Int, from best: ShrinkCandidate) -> ShrinkCandidate {
        var candidate = best
        switch self {
        case .last(let index):
            candidate.conditions[index].messages = [1...UInt64(number)]
        case .count(let index, let last):
            candidate.conditions[index].messages = [(last - UInt64(number) + 1)...last]
        }
        return candidate
    }
}
