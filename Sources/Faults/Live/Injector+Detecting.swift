import Recordings

/// The first bytes of a connection whose protocol nobody has named.
///
/// A link that a message rule is about holds them until they tell, so that the rule is rolled for
/// its first message too:
///
///     detecting ──they tell──► reading: what is held is read as messages
///         │   └──nothing answers in time──► what the client said is taken for what it looks like
///         └──or cannot tell──► what was held passes, and is read but not struck once they do
extension Injector {
    /// Bytes arrived on a link, which are held, while the protocol is not known.
    mutating func detect(_ bytes: Span<UInt8>, _ direction: Direction, at instant: Instant) {
        framing.look(bytes, direction, known: rules.known(on: route))
        guard framing.state == .detecting else { return beginReading(at: instant) }
        guard !links[direction].rules.isEmpty, !hasWaited else {
            return passCells(direction, at: instant)
        }
        detectionDeadline =
            detectionDeadline ?? instant.advanced(byNanoseconds: Self.detectionNanoseconds)
    }

    /// First bytes are not held any longer.
    mutating func stopDetecting(at instant: Instant) {
        guard framing.state == .detecting, !isCut else { return }
        detectionDeadline = nil
        hasWaited = true
        framing.guess()
        guard framing.state == .detecting else { return beginReading(at: instant) }
        for direction in Direction.allCases where !links[direction].isOver {
            passCells(direction, at: instant)
        }
    }

    /// It is known how the connection is read, or that it is not.
    private mutating func beginReading(at instant: Instant) {
        detectionDeadline = nil
        if framing.state == .reading { answers = AnswerBook(framing.client) }
        var unrolled: UInt64 = 0
        for direction in Direction.allCases where !links[direction].isOver {
            let passed = framing.takePassed(upTo: links[direction].passed, direction)
            let range = links[direction].passed..<links[direction].held.end
            // Once a connection, and hardly more than one receive.
            var waiting: [UInt8] = []
            links[direction].held.withBytes(range) { span in
                for index in span.indices { waiting.append(span[index]) }
            }
            if framing.state == .reading {
                let messages = readPassed(passed.span, direction, at: instant)
                if !links[direction].rules.isEmpty { unrolled += messages }
            }
            if !waiting.isEmpty {
                read(waiting.span, direction, from: range.lowerBound, at: instant)
            }
        }
        if unrolled > 0 { act(.unrolled(messages: unrolled)) }
        learn()
    }

    /// Later connections to the same server are read so from their first byte.
    mutating func learn() {
        if let sure = framing.takeSure() { rules.learn(sure, on: route) }
    }

    /// Reads what has passed already, and is not struck; how many messages began in it.
    private mutating func readPassed(
        _ bytes: Span<UInt8>, _ direction: Direction, at instant: Instant
    ) -> UInt64 {
        var start = 0
        var messages: UInt64 = 0
        while start < bytes.count {
            let rest = bytes.extracting(start..<bytes.count)
            guard
                case .message(let consumed, let placed) = framing.arrive(
                    rest, direction, at: instant)
            else { break }
            messages += 1
            if direction == .upstream {
                owe(placed.message)
            } else {
                _ = answers.receive(placed.message)
            }
            let message = bytes.extracting(start..<(start + consumed))
            if direction == .upstream {
                states.take(placed.message, at: placed.offset) {
                    message.indices.map { message[$0] }
                }
            }
            let origin = AnswerBook.Origin(request: placed.message.number)
            enter(framing.leave(message, direction, at: instant), origin, direction)
            start += consumed
        }
        if let opaque = framing.arriving(direction).opaque {
            tellOff(
                direction,
                "not read as messages from byte \(opaque.offset) on: \(opaque.reason)")
        }
        guard let partial = framing.arriving(direction).partial else { return messages }
        let number = framing.arriving(direction).messages + 1
        let rest = bytes.extracting(start..<bytes.count)
        enter(
            framing.leave(rest, direction, at: instant), AnswerBook.Origin(request: number),
            direction)
        links[direction].underWay = LiveLink.UnderWay(
            number: number, start: partial.offset, began: instant, rolled: [], passes: true)
        return messages + 1
    }
}
