import Recordings

/// How an attempt ends, and what is still owed then.
extension AttemptTrack {
    /// A link or the connection ended.
    mutating func end(
        _ how: Ending.How, by party: Party, _ direction: Direction?, at instant: Instant,
        _ context: inout ReactionContext
    ) {
        if how == .closed, party != .weir, direction ?? .downstream == .downstream {
            finishAnswers(at: instant, &context)
        }
        let isUnasked = party == context.settings.consumer && isUnasked(how, context)
        for link in Direction.allCases where how != .closed || (direction ?? link) == link {
            ends[link] = ends[link] ?? party
        }
        react(
            at: instant,
            .ended(
                Ending(
                    how: how, by: party, direction: how == .closed ? direction : nil,
                    isUnasked: isUnasked, furthest: furthest)), &context)
        if ends.downstream != nil { settle(at: instant, &context) }
    }

    /// Whether the consumer ended it of its own accord, where the recording has no such end.
    private func isUnasked(_ how: Ending.How, _ context: ReactionContext) -> Bool {
        let own: Direction = context.settings.consumer == .server ? .downstream : .upstream
        guard ends[own.opposite] == nil else { return false }
        // Weir ends what plays a copy alone.
        guard redelivery == nil else { return true }
        guard let recorded = recorded(context) else { return true }
        let connection = context.recorded.transcript.connections[recorded]
        // All was said and answered, and Weir is about to end it, as was recorded: who of the two
        // comes first is chance, also where the recording does not have the consumer's end.
        if how == .closed, connection[own.opposite].end != nil, sent.first == nil,
            furthest >= connection.upstream.count
        {
            return false
        }
        guard let end = connection[own].end, end.by == context.settings.consumer else {
            return true
        }
        if let other = connection[own.opposite].end, other.instant < end.instant { return true }
        switch (how, end.how) {
        case (.closed, .finished), (.reset, .reset), (.failed, .failed): break
        default: return true
        }
        // The messages that were sent before its recorded end must have been sent.
        var last = connection.upstream.count
        while last > furthest, connection.upstream.message(last).ended > end.instant { last -= 1 }
        return furthest < last
    }

    /// Nothing more can come: what is owed is told.
    mutating func settle(at instant: Instant, _ context: inout ReactionContext) {
        let recordedPlace = recorded(context)
        if let finished = turns?.finishTurn(recordedPlace, &context.recorded) {
            react(finished, &context)
        }
        let strike = isEndedByCut ? cut?.id ?? "" : ""
        settleIncoming(at: instant, strike, &context)
        for entry in sent.removeAll() { settle(entry, at: instant, strike, &context) }
        guard !(isEndedByCut && cut?.then == .reconnect), !isUnread, redelivery == nil
        else { return }
        settleRest(at: instant, strike, &context)
        turns = nil
        isUnread = true
    }

    /// Whether a strike ended it, as far as can be seen: its outcome may be told later.
    private var isEndedByCut: Bool {
        cut != nil && (isCut || ends.upstream == .weir || ends.downstream == .weir)
    }

    /// A message downstream that was not whole.
    private mutating func settleIncoming(
        at instant: Instant, _ strike: String, _ context: inout ReactionContext
    ) {
        let bytes = incoming.bytes
        guard bytes > 0, let recorded = recorded(context) else { return }
        guard let entry = sent.first, let index = sent.index(of: entry.number) else {
            guard redelivery == nil else {
                return takeExtraPush(bytes: bytes, at: instant, &context)
            }
            let place = context.connections[state].push
            context.connections[state].pushes += 1
            var push = Push(
                number: context.connections[state].pushes, bytes: bytes, compared: .cutShort)
            push.content = content(of: incoming, context)
            if let expected = context.recorded.push(recorded, after: place) {
                context.connections[state].push = expected.number
                push.difference = cutDifference(expected.range, recorded, &context)
            }
            incoming = IncomingMessage()
            react(at: instant, strike: strike, .push(push), &context)
            return
        }
        sent.end(at: index)
        var answer = Answer(message: entry.message, copy: entry.copy, compared: .cutShort)
        answer.kind = context.recorded.kind(recorded, of: entry.message)
        answer.part = entry.parts
        if entry.copy == 0 { answer.content = content(of: incoming, context) }
        answer.bytes = bytes
        answer.responseNanoseconds = incoming.began.nanoseconds(since: entry.ended)
        answer.serviceNanoseconds = incoming.began.nanoseconds(since: served(entry))
        let expected = context.recorded.answer(recorded, to: entry.message, part: entry.parts)
        if let expected, entry.copy == 0 {
            answer.wasError = expected.isError
            answer.difference = cutDifference(expected.range, recorded, &context)
            if isListed(entry.message) { answer.compared = .lost }
        } else {
            answer.compared = .extra
        }
        incoming = IncomingMessage()
        let blamed = strike.isEmpty ? entry.strike : strike
        react(at: instant, strike: blamed, .answer(answer), &context)
    }

    private mutating func cutDifference(
        _ range: Range<UInt64>, _ recorded: Int, _ context: inout ReactionContext
    ) -> Difference? {
        let none: [UInt8] = []
        let outcome = incoming.finish(
            none.span, isWhole: false, expected: ByteComparison(recorded, range),
            &context.recorded)
        guard case .different(let difference) = outcome else { return nil }
        return difference
    }

    /// What came of a message that is not whole.
    private func content(of incoming: IncomingMessage, _ context: ReactionContext) -> Content? {
        let none: [UInt8] = []
        return context.settings.keepsContent ? incoming.content(with: none.span) : nil
    }

    /// Whether the message was sent again after the cut that ended this attempt.
    private func isListed(_ message: UInt64) -> Bool {
        isEndedByCut && (cut?.lists(message) ?? false)
    }

    private func settle(
        _ entry: SentMessages.Entry, at instant: Instant, _ strike: String,
        _ context: inout ReactionContext
    ) {
        guard entry.copy == 0, !isListed(entry.message), let recorded = recorded(context) else {
            return
        }
        let count = context.recorded.answerCount(recorded, to: entry.message)
        var part = entry.parts
        while part < count {
            var answer = Answer(message: entry.message, compared: .missing)
            answer.part = part
            answer.kind = context.recorded.kind(recorded, of: entry.message)
            answer.wasError =
                context.recorded.answer(recorded, to: entry.message, part: part)?.isError
            react(
                at: instant, strike: strike.isEmpty ? entry.strike : strike, .answer(answer),
                &context)
            part += 1
        }
    }

    /// Pushes and turns that the recording has and the replay has not.
    private mutating func settleRest(
        at instant: Instant, _ strike: String, _ context: inout ReactionContext
    ) {
        guard let recorded = recorded(context) else { return }
        if let turns {
            if let missing = turns.missing(recorded, context.recorded) {
                react(at: instant, strike: strike, .turn(missing), &context)
            }
            return
        }
        while let push = context.recorded.push(
            recorded, after: context.connections[state].push)
        {
            context.connections[state].push = push.number
            context.connections[state].pushes += 1
            let missing = Push(
                number: context.connections[state].pushes, bytes: 0, compared: .missing)
            react(at: instant, strike: strike, .push(missing), &context)
        }
    }
}
