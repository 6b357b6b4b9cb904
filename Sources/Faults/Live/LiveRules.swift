import Recordings

/// A plan made ready for live traffic, and what has come of each of its rules so far.
///
/// All connections of a session share it: `times` counts over all of them. Live traffic has no
/// schedule, so the dice are keyed by the connection's number in the order of accepting.
package final class LiveRules {
    package let plan: Plan
    package let seed: UInt64
    let framing: FramingChoice?
    let units: MessageUnits
    /// Whether anything depends on where messages begin and end.
    let needsMessages: Bool
    private let strikes: [StrikeRule]
    private let conditions: [Condition]

    /// In the plan's order.
    package private(set) var tallies: [RuleTally]
    /// Of rules that are no longer in the plan.
    package private(set) var pastTallies: [RuleTally] = []
    /// Time from the arrival of bytes that a rule held, to when they were due, and to when the
    /// socket took them.
    package private(set) var delaysAsked = DurationHistogram()
    package private(set) var delaysAchieved = DurationHistogram()
    /// Answers to copies, which no client saw.
    package var swallowedAnswers: UInt64 = 0
    /// Which messages wait for others to overtake them; the same from one set of rules to the next.
    package let overtakes: LiveOvertakes
    /// By route: the protocol that connections to its server speak, as earlier ones told.
    private var protocols: [Int: FramerSettings] = [:]

    /// - Parameters:
    ///   - seed: that of the plan, or the one that was drawn for it.
    ///   - routes: the names of the routes, in their order, for rules that name one.
    ///   - earlier: the rules in whose place these come; what their namesakes counted goes on.
    package init(
        _ plan: Plan, seed: UInt64, routes: [String] = [], after earlier: LiveRules? = nil
    ) throws(SchedulerError) {
        self.plan = plan
        self.seed = seed
        framing = plan.framing
        units = plan.units
        overtakes = earlier?.overtakes ?? LiveOvertakes()
        let hasNoMessages = framing == FramingChoice.none && units == .messages
        var strikes: [StrikeRule] = []
        var conditions: [Condition] = []
        var needsMessages = framing != nil
        for (index, rule) in plan.rules.enumerated() {
            if let reason = rule.notLive { throw .notLive(rule: rule.name, reason) }
            let route = try rule.route(among: routes)
            if let fault = rule.fault as? any ConditionFault {
                guard !hasNoMessages || rule.target.messageRanges.isEmpty else {
                    throw .noMessages(rule: rule.name, "it names messages")
                }
                if fault.drawsByCell || rule.target.messages != nil { needsMessages = true }
                for direction in Direction.allCases where rule.isLive(direction) {
                    conditions.append(Condition(rule, fault.effect, direction, on: route))
                }
            } else if let fault = rule.fault as? any StrikeFault {
                let strike = StrikeRule(index, rule, fault, seed: seed, on: route)
                if let reason = strike.messageNeed {
                    guard !hasNoMessages else { throw .noMessages(rule: rule.name, reason) }
                    needsMessages = true
                }
                strikes.append(strike)
            }
        }
        self.needsMessages = needsMessages && !hasNoMessages
        self.strikes = strikes
        self.conditions = conditions
        let known = (earlier?.tallies ?? []) + (earlier?.pastTallies ?? [])
        tallies = plan.rules.map { rule in
            known.first { $0.rule == rule.name } ?? RuleTally(rule: rule.name)
        }
        let names = Set(plan.rules.map(\.name))
        pastTallies = known.filter { !names.contains($0.rule) }
        guard let earlier else { return }
        delaysAsked = earlier.delaysAsked
        delaysAchieved = earlier.delaysAchieved
        swallowedAnswers = earlier.swallowedAnswers
        protocols = earlier.protocols
    }

    func known(on route: Int) -> FramerSettings? { protocols[route] }

    func learn(_ framer: FramerSettings, on route: Int) { protocols[route] = framer }

    /// Whether anything may happen to this connection.
    /// - Parameter route: its number, from 0.
    package func covers(connection: UInt32, on route: Int = 0) -> Bool {
        let route = UInt16(clamping: route)
        return conditions.contains { $0.covers(connection: connection, route: route, seed: seed) }
            || strikes.contains { $0.covers(connection: connection, route: route) }
    }

    func strikes(connection: UInt32, on route: Int, _ direction: Direction) -> [StrikeRule] {
        strikes.filter {
            $0.covers(connection: connection, route: UInt16(clamping: route))
                && $0.liveDirection ?? direction == direction
        }
    }

    func link(connection: UInt32, on route: Int = 0, _ direction: Direction) -> LinkSchedule {
        LinkSchedule(
            connection: connection, route: UInt16(clamping: route), direction: direction,
            planned: [], conditions: conditions, seed: seed)
    }

    /// The name of the first condition that holds this link.
    func conditionName(connection: UInt32, on route: Int, _ direction: Direction) -> String {
        let route = UInt16(clamping: route)
        return conditions.first {
            $0.direction == direction
                && $0.covers(connection: connection, route: route, seed: seed)
        }?.id ?? ""
    }

    func isUsedUp(_ rule: StrikeRule) -> Bool {
        rule.target.times.map { tallies[rule.index].struck >= $0 } ?? false
    }

    func countRoll(_ rule: StrikeRule) { tallies[rule.index].rolled += 1 }

    func countStrike(_ rule: StrikeRule) { tallies[rule.index].struck += 1 }

    /// What became of a strike is known.
    package func count(_ strike: LiveStrike) {
        if let index = tallies.firstIndex(where: { $0.rule == strike.rule }) {
            tallies[index].count(strike.outcome.result)
        } else if let index = pastTallies.firstIndex(where: { $0.rule == strike.rule }) {
            pastTallies[index].count(strike.outcome.result)
        }
    }

    /// Bytes that a rule held were taken by the socket at that instant.
    package func countDelay(_ send: LiveSend, sent: Instant) {
        delaysAsked.add(nanoseconds: send.due.nanoseconds(since: send.arrived))
        delaysAchieved.add(nanoseconds: sent.nanoseconds(since: send.arrived))
    }
}

/// What has come of one rule.
package struct RuleTally: Hashable, Sendable {
    package let rule: String
    /// Messages that dice were rolled for, and those among them that were to be struck.
    package var rolled: UInt64 = 0
    package var struck: UInt64 = 0
    package var applied: UInt64 = 0
    package var preempted: UInt64 = 0
    package var skipped: UInt64 = 0

    init(rule: String) { self.rule = rule }

    fileprivate mutating func count(_ result: StrikeOutcome.Result) {
        switch result {
        case .applied: applied += 1
        case .preempted: preempted += 1
        case .skipped: skipped += 1
        }
    }
}

extension StrikeRule {
    /// The direction of live traffic that it is about; nil: both. A copy on a connection of its own
    /// is the server's alone, because nobody dials clients.
    var liveDirection: Direction? {
        (fault as? Duplicate)?.on == .new ? .upstream : target.direction
    }

    /// Whether it changes what is sent on its own connection, so that answers have to be told apart
    /// and put in order.
    var disturbsAnswers: Bool {
        takesGroups && (fault as? Duplicate)?.on != .new
            && (fault as? Reorder)?.across != .connections
    }

    /// Why it needs messages; nil: it does not.
    fileprivate var messageNeed: String? {
        if target.messages != nil && target.messages != .all { return "it names messages" }
        return bytePlace == nil && !isAtOpening ? "\(faultName) strikes messages" : nil
    }
}

extension Rule {
    /// What in it live traffic cannot be disturbed by, and what to write; nil: nothing.
    fileprivate var notLive: String? {
        if let duplicate = fault as? Duplicate, duplicate.on == .new {
            if target.direction == .downstream {
                return "on=new with direction=downstream, for which the client would have to be "
                    + "dialled; write direction=upstream"
            }
            if target.answers == .raw {
                return "answers=raw with on=new, where no answer to a copy comes to the client's "
                    + "connection; leave it out"
            }
        }
        if let reorder = fault as? Reorder, reorder.across == .connections,
            target.answers == .raw
        {
            return "answers=raw with across=connections, which leaves each connection's order as "
                + "it is; leave it out"
        }
        return nil
    }

    /// Whether it is about this direction of live traffic: both, unless it says one.
    fileprivate func isLive(_ direction: Direction) -> Bool {
        target.direction ?? direction == direction
    }
}
