import Recordings

/// One connection on its way through the scheduler.
///
/// A message is rolled for when it is whole, which fixes its place in the session's order. What the
/// tracker tells of it afterwards (its flight, what was unanswered) works the strikes out.
final class SchedulerTrack {
    let connection: UInt32
    /// The number of its route.
    let route: UInt16
    /// Those about messages that Weir sends.
    private let rules: [StrikeRule]
    /// What is struck.
    private let sends: Direction
    /// Those about what it receives, and those about a place in bytes where there are no messages.
    var received: ReceivedRules
    var places: BytePlaces
    private let refusals: [StrikeRule]
    private let session: SessionOrder?
    /// How many messages of the session were whole when it opened.
    private let openedAt: UInt64
    private var conversation: Conversation
    private var tracker: ExchangeTracker
    private var link = LinkLookahead()
    private let strikes = LinkStrikes()
    /// What each rule looks for, in the message that is under way.
    private var searches: [ByteSearch.Progress]
    /// The rules' rolls where each depends on those before.
    private var walks: [ChanceWalk?]
    private var text: MessageText
    /// Whether each rule's pattern is found in the message that has ended.
    private var matched: [Bool]
    private let isSearching: Bool
    /// Messages that are whole and not told yet, in order.
    private var untold: [Seat] = []
    private var firstUntold = 0
    /// Downstream: a flight ends where the client sends.
    private var flight: UInt64 = 1
    private var isLeftOut = false
    private var finished = PerDirection(false)
    /// As in a transcript: bytes that arrived, or where none did, those that Weir sent.
    private var areArrivals: PerDirection<Bool?> = PerDirection(nil)

    /// A message's place in the session, and what was rolled for it.
    private struct Seat {
        var number: UInt64
        var seat: UInt64
        /// Which rules found what they look for; bit by bit.
        var found: UInt64
        var rolled: [(strike: RolledStrike, rule: Int)]
    }

    /// - Parameters:
    ///   - rules: all of them.
    ///   - session: where a rule looks at messages of other connections.
    ///   - openedAt: the seat of the session's latest message.
    init(
        _ connection: UInt32, route: UInt16, framer: (any Framer)?, rules: [StrikeRule],
        session: SessionOrder? = nil, openedAt: UInt64, sends: Direction
    ) {
        self.connection = connection
        self.route = route
        self.sends = sends
        self.session = session
        self.openedAt = openedAt
        refusals = rules.filter { $0.fault is Refuse }
        let others = rules.filter { !($0.fault is Refuse) }
        let sent = others.filter { $0.direction == sends }
        self.rules = framer == nil ? [] : sent
        received = ReceivedRules(
            framer == nil ? [] : others.filter { $0.direction != sends }, connection)
        places = BytePlaces(framer == nil ? others : [], connection)
        conversation = Conversation(framer: framer)
        tracker = ExchangeTracker(conversation)
        searches = Array(repeating: ByteSearch.Progress(), count: self.rules.count)
        matched = Array(repeating: true, count: self.rules.count)
        walks = self.rules.map { $0.walk(connection: connection, sends) }
        isSearching = self.rules.contains(where: \.looksInside)
        text = MessageText(isWanted: self.rules.contains { $0.pattern != nil })
    }

    /// Nothing on this connection is struck, and why.
    func leaveOut(_ reason: String, _ instant: Instant, _ queue: inout StrikeQueue) {
        for direction in Direction.allCases {
            skipRest(direction, from: 1, reason, instant, &queue)
        }
        for rule in refusals {
            let strike = rule.roll(
                connection: connection, message: 0, at: instant, seat: queue.currentSeat, nil)
            strike.skip(reason)
            queue.add(strike)
        }
        isLeftOut = true
    }

    /// It has opened: what is rolled once a connection.
    func open(at instant: Instant, _ queue: inout StrikeQueue) {
        guard !isLeftOut else { return }
        for rule in refusals {
            guard !queue.isUsedUp(rule: rule.index), rule.isAbout(message: 1, began: instant),
                rule.rolls(connection: connection, sends, message: 1)
            else { continue }
            let strike = rule.roll(
                connection: connection, message: 1, at: instant, seat: queue.currentSeat, nil)
            queue.add(strike)
            let place = StrikePlace(message: 1, length: 0, dice: Dice(seed: 0))
            guard case .effect(let effect) = rule.fault.draw(at: place) else { continue }
            strike.work(out: effect, last: 1, horizon: queue.currentSeat)
        }
    }

    func receive(
        _ bytes: Span<UInt8>, _ direction: Direction, at instant: Instant, ordinal: UInt64,
        isArrival: Bool, _ queue: inout StrikeQueue
    ) {
        guard !isLeftOut, takes(isArrival, direction) else { return }
        places.pass(bytes.count, direction, at: instant, &queue)
        guard !rules.isEmpty || !received.isEmpty else { return }
        var start = 0
        while start < bytes.count {
            let rest = bytes.extracting(start..<bytes.count)
            let step = conversation.advance(rest, direction, at: instant)
            var consumed = rest.count
            switch step {
            case .message(let count, let placed):
                consumed = count
                if direction == sends {
                    search(rest.extracting(0..<count), isLast: true)
                    roll(placed, &queue)
                } else {
                    received.roll(placed, &queue)
                }
            case .lostSync(let count, _, let offset, let reason):
                consumed = count
                skipOpaque(direction, from: offset, reason, instant, &queue)
            case .needMore:
                if direction == sends { search(rest, isLast: false) }
            case .opaque:
                break
            }
            tracker.receive(step, direction, at: instant, ordinal: ordinal, of: conversation)
            drain()
            // What ends a message may be empty for the one behind it: the loop goes by bytes.
            start += consumed
            if step == .opaque || step == .needMore { return }
        }
    }

    func gap(
        _ direction: Direction, _ missing: UInt64, _ instant: Instant, _ queue: inout StrikeQueue
    ) {
        guard !isLeftOut else { return }
        let wasOpaque = conversation[direction].opaque != nil
        conversation.gap(direction, bytes: missing)
        tracker.gap(direction, of: conversation)
        if !wasOpaque, let opaque = conversation[direction].opaque {
            skipOpaque(direction, from: opaque.offset, opaque.reason, instant, &queue)
        }
        places.gap(direction, missing)
        drain()
    }

    /// - Returns: whether the connection is over.
    func end(_ event: Event, _ queue: inout StrikeQueue) -> Bool {
        if case .finished = event.fact, let direction = event.direction {
            finished[direction] = true
        } else {
            finished = PerDirection(true)
        }
        guard finished.upstream && finished.downstream else { return false }
        finish(&queue)
        return true
    }

    func finish(_ queue: inout StrikeQueue) {
        tracker.finish()
        drain()
        link.finish()
        lookBeyond()
    }

    /// Rolls for a message that is whole.
    private func roll(_ placed: Conversation.Placed, _ queue: inout StrikeQueue) {
        var seat = Seat(
            number: placed.message.number, seat: queue.takeSeat(), found: takeFound(), rolled: [])
        let bytes = placed.offset..<(placed.offset + placed.length)
        for (index, rule) in rules.enumerated() {
            guard !queue.isUsedUp(rule: rule.index), rule.fault.mayStrike(bytes: bytes),
                rule.strikes(connection: connection, placed),
                walks[index]?.strikes(placed.message.number) ?? true
            else { continue }
            let isGroup = rule.takesGroups && placed.message.group != nil
            if !isGroup {
                guard !rule.looksInside || seat.found & (1 << index) != 0 else { continue }
                guard placed.message.state == nil || !rule.sparesState else { continue }
            }
            let strike = rule.roll(
                connection: connection, message: placed.message.number, at: placed.began,
                seat: seat.seat, strikes)
            queue.add(strike)
            seat.rolled.append((strike, index))
        }
        untold.append(seat)
        session?.add(
            SessionOrder.Entry(
                seat: seat.seat, connection: connection, route: route,
                message: placed.message.number,
                began: placed.began, openedAt: openedAt,
                isPlain: placed.message.group == nil && placed.message.state == nil,
                strikes: strikes))
    }

    private func drain() {
        while let fact = tracker.next() {
            switch fact {
            case .message(var tracked) where tracked.placed.direction == sends:
                if sends == .downstream { tracked.flight = flight }
                tell(tracked)
            case .opaque(sends, _, _) where sends == .downstream: link.finish()
            case .message, .turned(to: .upstream, _, _):
                guard sends == .downstream else { break }
                flight += 1
                link.endFlight()
            case .answerBegan(let to, _, _) where sends == .upstream: link.answerBegan(to: to)
            case .turned(to: .downstream, _, _), .opaque(.downstream, _, _):
                if sends == .upstream { link.endFlight() }
            case .opaque(.upstream, _, _): if sends == .upstream { link.finish() }
            default: break
            }
        }
    }

    /// Works out what was rolled for a message, as far as what is behind it does not matter.
    private func tell(_ tracked: ExchangeTracker.Tracked) {
        guard firstUntold < untold.count else { return }
        let seat = untold[firstUntold]
        firstUntold += 1
        if firstUntold == untold.count {
            untold.removeAll(keepingCapacity: untold.count <= 1_024)
            firstUntold = 0
        }
        var grouped: [LinkLookahead.Member] = []
        for (strike, index) in seat.rolled where strike.isWaiting {
            let rule = rules[index]
            let isCut = rule.fault is Disconnect && sends == .upstream
            let unanswered = isCut ? tracker.resendRanges : []
            let place = rule.place(
                connection: connection, tracked.placed, unanswered: unanswered)
            let draw = rule.fault.draw(at: place)
            guard rule.takesGroups else {
                if case .effect(let effect) = draw {
                    strike.work(out: effect, last: tracked.number, horizon: seat.seat)
                }
                continue
            }
            grouped.append(
                LinkLookahead.Member(
                    strike: strike, draw: draw, wanted: rule.looksInside ? 1 << index : 0,
                    includesState: !rule.sparesState,
                    isForced: (rule.fault as? Reorder)?.force == .yes))
        }
        link.add(tracked, seat: seat.seat, found: seat.found, grouped)
        lookBeyond()
    }

    /// Strikes whose own messages are known look for one of another connection.
    private func lookBeyond() {
        guard let session else { return }
        for found in link.takeOvertakes() {
            guard let rule = rules.first(where: { $0.index == found.strike.rule }) else { continue }
            session.wait(
                SessionOrder.Overtake(
                    strike: found.strike, rule: rule, last: found.last, lastSeat: found.lastSeat,
                    depth: found.depth, withinNanoseconds: found.withinNanoseconds))
        }
    }

    /// What stands behind this offset cannot be read as messages.
    private func skipOpaque(
        _ direction: Direction, from offset: UInt64, _ reason: String, _ instant: Instant,
        _ queue: inout StrikeQueue
    ) {
        skipRest(
            direction, from: conversation[direction].messages + 1,
            "not read as messages from byte \(offset) on: \(reason)", instant, &queue)
    }

    /// A line for each rule that would have gone on.
    private func skipRest(
        _ direction: Direction, from message: UInt64, _ reason: String, _ instant: Instant,
        _ queue: inout StrikeQueue
    ) {
        let own = direction == sends ? rules : received.rules
        for rule in own + places.rules(direction)
        where rule.reaches(message: message, at: instant) {
            let strike = rule.roll(
                connection: connection, message: 0, at: instant, seat: queue.currentSeat, nil)
            strike.skip(reason)
            queue.add(strike)
        }
    }

    private func search(_ bytes: Span<UInt8>, isLast: Bool) {
        guard isSearching else { return }
        for (index, rule) in rules.enumerated() { rule.search?.feed(bytes, &searches[index]) }
        text.add(bytes, isLast: isLast)
        guard isLast else { return }
        let pieces = rules.map(\.pattern)
        text.read(bytes) { whole in
            for (index, pattern) in pieces.enumerated() {
                matched[index] = pattern?.matches(in: whole) ?? true
            }
        }
    }

    /// What was found in the message that has ended; the next one begins.
    private func takeFound() -> UInt64 {
        guard isSearching else { return 0 }
        var found: UInt64 = 0
        for index in searches.indices {
            let isFound = rules[index].search == nil || searches[index].isFound
            if isFound, matched[index] { found |= 1 << index }
            searches[index] = ByteSearch.Progress()
        }
        return found
    }

    private func takes(_ isArrival: Bool, _ direction: Direction) -> Bool {
        let expected = areArrivals[direction] ?? isArrival
        areArrivals[direction] = expected
        return expected == isArrival
    }
}
