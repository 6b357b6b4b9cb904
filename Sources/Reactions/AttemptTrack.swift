import Recordings

/// One attempt at playing a recorded connection: what was sent on it, and what came back.
///
/// It reads both links as messages, as they really travelled, so that an answer is paired with the
/// message or copy that earned it whatever the schedule did to the order.
struct AttemptTrack {
    let number: UInt16
    /// Its connection's place in `ReactionContext.connections`.
    let state: Int
    var conversation: Conversation
    var sent = SentMessages()
    var incoming = IncomingMessage()
    /// It plays a copy alone, because of this strike: nothing that comes on it has anything in the
    /// recording to be compared with.
    var redelivery: String?
    private var pushes: UInt64 = 0
    /// Only where answers cannot be paired.
    var turns: TurnTrack?
    /// What was sent last.
    var latest: Sent?
    /// The last message that was sent whole, by its recorded number.
    var furthest: UInt64 = 0
    /// The last byte of the answer that came last.
    var lastAnswerEnded: Instant?
    /// The cut that is to end it.
    var cut: PlannedCut?
    var isCut = false
    var hasSilenceBeenTold = false
    var stalledSince: Instant?
    var ends: PerDirection<Party?> = PerDirection(nil)
    /// Downstream can no longer be read as messages.
    var isUnread = false

    init(
        _ number: UInt16, state: Int, framer: (any Framer)?, isCompared: Bool, keepsContent: Bool
    ) {
        self.number = number
        self.state = state
        conversation = Conversation(framer: framer)
        if !conversation.pairsAnswers {
            turns = TurnTrack(isCompared: isCompared, keepsContent: keepsContent)
        }
    }

    var hasEnded: Bool { ends.upstream != nil && ends.downstream != nil }

    /// Its connection's place in the transcript; nil: the recording has no such connection.
    func recorded(_ context: ReactionContext) -> Int? { context.connections[state].recorded }

    func react(
        at instant: Instant, strike: String = "", _ what: Reaction.What,
        _ context: inout ReactionContext
    ) {
        context.reactions.append(
            Reaction(
                at: instant, connection: context.connections[state].number, attempt: number,
                strike: strike.isEmpty ? redelivery ?? "" : strike, what))
    }

    /// A push on a connection that plays a copy alone.
    mutating func takeExtraPush(
        bytes: UInt64, at instant: Instant, _ context: inout ReactionContext
    ) {
        pushes += 1
        incoming = IncomingMessage()
        react(
            at: instant, .push(Push(number: pushes, bytes: bytes, compared: .extra)), &context)
    }

    // MARK: - What Weir sent

    /// Bytes that the socket took.
    mutating func send(
        _ sent: Sent, _ bytes: Span<UInt8>, at instant: Instant,
        _ context: inout ReactionContext
    ) {
        latest = sent
        let place = recorded(context)
        if let finished = turns?.send(sent, at: instant, place, &context.recorded) {
            react(finished, &context)
        }
        var start = 0
        while start < bytes.count {
            let rest = bytes.extracting(start..<bytes.count)
            switch conversation.advance(rest, .upstream, at: instant) {
            case .message(let consumed, let placed):
                start += consumed
                sendWhole(sent, placed.message, at: instant, context)
            case .lostSync(let consumed, _, let offset, let reason):
                start += consumed
                lose(.upstream, offset, reason, at: instant, &context)
            case .needMore, .opaque:
                return
            }
        }
    }

    private mutating func sendWhole(
        _ sent: Sent, _ message: Message, at instant: Instant, _ context: ReactionContext
    ) {
        furthest = max(furthest, sent.message)
        guard !isUnread, case .request(let answers) = message.role, answers > 0 else { return }
        self.sent.append(
            SentMessages.Entry(
                number: message.number, message: sent.message, copy: sent.copy,
                strike: sent.strike, ended: instant, ordinal: context.ordinal))
    }

    // MARK: - The deadline

    /// Until when the oldest message's answer is to begin; nil: none is owed whose time is known.
    func deadline(_ context: ReactionContext) -> Instant? {
        guard let entry = sent.first else { return nil }
        return deadline(of: entry, context)
    }

    func deadline(of entry: SentMessages.Entry, _ context: ReactionContext) -> Instant? {
        guard let recorded = recorded(context),
            let response = context.recorded.response(recorded, to: entry.message)
        else { return nil }
        return served(entry)
            .advanced(byNanoseconds: response)
            .advanced(byNanoseconds: context.settings.answerTimeoutNanoseconds)
    }

    /// From when on the consumer had nothing else to do: the message's last byte, or that of the
    /// answer before.
    func served(_ entry: SentMessages.Entry) -> Instant {
        max(entry.ended, lastAnswerEnded ?? entry.ended)
    }

    mutating func tellSilence(at instant: Instant, _ context: inout ReactionContext) {
        guard let entry = sent.first else { return }
        hasSilenceBeenTold = true
        react(
            at: instant, strike: entry.strike,
            .silence(message: entry.message, outstanding: sent.outstanding), &context)
    }

    // MARK: - Losing sync

    mutating func lose(
        _ direction: Direction, _ offset: UInt64, _ reason: String, at instant: Instant,
        _ context: inout ReactionContext
    ) {
        if direction == .downstream {
            isUnread = true
            _ = sent.removeAll()
            incoming = IncomingMessage()
        }
        if let recorded = recorded(context) {
            let connection = context.recorded.transcript.connections[recorded]
            guard connection[direction].opaque == nil else { return }
        }
        react(at: instant, .lostSync(direction, offset: offset, reason: reason), &context)
    }

    func react(_ finished: TurnTrack.Finished, _ context: inout ReactionContext) {
        react(at: finished.ended, strike: finished.strike, .turn(finished.turn), &context)
    }
}
