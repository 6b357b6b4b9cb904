import Faults
import Recordings

/// What is sent next, and when.
extension Responder {
    mutating func play(_ now: Instant, _ canSend: Bool) -> Action {
        if let action = lookAtStall(now) { return action }
        guard canSend else { return .wait(until: stallDeadline) }
        while true {
            if let head {
                if head.next < head.end {
                    guard let action = sendNext(now) else { continue }
                    return action
                }
                if let cut = head.cut {
                    guard untaken == 0 else { return .wait(until: nil) }
                    beginCut(cut, at: now)
                    return next(at: now, canSend: canSend)
                }
                self.head = nil
            }
            fillOutbox(at: now)
            let copyDue = mayInterleave ? outbox.laterCopies.first?.due : nil
            guard let entry = outbox.first else {
                if let copyDue {
                    guard copyDue <= now else { return .wait(until: copyDue) }
                    outbox.takeLaterCopy()
                    continue
                }
                if let action = playRaw(now) { return action }
                if head != nil { continue }
                return untaken > 0 ? .wait(until: nil) : playEnd(now)
            }
            if let copyDue, copyDue <= min(now, entry.due) {
                outbox.takeLaterCopy()
                continue
            }
            switch plan(entry, now) {
            case .wait(let until):
                guard let copyDue else { return .wait(until: until) }
                guard copyDue <= now else { return .wait(until: min(copyDue, until ?? copyDue)) }
                outbox.takeLaterCopy()
            case .again: continue
            case .send(let planned):
                if planned.release > now {
                    if let copyDue, copyDue <= now {
                        outbox.takeLaterCopy()
                        continue
                    }
                    if isHeldByStrike(planned, entry, now) {
                        commit(planned, outbox.removeFirst())
                        continue
                    }
                    return .wait(until: min(planned.release, copyDue ?? planned.release))
                }
                commit(planned, outbox.removeFirst())
            }
        }
    }

    /// A delay that has begun to hold its message has struck, whatever the consumer does meanwhile.
    private mutating func isHeldByStrike(
        _ planned: Head, _ entry: Outbox.Entry, _ now: Instant
    ) -> Bool {
        guard planned.due <= now, entry.kind != .copy,
            book[entry.source].ledger.delay(of: entry.message) != nil
        else { return false }
        book[entry.source].ledger.delayApplied(to: entry.message)
        book.collectOutcomes(of: entry.source)
        noteStruck(entry.request)
        return true
    }

    /// A request's answer does not come as it should: who asks again does it for that.
    private mutating func noteStruck(_ request: Int) {
        guard let index = outstanding.firstIndex(where: { $0.request == request }) else { return }
        outstanding[index].isStruck = true
    }

    private enum Plan {
        case send(Head)
        case wait(until: Instant?)
        /// The outbox is another one now.
        case again
    }

    /// Copies that come later go between messages and between groups.
    private var mayInterleave: Bool {
        guard let first = outbox.first, first.kind != .copy else { return outbox.first == nil }
        return !book.connection(first.source).downstream.continuesGroup(first.message)
    }

    private mutating func plan(_ entry: Outbox.Entry, _ now: Instant) -> Plan {
        var head = head(of: entry)
        guard entry.kind != .copy else {
            head.release = max(head.due, lastRelease)
            return .send(head)
        }
        let source = entry.source
        if let strike = book[source].ledger.strike(taking: entry.message),
            !book[source].ledger.isSettled(strike) || isDropped(strike, entry)
        {
            let struck = Struck(source: source, strike: strike)
            switch book[source].ledger.strikes[strike].effect {
            case .drop:
                guard entry.due <= now else { return .wait(until: entry.due) }
                // What stands before it is sent first.
                guard untaken == 0 else { return .wait(until: nil) }
                book.settle(struck, .applied)
                dropping = Struck(source: source, strike: strike)
                noteStruck(entry.request)
                _ = outbox.removeFirst()
                return .again
            case .reorder(let other):
                if let plan = reorder(struck, with: other, entry, now) { return plan }
                head.strike = strike
            case .disconnect, .end, .stall:
                head.strike = strike
                head.cut = strike
                head.end =
                    head.start + book[source].ledger.strikes[strike].effect.neededBytes
            case .duplicate, .overtaken, .delay, .corrupt, .unresolved: break
            }
        }
        let ledger = book[source].ledger
        if let corrupt = ledger.corruption(of: entry.message), !ledger.isSettled(corrupt) {
            head.corrupt = corrupt
            if head.strike < 0 { head.strike = corrupt }
        }
        hold(&head, entry, now)
        return .send(head)
    }

    /// Whether a drop that has struck takes this message of its group too.
    private func isDropped(_ strike: Int, _ entry: Outbox.Entry) -> Bool {
        dropping == Struck(source: entry.source, strike: strike)
            && entry.message > book[entry.source].ledger.strikes[strike].message
    }

    /// Lets two messages change places once both are to be sent; nil: this one goes now.
    private mutating func reorder(
        _ struck: Struck, with other: ClosedRange<UInt64>, _ entry: Outbox.Entry, _ now: Instant
    ) -> Plan? {
        let strike = book[struck.source].ledger.strikes[struck.strike]
        guard entry.message == strike.message, !arranged.contains(struck) else { return nil }
        if outbox.swap(strike.message...strike.lastMessage, other, of: struck.source) {
            arranged.insert(struck)
            return .again
        }
        let until = entry.due.advanced(byNanoseconds: Self.neighbourNanoseconds)
        guard now >= until else { return .wait(until: until) }
        book.settle(struck, .skipped, "what it was to change places with was not asked for in time")
        return .again
    }

    /// A reorder waits so long for its second message.
    static let neighbourNanoseconds: Int64 = 50_000_000

    private func head(of entry: Outbox.Entry) -> Head {
        let link = book.connection(entry.source).downstream
        let range = link.range(of: entry.message)
        var head = Head(
            kind: entry.kind == .copy ? .copy : .original, message: entry.message,
            copy: entry.copy, strike: entry.strike, start: range.lowerBound,
            next: range.lowerBound, end: range.upperBound, wholeEnd: range.upperBound,
            cell: entry.message, recorded: link.began(entry.message),
            extent: link.extentIndex(at: range.lowerBound), due: entry.due, release: entry.due)
        if isTimed, entry.kind != .copy { head.began = link.began(entry.message) }
        return head
    }

    /// What conditions and delays add, and the order that is kept.
    private mutating func hold(_ head: inout Head, _ entry: Outbox.Entry, _ now: Instant) {
        if let conditions, !conditions.isEmpty, var walk = holdWalk {
            head.holdNanoseconds = conditions.holdNanoseconds(
                message: head.message, began: head.recorded, &walk)
            holdWalk = walk
        }
        if let delay = book[entry.source].ledger.delay(of: entry.message) {
            let (sum, overflow) = head.holdNanoseconds.addingReportingOverflow(delay.nanoseconds)
            head.holdNanoseconds = overflow ? .max : sum
            if head.strike < 0 { head.strike = delay.strike }
        }
        head.release = max(head.due.advanced(byNanoseconds: head.holdNanoseconds), lastRelease)
    }

    /// The planned message is under way: the order goes on behind it.
    private mutating func commit(_ planned: Head, _ entry: Outbox.Entry) {
        head = planned
        headEntry = entry
        begun += 1
        lastRelease = max(lastRelease, planned.release)
        dropping = nil
        guard entry.kind != .copy, planned.cut == nil || planned.end == planned.wholeEnd else {
            if entry.kind == .copy { committed.append(entry) }
            return
        }
        committed.append(entry)
        if entry.kind == .push, own == entry.source {
            book[entry.source].pushesFrom = max(
                book[entry.source].pushesFrom, entry.message + 1)
        }
        if let copies = duplicate(endingWith: entry), copies.after == 0 {
            outbox.insertFirst(
                (1...copies.count).flatMap { entries(of: copies.struck, copy: $0, due: entry.due) })
        }
    }

    /// The next bytes of the message under way; nil: there are none in the recording.
    private mutating func sendNext(_ now: Instant) -> Action? {
        guard var head else { return nil }
        let source = headEntry?.source ?? own ?? 0
        let link = book.connection(source).downstream
        let step = head.nextPiece(of: link, book.clock, &throttle, number: begun, now)
        self.head = head
        switch step {
        case .missing: return nil
        case .wait(let until): return .wait(until: until)
        case .piece(var piece):
            piece.source = source
            lastRelease = max(lastRelease, piece.release)
            untaken += piece.count
            return .send(piece)
        }
    }
}

/// Copies.
extension Responder {
    struct Copies {
        var struck: Struck
        var count: UInt16
        var after: Int64
    }

    /// The duplicate whose last message this is, while it has not struck.
    func duplicate(endingWith entry: Outbox.Entry) -> Copies? {
        guard entry.kind != .copy, !book[entry.source].ledger.isEmpty,
            let strike = book[entry.source].ledger.strike(taking: entry.message),
            !book[entry.source].ledger.isSettled(strike),
            book[entry.source].ledger.strikes[strike].lastMessage == entry.message,
            case .duplicate(let count, let after, _) =
                book[entry.source].ledger.strikes[strike].effect,
            count > 0
        else { return nil }
        return Copies(
            struck: Struck(source: entry.source, strike: strike), count: count,
            after: max(0, after))
    }

    /// One copy of what a duplicate strikes.
    func entries(of struck: Struck, copy: UInt16, due: Instant) -> [Outbox.Entry] {
        let strike = book[struck.source].ledger.strikes[struck.strike]
        return (strike.message...strike.lastMessage).map { message in
            Outbox.Entry(
                kind: .copy, source: struck.source, message: message, due: due, copy: copy,
                strike: struck.strike)
        }
    }
}

/// Bytes that are no messages: each chunk as it was recorded, by turns.
extension Responder {
    /// What had come when the turn began, recorded and really.
    struct RawTurn: Hashable {
        var recorded: UInt64 = 0
        var consumed: UInt64 = 0
    }

    /// What raw bytes wait for; nil: the next of them are the head, or there are none.
    mutating func playRaw(_ now: Instant) -> Action? {
        guard let own, !isMute else { return nil }
        let connection = book.connection(own)
        let link = connection.downstream
        let index = link.extentIndex(at: rawOffset)
        guard rawOffset < book[own].extent.bytes, index < link.extents.count else { return nil }
        let chunk = link.extents[index]
        let wanted = book.upstreamBytes(before: chunk.fileOffset, of: connection)
        var since = acceptedAt
        var reference = connection.opened ?? chunk.instant
        if wanted > rawTurn.recorded {
            let target = rawTurn.consumed + (wanted - rawTurn.recorded)
            if received < target {
                guard received > rawTurn.consumed else { return .wait(until: nil) }
                let quiet = lastReceivedAt.advanced(byNanoseconds: Limits.quietNanoseconds)
                guard now >= quiet else { return .wait(until: quiet) }
            }
            rawTurn.consumed = min(target, received)
            rawTurn.recorded = wanted
        }
        if wanted > 0 {
            since = lastReceivedAt
            let up = connection.upstream.extents
            let index = connection.upstream.extentIndex(at: wanted - 1)
            reference = up[min(index, up.count - 1)].instant
        }
        var due = now
        if isTimed {
            due = since.advanced(
                byNanoseconds: book.clock.nanoseconds(from: reference, to: chunk.instant))
        }
        begin(raw: chunk, at: index, due: max(due, lastRelease))
        return nil
    }

    private mutating func begin(raw chunk: TranscriptLink.Extent, at index: Int, due: Instant) {
        guard let own else { return }
        let start = max(rawOffset, chunk.offset)
        var end = min(chunk.offset + UInt64(chunk.count), book[own].extent.bytes)
        var hold: Int64 = 0
        let cell = start / LinkSchedule.cellBytes + 1
        if let conditions, !conditions.isEmpty, var walk = holdWalk {
            end = min(end, cell * LinkSchedule.cellBytes)
            hold = conditions.holdNanoseconds(message: cell, began: chunk.instant, &walk)
            holdWalk = walk
        }
        headEntry = nil
        head = Head(
            kind: .raw, message: 0, start: start, next: start, end: end, wholeEnd: end, cell: cell,
            recorded: chunk.instant, extent: index, due: due,
            release: max(due.advanced(byNanoseconds: hold), lastRelease), holdNanoseconds: hold)
        begun += 1
        rawOffset = end
    }
}
