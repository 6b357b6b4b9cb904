import Recordings

/// What strikes a byte of a link, whatever the messages are: `at=`, and before the first: refuse.
extension Injector {
    /// Rules that strike further on. One whose place has been passed does not, but for a limit:
    /// more than it allows has come.
    mutating func setPlaces(_ rules: [StrikeRule], _ direction: Direction) {
        let passed = links[direction].held.end
        var places: [LivePlace] = []
        for rule in rules {
            guard let place = rule.bytePlace, !links[direction].passedPlaces.contains(rule.name)
            else { continue }
            if place >= passed || rule.fault is LimitData {
                places.append(LivePlace(rule: rule, place: max(place, passed)))
            } else {
                links[direction].passedPlaces.insert(rule.name)
                tell(
                    strike(rule, direction, message: 0), .skipped,
                    "\(place) bytes had passed before it was set")
            }
        }
        links[direction].places = places.sorted {
            ($0.place, $0.changesByte ? 1 : 0, $0.rule.index)
                < ($1.place, $1.changesByte ? 1 : 0, $1.rule.index)
        }
    }

    /// The connection has opened: rules that refuse it do so before anything is said.
    mutating func strikeOpening() {
        for rule in Direction.allCases.flatMap({
            rules.strikes(connection: connection, on: route, $0)
        })
        where rule.isAtOpening && !isCut {
            let direction = rule.target.direction ?? .upstream
            guard rule.isAbout(message: 1, began: .start), !rules.isUsedUp(rule) else { continue }
            let isNew = links[direction].passedPlaces.insert(rule.name).inserted
            guard isNew else { continue }
            rules.countRoll(rule)
            guard isRolled(rule, direction, message: 1) else { continue }
            rules.countStrike(rule)
            let strike = strike(rule, direction, message: 1)
            tell(strike, .applied)
            act(.cut(direction, .reset, strike: strike.outcome.id, due: .start))
            end(direction, .reset, strike.outcome.id)
        }
    }

    /// The place of the first rule that strikes one has been reached.
    mutating func strikePlace(_ direction: Direction, at instant: Instant) {
        let next = links[direction].places.removeFirst()
        let rule = next.rule
        links[direction].passedPlaces.insert(rule.name)
        guard !isCut, !links[direction].isOver, !rules.isUsedUp(rule) else { return }
        // What is held of the first bytes lies before the place.
        if detectionDeadline != nil { stopDetecting(at: instant) }
        let hasMessages =
            framing.state == .reading && framing.arriving(direction).opaque == nil
        let partial = hasMessages ? framing.arriving(direction).partial : nil
        let number = hasMessages ? message(at: next, direction) : cell(at: next)
        if !hasMessages, let wanted = rule.target.messages, wanted != .all {
            return tell(
                strike(rule, direction, message: 0), .skipped, "it names messages, of which none")
        }
        guard rule.isAbout(message: number, began: partial?.began ?? instant) else { return }
        rules.countRoll(rule)
        guard isRolled(rule, direction, message: number) else { return }
        rules.countStrike(rule)
        let strike = strike(rule, direction, message: hasMessages ? number : 0)
        let drawn = rule.draw(
            connection: connection, direction, message: number, byte: next.place)
        switch drawn {
        case .effect(.corrupt(let bits)):
            links[direction].flips.append(
                LiveFlip(place: next.place, bits: bits.map { $0 % 8 }, strike: strike))
        case .effect(.end(let ending)):
            release(direction, for: strike, at: instant)
            tell(strike, .applied)
            let due = max(links[direction].lastDue, instant)
                .advanced(byNanoseconds: ending.silenceNanoseconds)
            act(.cut(direction, ending.how, strike: strike.outcome.id, due: due))
            end(direction, ending.how, strike.outcome.id)
        case .effect(.stall(_, let nanoseconds)):
            release(direction, for: strike, at: instant)
            tell(strike, .applied)
            let from = max(links[direction].lastDue, instant)
            links[direction].lastDue = from.advanced(byNanoseconds: nanoseconds ?? .max)
            links[direction].lastCause = strike.outcome.id
        case .effect, .swap, .overtake:
            tell(strike, .skipped, "it strikes no single byte")
        }
    }

    /// A place at the end of a message belongs to that message; what changes a byte, to the byte's.
    private func message(at place: LivePlace, _ direction: Direction) -> UInt64 {
        let link = framing.arriving(direction)
        let isBetween = link.partial == nil && !place.changesByte
        return isBetween ? max(link.messages, 1) : link.messages + 1
    }

    /// Where there are no messages, the cells' numbers stand for theirs.
    private func cell(at place: LivePlace) -> UInt64 {
        let byte = place.changesByte ? place.place : max(place.place, 1) - 1
        return byte / LinkSchedule.cellBytes + 1
    }

    private func isRolled(_ rule: StrikeRule, _ direction: Direction, message: UInt64) -> Bool {
        guard var walk = rule.walk(connection: connection, direction) else {
            return rule.rolls(connection: connection, direction, message: message)
        }
        return walk.strikes(message)
    }

    /// What came before a place passes before it is struck, whatever else was to strike it.
    private mutating func release(
        _ direction: Direction, for strike: LiveStrike, at instant: Instant
    ) {
        skipWaiting(direction, strike.outcome.id, result: .preempted, at: instant)
        guard let underWay = links[direction].underWay else { return }
        for index in underWay.rolled {
            let rule = links[direction].rules[index]
            tell(
                self.strike(rule, direction, message: underWay.number), .preempted,
                strike.outcome.id)
        }
        links[direction].underWay?.rolled = []
        // Nobody knows yet whether it would be passed on.
        if direction == .downstream, answers.isDisturbed { return }
        if let group = links[direction].group, case .drop = group.struck.effect { return }
        links[direction].underWay?.passes = true
        sendPart(direction, at: instant)
    }

    /// Bytes that pass as they come, but for those that are changed.
    mutating func passing(
        _ range: Range<UInt64>, _ direction: Direction
    ) -> (bytes: LiveSend.Bytes, cause: String) {
        let flips = takeFlips(range, direction)
        guard let last = flips.last else { return (.arrived(range), "") }
        var bytes: [UInt8] = []
        links[direction].held.withBytes(range) { span in
            for index in span.indices { bytes.append(span[index]) }
        }
        for flip in flips {
            for bit in flip.bits { bytes[Int(flip.place - range.lowerBound)] ^= 1 << UInt8(bit) }
            tell(flip.strike, .applied)
        }
        return (.literal(bytes), last.strike.outcome.id)
    }

    /// A whole message is changed as one that `corrupt` strikes.
    mutating func takeFlips(_ unit: inout LiveUnit, _ direction: Direction) {
        let flips = takeFlips(unit.sentTo..<unit.range.upperBound, direction)
        for flip in flips {
            unit.flippedBits += flip.bits.map { (flip.place - unit.range.lowerBound) * 8 + $0 }
            unit.cause = flip.strike.outcome.id
            unit.combined.append(flip.strike)
        }
    }

    private mutating func takeFlips(
        _ range: Range<UInt64>, _ direction: Direction
    ) -> [LiveFlip] {
        let flips = links[direction].flips.filter { range.contains($0.place) }
        if !flips.isEmpty {
            links[direction].flips.removeAll { range.contains($0.place) }
        }
        return flips
    }
}
