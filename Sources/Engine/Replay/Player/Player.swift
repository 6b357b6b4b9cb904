import Faults
import Recordings

/// Plays one recorded connection as the client: decides what is sent when, and what a strike makes
/// of it. It touches no socket and no clock.
///
///              ┌──── refused, tried again ◄──┐
///              ▼                             │
///     idle ─► dialling ─► playing ─► cutting ┴► halfClosed ─► waiting ─► dialling …
///                            │                      │
///                            ▼                      ▼
///                         closing ───────────────► over
///
/// Ask `next` for an action, do it, tell what came of it, and ask again; after `.wait`, when its
/// time has come or something happened. A place is a number in the recorded order of upstream
/// messages: a strike changes which message stands at a place, dependencies are between places.
struct Player: Sendable {
    enum Phase: Hashable, Sendable {
        case idle
        case dialling(since: Instant)
        case playing
        /// The struck message's last byte before the cut was taken.
        case cutting(strike: Int, since: Instant, askAt: Instant)
        /// Nothing is sent, and the connection stays up.
        case silent(strike: Int, since: Instant, until: Instant)
        /// After a half-close: the consumer's end is awaited.
        case halfClosed(strike: Int, until: Instant)
        /// For the reconnect.
        case waiting(until: Instant)
        /// FIN was sent; the consumer's end is awaited.
        case closing(until: Instant)
        case over
    }

    let connection: TranscriptConnection
    let settings: ReplaySettings
    /// The copy that it plays, and nothing else; nil: it plays the recorded connection.
    let redelivery: Redelivery?
    let clock: ReplayClock
    let conditions: LinkSchedule
    var holdWalk: HoldWalk
    /// The links have no messages: cells stand for them.
    let isByCells: Bool
    /// How far the upstream link can be played.
    let extent: PlayableExtent
    var ledger: StrikeLedger

    var phase = Phase.idle
    /// Of the connection that is open, or was last; 0 before the first.
    var attempt: UInt16 = 0
    /// The highest number that was given to a TCP connection of this recorded one, and the one that
    /// is being dialled.
    private(set) var attemptsGiven: UInt16 = 0
    private var dialledAttempt: UInt16?
    /// Dials in a row that failed.
    var failedDials = 0
    /// To be told before anything else is done.
    var reports: [Event.Fact] = []
    private var reported = 0
    /// To be done before anything else, reports apart.
    var urgent: [Action] = []

    var order: SendingOrder
    var head: Head?
    var answers: LiveAnswers
    /// Bytes that were handed out and that the socket has not taken.
    var untaken = 0
    /// Nothing is due before it: the attempt's opening, or its preparations.
    var floor = Instant.start
    /// When what was handed out last was due; order is kept.
    var lastRelease = Instant.start
    /// How much later than recorded an uncoupled link goes on.
    var shift: Int64?
    /// Bytes that were recorded downstream, and those that came, when the last turn began.
    var turn = TurnBase()
    var completion = RecordedCompletion()
    var hasConsumerFinished = false
    var endAwaitedSince: Instant?
    var blockedSince: Instant?
    var isStalled = false
    var sessionStates: [String: UInt64] = [:]
    var overtakes = Overtakes()
    var beforeEnd = AnswersBeforeEnd()
    /// What strikes on what comes.
    var receiving: ReceivedStrikes
    var throttle: Throttle
    /// Since when conditions hold the end.
    var closeHeldSince: Instant?
    /// How many messages were begun, copies too.
    var begun: UInt64 = 0
    var tally = Tally()
    /// Why nothing more is played; empty as long as it is.
    private(set) var endReason = ""

    /// - Parameter strikes: what is planned on the upstream link.
    init(
        _ connection: TranscriptConnection, _ conditions: LinkSchedule, strikes: [Strike],
        _ settings: ReplaySettings, _ clock: ReplayClock
    ) {
        self.connection = connection
        redelivery = nil
        self.conditions = conditions
        holdWalk = HoldWalk(conditions)
        self.settings = settings
        self.clock = clock
        throttle = Throttle(conditions)
        extent = PlayableExtent(connection)
        isByCells = settings.framing == .none && settings.units == .messages
        ledger = StrikeLedger(
            strikes.filter { $0.direction == .upstream }, on: connection.upstream,
            isByCells: isByCells)
        receiving = ReceivedStrikes(
            strikes.filter { $0.direction == .downstream }, connection, isByCells: isByCells)
        order = SendingOrder(extent)
        answers = LiveAnswers(nil)
    }

    /// Plays one copy of a message or group, on a connection of its own.
    /// - Parameter attempt: the number of that connection.
    init(
        _ redelivery: Redelivery, of connection: TranscriptConnection,
        _ conditions: LinkSchedule, attempt: UInt16, _ settings: ReplaySettings,
        _ clock: ReplayClock
    ) {
        self.connection = connection
        self.redelivery = redelivery
        self.conditions = conditions
        holdWalk = HoldWalk(conditions)
        self.settings = settings
        self.clock = clock
        throttle = Throttle(conditions)
        extent = PlayableExtent(connection)
        isByCells = false
        receiving = ReceivedStrikes([], connection, isByCells: false)
        ledger = StrikeLedger([redelivery.strike], on: connection.upstream)
        ledger.handOver(0)
        order = SendingOrder(extent)
        answers = LiveAnswers(nil)
        attemptsGiven = attempt - 1
        order.place = extent.messages + 1
        order.rawOffset = extent.bytes
        order.setPrelude(redelivery.prelude)
        turn.recorded = connection.exchange(redelivery.strike.message).dependsOnBytes
    }

    /// What a player counts by itself; the rest is in `ReplayResult`, which it is handed.
    struct Tally: Hashable, Sendable {
        /// Originals that a strike kept from being sent whole at their place.
        var struck: UInt64 = 0
        var sent: UInt64 = 0
        var reconnects: UInt64 = 0
        var stalls: UInt64 = 0
        var isUncoupled = false
        var isUnopened = false
        var isEndMissing = false
        var isEndedByConsumer = false
        /// Strikes that ended a connection though answers had not come that they waited for.
        var endsInVain: UInt64 = 0
    }

    /// Originals that were not sent, though no strike kept them from it.
    var unsent: UInt64 { extent.messages - min(extent.messages, tally.sent + tally.struck) }

    /// What to do now.
    /// - Parameter canSend: whether there is room for more pieces; false when the socket took less
    ///   than it was handed, until it takes more.
    mutating func next(at now: Instant, canSend: Bool) -> Action {
        if let report = nextReport() { return report }
        if !urgent.isEmpty { return urgent.removeFirst() }
        if let action = endReceivedSilence(at: now) { return action }
        var action = decide(now, canSend)
        if case .wait(let until) = action, let end = receiving.silentUntil {
            action = .wait(until: min(until ?? end, end))
        }
        // What was settled on the way to a pause is told before it.
        if case .wait = action, let report = nextReport() { return report }
        return action
    }

    private mutating func nextReport() -> Action? {
        if receiving.ledger.hasOutcomes {
            // A strike is told before the end that it makes.
            urgent = receiving.ledger.takeOutcomes().map { .reportReceived($0) } + urgent
        }
        if ledger.hasOutcomes {
            reports += ledger.takeOutcomes().map { .strike($0) }
        }
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
        case .idle:
            return dial(now)
        case .dialling(let since):
            let deadline = since.advanced(byNanoseconds: settings.dialTimeoutNanoseconds)
            return now >= deadline ? .abandonDial : .wait(until: deadline)
        case .playing:
            return play(now, canSend)
        case .cutting(let strike, let since, let askAt):
            guard now >= askAt else { return .wait(until: askAt) }
            phase = .cutting(
                strike: strike, since: since,
                askAt: now.advanced(byNanoseconds: Limits.drainPollNanoseconds))
            return .askUnacknowledged
        case .silent(let strike, let since, let until):
            guard now >= until else { return .wait(until: until) }
            endSilence(strike, since: since, at: now)
            return next(at: now, canSend: canSend)
        case .halfClosed(let strike, let until):
            guard now >= until else { return .wait(until: until) }
            tally.isEndMissing = true
            afterCut(strike, at: now)
            return .close(by: .weir)
        case .waiting(let until):
            return now >= until ? dial(now) : .wait(until: until)
        case .closing(let until):
            guard now >= until else { return .wait(until: until) }
            giveUpEnd(at: now)
            return next(at: now, canSend: canSend)
        case .over:
            return .done
        }
    }

    private mutating func dial(_ now: Instant) -> Action {
        phase = .dialling(since: now)
        let number = dialledAttempt ?? takeAttempt()
        dialledAttempt = number
        return .dial(attempt: number)
    }

    /// The number of the next TCP connection that plays this recorded one.
    mutating func takeAttempt() -> UInt16 {
        attemptsGiven = attemptsGiven == .max ? .max : attemptsGiven + 1
        return attemptsGiven
    }

    /// The number that events have: of what is open, or will be.
    var shownAttempt: UInt16 { max(1, attempt > 0 ? attempt : attemptsGiven) }

    /// The connection stands.
    /// - Parameter framer: a new one, for this attempt.
    mutating func opened(at now: Instant, framer: (any Framer)?) {
        let isFirst = attempt == 0
        attempt = dialledAttempt ?? takeAttempt()
        dialledAttempt = nil
        if !isFirst {
            tally.reconnects += 1
            receiveFreely(at: now)
        }
        failedDials = 0
        phase = .playing
        answers.beginAttempt(framer, at: now)
        floor = now
        turn.consumed = 0
        hasConsumerFinished = false
        blockedSince = nil
        isStalled = false
        if isFirst, let strike = ledger.refusal {
            phase = .cutting(strike: strike, since: now, askAt: now)
        }
    }

    /// The connection could not be made.
    mutating func refused(_ reason: String, at now: Instant) {
        failedDials += 1
        if attempt == 0, redelivery == nil {
            tally.isUnopened = true
            end("the connection could not be opened: \(reason)", at: now)
        } else if failedDials <= Limits.redials {
            let wait = Limits.redialNanoseconds << Int64(failedDials - 1)
            phase = .waiting(until: now.advanced(byNanoseconds: wait))
        } else {
            end("the consumer could not be reached again: \(reason)", at: now)
        }
    }

    /// The socket took less than it was handed.
    mutating func blocked(at now: Instant) {
        blockedSince = blockedSince ?? now
    }

    /// Graceful: what is open is finished, what is under way is left.
    mutating func stop(at now: Instant) {
        let reason = "interrupted"
        switch phase {
        case .idle, .waiting, .over:
            end(reason, at: now)
        case .dialling:
            urgent.append(.release)
            end(reason, at: now)
        case .playing where hasConsumerFinished, .cutting where hasConsumerFinished,
            .silent where hasConsumerFinished:
            urgent.append(.close(by: .weir))
            end(reason, at: now)
        case .playing, .cutting, .silent:
            ledger.preemptAll(reason)
            urgent.append(.finish(by: .weir))
            phase = .closing(until: now.advanced(byNanoseconds: Limits.stopNanoseconds))
        case .halfClosed(_, let until), .closing(let until):
            ledger.preemptAll(reason)
            let soon = now.advanced(byNanoseconds: Limits.stopNanoseconds)
            phase = .closing(until: min(until, soon))
        }
    }

    /// Nothing more is played; strikes that are not settled will not strike, and why.
    mutating func end(_ reason: String, at now: Instant) {
        if phase != .over { endReason = reason }
        if phase != .over { reports += throttle.achieved.map { .mark(label: $0) } }
        ledger.preemptAll(reason)
        endReceiving(reason, at: now)
        answers.settleAll(at: now)
        head = nil
        untaken = 0
        phase = .over
    }
}

/// The limits of a player.
enum Limits {
    /// A cut waits until the consumer's kernel has taken what was sent before: asked so often, and
    /// so long.
    static let drainPollNanoseconds: Int64 = 200_000
    static let drainNanoseconds: Int64 = 1_000_000_000
    /// A turn is over when some bytes came and then none for so long.
    static let quietNanoseconds: Int64 = 50_000_000
    /// A consumer that takes no byte for so long is said to be stalled.
    static let stallNanoseconds: Int64 = 200_000_000
    /// A reconnect that is refused is tried so many times more, after 100, 200, … 1,600 ms.
    static let redials = 5
    static let redialNanoseconds: Int64 = 100_000_000
    /// A message that another connection's is to overtake waits so much longer than recorded.
    static let overtakeNanoseconds: Int64 = 1_000_000_000
    /// An interrupted connection's end is awaited so long.
    static let stopNanoseconds: Int64 = 1_000_000_000
    /// The most bytes of a message that are handed out at once.
    static let pieceBytes = 32_768
}
