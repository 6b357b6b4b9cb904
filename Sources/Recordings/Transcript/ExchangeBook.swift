/// What follows from the facts of a connection, one after the other: flights, and what a cut makes
/// a producer send again.
struct ExchangeBook: Sendable {
    private var goesByTurns: Bool
    private let answersInOrder: Bool
    private var flight: UInt64 = 0
    private var flightStart: UInt64 = 0
    private var isFlightOver = true
    /// Upstream messages that are owed answers, of which none has begun.
    private var unanswered = MessageNumbers()
    /// By turns: the first message of this turn.
    private var turnStart: UInt64?
    /// The message told last.
    private var last: UInt64 = 0
    private var openGroup: ClosedRange<UInt64>?
    /// Groups that ended, while the answer to their last message has not begun.
    private var endedGroups: [ClosedRange<UInt64>] = []
    /// Messages whose answer began before they were whole.
    private var answeredEarly: Set<UInt64> = []

    init(goesByTurns: Bool, answersInOrder: Bool) {
        self.goesByTurns = goesByTurns
        self.answersInOrder = answersInOrder
    }

    /// Takes a fact; what comes back has its flight.
    mutating func enter(_ fact: ExchangeTracker.Fact) -> ExchangeTracker.Fact {
        switch fact {
        case .message(var tracked):
            guard tracked.placed.direction == .upstream else { return fact }
            send(&tracked)
            return .message(tracked)
        case .answerBegan(let to, _, _):
            let passed = answersInOrder ? 1...max(to, 1) : to...to
            if answersInOrder { unanswered.remove(through: to) } else { unanswered.remove(to) }
            if to > last { answeredEarly.insert(to) }
            if to >= flightStart { isFlightOver = true }
            if !endedGroups.isEmpty {
                endedGroups.removeAll { passed.contains($0.upperBound) }
            }
        case .turned(to: .downstream, _, _):
            isFlightOver = true
            turnStart = nil
            unanswered.removeAll()
            endedGroups.removeAll()
        case .opaque(.downstream, _, _):
            // What came and cannot be read may have been any answers.
            goesByTurns = true
            isFlightOver = true
            unanswered.removeAll()
            endedGroups.removeAll()
        case .answerCompleted, .turned, .opaque:
            break
        }
        return fact
    }

    var resendRanges: [ClosedRange<UInt64>] {
        guard last > 0 else { return [] }
        var ranges = Array(unanswered.ranges) + endedGroups
        if let openGroup { ranges.append(openGroup) }
        if let turnStart { ranges.append(turnStart...last) }
        ranges.append(last...last)
        return Self.united(ranges)
    }

    /// Where the first of `resendRanges` begins.
    var resendFrom: UInt64 {
        var from = min(last, unanswered.first ?? last, turnStart ?? last)
        from = min(from, openGroup?.lowerBound ?? last)
        for group in endedGroups { from = min(from, group.lowerBound) }
        return from
    }

    private mutating func send(_ tracked: inout ExchangeTracker.Tracked) {
        let message = tracked.placed.message
        last = message.number
        if isFlightOver {
            isFlightOver = false
            flight += 1
            flightStart = last
        }
        tracked.flight = flight
        tracked.isByTurns = goesByTurns
        var isOwed = goesByTurns
        if goesByTurns {
            turnStart = turnStart ?? last
        } else if !answeredEarly.isEmpty, answeredEarly.remove(last) != nil {
            isFlightOver = true
        } else if case .request(let answers) = message.role, answers > 0 {
            unanswered.append(last)
            isOwed = true
        }
        enterGroup(message, isOwed: isOwed)
        tracked.resendFrom = resendFrom
    }

    private mutating func enterGroup(_ message: Message, isOwed: Bool) {
        guard let group = message.group, group <= message.number else {
            openGroup = nil
            return
        }
        openGroup = group...message.number
        guard message.endsGroup else { return }
        if isOwed { endedGroups.append(group...message.number) }
    }

    private static func united(_ ranges: [ClosedRange<UInt64>]) -> [ClosedRange<UInt64>] {
        var result: [ClosedRange<UInt64>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let end = result.last, range.lowerBound <= end.upperBound + 1 {
                result[result.count - 1] =
                    end.lowerBound...max(end.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }
}
