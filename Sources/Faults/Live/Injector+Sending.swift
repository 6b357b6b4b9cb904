import Recordings
import Text

/// From decided messages to what leaves, and when.
extension Injector {
    /// A message is decided. It waits where another waits.
    mutating func enqueue(_ unit: LiveUnit, _ direction: Direction) {
        guard !isCut, !links[direction].isOver else { return }
        if let waiting = links[direction].overtaking {
            links[direction].overtaking?.add(unit)
            guard waiting.isFull else { return }
            let most = LiveOvertaking.mostMessages
            return skipOvertaking(
                direction, "more than \(most) messages came behind it", at: unit.placed.ended)
        }
        if links[direction].swap != nil {
            links[direction].swap?.add(unit)
            return exchange(direction)
        }
        if let struck = unit.struck, case .swap(let depth, let within) = struck.effect {
            links[direction].swap = LiveSwap(
                places: [[unit]], depth: depth, within: within, struck: struck)
            return
        }
        var unit = unit
        if case .overtake? = unit.struck?.effect {
            if waitToBeOvertaken([unit], from: 0, direction) { return }
            unit.struck = nil
        }
        send(unit, direction)
    }

    mutating func skipGroup(_ direction: Direction, _ reason: String) {
        guard let group = links[direction].group else { return }
        links[direction].group = nil
        if case .duplicate = group.struck.effect { tell(group.struck.strike, .skipped, reason) }
    }

    /// Sends a whole message, as what strikes it says.
    mutating func send(_ unit: LiveUnit, _ direction: Direction) {
        guard !isCut, !links[direction].isOver else { return }
        let message = unit.placed.message
        let group = links[direction].group.flatMap { $0.first == message.group ? $0 : nil }
        if let group, case .drop = group.struck.effect {
            return drop(unit, direction, group.struck)
        }
        if case .drop? = unit.struck?.effect, let struck = unit.struck {
            tell(struck.strike, .applied)
            for one in unit.combined { tell(one, .preempted, struck.strike.outcome.id) }
            return drop(unit, direction, struck)
        }
        if direction == .upstream, message.state != nil { keep(unit) }
        for one in unit.combined { tell(one, .applied) }
        if let struck = unit.struck, case .cut(let cut, let silence) = struck.effect {
            return self.cut(unit, direction, cut, struck, silence: silence)
        }
        if let struck = unit.struck, case .stall(let sent, let time) = struck.effect {
            return stall(unit, direction, sent: sent, nanoseconds: time, struck)
        }
        sendRest(unit, direction)
        if let struck = unit.struck, case .duplicate = struck.effect {
            let open = LiveLink.OpenGroup(
                first: message.group ?? message.number, start: unit.range.lowerBound,
                struck: struck)
            if unit.isClosed { copy(open, unit, direction) } else { links[direction].group = open }
        } else if let group, message.endsGroup {
            links[direction].group = nil
            copy(group, unit, direction)
        }
    }

    private mutating func drop(
        _ unit: LiveUnit, _ direction: Direction, _ struck: LiveUnit.Struck
    ) {
        if direction == .upstream { answers.drop(unit.number, isRaw: struck.isRaw) }
        links[direction].group =
            unit.isClosed
            ? nil
            : LiveLink.OpenGroup(
                first: unit.placed.message.group ?? unit.number, start: unit.range.lowerBound,
                struck: struck)
    }

    private mutating func cut(
        _ unit: LiveUnit, _ direction: Direction, _ cut: Cut, _ struck: LiveUnit.Struck,
        silence: Int64
    ) {
        sendRest(Self.front(of: unit, cut.sentBytes), direction)
        tell(struck.strike, .applied)
        let hold = held(unit, direction)
        let due = max(
            links[direction].lastDue, unit.placed.ended.advanced(byNanoseconds: hold)
        ).advanced(byNanoseconds: silence)
        act(.cut(direction, cut.how, strike: struck.strike.outcome.id, due: due))
        end(direction, cut.how, struck.strike.outcome.id)
    }

    /// Nothing is decided any more behind a cut.
    mutating func end(_ direction: Direction, _ how: Cut.How, _ id: String) {
        links[direction].isOver = true
        links[direction].copies = []
        guard how != .halfClose else { return }
        isCut = true
        for other in Direction.allCases {
            dropWaiting(other, .preempted, id)
            links[other].copies = []
            links[other].underWay = nil
            links[other].group = nil
            links[other].places = []
            links[other].flips = []
        }
    }

    private static func front(of unit: LiveUnit, _ count: UInt64) -> LiveUnit {
        var part = unit
        let start = unit.range.lowerBound
        part.range = start..<(start + min(count, UInt64(unit.range.count)))
        return part
    }

    /// Behind so many bytes nothing leaves for a while, or any more.
    private mutating func stall(
        _ unit: LiveUnit, _ direction: Direction, sent: UInt64, nanoseconds: Int64?,
        _ struck: LiveUnit.Struck
    ) {
        let part = Self.front(of: unit, sent)
        sendRest(part, direction)
        tell(struck.strike, .applied)
        let from = max(links[direction].lastDue, unit.placed.ended)
        links[direction].lastDue = from.advanced(byNanoseconds: nanoseconds ?? .max)
        links[direction].lastCause = struck.strike.outcome.id
        var rest = unit
        rest.sentTo = max(unit.sentTo, part.range.upperBound)
        if rest.cause.isEmpty { rest.cause = struck.strike.outcome.id }
        sendRest(rest, direction)
    }

    /// Sends a group's or a message's copies, now or later.
    private mutating func copy(
        _ open: LiveLink.OpenGroup, _ last: LiveUnit, _ direction: Direction
    ) {
        guard case .duplicate(let copies, let after, let place) = open.struck.effect, copies > 0
        else { return }
        guard place == .same else {
            return redeliver(open, last, copies: copies, afterNanoseconds: after)
        }
        let range = open.start..<last.range.upperBound
        let hold = held(last, direction)
        let id = open.struck.strike.outcome.id
        let origin = AnswerBook.Origin(request: open.first, isRaw: open.struck.isRaw)
        let wanted = Int(copies).multipliedReportingOverflow(by: range.count)
        let isMuch =
            after > 0
            && (wanted.overflow
                || wanted.partialValue > Self.mostCopiesBytes - links[direction].copiesBytes)
        guard !isMuch else {
            let most = Self.mostCopiesBytes >> 20
            return tell(open.struck.strike, .skipped, "more than \(most) MiB of copies would wait")
        }
        tell(open.struck.strike, .applied)
        for number in 1...copies {
            guard after > 0 else {
                let send = LiveSend(
                    bytes: .arrived(range), due: .start, arrived: last.placed.ended,
                    message: open.first, copy: number, offset: 0, began: last.placed.began,
                    isLast: true, cause: id)
                var origin = origin
                origin.copy = number
                emit(send, direction, hold: hold, origin)
                continue
            }
            var bytes: [UInt8] = []
            links[direction].held.withBytes(range) { span in
                for index in span.indices { bytes.append(span[index]) }
            }
            let (wait, overflow) = after.multipliedReportingOverflow(by: Int64(number))
            let due = last.placed.ended.advanced(byNanoseconds: overflow ? .max : wait)
            let later = LaterCopy(
                due: due, bytes: bytes, message: open.first, copy: number, holdNanoseconds: hold,
                struck: open.struck)
            let index = links[direction].copies.firstIndex { $0.due > due }
            links[direction].copies.insert(later, at: index ?? links[direction].copies.count)
            links[direction].copiesBytes += range.count
        }
    }

    /// Sends the copies whose time has come, between two messages.
    mutating func sendCopies(_ direction: Direction, at instant: Instant) {
        guard links[direction].underWay?.passes != true, !isCut else { return }
        while let later = links[direction].copies.first, later.due <= instant {
            links[direction].copies.removeFirst()
            links[direction].copiesBytes -= later.bytes.count
            let send = LiveSend(
                bytes: .literal(later.bytes), due: .start, arrived: later.due,
                message: later.message, copy: later.copy, offset: 0, began: later.due,
                isLast: true, cause: later.struck.strike.outcome.id)
            let origin = AnswerBook.Origin(
                request: later.message, copy: later.copy, isRaw: later.struck.isRaw)
            emit(send, direction, hold: later.holdNanoseconds, origin)
        }
        finishIfReady(direction)
    }

    /// The end is passed on behind the last copy.
    mutating func finishIfReady(_ direction: Direction) {
        guard links[direction].hasFinished, links[direction].copies.isEmpty,
            links[direction].swap == nil, links[direction].overtaking == nil,
            !links[direction].isOver
        else { return }
        // What waited may have been the front of these.
        releaseUnderWay(direction, at: links[direction].underWay?.began ?? .start)
        skipGroup(direction, "the link ended inside of its group")
        links[direction].isOver = true
        act(.finish(direction, due: links[direction].lastDue))
    }

    private mutating func held(_ unit: LiveUnit, _ direction: Direction) -> Int64 {
        let hold = links[direction].holdNanoseconds(
            message: unit.number, began: unit.placed.began)
        let (sum, overflow) = hold.addingReportingOverflow(unit.delayNanoseconds)
        return overflow ? .max : sum
    }

    private mutating func sendRest(_ unit: LiveUnit, _ direction: Direction) {
        guard unit.sentTo < unit.range.upperBound else { return }
        let range = unit.sentTo..<unit.range.upperBound
        var send = LiveSend(
            bytes: flipped(unit, range, direction) ?? .arrived(range), due: .start,
            arrived: unit.placed.ended, message: unit.number, copy: 0,
            offset: unit.sentTo - unit.range.lowerBound, began: unit.placed.began,
            isLast: range.upperBound == unit.end, cause: unit.cause)
        send.overtakes = send.isLast ? overtaking(unit, direction) : .never
        emit(
            send, direction, hold: held(unit, direction), AnswerBook.Origin(request: unit.number))
    }

    /// A corrupted message's bytes; nil where none of these is hit.
    private func flipped(
        _ unit: LiveUnit, _ range: Range<UInt64>, _ direction: Direction
    ) -> LiveSend.Bytes? {
        let places = unit.flippedBits.map { (unit.range.lowerBound + $0 / 8, UInt8($0 % 8)) }
            .filter { range.contains($0.0) }
        guard !places.isEmpty else { return nil }
        var bytes: [UInt8] = []
        links[direction].held.withBytes(range) { span in
            for index in span.indices { bytes.append(span[index]) }
        }
        for (place, bit) in places { bytes[Int(place - range.lowerBound)] ^= 1 << bit }
        return .literal(bytes)
    }

    /// Sends what came of a message that passes as it comes.
    mutating func sendPart(_ direction: Direction, at instant: Instant) {
        guard let underWay = links[direction].underWay else { return }
        let range = links[direction].passed..<links[direction].held.end
        guard !range.isEmpty else { return }
        links[direction].passed = range.upperBound
        let hold = links[direction].holdNanoseconds(
            message: underWay.number, began: underWay.began)
        let (bytes, cause) = passing(range, direction)
        let send = LiveSend(
            bytes: bytes, due: .start, arrived: instant, message: underWay.number,
            copy: 0, offset: range.lowerBound - underWay.start, began: underWay.began,
            isLast: false, cause: cause)
        emit(send, direction, hold: hold, AnswerBook.Origin(request: underWay.number))
    }

    /// Sends bytes that belong to no message, each cell held by itself.
    mutating func passCells(_ direction: Direction, at instant: Instant) {
        let cell = LinkSchedule.cellBytes
        while links[direction].passed < links[direction].held.end {
            let start = links[direction].passed
            let number = start / cell + 1
            var end = links[direction].held.end
            var hold: Int64 = 0
            if links[direction].conditions.dependsOnPlace {
                end = min(end, number * cell)
            }
            if !links[direction].conditions.isEmpty {
                hold = links[direction].holdNanoseconds(message: number, began: instant)
            }
            links[direction].passed = end
            let (bytes, cause) = passing(start..<end, direction)
            let send = LiveSend(
                bytes: bytes, due: .start, arrived: instant, message: 0, copy: 0, offset: 0,
                began: instant, isLast: false, cause: cause)
            emit(send, direction, hold: hold, nil)
        }
    }

    private mutating func emit(
        _ send: LiveSend, _ direction: Direction, hold: Int64, _ origin: AnswerBook.Origin?
    ) {
        var send = send
        send.due = max(links[direction].lastDue, send.arrived.advanced(byNanoseconds: hold))
        if send.cause.isEmpty && send.due > send.arrived {
            let name = links[direction].conditionName
            send.cause = hold > 0 && !name.isEmpty ? name : links[direction].lastCause
        }
        if send.due > send.arrived { links[direction].lastCause = send.cause }
        links[direction].lastDue = send.due
        act(.send(direction, send))
        guard let origin, framing.state == .reading else { return }
        let instant = send.arrived
        switch send.bytes {
        case .literal(let bytes):
            enter(framing.leave(bytes.span, direction, at: instant), origin, direction)
        case .arrived(let range):
            let held = links[direction].held
            let requests = held.withBytes(range) { framing.leave($0, direction, at: instant) }
            enter(requests, origin, direction)
        }
    }

    /// The server was sent these requests.
    mutating func enter(
        _ requests: [UInt64], _ origin: AnswerBook.Origin, _ direction: Direction
    ) {
        guard direction == .upstream else { return }
        for request in requests { answers.sent(request, origin) }
    }
}
