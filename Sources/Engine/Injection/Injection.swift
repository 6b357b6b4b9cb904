import Faults
import Platform
import Recordings

/// Does on one connection what an injector decides: it brings the bytes and the time, and sends
/// what is due.
///
///     bytes, ends, time ──► injector ──► actions ──► outlets, in order ──due──► sockets
final class Injection {
    /// A link whose bytes are held reads on up to so many of them.
    static let heldBytesPerLink = 32 << 20
    /// What was sent is forgotten once it is so much, or half of what is held.
    static let leastForgotten = 64 << 10

    private static let never = Instant(nanoseconds: .max)

    private var injector: Injector
    private let links: PerDirection<Link>
    private var outlets: PerDirection<LiveOutlet>
    private var reading: PerDirection<SlowReading>
    /// Bytes sent since what is held was looked through.
    private var sentSince = PerDirection(0)
    private var alarm = Alarm()
    /// The session ends: nothing waits for its time any more.
    private var isHurried = false
    /// No rule is about this connection any more.
    private var isRetiring = false
    private var counted = 0
    private var isOver = false

    init(_ injector: Injector, upstream: Link, downstream: Link) {
        self.injector = injector
        links = PerDirection(upstream: upstream, downstream: downstream)
        outlets = PerDirection(
            upstream: LiveOutlet(injector.conditions(.upstream)),
            downstream: LiveOutlet(injector.conditions(.downstream)))
        reading = PerDirection(
            upstream: SlowReading(injector.conditions(.upstream)),
            downstream: SlowReading(injector.conditions(.downstream)))
    }

    /// Does what was decided when the connection opened.
    func begin() { advance() }

    private var session: Session { links.upstream.session }

    func heldBytes(_ direction: Direction) -> Int { injector.held(direction).count }

    /// Whether a link may read on.
    func hasRoom(_ direction: Direction) -> Bool {
        guard reading[direction].portion == nil || reading[direction].readyAt <= session.instant
        else { return false }
        let held = heldBytes(direction)
        return held < Self.heldBytesPerLink
            && (held == 0 || session.counters.heldBytes < Session.heldBytes)
    }

    /// So much is received at once at most; nil: as much as there is.
    func receiveLimit(_ direction: Direction) -> Int? { reading[direction].portion }

    /// When the last of what waits is due; nil: nothing waits for its time.
    var lastDue: Instant? {
        guard !isHurried else { return nil }
        // What is stalled for good is not waited for.
        return Direction.allCases.compactMap { outlets[$0].lastDue }.filter { $0 < Self.never }
            .max()
    }

    func receive(_ bytes: UnsafeRawBufferPointer, on link: Link) {
        let bytes = bytes.assumingMemoryBound(to: UInt8.self)
        let instant = session.instant
        reading[link.direction].didRead(bytes.count, at: instant)
        injector.receive(bytes.span, link.direction, at: instant)
        advance()
    }

    /// No byte follows on this link.
    func finish(_ link: Link) {
        injector.finish(link.direction, at: session.instant)
        if isHurried { injector.wake(at: Self.never) }
        advance()
    }

    /// The receiver of this link is gone.
    func abandon(_ link: Link) {
        drop(link.direction)
        injector.close(link.direction)
        for action in injector.takeActions() {
            if case .strike(let strike) = action { session.tell(strike) }
        }
        countHeld()
    }

    /// Messages of other connections were sent, which a message on this link has waited for.
    func overtaken(_ direction: Direction) {
        guard !isOver else { return }
        injector.overtaken(direction, at: session.instant)
        advance()
        // It may have stopped reading, because so much waited.
        links[direction].move()
    }

    /// What waits on this link will not be sent.
    private func drop(_ direction: Direction) {
        for redelivery in outlets[direction].removeAll() {
            links.upstream.connection.proxy.copies.lose(redelivery)
        }
    }

    func setRules(_ rules: LiveRules) {
        injector.setRules(rules)
        for direction in Direction.allCases {
            let conditions = injector.conditions(direction)
            outlets[direction].setConditions(conditions)
            reading[direction] = SlowReading(conditions, after: reading[direction])
        }
        isRetiring = !rules.covers(connection: injector.connection, on: injector.route)
        advance()
        // They may read what they could not before.
        for direction in Direction.allCases { links[direction].move() }
    }

    /// What waits is sent at once.
    func hurry() {
        isHurried = true
        injector.wake(at: Self.never)
        advance()
    }

    /// The connection is over.
    func end() {
        isOver = true
        alarm.cancel(on: session.network)
        for direction in Direction.allCases {
            tellAchieved(direction)
            drop(direction)
        }
        session.counters.hold(-counted)
        counted = 0
    }

    /// Sends once from what is due on this link; nil: nothing is, or there is nothing to send.
    func sendNext(on link: Link) -> SendOutcome? {
        let direction = link.direction
        let instant = session.instant
        var step = outlets[direction].next(instant, isHurried: isHurried)
        while case .redeliver(let redelivery) = step {
            link.connection.proxy.copies.add(redelivery)
            step = outlets[direction].next(instant, isHurried: isHurried)
        }
        switch step {
        case .send(let send, let start, let count):
            let outcome = self.send(send, start..<(start + count), on: link)
            guard case .bytes(let taken) = outcome else { return outcome }
            if let whole = outlets[direction].took(taken, at: instant) {
                sentSince[direction] += whole.count
                tell(whole, on: link)
                forget(direction)
                overtake(with: whole, on: link)
            }
            return outcome
        case .finish: link.endSending()
        case .cut(let how, let strike): link.connection.cut(link, how, strike: strike)
        case .nothing, .wait, .redeliver: break
        }
        // Time may have gone by while the receiver took nothing.
        wakeInTime()
        return nil
    }

    /// What waits on another connection for this may go on.
    private func overtake(with send: LiveSend, on link: Link) {
        let waited = injector.rules.overtakes.sent(
            send, on: injector.connection, link.direction, route: injector.route)
        if let waited { link.connection.proxy.overtaken(waited, link.direction) }
    }
}

extension Injection: TimerHandler {
    func timerFired(_ timer: TimerToken) {
        guard alarm.wasSet(by: timer) else { return }
        injector.wake(at: session.instant)
        advance()
        links.upstream.move()
        links.downstream.move()
    }

    /// Takes what was decided, and does what of it is due.
    private func advance() {
        for action in injector.takeActions() {
            switch action {
            case .send(let direction, let send): outlets[direction].append(send)
            case .finish(let direction, let due): outlets[direction].appendFinish(due: due)
            case .cut(let direction, let how, let strike, let due):
                outlets[direction].appendCut(how, strike: strike, due: due)
            case .overtaken(let connection, let direction):
                links.upstream.connection.proxy.overtaken(connection, direction)
            case .unrolled(let messages):
                session.note(
                    .unrolled(connection: injector.connection, messages: messages))
            case .redeliver(let direction, let redelivery, let due):
                outlets[direction].append(redelivery, due: due)
            case .strike(let strike): session.tell(strike)
            }
        }
        for direction in Direction.allCases {
            links[direction].sendHeld()
            forget(direction)
        }
        countHeld()
        guard !isRetiring || !isAtRest else { return links.upstream.connection.retire(self) }
        wakeInTime()
    }

    private var isAtRest: Bool {
        injector.isIdle && Direction.allCases.allSatisfy { outlets[$0].isEmpty }
    }

    /// Sets the timer for what is due next.
    private func wakeInTime() {
        guard !isOver else { return }
        let instant = session.instant
        var next = injector.nextWake
        for direction in Direction.allCases {
            let ready = reading[direction].readyAt
            if reading[direction].portion != nil, ready > instant {
                next = min(next ?? ready, ready)
            }
            guard !links[direction].isBlocked,
                let due = outlets[direction].nextDue(instant, isHurried: isHurried),
                due < Self.never
            else { continue }
            next = min(next ?? due, due)
        }
        guard let next else { return }
        let time = session.recorder.time(of: next)
        alarm.set(at: time, on: session.network, for: self)
    }

    private func send(_ send: LiveSend, _ part: Range<Int>, on link: Link) -> SendOutcome {
        switch send.bytes {
        case .literal(let bytes):
            return bytes.withUnsafeBytes { all in
                link.destination.send(UnsafeRawBufferPointer(rebasing: all[part]))
            }
        case .arrived(let range):
            let from = range.lowerBound + UInt64(part.lowerBound)
            let bytes = from..<(from + UInt64(part.count))
            return injector.held(link.direction).withBytes(bytes) { span in
                span.withUnsafeBytes { link.destination.send($0) }
            }
        }
    }

    /// Forgets what is not needed any more, now and then.
    private func forget(_ direction: Direction) {
        let held = heldBytes(direction)
        let isEmpty = outlets[direction].isEmpty
        guard isEmpty || sentSince[direction] >= max(Self.leastForgotten, held / 2) else { return }
        sentSince[direction] = 0
        let needed = injector.keepsFrom(direction)
        injector.forget(direction, before: min(needed, outlets[direction].keepsFrom ?? needed))
        countHeld()
    }

    private func countHeld() {
        guard !isOver else { return }
        let held = heldBytes(.upstream) + heldBytes(.downstream)
        session.counters.hold(held - counted)
        counted = held
    }
}

/// What is logged and recorded.
extension Injection {
    /// What conditions were asked for and achieved, in the recording and in the log.
    private func tellAchieved(_ direction: Direction) {
        var lines = outlets[direction].achieved
        if let slow = reading[direction].achieved { lines.append(slow) }
        let connection = injector.connection
        for line in lines {
            session.recorder.record(
                Event(
                    at: session.instant, connection: connection, attempt: 1,
                    direction: direction, .mark(label: line)))
            session.note(.achieved(connection: connection, direction, line))
        }
    }

    /// The socket took the last byte of this. What left as it came is not recorded again.
    private func tell(_ send: LiveSend, on link: Link) {
        guard !send.cause.isEmpty else { return }
        let instant = session.instant
        if send.due > send.arrived { injector.rules.countDelay(send, sent: instant) }
        var sent = Sent(
            message: send.message, copy: send.copy, offset: send.offset, strike: send.cause,
            source: .literal)
        var literal: [UInt8] = []
        switch send.bytes {
        case .literal(let bytes): literal = bytes
        case .arrived(let range):
            sent.source = .arrived(
                offset: range.lowerBound, count: UInt32(clamping: range.count))
        }
        session.recorder.record(
            Event(
                at: instant, connection: link.connection.number, attempt: 1,
                direction: link.direction, .sent(sent)),
            literal.span)
    }
}
