import Recordings

/// Strikes on their way into a schedule, in recorded order.
///
/// ```
///  rolled ──► worked out ──► counted (times) ──► decided (pre-emption) ──► told
/// ```
/// A strike is rolled when its message is whole, and waits until what it needs is known: its
/// group's end, its neighbour, what was unanswered. Those before it in recorded order hold it up,
/// because `times` counts in that order. What waits is bounded: after `lookahead` messages of the
/// session it is skipped, and says so.
struct StrikeQueue {
    /// Messages of the whole session.
    static let lookahead: UInt64 = 65_536
    /// More strikes than this do not wait: a plan that strikes everything gets there.
    static let mostWaiting = 262_144

    private var waiting: [RolledStrike] = []
    /// In `waiting`: before `head` they are told, before `counted` they are counted.
    private var head = 0
    private var counted = 0
    /// The number of the latest message of the session.
    private var latestSeat: UInt64 = 0
    private var counts: [UInt64]
    private let rules: [Rule]
    private(set) var told: [RolledStrike] = []

    init(rules: [Rule]) {
        self.rules = rules
        counts = Array(repeating: 0, count: rules.count)
    }

    /// Whether a rule's `times` are used up.
    func isUsedUp(rule: Int) -> Bool {
        rules[rule].target.times.map { counts[rule] >= $0 } ?? false
    }

    /// The next message of the session is whole; what strikes it is added after this.
    mutating func takeSeat() -> UInt64 {
        latestSeat += 1
        return latestSeat
    }

    var currentSeat: UInt64 { latestSeat }

    mutating func add(_ strike: RolledStrike) { waiting.append(strike) }

    /// Goes on as far as what is known allows.
    mutating func advance() {
        count()
        decide()
        guard head > 1_024, head * 2 > waiting.count else { return }
        waiting.removeFirst(head)
        counted -= head
        head = 0
    }

    mutating func takeTold() -> [RolledStrike] {
        defer { told.removeAll(keepingCapacity: told.count <= 4_096) }
        return told
    }

    private mutating func count() {
        while counted < waiting.count {
            let strike = waiting[counted]
            if case .waiting = strike.state {
                let isLong =
                    latestSeat - strike.seat > Self.lookahead
                    || waiting.count - head > Self.mostWaiting
                guard isLong else { return }
                strike.state = .skipped(
                    "what follows it was not known \(Self.lookahead) messages later")
            }
            counted += 1
            guard strike.state != .discarded else { continue }
            guard !isUsedUp(rule: strike.rule) else {
                strike.state = .discarded
                continue
            }
            guard case .ready = strike.state else { continue }
            counts[strike.rule] += 1
            if strike.rank != nil { strike.link?.exclusive.append(strike) }
        }
    }

    /// All strikes of messages up to this one of the session are counted.
    private var countedSeat: UInt64 {
        counted < waiting.count ? waiting[counted].seat - 1 : latestSeat
    }

    private mutating func decide() {
        while head < counted {
            let strike = waiting[head]
            if case .ready = strike.state, strike.rank != nil {
                guard isDecided(strike, countedSeat) else { return }
                strike.link?.forget(before: strike)
            }
            strike.isTold = true
            if strike.state != .discarded { told.append(strike) }
            head += 1
        }
    }

    /// Finds out whether a strike stands, unless that depends on what is not counted yet.
    ///
    /// One stands unless another that comes before it in the order of composition stands on a
    /// message that both take. Those before it in recorded order are decided already, so that this
    /// goes no deeper than a group has strikes.
    private func isDecided(_ strike: RolledStrike, _ countedSeat: UInt64) -> Bool {
        guard strike.decision == nil else { return true }
        guard strike.horizon <= countedSeat else { return false }
        var taker: RolledStrike?
        for other in strike.link?.exclusive ?? []
        where other.precedes(strike) && other.takesOneOf(strike) {
            guard isDecided(other, countedSeat) else { return false }
            guard other.decision == .stands, taker.map(other.precedes) ?? true else { continue }
            taker = other
        }
        strike.decision = taker.map { .preempted(by: $0.id) } ?? .stands
        return true
    }
}

/// A strike that a roll has decided on, until it is told.
final class RolledStrike {
    let rule: Int
    let ruleName: String
    let faultName: String
    let connection: UInt32
    var direction = Scheduler.sends
    /// 0: not about one message.
    let message: UInt64
    /// When its first byte came.
    let instant: Instant
    /// The message's number in the session.
    let seat: UInt64
    /// Its place in the order of composition; nil: it combines with all.
    let rank: Int?
    /// nil once it is about no message.
    let link: LinkStrikes?
    /// The last message of the group.
    var last: UInt64
    /// The seat of the last message that it takes.
    var horizon: UInt64
    var state = State.waiting
    var decision: Decision?
    var isTold = false

    enum State: Equatable {
        case waiting
        case ready(StrikeEffect)
        case skipped(String)
        /// It is no strike after all.
        case discarded
    }

    enum Decision: Equatable {
        case stands
        case preempted(by: String)
    }

    init(
        rule: Int, named ruleName: String, fault: String, connection: UInt32, message: UInt64,
        instant: Instant, seat: UInt64, rank: Int?, link: LinkStrikes?
    ) {
        self.rule = rule
        self.ruleName = ruleName
        faultName = fault
        self.connection = connection
        self.message = message
        self.instant = instant
        self.seat = seat
        self.rank = rank
        self.link = link
        last = message
        horizon = seat
    }

    var isWaiting: Bool { state == .waiting }

    /// `redelivery@3u17`; the link's is `redelivery@3u`, the rule's `redelivery`.
    var id: String {
        guard connection > 0 else { return ruleName }
        let link = "\(ruleName)@\(connection)\(direction == .upstream ? "u" : "d")"
        return link + (message > 0 ? "\(message)" : "")
    }

    func work(out effect: StrikeEffect, last: UInt64, horizon: UInt64) {
        guard isWaiting else { return }
        state = .ready(effect)
        self.last = last
        self.horizon = horizon
    }

    func skip(_ reason: String) {
        if isWaiting { state = .skipped(reason) }
    }

    func discard() {
        if isWaiting { state = .discarded }
    }

    /// In the order of composition: kind, message, plan.
    func precedes(_ other: RolledStrike) -> Bool {
        guard let rank, let otherRank = other.rank, self !== other else { return false }
        return (rank, message, rule) < (otherRank, other.message, other.rule)
    }

    func takesOneOf(_ other: RolledStrike) -> Bool {
        let partner = swapped
        let otherPartner = other.swapped
        return (message...last).overlaps(other.message...other.last)
            || partner?.overlaps(other.message...other.last) ?? false
            || otherPartner?.overlaps(message...last) ?? false
            || otherPartner.flatMap { partner?.overlaps($0) } ?? false
    }

    /// The last message that it takes.
    var end: UInt64 { max(last, swapped?.upperBound ?? 0) }

    /// The other place of a reorder.
    private var swapped: ClosedRange<UInt64>? {
        guard case .ready(.reorder(let with)) = state else { return nil }
        return with
    }
}

/// The strikes of one link that exclude each other, as far as they may still matter.
final class LinkStrikes {
    var exclusive: [RolledStrike] = []

    /// Strikes that are still to be decided stand at this one's message or behind it.
    func forget(before strike: RolledStrike) {
        var count = 0
        while count < exclusive.count, exclusive[count].isTold,
            exclusive[count].end < strike.message
        {
            count += 1
        }
        if count > 0 { exclusive.removeFirst(count) }
    }
}
