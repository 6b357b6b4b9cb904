import Faults
import Recordings

/// When a place is due: deadlines, dependencies, turns.
extension Player {
    enum Due: Hashable, Sendable {
        case at(Instant)
        case blocked(until: Instant?)
    }

    /// What a place waits for, and whether that has come.
    private enum Readiness {
        case free
        /// What it waited for was complete at `met`, and in the recording at `recorded`.
        case met(Instant, recorded: Instant)
        /// Until then it is waited for; nil: something else has to happen first.
        case blocked(until: Instant?)
    }

    mutating func dueTime(ofPlace place: UInt64, _ now: Instant) -> Due {
        let began = connection.upstream.began(place)
        guard settings.pacing != .asap else { return .at(floor) }
        if let shift { return .at(max(clock.due(began).advanced(byNanoseconds: shift), floor)) }
        guard settings.pacing != .recorded else { return .at(max(clock.due(began), floor)) }
        // Who has finished answers no more.
        guard !hasConsumerFinished else { return due(.free, began: began, now) }
        let exchange = connection.exchange(place)
        let readiness =
            exchange.isByTurns || !answers.pairs
            ? turnReadiness(exchange.dependsOnBytes, previous: place - 1, now)
            : answerReadiness(exchange.dependsOn)
        return due(readiness, began: began, now)
    }

    private mutating func due(_ readiness: Readiness, began: Instant, _ now: Instant) -> Due {
        let isHybrid = settings.pacing == .hybrid
        switch readiness {
        case .free:
            return .at(isHybrid ? max(clock.due(began), floor) : floor)
        case .met(let met, let recorded):
            guard isHybrid else { return .at(max(met, floor)) }
            let think = clock.nanoseconds(from: recorded, to: began)
            return .at(max(clock.due(began), met.advanced(byNanoseconds: think), floor))
        case .blocked(let until):
            guard let until, until <= now else { return .blocked(until: until) }
            uncouple(at: now, due: clock.due(began))
            return .at(now)
        }
    }

    private mutating func answerReadiness(_ dependsOn: UInt64) -> Readiness {
        guard dependsOn > 0 else { return .free }
        guard answers.completeThrough >= dependsOn else {
            return .blocked(until: answers.blockingPlace().map(answerDeadline))
        }
        let recorded = completion.instant(through: dependsOn, of: connection)
        return .met(answers.completion(through: dependsOn) ?? floor, recorded: recorded)
    }

    /// A turn is over when as many bytes came as recorded, or some and then none for a while.
    private mutating func turnReadiness(
        _ bytes: UInt64, previous: UInt64, _ now: Instant
    ) -> Readiness {
        guard bytes > turn.recorded, !turn.isVoid else { return .free }
        let recorded = arrivalRecorded(bytes)
        let sentRecorded =
            previous > 0 && previous <= extent.messages
            ? connection.upstream.ended(previous) : connection.opened ?? recorded
        return turnReadiness(bytes, recorded: recorded, sentRecorded: sentRecorded, now)
    }

    private mutating func turnReadiness(
        _ bytes: UInt64, recorded: Instant, sentRecorded: Instant, _ now: Instant
    ) -> Readiness {
        let target = turn.consumed + (bytes - turn.recorded)
        if let met = answers.arrival(of: target) { return .met(met, recorded: recorded) }
        if answers.received > turn.consumed {
            let quiet = answers.lastReceivedAt.advanced(byNanoseconds: Limits.quietNanoseconds)
            return now >= quiet ? .met(quiet, recorded: recorded) : .blocked(until: quiet)
        }
        guard untaken == 0 else { return .blocked(until: nil) }
        let sent = answers.lastSentAt ?? floor
        let response = max(0, recorded.nanoseconds(since: sentRecorded))
        return .blocked(until: deadline(sent, response))
    }

    /// The order goes on behind a place before which so many bytes had come in the recording.
    mutating func passTurn(recorded bytes: UInt64, isByTurns: Bool) {
        turn.isVoid = false
        guard bytes > turn.recorded, settings.pacing == .hybrid || settings.pacing == .causal
        else { return }
        let target = turn.consumed + (bytes - turn.recorded)
        turn.consumed = isByTurns ? min(target, answers.received) : answers.received
        turn.recorded = bytes
    }

    /// When so many bytes had come downstream in the recording.
    private func arrivalRecorded(_ bytes: UInt64) -> Instant {
        let extents = connection.downstream.extents
        guard bytes > 0, !extents.isEmpty else { return .start }
        let index = connection.downstream.extentIndex(at: bytes - 1)
        return extents[min(index, extents.count - 1)].instant
    }

    /// Until when a message's answer is waited for.
    func answerDeadline(_ owed: LiveAnswers.Owed) -> Instant {
        var response: Int64 = 0
        if owed.message > 0, let ended = connection.exchange(owed.message).answerEnded {
            response = max(0, ended.nanoseconds(since: connection.upstream.ended(owed.message)))
        }
        return deadline(owed.sentAt, response)
    }

    private func deadline(_ sent: Instant, _ response: Int64) -> Instant {
        sent.advanced(byNanoseconds: response)
            .advanced(byNanoseconds: settings.answerTimeoutNanoseconds)
    }

    /// An answer did not come in time: from now on the link keeps its recorded gaps and waits for
    /// nothing.
    mutating func uncouple(at now: Instant, due: Instant? = nil) {
        let expected =
            due
            ?? (order.place <= extent.messages
                ? clock.due(connection.upstream.began(order.place)) : now)
        shift = now.nanoseconds(since: expected)
        tally.isUncoupled = true
        reports.append(.mark(label: "uncoupled"))
    }
}

/// Bytes that are no messages: each chunk as it was recorded, by turns.
extension Player {
    /// The next raw bytes, and how many bytes had come downstream before them in the recording.
    var raw: (extent: Int, downstreamBytes: UInt64) {
        let extents = connection.upstream.extents
        let index = connection.upstream.extentIndex(at: order.rawOffset)
        guard index < extents.count else { return (index, turn.recorded) }
        // What lies before it in the file happened before it.
        let downstream = connection.downstream.extents
        var (low, high) = (0, downstream.count)
        while low < high {
            let middle = low + (high - low) / 2
            if downstream[middle].fileOffset < extents[index].fileOffset {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low > 0 else { return (index, 0) }
        return (index, downstream[low - 1].offset + UInt64(downstream[low - 1].count))
    }

    mutating func planRaw(_ now: Instant) -> Plan {
        let (index, bytes) = raw
        guard index < connection.upstream.extents.count else {
            order.rawOffset = extent.bytes
            return .nothing
        }
        let piece = connection.upstream.extents[index]
        var dueInstant: Instant
        switch rawDue(piece.instant, previous: index - 1, bytes, now) {
        case .at(let instant): dueInstant = instant
        case .blocked(let until): return .blocked(until: until)
        }
        let start = max(order.rawOffset, piece.offset)
        var end = min(piece.offset + UInt64(piece.count), extent.bytes)
        var hold: Int64 = 0
        var cut: Int?
        var corrupt = -1
        if !conditions.isEmpty {
            let cell = start / LinkSchedule.cellBytes + 1
            end = min(end, cell * LinkSchedule.cellBytes)
            cut = strike(inCell: cell, from: start, &end)
            if let cut {
                switch afterAnswers(
                    cut, message: 0, bytes: bytes, isByTurns: true, due: dueInstant, now)
                {
                case .at(let instant): dueInstant = instant
                case .blocked(let until): return .blocked(until: until)
                }
            }
            corrupt = isByCells ? ledger.corruption(of: cell) ?? -1 : -1
            hold = conditions.holdNanoseconds(
                message: cell, began: piece.instant, &holdWalk)
        }
        let release = max(dueInstant.advanced(byNanoseconds: hold), lastRelease)
        return .send(
            Head(
                kind: .raw, message: 0, strike: cut ?? corrupt, corrupt: corrupt, cut: cut,
                start: start, next: start, end: end, wholeEnd: end,
                cell: start / LinkSchedule.cellBytes + 1, recorded: piece.instant,
                extent: index, due: dueInstant, release: release, holdNanoseconds: hold))
    }

    /// The strike that cuts or stalls a link without messages in this cell, once its place comes
    /// next: sending ends there.
    private mutating func strike(
        inCell cell: UInt64, from start: UInt64, _ end: inout UInt64
    ) -> Int? {
        guard isByCells, let index = ledger.strike(taking: cell), !ledger.isSettled(index) else {
            return nil
        }
        let first = (cell - 1) * LinkSchedule.cellBytes
        let place = first + ledger.strikes[index].effect.neededBytes
        guard start <= place, place <= end else { return nil }
        end = place
        return index
    }

    private mutating func rawDue(
        _ began: Instant, previous: Int, _ bytes: UInt64, _ now: Instant
    ) -> Due {
        guard settings.pacing != .asap else { return .at(floor) }
        if let shift { return .at(max(clock.due(began).advanced(byNanoseconds: shift), floor)) }
        guard settings.pacing != .recorded else { return .at(max(clock.due(began), floor)) }
        guard bytes > turn.recorded, !turn.isVoid, !hasConsumerFinished else {
            return due(.free, began: began, now)
        }
        let recorded = arrivalRecorded(bytes)
        let sent =
            previous >= 0
            ? connection.upstream.extents[previous].instant : connection.opened ?? recorded
        let readiness = turnReadiness(bytes, recorded: recorded, sentRecorded: sent, now)
        return due(readiness, began: began, now)
    }
}

extension Player {
    /// Whether the end must go on waiting for bytes, of which so many came in the recording.
    mutating func turnIsOpen(_ bytes: UInt64, _ now: Instant) -> Due? {
        guard bytes > turn.recorded, !turn.isVoid else { return nil }
        let recorded = arrivalRecorded(bytes)
        let last = connection.upstream.extents.last?.instant ?? recorded
        switch turnReadiness(bytes, recorded: recorded, sentRecorded: last, now) {
        case .free, .met: return nil
        case .blocked(let until): return .blocked(until: until)
        }
    }
}
