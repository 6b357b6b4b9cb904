import Recordings
import Text

/// What strikes a whole message.
extension Injector {
    mutating func decide(_ unit: inout LiveUnit, _ direction: Direction, rolled: [Int]) {
        var struck: [LiveUnit.Struck] = []
        for (index, rule) in links[direction].rules.enumerated() {
            guard isAsked(rule, unit, direction, isStruck: rolled.contains(index)) else { continue }
            if !rule.looksInside { rules.countRoll(rule) }
            guard rolled.contains(index), finds(rule, unit, direction) else { continue }
            rules.countStrike(rule)
            let strike = strike(rule, direction, message: unit.number)
            let isRaw = rule.target.answers == .raw
            if let reason = answers.brokenReason, rule.disturbsAnswers, !isRaw {
                tell(strike, .skipped, reason)
                continue
            }
            let place = rule.place(connection: connection, unit.placed, unanswered: [])
            switch Self.effect(of: rule, at: place) {
            case .delay(let nanoseconds):
                unit.delayNanoseconds += nanoseconds
                unit.cause = strike.outcome.id
                unit.combined.append(strike)
            case .corrupt(let bits):
                unit.flippedBits += bits
                unit.cause = strike.outcome.id
                unit.combined.append(strike)
            case .exclusive(let effect):
                struck.append(.init(rule: rule, effect: effect, strike: strike, isRaw: isRaw))
            case .none(let reason):
                tell(strike, .skipped, reason)
            }
        }
        choose(struck, for: &unit)
    }

    /// The first in the order of composition stands.
    private mutating func choose(_ struck: [LiveUnit.Struck], for unit: inout LiveUnit) {
        let first = struck.min {
            ($0.rule.rank ?? 0, $0.rule.index) < ($1.rule.rank ?? 0, $1.rule.index)
        }
        guard let first else { return }
        for other in struck where other.rule.index != first.rule.index {
            tell(other.strike, .preempted, first.strike.outcome.id)
        }
        unit.struck = first
    }

    /// Whether dice are rolled for this message, which is whole.
    private mutating func isAsked(
        _ rule: StrikeRule, _ unit: LiveUnit, _ direction: Direction, isStruck: Bool
    ) -> Bool {
        let message = unit.placed.message
        guard rule.isAbout(message), !rules.isUsedUp(rule),
            rule.isAbout(message: message.number, began: unit.placed.began),
            rule.fault.mayStrike(bytes: unit.range),
            message.state == nil || !rule.sparesState
        else { return false }
        guard direction == .downstream, rule.disturbsAnswers, answers.isPairing,
            case .answer = message.role, rule.target.answers == .paired
        else { return true }
        // Of what a server sends, only what nobody asked for can be doubled, moved or dropped
        // without the client pairing other answers wrongly.
        if isStruck, rule.target.direction != nil {
            tell(
                strike(rule, direction, message: message.number), .skipped,
                "an answer that is \(rule.faultName) alone pairs the others wrongly; "
                    + "answers=raw does it")
        }
        return false
    }

    private func finds(_ rule: StrikeRule, _ unit: LiveUnit, _ direction: Direction) -> Bool {
        guard rule.looksInside else { return true }
        return links[direction].held.withBytes(unit.range) { bytes in
            var progress = ByteSearch.Progress()
            rule.search?.feed(bytes, &progress)
            guard rule.search == nil || progress.isFound else { return false }
            let front = bytes.extracting(0..<min(bytes.count, MessageText.mostBytes))
            return rule.pattern?.matches(in: front) ?? true
        }
    }

    private enum Drawn {
        case delay(nanoseconds: Int64)
        case corrupt(bits: [UInt64])
        case exclusive(LiveEffect)
        /// It cannot be done to live traffic, and why.
        case none(reason: String)
    }

    private static func effect(of rule: StrikeRule, at place: StrikePlace) -> Drawn {
        switch rule.fault.draw(at: place) {
        case .swap(let depth):
            let within = (rule.fault as? Reorder ?? Reorder()).within
            return .exclusive(.swap(depth: depth, within: within))
        case .overtake(let depth, let nanoseconds):
            let within = TimeAmount(nanoseconds: nanoseconds)
            return .exclusive(.overtake(depth: depth, within: within))
        case .effect(.delay(let nanoseconds)):
            return .delay(nanoseconds: nanoseconds)
        case .effect(.drop):
            return .exclusive(.drop)
        case .effect(.duplicate(let copies, let after, let place)):
            return .exclusive(.duplicate(copies: copies, afterNanoseconds: after, on: place))
        case .effect(.disconnect(let cut)):
            return .exclusive(.cut(cut, silenceNanoseconds: 0))
        case .effect(.end(let ending)):
            return .exclusive(
                .cut(ending.cut, silenceNanoseconds: ending.silenceNanoseconds))
        case .effect(.stall(let sent, let nanoseconds)):
            return .exclusive(.stall(sentBytes: sent, nanoseconds: nanoseconds))
        case .effect(.corrupt(let bits)):
            return .corrupt(bits: bits)
        case .effect(.reorder), .effect(.overtaken), .effect(.unresolved):
            return .none(reason: "it is worked out for recordings alone")
        }
    }
}

extension StrikeRule {
    /// Whether it lets messages change places that are not in one flight.
    var isForced: Bool { (fault as? Reorder)?.force == .yes }

    /// Whether what it does comes behind its message, which passes as it comes.
    var mayFollow: Bool { fault is Duplicate }
}
