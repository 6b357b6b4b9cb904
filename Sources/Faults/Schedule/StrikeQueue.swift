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
    /// Strikes that take messages of two connections, as far as they may still matter.
    private var crossings: [RolledStrike] = []
    private var crossingLimit = leastCrossingLimit

    private static let leastCrossingLimit = 64
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

    /// How many strikes are kept.
    var count: Int { waiting.count - head }

    /// Goes on as far as what is known allows.
    mutating func advance() {
        countOn()
        decide()
        forgetCrossings()
        guard head > 1_024, head * 2 > waiting.count else { return }
        waiting.removeFirst(head)
        counted -= head
        head = 0
    }

    mutating func takeTold() -> [RolledStrike] {
        defer { told.removeAll(keepingCapacity: told.count <= 4_096) }
        return told
    }

    private mutating func countOn() {
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
            guard strike.rank != nil else { continue }
            strike.link?.add(strike)
            if let shadow = strike.shadow {
                shadow.link?.add(shadow)
                crossings.append(strike)
            }
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
                strike.link?.forget(before: strike.message)
                guard isDecided(strike, countedSeat) else { return }
            }
            strike.isTold = true
            strike.shadow?.isTold = true
            strike.shadow?.decision = strike.decision
            if strike.state != .discarded { told.append(strike) }
            head += 1
        }
    }

    /// What is still to be decided was rolled at the first waiting strike's message or behind it.
    private mutating func forgetCrossings() {
        guard crossings.count > crossingLimit else { return }
        let first = head < waiting.count ? waiting[head].seat : latestSeat
        crossings.removeAll { $0.isTold && $0.horizon < first }
        crossingLimit = max(Self.leastCrossingLimit, crossings.count * 2)
    }

    /// All that may take a message which this strike takes too.
    private func rivals(of strike: RolledStrike) -> [RolledStrike] {
        var rivals = strike.link?.overlapping(strike) ?? []
        guard let shadow = strike.shadow else { return rivals }
        rivals += shadow.link?.overlapping(shadow) ?? []
        return rivals + crossings.filter { $0.crosses(strike) }
    }

    /// Finds out whether a strike stands, unless that depends on what is not counted yet.
    ///
    /// One stands unless another that comes before it in the order of composition stands on a
    /// message that both take. Those before it in recorded order are decided already, so that this
    /// goes no deeper than a group has strikes.
    private func isDecided(_ strike: RolledStrike, _ countedSeat: UInt64) -> Bool {
        guard strike.decision == nil else { return true }
        if let owner = strike.owner {
            guard isDecided(owner, countedSeat) else { return false }
            strike.decision = owner.decision
            return true
        }
        guard strike.horizon <= countedSeat else { return false }
        var taker: RolledStrike?
        for other in rivals(of: strike) where other.precedes(strike) {
            guard isDecided(other, countedSeat) else { return false }
            guard other.decision == .stands, taker.map(other.precedes) ?? true else { continue }
            taker = other
        }
        strike.decision = taker.map { .preempted(by: $0.id) } ?? .stands
        return true
    }
}
