import Faults
import Recordings

/// Plays the recorded server on one connection that a consumer dialled: decides what answers what
/// comes, when it is sent, and what a strike makes of it. It touches no socket and no clock.
///
/// Feed it what comes with `received`; ask `next` for an action, do it, and ask again, as with a
/// `Player`. It plays a recorded connection once it is assigned one, which its first message or the
/// order of accepting does.
struct Responder {
    enum Phase: Hashable {
        /// It does not know yet which recorded connection it plays.
        case unassigned
        case playing
        /// The struck message's last byte before the cut was taken.
        case cutting(Struck, since: Instant, askAt: Instant)
        /// Nothing is sent, and the connection stays up.
        case silent(Struck, since: Instant, until: Instant)
        /// After a half-close: the consumer's end is awaited.
        case halfClosed(until: Instant)
        /// FIN was sent; the consumer's end is awaited.
        case closing(until: Instant)
        case over
    }

    /// A strike: a recorded connection's, and its index in that one's ledger.
    struct Struck: Hashable {
        var source: Int
        var strike: Int
    }

    let book: ServiceBook
    let onUnknown: OnUnknown
    let acceptedAt: Instant
    var phase = Phase.unassigned
    /// The recorded connection that is played; nil: none (yet).
    private(set) var own: Int?
    private(set) var number: UInt32 = 0
    private(set) var attempt: UInt16 = 1
    /// To be told before anything else is done, and things to be done before anything else.
    var reports: [Event.Fact] = []
    private var reported = 0
    var urgent: [Action] = []

    var conversation: Conversation
    /// Of the message that is under way.
    var digest: RequestDigest
    /// Bytes that came, and messages.
    var received: UInt64 = 0
    var requests: UInt64 = 0
    var lastReceivedAt: Instant
    /// Nothing that comes is answered any more.
    var isMute = false
    /// It ends once all that is to be sent has been.
    var closesWhenSent = false
    var hasConsumerFinished = false

    var outbox = Outbox()
    /// Requests whose answers were not sent whole, in their order.
    var outstanding: [Outstanding] = []
    /// The next push of the recorded connection; nil when there is none, or nobody has looked.
    var nextPush: (message: UInt64, requests: UInt64)?
    /// When the request came that the latest pushes wait for.
    var progressAt: Instant

    var head: Head?
    var headEntry: Outbox.Entry?
    /// Messages that were handed out whole and that the socket has not taken.
    var committed: [Outbox.Entry] = []
    var untaken = 0
    /// The drop whose group is being passed over.
    var dropping: Struck?
    /// Reorders whose messages have changed places.
    var arranged: Set<Struck> = []
    var lastRelease = Instant.start
    var begun: UInt64 = 0
    var throttle: Throttle
    var conditions: LinkSchedule?
    var holdWalk: HoldWalk?
    var rawOffset: UInt64 = 0
    var rawTurn = RawTurn()
    /// The recorded end, when it is due.
    var serverEnd: ServerEnd?
    var closeHeldSince: Instant?
    var blockedSince: Instant?
    var isStalled = false
    var endedByStrike = false
    var tally = Tally()

    /// A request whose answer was not sent whole.
    struct Outstanding: Hashable {
        /// Counted through all connections.
        var request: Int
        /// Messages of the answer that are still to be sent; more than there are, where one was
        /// lost to a strike.
        var remaining: Int
        /// The recorded server never answered it.
        var isNeverAnswered = false
        /// A strike keeps it back, or has lost it.
        var isStruck = false
    }

    struct ServerEnd: Hashable {
        var isReset: Bool
        var by: Party
        var due: Instant
    }

    /// What it counts by itself; the rest is in `ReplayResult`, which it is handed.
    struct Tally: Hashable {
        var stalls: UInt64 = 0
        var served = ServedCounts()
        var isEndMissing = false
    }

    /// - Parameter framer: a new one; nil: bytes are no messages.
    init(_ book: ServiceBook, framer: (any Framer)?, onUnknown: OnUnknown, at now: Instant) {
        self.book = book
        self.onUnknown = onUnknown
        conversation = Conversation(framer: framer)
        digest = RequestDigest(book.settings.framing)
        acceptedAt = now
        lastReceivedAt = now
        progressAt = now
        throttle = Throttle(
            Schedule(seed: 0).link(connection: 0, .downstream))
        guard let expected = book.expected() else { return }
        let isRefused = book[expected].attempts == 0 && refusal(of: expected) != nil
        guard book[expected].serverSpeaksFirst || isRefused else { return }
        begin(expected, by: .order, at: now)
    }

    var isAssigned: Bool { phase != .unassigned }

    /// More is not taken from the consumer until some of it has been answered.
    var mayReceive: Bool { outbox.hasRoom && outstanding.count < Outbox.mostAsked }

    /// Whether something is to be sent at a time that is still to come.
    var isBusy: Bool {
        switch phase {
        case .playing: head != nil || untaken > 0 || !outbox.isEmpty || serverEnd != nil
        case .cutting, .halfClosed, .closing: true
        case .silent(_, _, let until): until.nanoseconds < .max
        case .unassigned, .over: false
        }
    }

    /// It plays this recorded connection from now on; nil: none.
    mutating func begin(_ index: Int?, by assignment: ServingMark.Assignment, at now: Instant) {
        own = index
        phase = .playing
        reports.append(
            .mark(
                label: ServingMark.accepted(
                    by: assignment, afterNanoseconds: now.nanoseconds(since: acceptedAt)
                ).label))
        tally.served.attempts += 1
        guard let index else {
            number = book.takeExtraNumber()
            tally.served.unassigned += 1
            return
        }
        number = book[index].number
        attempt = book.begin(index)
        if attempt > 1 { tally.served.redials += 1 }
        let conditions = book[index].conditions
        self.conditions = conditions
        holdWalk = HoldWalk(conditions)
        throttle = Throttle(conditions)
        rawOffset = book[index].extent.rawFrom
        nextPush = book.push(from: 1, of: index)
        if let nextPush, nextPush.requests > 0, attempt > 1 { skipPushes(index) }
        if let strike = refusal(of: index) {
            phase = .cutting(Struck(source: index, strike: strike), since: now, askAt: now)
        }
        noteEnd(of: index, at: now)
    }

    private func refusal(of index: Int) -> Int? {
        book[index].ledger.refusal.flatMap { book[index].ledger.isSettled($0) ? nil : $0 }
    }

    /// On a later attempt pushes go on where the one before left them.
    mutating func skipPushes(_ index: Int) {
        guard let push = nextPush, push.requests > 0, push.message < book[index].pushesFrom else {
            return
        }
        nextPush = book.push(from: book[index].pushesFrom, of: index)
    }

    /// What to do now.
    /// - Parameter canSend: whether there is room for more pieces.
    mutating func next(at now: Instant, canSend: Bool) -> Action {
        if let report = nextReport() { return report }
        if !urgent.isEmpty { return urgent.removeFirst() }
        let action = decide(now, canSend)
        if case .wait = action, let report = nextReport() { return report }
        return action
    }

    private mutating func nextReport() -> Action? {
        reports += book.takeOutcomes().map { .strike($0) }
        guard reported < reports.count else {
            reports.removeAll()
            reported = 0
            return nil
        }
        reported += 1
        return .report(reports[reported - 1])
    }

    private mutating func decide(_ now: Instant, _ canSend: Bool) -> Action {
        switch phase {
        case .unassigned:
            return .wait(until: nil)
        case .playing:
            return play(now, canSend)
        case .cutting(let struck, let since, let askAt):
            guard now >= askAt else { return .wait(until: askAt) }
            phase = .cutting(
                struck, since: since,
                askAt: now.advanced(byNanoseconds: Limits.drainPollNanoseconds))
            return .askUnacknowledged
        case .silent(let struck, let since, let until):
            guard now >= until else {
                return .wait(until: until.nanoseconds < .max ? until : nil)
            }
            endSilence(struck, since: since, at: now)
            return next(at: now, canSend: canSend)
        case .halfClosed(let until), .closing(let until):
            guard now >= until else { return .wait(until: until) }
            tally.isEndMissing = true
            reports.append(.mark(label: "the consumer's end did not come in time"))
            urgent.append(.close(by: .weir))
            end(at: now)
            return next(at: now, canSend: canSend)
        case .over:
            return .done
        }
    }

    /// Graceful: what is open is finished, what is under way is left.
    mutating func stop(at now: Instant) {
        switch phase {
        case .over: break
        case .unassigned:
            begin(nil, by: .none, at: now)
            urgent.append(.close(by: .weir))
            end(at: now)
        case .playing, .cutting, .silent:
            if case .silent(let struck, let since, _) = phase {
                settleSilence(struck, since: since, at: now)
            }
            if hasConsumerFinished {
                urgent.append(.close(by: .weir))
                return end(at: now)
            }
            urgent.append(.finish(by: .weir))
            phase = .closing(until: now.advanced(byNanoseconds: Limits.stopNanoseconds))
        case .halfClosed(let until), .closing(let until):
            let soon = now.advanced(byNanoseconds: Limits.stopNanoseconds)
            phase = .closing(until: min(until, soon))
        }
    }

    /// The connection is over; the recorded one waits for the consumer's next attempt, unless it
    /// was played to its end.
    mutating func end(at now: Instant) {
        guard phase != .over else { return }
        reports += throttle.achieved.map { .mark(label: $0) }
        if let own {
            let isOver = conversation.upstream.messages == 0 && book[own].requests == 0
            // Who asked in vain in the recording, too, is not waited for: it asks again elsewhere.
            let unanswered = outstanding.filter {
                !$0.isNeverAnswered || $0.isStruck || endedByStrike
            }
            book.end(
                own, unanswered: unanswered.map(\.request), isOver: isOver && !endedByStrike)
        }
        head = nil
        headEntry = nil
        committed = []
        outbox = Outbox()
        outstanding = []
        untaken = 0
        phase = .over
    }
}

/// What becomes of a request that the recording does not have.
package enum OnUnknown: String, Hashable, Sendable, CaseIterable {
    /// What is owed is still sent; then the connection is closed.
    case close
    /// Nothing more is answered on the connection, which stays open.
    case wait
}
