import Faults
import Recordings

/// How a played connection ends.
extension Player {
    /// The consumer ended its direction (FIN), or the connection altogether (RST, or the error
    /// `failure`); what had come before it was received.
    mutating func consumerEnded(isReset: Bool, at now: Instant) {
        switch phase {
        case .silent(let strike, let since, _) where isReset || !isEndExpected:
            settleSilence(strike, since: since, at: now)
            tally.isEndedByConsumer = true
            urgent.append(isReset ? .release : .close(by: .weir))
            end("the consumer ended first", at: now)
        case .playing where !isReset && isEndExpected, .cutting where !isReset && isEndExpected,
            .silent:
            hasConsumerFinished = true
            answers.settleAll(at: now)
        case .playing, .cutting:
            let isShort = !isAllSent || untaken > 0
            tally.isEndedByConsumer = isShort
            urgent.append(isReset ? .release : .close(by: isShort ? .weir : .client))
            end("the consumer ended first", at: now)
        case .halfClosed(let strike, _):
            urgent.append(isReset ? .release : .close(by: .weir))
            afterCut(strike, at: now)
        case .closing:
            urgent.append(isReset ? .release : .close(by: .weir))
            end("the connection ended", at: now)
        case .idle, .dialling, .waiting, .over:
            break
        }
    }

    /// Whether nothing is left to send, bytes on their way apart.
    private var isAllSent: Bool {
        order.place > extent.messages && order.rawOffset >= extent.bytes
            && order.nextPrelude == nil && order.nextCopy == nil && order.laterCopies.isEmpty
            && (head.map { $0.next >= $0.end } ?? true)
    }

    /// A FIN is no surprise once all is sent, or where the recorded one came before what is next.
    private var isEndExpected: Bool {
        if isAllSent { return true }
        guard case .finished = connection.downstream.end?.how,
            let end = connection.downstream.end?.instant
        else { return false }
        if order.place <= extent.messages { return end < connection.upstream.began(order.place) }
        let extents = connection.upstream.extents
        let index = raw.extent
        return index < extents.count && end < extents[index].instant
    }

    /// All was sent: the answers that had come before the end, then the recorded end itself.
    mutating func playEnd(_ now: Instant) -> Action {
        if !hasConsumerFinished, let until = openUntil(now) { return .wait(until: until) }
        let end = playedEnd
        if let due = endDue(end), now < due { return .wait(until: due) }
        if expectsConsumerFirst(end), !hasConsumerFinished {
            let since = endAwaitedSince ?? now
            endAwaitedSince = since
            let deadline = since.advanced(byNanoseconds: settings.endTimeoutNanoseconds)
            if now < deadline { return .wait(until: deadline) }
        }
        if let until = holdEnd(now) { return .wait(until: until) }
        if case .reset = end?.how, end?.by == .client {
            self.end("the connection ended", at: now)
            return .reset(by: .client)
        }
        let party: Party = end?.by == .client ? .client : .weir
        if hasConsumerFinished {
            self.end("the connection ended", at: now)
            return .close(by: party)
        }
        phase = .closing(until: now.advanced(byNanoseconds: settings.endTimeoutNanoseconds))
        return .finish(by: party)
    }

    /// Until when conditions hold the end; nil when they do not, or no more.
    private mutating func holdEnd(_ now: Instant) -> Instant? {
        guard !throttle.closes.isEmpty else { return nil }
        let asked = throttle.closeNanoseconds
        let since = closeHeldSince ?? now
        closeHeldSince = since
        let until = since.advanced(byNanoseconds: asked)
        guard now >= until else { return until }
        reports.append(
            .mark(
                label: SlowClose.achieved(
                    throttle.closeIDs, asked: asked, held: now.nanoseconds(since: since))))
        return nil
    }

    /// The recorded upstream end, where the producer or the consumer made it; nil: open at the
    /// recording's end, or torn by a gap.
    private var playedEnd: TranscriptLink.End? {
        guard redelivery == nil, !extent.endsAtGap, let end = connection.upstream.end,
            end.by != .weir
        else {
            return nil
        }
        return end
    }

    /// Until when answers are awaited; nil when all that are awaited have come, or are too late.
    private mutating func openUntil(_ now: Instant) -> Instant? {
        if answers.pairs {
            guard answers.awaited > 0, let owed = answers.newestAwaited() else { return nil }
            // As long as answers come there is something to wait for.
            let goesOn = answers.lastCompletedAt.advanced(
                byNanoseconds: settings.answerTimeoutNanoseconds)
            let deadline = max(answerDeadline(owed), goesOn)
            return now < deadline ? deadline : nil
        }
        let end = playedEnd?.instant ?? Instant(nanoseconds: .max)
        let bytes = redelivery.map { recordedBytes(answering: $0) } ?? downstreamBytes(before: end)
        guard case .blocked(let until) = turnIsOpen(bytes, now), let until
        else { return nil }
        return now < until ? until : nil
    }

    private func downstreamBytes(before end: Instant) -> UInt64 {
        let extents = connection.downstream.extents
        var (low, high) = (0, extents.count)
        while low < high {
            let middle = low + (high - low) / 2
            if extents[middle].instant <= end { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? extents[low - 1].offset + UInt64(extents[low - 1].count) : 0
    }

    /// On recorded time the end is not before its own; one that was open at the recording's end
    /// not before the last bytes that it received.
    private func endDue(_ end: TranscriptLink.End?) -> Instant? {
        guard settings.pacing == .recorded || settings.pacing == .hybrid, redelivery == nil
        else { return nil }
        guard let recorded = end?.instant ?? connection.downstream.extents.last?.instant else {
            return nil
        }
        let due = max(clock.due(recorded), floor)
        return shift.map { due.advanced(byNanoseconds: $0) } ?? due
    }

    /// Whether the consumer's end came first in the recording.
    private func expectsConsumerFirst(_ end: TranscriptLink.End?) -> Bool {
        guard let end else { return false }
        if end.by == .server { return true }
        guard settings.pacing != .recorded, let theirs = connection.downstream.end,
            theirs.by == .server
        else { return false }
        return theirs.instant < end.instant
    }

    /// The consumer's end did not come in time.
    mutating func giveUpEnd(at now: Instant) {
        tally.isEndMissing = true
        reports.append(.mark(label: "the consumer's end did not come in time"))
        urgent.append(.close(by: .weir))
        end("the connection ended", at: now)
    }

}
