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
    /// Where it takes a message of another connection too: what stands for it on that link.
    private(set) var shadow: RolledStrike?
    /// Whose shadow it is.
    private weak var owned: RolledStrike?

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
        if let owner { return owner.id }
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

    /// Whose shadow it is.
    var owner: RolledStrike? { owned }

    /// A message of another connection is to overtake it: it takes that one too.
    func isOvertaken(by message: UInt64, of connection: UInt32, _ link: LinkStrikes) {
        let shadow = RolledStrike(
            rule: rule, named: ruleName, fault: faultName, connection: connection, direction,
            message: message, instant: instant, seat: seat, rank: rank, link: link)
        shadow.state = .ready(.overtaken(by: message, of: connection))
        shadow.owned = self
        self.shadow = shadow
    }

    /// Whether both cannot be: each of two messages might wait for one behind the other.
    ///
    /// Messages that are held wait for one that stands behind them in recorded order, and hold what
    /// is behind them on their connection. A circle of such waits has two neighbours in it that
    /// overlap in time, the one's overtaking message on the connection of the other's held one.
    func crosses(_ other: RolledStrike) -> Bool {
        guard let shadow, let otherShadow = other.shadow, self !== other,
            shadow.connection == other.connection || otherShadow.connection == connection
        else { return false }
        return seat <= other.horizon && other.seat <= horizon
    }

    /// In the order of composition: kind, message in recorded order, plan.
    func precedes(_ other: RolledStrike) -> Bool {
        guard let rank, let otherRank = other.rank, self !== other else { return false }
        return (rank, seat, rule) < (otherRank, other.seat, other.rule)
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
