import Faults
import Recordings

/// What is sent next, and when.
extension Player {
    /// What the order holds next.
    enum Plan: Sendable {
        case send(Head)
        /// Nothing is sent at this place.
        case pass(drop: Int?, due: Instant)
        /// It waits for the consumer.
        case blocked(until: Instant?)
        /// All has been sent.
        case nothing
    }

    mutating func play(_ now: Instant, _ canSend: Bool) -> Action {
        if let action = lookAtStall(now) { return action }
        guard canSend else { return .wait(until: stallDeadline) }
        while true {
            if let head {
                if head.next < head.end { return sendNext(now) }
                if let cut = head.cut {
                    guard untaken == 0 else { return .wait(until: nil) }
                    if !ledger.strikes[cut].effect.isStall || head.end == head.wholeEnd
                        || head.end == head.start
                    {
                        self.head = nil
                    }
                    beginCut(cut, at: now)
                    return next(at: now, canSend: canSend)
                }
                self.head = nil
            }
            let plan = planNext(now)
            let copyDue = canInterleave() ? order.laterCopies.first?.due : nil
            switch plan {
            case .send(let planned):
                if let copyDue, copyDue < planned.release {
                    if copyDue > now { return .wait(until: copyDue) }
                    order.takeLaterCopy()
                } else if planned.release > now {
                    return .wait(until: planned.release)
                } else {
                    commit(planned)
                }
            case .pass(let drop, let due):
                if let copyDue, copyDue < due {
                    if copyDue > now { return .wait(until: copyDue) }
                    order.takeLaterCopy()
                    continue
                }
                if due > now { return .wait(until: due) }
                // What stands before it is sent first, else it would strike what never came so far.
                if drop != nil, untaken > 0 { return .wait(until: nil) }
                pass(drop, at: now)
            case .blocked(let until):
                guard let copyDue else { return .wait(until: until) }
                if copyDue > now { return .wait(until: min(copyDue, until ?? copyDue)) }
                order.takeLaterCopy()
            case .nothing:
                guard let copyDue else { return untaken > 0 ? .wait(until: nil) : playEnd(now) }
                if copyDue > now { return .wait(until: copyDue) }
                order.takeLaterCopy()
            }
        }
    }

    /// The next bytes of the message under way, or when they are due.
    private mutating func sendNext(_ now: Instant) -> Action {
        guard var head else { return .wait(until: nil) }
        let step = head.nextPiece(
            of: connection.upstream, clock, &throttle, number: begun, now)
        self.head = head
        switch step {
        case .missing: return .wait(until: now)
        case .wait(let until): return .wait(until: until)
        case .piece(let piece):
            lastRelease = max(lastRelease, piece.release)
            untaken += piece.count
            return .send(piece)
        }
    }

    /// Copies that come later go between messages and groups, never inside one.
    private mutating func canInterleave() -> Bool {
        guard !order.laterCopies.isEmpty, order.nextPrelude == nil, order.nextCopy == nil else {
            return false
        }
        guard order.place <= extent.messages else { return true }
        return !connection.upstream.continuesGroup(order.message(&ledger))
    }

    private mutating func planNext(_ now: Instant) -> Plan {
        if let prelude = order.nextPrelude { return plan(prelude, now) }
        if let (copy, message) = order.nextCopy {
            var head = head(of: message, .copy, due: max(copy.due, floor), strike: copy.strike)
            head.copy = copy.copy
            head.release = max(head.due, lastRelease)
            return .send(head)
        }
        if order.place <= extent.messages { return planPlace(now) }
        return order.rawOffset < extent.bytes ? planRaw(now) : .nothing
    }

    /// Session state and resends: all at once as far as they may.
    private mutating func plan(_ prelude: SendingOrder.Prelude, _ now: Instant) -> Plan {
        var due = floor
        if prelude.waits, shift == nil {
            guard untaken == 0 else { return .blocked(until: nil) }
            if let owed = answers.oldest() {
                let deadline = answerDeadline(owed)
                guard now >= deadline else { return .blocked(until: deadline) }
                uncouple(at: now)
                due = now
            } else {
                due = max(due, answers.lastReceivedAt)
            }
        }
        let sent: Piece.Kind = prelude.copy > 0 ? .copy : .resent
        let kind: Piece.Kind = prelude.isResend ? sent : .session
        var head = head(of: prelude.message, kind, due: due, strike: prelude.strike)
        head.place = kind == .resent ? prelude.message : 0
        head.copy = prelude.copy
        hold(&head, conditionsOnly: true)
        return .send(head)
    }

    private mutating func planPlace(_ now: Instant) -> Plan {
        let place = order.place
        let message = order.message(&ledger)
        if order.sentAhead.contains(message) { return .pass(drop: nil, due: now) }
        let due: Instant
        switch dueTime(ofPlace: place, now) {
        case .at(let instant): due = instant
        case .blocked(let until): return .blocked(until: until)
        }
        var head = head(of: message, .original, due: due, strike: -1)
        head.place = place
        if settings.pacing == .recorded || settings.pacing == .hybrid || shift != nil {
            head.began = connection.upstream.began(message)
        }
        if let strike = ledger.strike(taking: message) {
            switch ledger.strikes[strike].effect {
            case .drop: return .pass(drop: strike, due: due)
            case .overtaken:
                switch overtaking(strike, due: due, now) {
                case .at(let instant):
                    head.due = instant
                    if overtakes.sent[strike] != nil { head.strike = strike }
                case .blocked(let until): return .blocked(until: until)
                }
            case .reorder: head.strike = strike
            case .disconnect, .end, .stall:
                guard !ledger.isSettled(strike) else { break }
                let exchange = connection.exchange(message)
                switch afterAnswers(
                    strike, message: message, bytes: exchange.dependsOnBytes,
                    isByTurns: exchange.isByTurns, due: due, now)
                {
                case .at(let instant): head.due = instant
                case .blocked(let until): return .blocked(until: until)
                }
                head.strike = strike
                head.cut = strike
                head.end = head.start + ledger.strikes[strike].effect.neededBytes
            case .duplicate, .delay, .corrupt, .unresolved: break
            }
        }
        if let corrupt = ledger.corruption(of: message) {
            head.corrupt = corrupt
            if head.strike < 0 { head.strike = corrupt }
        }
        hold(&head, conditionsOnly: false)
        return .send(head)
    }

    private func head(
        of message: UInt64, _ kind: Piece.Kind, due: Instant, strike: Int
    ) -> Head {
        let range = connection.upstream.range(of: message)
        return Head(
            kind: kind, message: message, strike: strike, start: range.lowerBound,
            next: range.lowerBound, end: range.upperBound, wholeEnd: range.upperBound,
            cell: message, recorded: connection.upstream.began(message),
            extent: connection.upstream.extentIndex(at: range.lowerBound), due: due,
            release: due)
    }

    /// What conditions and delays add, and the order that is kept.
    private mutating func hold(_ head: inout Head, conditionsOnly: Bool) {
        if !conditions.isEmpty {
            head.holdNanoseconds = conditions.holdNanoseconds(
                message: head.message, began: connection.upstream.began(head.message), &holdWalk)
        }
        if !conditionsOnly, let delay = ledger.delay(of: head.message) {
            let (sum, overflow) = head.holdNanoseconds.addingReportingOverflow(delay.nanoseconds)
            head.holdNanoseconds = overflow ? .max : sum
            if head.strike < 0 { head.strike = delay.strike }
        }
        head.release = max(head.due.advanced(byNanoseconds: head.holdNanoseconds), lastRelease)
    }

    /// The planned message is under way: the order goes on behind it.
    private mutating func commit(_ planned: Head) {
        head = planned
        begun += 1
        lastRelease = max(lastRelease, planned.release)
        switch planned.kind {
        case .session: order.passPrelude()
        case .copy where redelivery != nil: order.passPrelude()
        case .resent:
            order.passPrelude()
            answers.handOut(place: planned.place)
        case .copy:
            order.passCopy(planned.message)
        case .raw:
            passTurn(recorded: raw.downstreamBytes, isByTurns: true)
            order.rawOffset = planned.end
        case .original where planned.cut != nil && planned.end == planned.start:
            // Cut before it: it is still to be sent, and what delayed it has done so.
            ledger.delayApplied(to: planned.message)
        case .original:
            answers.handOut(place: planned.place)
            let exchange = connection.exchange(planned.place)
            passTurn(
                recorded: exchange.dependsOnBytes, isByTurns: exchange.isByTurns || !answers.pairs)
            order.passPlace()
            if let (strike, copies) = duplicate(endingWith: planned.message), copies.after == 0 {
                follow(strike, copies.count, due: planned.release)
            }
        }
    }

    /// Nothing is sent at this place: it is dropped, or was sent ahead.
    private mutating func pass(_ drop: Int?, at now: Instant) {
        answers.skip(place: order.place, at: now)
        order.passPlace()
        tally.struck += 1
        guard let drop else { return }
        let bytes = connection.exchange(order.place - 1).dependsOnBytes
        if bytes > turn.recorded || order.place == 2 {
            passTurn(recorded: bytes, isByTurns: !answers.pairs)
            turn.isVoid = true
        }
        ledger.settle(drop, .applied)
    }
}
