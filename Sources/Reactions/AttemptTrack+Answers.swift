import Recordings

/// What the consumer sent on an attempt.
extension AttemptTrack {
    mutating func receive(
        _ bytes: Span<UInt8>, at instant: Instant, _ context: inout ReactionContext
    ) {
        let place = recorded(context)
        turns?.receive(bytes, at: instant, place, &context.recorded)
        var start = 0
        while start < bytes.count {
            let rest = bytes.extracting(start..<bytes.count)
            switch conversation.advance(rest, .downstream, at: instant) {
            case .message(let consumed, let placed):
                start += consumed
                if turns != nil {
                    incoming = IncomingMessage()
                } else {
                    take(placed, rest.extracting(0..<consumed), &context)
                }
            case .lostSync(let consumed, _, let offset, let reason):
                start += consumed
                lose(.downstream, offset, reason, at: instant, &context)
            case .needMore:
                if turns == nil { hold(rest, at: instant, &context) }
                return
            case .opaque:
                return
            }
        }
    }

    /// The consumer ended its link in order, and with it the message that lasts until then.
    mutating func finishAnswers(at instant: Instant, _ context: inout ReactionContext) {
        guard let placed = conversation.finish(.downstream, at: instant), turns == nil else {
            return
        }
        let nothing: [UInt8] = []
        take(placed, nothing.span, &context)
    }

    /// Bytes of a message that is not whole.
    private mutating func hold(
        _ bytes: Span<UInt8>, at instant: Instant, _ context: inout ReactionContext
    ) {
        let candidates =
            incoming.growsLong(by: bytes.count) ? candidates(&context) : []
        incoming.take(
            bytes, at: instant, ordinal: context.ordinal, candidates: candidates,
            keepsContent: context.settings.keepsContent, &context.recorded)
    }

    /// What the message that is under way may be: the next answer, or the next push.
    private func candidates(_ context: inout ReactionContext) -> [ByteComparison] {
        guard redelivery == nil, let recorded = recorded(context) else { return [] }
        var candidates: [ByteComparison] = []
        if let entry = sent.first,
            let answer = context.recorded.answer(recorded, to: entry.message, part: entry.parts)
        {
            candidates.append(ByteComparison(recorded, answer.range))
        }
        let push = context.recorded.push(recorded, after: context.connections[state].push)
        if let push { candidates.append(ByteComparison(recorded, push.range)) }
        return candidates
    }

    /// A message is whole: an answer or a push.
    private mutating func take(
        _ placed: Conversation.Placed, _ last: Span<UInt8>, _ context: inout ReactionContext
    ) {
        hasSilenceBeenTold = false
        let beganOrdinal = incoming.bytes > 0 ? incoming.ordinal : context.ordinal
        switch placed.message.role {
        case .answer(let to, let completes, let isError):
            if conversation.answersInOrder { sent.passOver(before: to) }
            guard let index = sent.index(of: to) else {
                takeUnknown(placed, to, isError: isError, last, &context)
                return
            }
            let entry = sent[index]
            sent[index].parts += 1
            if completes { sent.end(at: index) }
            var answer = answer(placed, to: entry, isError: isError, context)
            if entry.copy == 0 { answer.content = content(last, context) }
            compare(&answer, with: entry, beganOrdinal, placed.began, last, &context)
            lastAnswerEnded = placed.ended
            react(
                at: placed.ended, strike: strike(of: answer, entry), .answer(answer), &context)
        case .unsolicited, .request:
            takePush(placed, last, &context)
        }
    }

    /// The bytes of the message that its last bytes end, if they are asked for.
    private func content(_ last: Span<UInt8>, _ context: ReactionContext) -> Content? {
        context.settings.keepsContent ? incoming.content(with: last) : nil
    }

    private func strike(of answer: Answer, _ entry: SentMessages.Entry) -> String {
        answer.compared == .lost ? cut?.id ?? entry.strike : entry.strike
    }

    private func answer(
        _ placed: Conversation.Placed, to entry: SentMessages.Entry, isError: Bool,
        _ context: ReactionContext
    ) -> Answer {
        var answer = Answer(message: entry.message, copy: entry.copy)
        answer.kind = recorded(context).map { context.recorded.kind($0, of: entry.message) } ?? ""
        answer.bytes = placed.length
        answer.responseNanoseconds = placed.began.nanoseconds(since: entry.ended)
        answer.serviceNanoseconds = placed.began.nanoseconds(since: served(entry))
        answer.isError = isError
        answer.part = entry.parts
        answer.answerKind = placed.message.kind
        return answer
    }

    private mutating func compare(
        _ answer: inout Answer, with entry: SentMessages.Entry, _ beganOrdinal: UInt64,
        _ began: Instant, _ last: Span<UInt8>, _ context: inout ReactionContext
    ) {
        guard entry.copy == 0, let recorded = recorded(context),
            let expected = context.recorded.answer(
                recorded, to: entry.message, part: entry.parts)
        else {
            answer.compared = .extra
            incoming = IncomingMessage()
            return
        }
        answer.wasError = expected.isError
        answer.compared = .same
        let outcome = incoming.finish(
            last, expected: ByteComparison(recorded, expected.range), &context.recorded)
        switch outcome {
        case .same: break
        case .unreadable: answer.compared = nil
        case .different(let difference):
            answer.compared = .different
            answer.difference = difference
        }
        if let cut, !isCut, cut.lists(entry.message) {
            answer.compared = .lost
        } else if beganOrdinal < entry.ordinal {
            answer.compared = .early
        } else if answer.compared == .same, let deadline = deadline(of: entry, context),
            began > deadline
        {
            answer.compared = .late
        }
    }

    /// An answer to a message that Weir has not sent whole, or that is forgotten.
    private mutating func takeUnknown(
        _ placed: Conversation.Placed, _ to: UInt64, isError: Bool, _ last: Span<UInt8>,
        _ context: inout ReactionContext
    ) {
        let isEarly = to > conversation.upstream.messages
        let isUnderWay = isEarly && conversation.upstream.partial != nil
        var answer = Answer(message: isUnderWay ? latest?.message ?? 0 : 0)
        answer.bytes = placed.length
        answer.isError = isError
        answer.answerKind = placed.message.kind
        answer.content = content(last, context)
        answer.compared = isEarly ? .early : .extra
        incoming = IncomingMessage()
        react(at: placed.ended, .answer(answer), &context)
    }

    // MARK: - Pushes

    private mutating func takePush(
        _ placed: Conversation.Placed, _ last: Span<UInt8>, _ context: inout ReactionContext
    ) {
        guard redelivery == nil else {
            return takeExtraPush(bytes: placed.length, at: placed.ended, &context)
        }
        let connection = recorded(context)
        let place = context.connections[state].push
        let expected = connection.flatMap { context.recorded.push($0, after: place) }
        if expected == nil, let message = earlyMessage(last, placed.length, &context) {
            var answer = Answer(message: message, compared: .early)
            answer.kind = connection.map { context.recorded.kind($0, of: message) } ?? ""
            answer.bytes = placed.length
            answer.answerKind = placed.message.kind
            answer.content = content(last, context)
            incoming = IncomingMessage()
            react(at: placed.ended, .answer(answer), &context)
            return
        }
        context.connections[state].pushes += 1
        var push = Push(
            number: context.connections[state].pushes, bytes: placed.length, compared: .extra)
        push.kind = placed.message.kind
        push.content = content(last, context)
        if let expected, let connection {
            context.connections[state].push = expected.number
            let outcome = incoming.finish(
                last, expected: ByteComparison(connection, expected.range), &context.recorded)
            switch outcome {
            case .same: push.compared = .same
            case .unreadable: push.compared = nil
            case .different(let difference):
                push.compared = .different
                push.difference = difference
            }
        }
        incoming = IncomingMessage()
        react(at: placed.ended, .push(push), &context)
    }

    /// The message that something unasked answers before it is whole or sent: the one under way,
    /// or the next one, where those are its very bytes.
    private func earlyMessage(
        _ last: Span<UInt8>, _ length: UInt64, _ context: inout ReactionContext
    ) -> UInt64? {
        if conversation.upstream.partial != nil { return latest?.message }
        guard let connection = recorded(context), sent.first == nil, UInt64(last.count) == length,
            let next = context.recorded.answer(connection, to: furthest + 1, part: 0),
            next.range.length == length
        else { return nil }
        let finding = context.recorded.compare(
            last, connection, from: next.range.lowerBound, in: next.range)
        return finding == .same ? furthest + 1 : nil
    }
}
