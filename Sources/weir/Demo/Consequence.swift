import Faults

/// What one strike does to the naive ledger by itself.
///
/// Computed, not observed: the struck connection's requests with the strike and without it.
/// Payments add up in any order and a card belongs to one connection, so the other connections do
/// not matter.
struct Consequence: Hashable, Sendable {
    var strike: Strike
    /// In words: what it did to which requests.
    var story: String
    /// By how much it puts each balance wrong. What it leaves right is not in here.
    var shifts: [String: Int64]

    init(of strike: Strike, in script: ProducerScript) {
        self.strike = strike
        let requests = script.requests(ofConnection: strike.connection)
        let disturbed = Self.deliver(requests, under: strike)
        story = Self.story(of: strike, requests)
        let expected = Self.balances(after: requests)
        let actual = Self.balances(after: disturbed)
        shifts = [:]
        for account in Set(expected.keys).union(actual.keys) {
            let shift = actual[account, default: 0] - expected[account, default: 0]
            if shift != 0 { shifts[account] = shift }
        }
    }

    /// The requests as they reach the ledger, each as often as it does.
    private static func deliver(
        _ requests: [LedgerRequest], under strike: Strike
    ) -> [LedgerRequest] {
        let struck = Self.places(strike.messages, in: requests)
        let before = Array(requests[..<struck.lowerBound])
        let message = Array(requests[struck])
        let after = Array(requests[struck.upperBound...])
        switch strike.effect {
        case .delay, .stall(_, .some), .corrupt, .unresolved:
            return requests
        case .stall(_, nil):
            return before
        case .end(let ending):
            let isWhole = message.last.map { ending.sentBytes > $0.line.utf8.count } ?? false
            return before + (isWhole ? message : [])
        case .drop:
            return before + after
        case .duplicate(let copies, _, _):
            let all = [[LedgerRequest]](repeating: message, count: Int(copies) + 1)
            return before + all.joined() + after
        case .reorder(let with):
            let behind = Self.places(with, in: requests)
            guard struck.upperBound <= behind.lowerBound else { return requests }
            let between = Array(requests[struck.upperBound..<behind.lowerBound])
            let swapped = Array(requests[behind]) + between + message
            return before + swapped + Array(requests[behind.upperBound...])
        case .overtaken: return requests
        case .disconnect(let cut):
            // A line that was cut inside is no line. What is resent comes whole, on a connection
            // of its own.
            let isWhole = message.last.map { cut.sentBytes > $0.line.utf8.count } ?? false
            let again = cut.resend.flatMap { requests[Self.places($0, in: requests)] }
            let delivered = before + (isWhole ? message : []) + again
            return cut.then == .reconnect ? delivered + after : delivered
        }
    }

    private static func story(of strike: Strike, _ requests: [LedgerRequest]) -> String {
        let struck = requests[places(strike.messages, in: requests)]
        let lines = struck.map(\.line).joined(separator: ", ")
        switch strike.effect {
        case .delay, .stall(_, .some): return "held back: \(lines)"
        case .stall(_, nil): return "nothing was delivered from here on: \(lines)"
        case .corrupt: return "delivered with flipped bits: \(lines)"
        case .end(let ending):
            return "ended by \(ending.kind.rawValue) after \(ending.sentBytes) bytes of: \(lines)"
        case .unresolved: return "not worked out: \(lines)"
        case .drop: return "never delivered: \(lines)"
        case .duplicate(let copies, _, _):
            return "delivered \(copies == 1 ? "twice" : "\(copies + 1) times"): \(lines)"
        case .reorder(let with):
            let behind = requests[places(with, in: requests)].map(\.line)
            return "overtaken: \(lines)\nby: \(behind.joined(separator: ", "))"
        case .overtaken(let message, let connection):
            return "held until connection \(connection) sent message \(message): \(lines)"
        case .disconnect(let cut):
            let again = cut.resend.flatMap { requests[places($0, in: requests)] }.map(\.line)
            let cutAt = "cut off after \(cut.sentBytes) bytes of: \(lines)"
            return again.isEmpty
                ? cutAt : cutAt + "\n" + again.map { "sent again: \($0)" }.joined(separator: "\n")
        }
    }

    /// Messages count from 1; what a schedule names beyond the last one is not there.
    private static func places(
        _ messages: ClosedRange<UInt64>, in requests: [LedgerRequest]
    ) -> Range<Int> {
        let first = min(Int(clamping: max(messages.lowerBound, 1) - 1), requests.count)
        let end = min(Int(clamping: messages.upperBound), requests.count)
        return first..<max(first, end)
    }

    private static func balances(after requests: [LedgerRequest]) -> [String: Int64] {
        var ledger = Ledger(edition: .naive)
        for request in requests { _ = ledger.answer(request.line) }
        return ledger.balances
    }
}

extension Strike {
    fileprivate var messages: ClosedRange<UInt64> { message...max(message, lastMessage) }
}
