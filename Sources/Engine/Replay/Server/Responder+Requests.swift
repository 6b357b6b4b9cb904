import Recordings

/// What comes from the consumer.
extension Responder {
    /// Bytes came.
    mutating func receive(_ bytes: Span<UInt8>, at now: Instant) {
        received += UInt64(bytes.count)
        lastReceivedAt = now
        var start = 0
        while start < bytes.count, !isMute {
            let rest = bytes.extracting(start..<bytes.count)
            switch conversation.advance(rest, .upstream, at: now) {
            case .message(let consumed, _):
                digest.add(rest.extracting(0..<consumed))
                start += consumed
                takeMessage(at: now)
            case .needMore:
                digest.add(rest)
                return
            case .lostSync(_, _, _, let reason):
                // Bytes that are no message are none that the recording has.
                if !isAssigned { begin(nil, by: .none, at: now) }
                reports.append(.mark(label: "not read as messages: \(reason)"))
                requests += 1
                refuseUnknown(bytes: UInt64(rest.count))
                return
            case .opaque:
                if !isAssigned { assignByOrder(at: now) }
                return
            }
        }
    }

    /// Its first message does not end: the order of accepting tells what it plays.
    mutating func assignByOrder(at now: Instant) {
        begin(book.expected(), by: .order, at: now)
    }

    /// The consumer's message that was under way is whole.
    private mutating func takeMessage(at now: Instant) {
        let bytes = digest.bytes
        let whole = digest.take()
        if !isAssigned {
            let group = book.group(of: whole)
            begin(
                group.flatMap { book.assign($0) }, by: group == nil ? .none : .firstMessage, at: now
            )
        }
        requests += 1
        tally.served.requests += 1
        guard phase == .playing || isCutting else { return }
        guard let own,
            let found = book.take(
                whole, on: own, outstanding: outstanding, at: now)
        else { return refuseUnknown(bytes: bytes) }
        count(found)
        progressAt = now
        let asked = Outbox.Asked(
            source: found.played, message: found.message, request: found.request, at: now)
        answer(asked)
    }

    private var isCutting: Bool {
        switch phase {
        case .cutting, .silent: true
        default: false
        }
    }

    private mutating func answer(_ asked: Outbox.Asked) {
        let connection = book.connection(asked.source)
        let exchange = connection.exchange(asked.message)
        let isByTurns = exchange.isByTurns || !connection.pairsAnswers
        // By turns nobody knows before whether something answers.
        guard exchange.answers != nil || isByTurns else {
            guard case .request(let owed) = connection.upstream.message(asked.message).role,
                owed > 0
            else { return }
            // The recording's server never answered it.
            outstanding.append(
                Outstanding(request: asked.request, remaining: .max, isNeverAnswered: true))
            if book[asked.source].extent.endsAtGap { closesWhenSent = true }
            return
        }
        outstanding.append(Outstanding(request: asked.request, remaining: .max))
        outbox.ask(asked)
    }

    private mutating func count(_ found: ServiceBook.Found) {
        guard let match = found.match else {
            tally.served.expected += 1
            return
        }
        switch match {
        case .elsewhere: tally.served.elsewhere += 1
        case .again(let again):
            tally.served.again += 1
            if again.answer == .reused { tally.served.reused += 1 }
        case .unknown: break
        }
        reports.append(
            .mark(
                label: ServingMark.request(
                    ServingMark.Request(number: requests, match: match)
                ).label))
    }

    private mutating func refuseUnknown(bytes: UInt64) {
        tally.served.unknown += 1
        isMute = true
        closesWhenSent = onUnknown == .close
        reports.append(
            .mark(
                label: ServingMark.request(
                    ServingMark.Request(number: requests, match: .unknown(bytes: bytes))
                ).label))
    }
}

/// From what was asked to what is sent.
extension Responder {
    /// Fills the outbox, as far as it looks ahead.
    mutating func fillOutbox(at now: Instant) {
        takePushes(at: now)
        while outbox.waiting.count < Outbox.ahead {
            if outbox.answers == nil {
                guard let asked = outbox.nextAsked() else { return }
                let list = book.answers(to: asked.message, of: asked.source)
                setRemaining(asked.request, list.count)
                outbox.answers = (asked, list, 0)
            }
            guard let answers = outbox.answers else { return }
            guard answers.taken < answers.list.count else {
                outbox.answers = nil
                continue
            }
            outbox.answers?.taken += 1
            let message = answers.list[answers.taken]
            outbox.insert(
                Outbox.Entry(
                    kind: .answer, source: answers.of.source, message: message,
                    due: answerDue(answers.of, message), request: answers.of.request),
                own: own)
        }
    }

    private mutating func setRemaining(_ request: Int, _ count: Int) {
        guard
            let index = outstanding.firstIndex(where: {
                $0.request == request && $0.remaining == .max
            })
        else { return }
        if count == 0 {
            outstanding.remove(at: index)
        } else {
            outstanding[index].remaining = count
        }
    }

    /// As long after its request as in the recording, where recorded times count.
    private func answerDue(_ asked: Outbox.Asked, _ message: UInt64) -> Instant {
        guard isTimed else { return asked.at }
        let connection = book.connection(asked.source)
        let recorded = book.clock.nanoseconds(
            from: connection.upstream.ended(asked.message),
            to: connection.downstream.began(message))
        return asked.at.advanced(byNanoseconds: recorded)
    }

    /// Whether recorded times count.
    var isTimed: Bool {
        book.settings.pacing == .recorded || book.settings.pacing == .hybrid
    }

    /// Pushes whose time can be told: what was recorded before them has come.
    private mutating func takePushes(at now: Instant) {
        guard let own else { return }
        let connection = book.connection(own)
        while let push = nextPush, outbox.waiting.count < Outbox.ahead / 2 {
            // The next one was passed over or has come; before a reconnect's first, none has.
            let progress = requests == 0 ? 0 : book[own].next - 1
            guard push.requests <= progress else { return }
            var due = now
            if isTimed {
                let reference =
                    push.requests == 0
                    ? connection.opened ?? connection.downstream.began(push.message)
                    : connection.upstream.ended(push.requests)
                let since = push.requests == 0 ? acceptedAt : progressAt
                due = since.advanced(
                    byNanoseconds: book.clock.nanoseconds(
                        from: reference, to: connection.downstream.began(push.message)))
            }
            let entry = Outbox.Entry(kind: .push, source: own, message: push.message, due: due)
            outbox.insertPush(entry)
            nextPush = book.push(from: push.message + 1, of: own)
            if attempt > 1 { skipPushes(own) }
        }
    }
}
