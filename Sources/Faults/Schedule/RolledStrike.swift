import Recordings

/// A strike that a roll has decided on, until it is told.
final class RolledStrike {
    let rule: Int
    let ruleName: String
    let faultName: String
    let connection: UInt32
    let direction: Direction
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
    /// No correct peer does this.
    var isViolation = false

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
        rule: Int, named ruleName: String, fault: String, connection: UInt32,
        _ direction: Direction, message: UInt64, instant: Instant, seat: UInt64, rank: Int?,
        link: LinkStrikes?
    ) {
        self.rule = rule
        self.ruleName = ruleName
        faultName = fault
        self.connection = connection
        self.direction = direction
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

    /// The messages that it takes: two runs, where it changes their places.
    var places: [ClosedRange<UInt64>] { [message...last] + (swapped.map { [$0] } ?? []) }

    func takesOneOf(_ other: RolledStrike) -> Bool {
        // This is asked often: no list is made.
        guard message <= other.end, other.message <= end else { return false }
        let own = message...last
        let others = other.message...other.last
        if own.overlaps(others) { return true }
        let partner = swapped
        let otherPartner = other.swapped
        return partner?.overlaps(others) ?? false || otherPartner?.overlaps(own) ?? false
            || otherPartner.flatMap { partner?.overlaps($0) } ?? false
    }

    /// Whether it takes one message only.
    var isSingle: Bool { message == last && swapped == nil }

    /// The last message that it takes.
    var end: UInt64 { max(last, swapped?.upperBound ?? 0) }

    /// The other place of a reorder.
    private var swapped: ClosedRange<UInt64>? {
        guard case .ready(.reorder(let with)) = state else { return nil }
        return with
    }
}
