import Recordings

/// Decides what happens to one live connection: bytes, time and ends go in, actions come out.
///
/// It holds the bytes of both links until `forget` says that they are not needed, and reads them as
/// messages where a rule asks for that. A message that no dice strike passes as it comes.
package struct Injector {
    /// A longer message is not held until it is whole, and not struck.
    package static let mostStruckBytes: UInt64 = 16 << 20
    /// So many bytes of copies wait on a link at once.
    package static let mostCopiesBytes = 16 << 20

    /// First bytes whose protocol is not known are held for so long on links that a rule on
    /// messages is about; never more than `Framers.detectionBytes` and one receive.
    package static let detectionNanoseconds: Int64 = 20_000_000

    package let connection: UInt32
    /// Which server it is to, from 0.
    package let route: Int
    package private(set) var rules: LiveRules
    var links: PerDirection<LiveLink>
    var framing: LiveFraming
    var answers = AnswerBook()
    /// What a copy on a connection of its own is preceded by.
    var states = SessionStates()
    /// Nothing passes any more.
    var isCut = false
    /// First bytes are held until then; nil: none are.
    var detectionDeadline: Instant?
    /// They have been, long enough.
    var hasWaited = false
    private var actions: [LiveAction] = []
    /// The rules have been told that there are no messages.
    private var hasToldOff = false

    /// - Parameter offsets: bytes that passed on each link before this.
    package init(
        connection: UInt32, route: Int = 0, rules: LiveRules,
        from offsets: PerDirection<UInt64> = PerDirection(0)
    ) {
        self.connection = connection
        self.route = route
        self.rules = rules
        let isBeginning = offsets == PerDirection(0)
        links = PerDirection(
            upstream: LiveLink(
                at: offsets.upstream,
                conditions: rules.link(connection: connection, on: route, .upstream)),
            downstream: LiveLink(
                at: offsets.downstream,
                conditions: rules.link(connection: connection, on: route, .downstream)))
        if !rules.needsMessages {
            framing = LiveFraming(off: "no rule asks for messages")
        } else if isBeginning {
            framing = LiveFraming(rules.framing, units: rules.units)
        } else {
            framing = LiveFraming(off: "the connection was picked up in the middle")
        }
        if framing.state == .reading { answers = AnswerBook(framing.client) }
        setRules(rules)
        if isBeginning { strikeOpening() }
    }

    /// Other rules apply to what follows. What is held stays due as it was, so that order is kept.
    package mutating func setRules(_ rules: LiveRules) {
        if rules.overtakes !== self.rules.overtakes {
            // Nobody would hear of what overtakes it.
            for direction in Direction.allCases {
                skipWaiting(direction, "the rules were replaced", at: .start)
            }
        }
        self.rules = rules
        hasToldOff = false
        for direction in Direction.allCases {
            let strikes = rules.strikes(connection: connection, on: route, direction)
            setPlaces(strikes, direction)
            links[direction].setRules(
                strikes.filter { $0.bytePlace == nil && !$0.isAtOpening },
                rules.link(connection: connection, on: route, direction),
                named: rules.conditionName(connection: connection, on: route, direction),
                behind: walked(direction))
            links[direction].underWay?.rolled = []
        }
        if detectionDeadline != nil, links.upstream.rules.isEmpty, links.downstream.rules.isEmpty {
            detectionDeadline = .start
        }
        let isBeginning = Direction.allCases.allSatisfy { links[$0].held.end == 0 }
        if rules.needsMessages, framing.offReason != nil, isBeginning {
            framing = LiveFraming(rules.framing, units: rules.units)
            if framing.state == .reading { answers = AnswerBook(framing.client) }
        }
    }

    /// Messages, or where there are none, cells that have passed.
    private func walked(_ direction: Direction) -> UInt64 {
        framing.state == .reading
            ? framing.arriving(direction).messages
            : links[direction].passed / LinkSchedule.cellBytes
    }

    /// Bytes arrived.
    package mutating func receive(
        _ bytes: Span<UInt8>, _ direction: Direction, at instant: Instant
    ) {
        // A place at which a rule strikes parts what comes before it from what comes behind.
        var start = 0
        while true {
            let end = links[direction].held.end
            let next = links[direction].places.first
            if let next, next.isReached(at: end, hasMore: start < bytes.count) {
                strikePlace(direction, at: instant)
                continue
            }
            guard start < bytes.count else { return }
            var count = bytes.count - start
            if let next, next.place > end { count = min(count, Int(clamping: next.place - end)) }
            take(bytes.extracting(start..<(start + count)), direction, at: instant)
            start += count
        }
    }

    private mutating func take(
        _ bytes: Span<UInt8>, _ direction: Direction, at instant: Instant
    ) {
        let start = links[direction].held.end
        links[direction].held.append(bytes)
        guard !isCut, !links[direction].isOver else {
            links[direction].passed = links[direction].held.end
            return
        }
        if direction == .downstream, !answers.isPairing { endFlight() }
        if framing.state == .detecting { return detect(bytes, direction, at: instant) }
        read(bytes, direction, from: start, at: instant)
    }

    /// The sender of this link ended in order.
    package mutating func finish(_ direction: Direction, at instant: Instant) {
        guard !isCut, !links[direction].isOver, !links[direction].hasFinished else { return }
        if detectionDeadline != nil { stopDetecting(at: instant) }
        if framing.state == .reading, let placed = framing.finish(direction, at: instant) {
            end(placed, direction, upTo: links[direction].held.end)
        }
        if links[direction].overtaking == nil {
            while links[direction].swap != nil {
                skipSwap(direction, "the link ended before its neighbour came")
            }
            if links[direction].overtaking == nil { releaseUnderWay(direction, at: instant) }
        }
        skipGroup(direction, "the link ended inside of its group")
        links[direction].hasFinished = true
        finishIfReady(direction)
    }

    /// The receiver of this link is gone: nothing is sent on it any more.
    package mutating func close(_ direction: Direction) {
        dropWaiting(direction, .preempted, "its connection ended first")
        var link = LiveLink(
            at: links[direction].held.end, conditions: links[direction].conditions)
        link.isOver = true
        link.passedPlaces = links[direction].passedPlaces
        links[direction] = link
        if direction == .downstream { _ = answers.takeAll() }
    }

    /// Time has come to `instant`; see `nextWake`.
    package mutating func wake(at instant: Instant) {
        if let deadline = detectionDeadline, deadline <= instant { stopDetecting(at: instant) }
        for direction in Direction.allCases {
            if let swap = links[direction].swap, swap.deadline <= instant {
                skipSwap(direction, "no neighbour came within \(swap.within)")
            }
            while let waiting = links[direction].overtaking, waiting.deadline <= instant {
                skipOvertaking(
                    direction, "nothing overtook it within \(waiting.within)", at: instant)
            }
            sendCopies(direction, at: instant)
        }
    }

    /// When `wake` is to be called; nil: not before something else happens.
    package var nextWake: Instant? {
        guard !isCut else { return nil }
        var next = detectionDeadline
        for direction in Direction.allCases {
            let link = links[direction]
            if let deadline = link.swap?.deadline { next = min(next ?? deadline, deadline) }
            if let deadline = link.overtaking?.deadline { next = min(next ?? deadline, deadline) }
            guard link.underWay.map({ !$0.passes }) ?? true else { continue }
            if let due = link.copies.first?.due { next = min(next ?? due, due) }
        }
        return next
    }

    /// What was decided since the last call, in order.
    package mutating func takeActions() -> [LiveAction] {
        defer { actions = [] }
        return actions
    }

    /// Bytes of a link from here on may still be needed, beside those of actions.
    package func keepsFrom(_ direction: Direction) -> UInt64 {
        let from = links[direction].keepsFrom
        guard direction == .downstream, let held = answers.keepsFrom else { return from }
        return min(from, held)
    }

    /// The conditions that hold a link.
    package func conditions(_ direction: Direction) -> LinkSchedule { links[direction].conditions }

    package func held(_ direction: Direction) -> HeldBytes { links[direction].held }

    package mutating func forget(_ direction: Direction, before offset: UInt64) {
        links[direction].held.forget(before: offset)
    }

    /// Nothing waits, and no answer is out of place: without rules, it is not needed any more.
    package var isIdle: Bool {
        links.upstream.isIdle && links.downstream.isIdle && !answers.isDisturbed && !isCut
            && detectionDeadline == nil
    }

    mutating func act(_ action: LiveAction) { actions.append(action) }

    /// A strike's outcome is known.
    mutating func tell(
        _ strike: LiveStrike, _ result: StrikeOutcome.Result, _ reason: String = ""
    ) {
        var strike = strike
        strike.outcome.result = result
        strike.outcome.reason = reason
        rules.count(strike)
        act(.strike(strike))
    }

    mutating func tellOff(_ direction: Direction, _ reason: String) {
        for rule in links[direction].rules {
            tell(strike(rule, direction, message: 0), .skipped, reason)
        }
    }

    func strike(_ rule: StrikeRule, _ direction: Direction, message: UInt64) -> LiveStrike {
        let place = message > 0 ? "\(message)" : ""
        let id = "\(rule.name)@\(connection)\(direction == .upstream ? "u" : "d")\(place)"
        var label = type(of: rule.fault).label
        // Nothing is sent again behind a cut.
        if rule.fault is Disconnect { label = .transport }
        if rule.target.answers == .raw || rule.isForced { label = .violation }
        return LiveStrike(
            outcome: StrikeOutcome(id: id, result: .skipped), rule: rule.name,
            faultName: rule.faultName, connection: connection, direction: direction,
            message: message, label: label)
    }

    /// Rules that strike messages where there are none say so, once.
    mutating func tellOffOnce(_ reason: String) {
        guard !hasToldOff else { return }
        hasToldOff = true
        for direction in Direction.allCases { tellOff(direction, reason) }
    }
}
