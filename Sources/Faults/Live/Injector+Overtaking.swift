import Recordings

/// A message waits until others, of other connections, have overtaken it. Its own connection's
/// later messages wait behind it, so that the order on a link is kept.
///
///     struck ──► waits ──the last that overtakes was sent, and answered──► goes on (applied)
///                  └──`within` is over, or its link cannot be read any more──► goes on (skipped)
///
/// Two connections have no order to a server but that in which it reads them, which may be another
/// than that of sending: only an answer tells that what overtakes has come first.
extension Injector {
    /// A message that a rule lets others overtake has come to the front.
    /// - Returns: whether it waits; it goes on without the strike otherwise.
    mutating func waitToBeOvertaken(
        _ units: [LiveUnit], from start: Int, _ direction: Direction
    ) -> Bool {
        guard let struck = units[start].struck, !isCut, !links[direction].isOver,
            case .overtake(let depth, let within) = struck.effect
        else { return false }
        let other = rules.overtakes.begin(
            struck, depth, direction, route: route, since: units[start].placed.ended)
        if let other {
            tell(struck.strike, .preempted, other)
            return false
        }
        links[direction].overtaking = LiveOvertaking(struck, within: within, units, from: start)
        return true
    }

    /// When this message has overtaken others. A group is one; session state overtakes nothing.
    func overtaking(_ unit: LiveUnit, _ direction: Direction) -> LiveSend.Overtaking {
        let message = unit.placed.message
        guard message.state == nil, unit.isClosed else { return .never }
        guard direction == .upstream, answers.isWorking, case .request(let count) = message.role,
            count > 0
        else { return .whenSent }
        return .whenAnswered
    }

    /// A request was answered: perhaps another connection's message has waited for that.
    mutating func noteAnswered(_ request: UInt64) {
        let waited = rules.overtakes.answered(request, on: connection, route: route)
        if let waited { act(.overtaken(connection: waited, .upstream)) }
    }

    /// As many messages of other connections were sent as were to overtake this one.
    package mutating func overtaken(_ direction: Direction, at instant: Instant) {
        guard rules.overtakes.isOvertaken(connection, direction, route: route) else { return }
        _ = rules.overtakes.end(connection, direction, route: route)
        goOn(direction, .applied, "", at: instant)
    }

    /// The message that waits on this link is not overtaken, and goes on.
    mutating func skipOvertaking(
        _ direction: Direction, _ reason: String, result: StrikeOutcome.Result = .skipped,
        at instant: Instant
    ) {
        guard links[direction].overtaking != nil else { return }
        let isOvertaken = rules.overtakes.end(connection, direction, route: route)
        // It was sent, and its answer lets us wait.
        if isOvertaken { return goOn(direction, .applied, "", at: instant) }
        goOn(direction, result, reason, at: instant)
    }

    /// All that waits on a link goes on in its order, because of what comes behind it.
    mutating func skipWaiting(
        _ direction: Direction, _ reason: String, result: StrikeOutcome.Result = .skipped,
        at instant: Instant
    ) {
        // What comes free may be struck itself, and wait.
        while links[direction].swap != nil || links[direction].overtaking != nil {
            skipOvertaking(direction, reason, result: result, at: instant)
            skipSwap(direction, reason, result: result)
        }
    }

    /// The connection is over for this link: what waits is not sent any more.
    mutating func dropWaiting(_ direction: Direction, _ result: StrikeOutcome.Result, _ why: String)
    {
        if let swap = links[direction].swap { tell(swap.struck.strike, result, why) }
        if let overtaking = links[direction].overtaking {
            _ = rules.overtakes.end(connection, direction, route: route)
            tell(overtaking.struck.strike, result, why)
        }
        links[direction].swap = nil
        links[direction].overtaking = nil
    }

    private mutating func goOn(
        _ direction: Direction, _ result: StrikeOutcome.Result, _ reason: String,
        at instant: Instant
    ) {
        guard let waited = links[direction].overtaking else { return }
        links[direction].overtaking = nil
        tell(waited.struck.strike, result, reason)
        // What leaves later because of this says so.
        let released = min(instant, waited.deadline)
        if released > links[direction].lastDue {
            links[direction].lastDue = released
            links[direction].lastCause = waited.struck.strike.outcome.id
        }
        links[direction].releases += 1
        defer {
            links[direction].releases -= 1
            passOn(direction)
            finishIfReady(direction)
        }
        for index in waited.start..<waited.units.count {
            var unit = waited.units[index]
            if index == waited.start {
                unit.struck = nil
                if result == .applied { unit.cause = waited.struck.strike.outcome.id }
                send(unit, direction)
            } else if links[direction].overtaking != nil {
                links[direction].overtaking?.add(unit)
            } else if links[direction].swap == nil,
                waitToBeOvertaken(waited.units, from: index, direction)
            {
                return
            } else {
                let isAlone = links[direction].swap == nil
                if isAlone, case .overtake? = unit.struck?.effect { unit.struck = nil }
                enqueue(unit, direction)
            }
        }
    }
}
