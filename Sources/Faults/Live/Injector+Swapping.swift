import Recordings

/// A message waits for its neighbour in the flight, and changes places with it.
extension Injector {
    /// Lets two messages (or groups) change places, once the second one is whole.
    mutating func exchange(_ direction: Direction) {
        guard let swap = links[direction].swap, swap.isWhole, let first = swap.places.first,
            var last = swap.places.last
        else { return }
        let other = last.compactMap(\.struck).first { struck in
            !struck.effect.isReorder
        }
        if let other {
            return skipSwap(direction, other.strike.outcome.id, result: .preempted)
        }
        let hasState = last.contains { $0.placed.message.state != nil }
        guard !hasState || !swap.struck.rule.sparesState else {
            return skipSwap(direction, "session state stands behind it")
        }
        links[direction].swap = nil
        let strike = swap.struck.strike
        tell(strike, .applied)
        if direction == .upstream {
            if swap.struck.isRaw {
                answers.exchange(first.map(\.number), last.map(\.number))
            } else {
                for unit in first + last { answers.move(unit.number) }
            }
        }
        for index in last.indices { last[index].cause = strike.outcome.id }
        var moved = last + swap.places.dropFirst().dropLast().flatMap { $0 }
        for index in moved.indices {
            guard let struck = moved[index].struck, struck.effect.isReorder else { continue }
            tell(struck.strike, .preempted, strike.outcome.id)
            moved[index].struck = nil
        }
        for var unit in first {
            unit.cause = strike.outcome.id
            if case .swap? = unit.struck?.effect { unit.struck = nil }
            moved.append(unit)
        }
        // What leaves now came when the last of it did.
        let whole = last.map(\.placed.ended).max() ?? .start
        for var unit in moved {
            unit.placed.ended = max(unit.placed.ended, whole)
            send(unit, direction)
        }
    }

    /// What waits for a neighbour goes on in its order.
    mutating func skipSwap(
        _ direction: Direction, _ reason: String,
        result: StrikeOutcome.Result = .skipped
    ) {
        guard let swap = links[direction].swap else { return }
        links[direction].swap = nil
        tell(swap.struck.strike, result, reason)
        let units = swap.places.flatMap { $0 }
        links[direction].releases += 1
        for (index, var unit) in units.enumerated() {
            if index == 0 {
                unit.struck = nil
                send(unit, direction)
            } else {
                enqueue(unit, direction)
            }
        }
        links[direction].releases -= 1
        passOn(direction)
    }

    /// What is under way passes as it comes, once nothing waits before it that it has to wait for.
    mutating func passOn(_ direction: Direction) {
        guard let underWay = links[direction].underWay, !underWay.passes,
            links[direction].swap == nil, links[direction].overtaking == nil,
            links[direction].group == nil, links[direction].releases == 0,
            direction == .upstream || !answers.isDisturbed,
            underWay.rolled.allSatisfy({ links[direction].rules[$0].mayFollow })
        else { return }
        links[direction].underWay?.passes = true
        sendPart(direction, at: underWay.began)
    }
}
