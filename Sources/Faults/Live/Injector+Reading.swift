import Recordings

/// From bytes to messages.
extension Injector {
    /// Reads what arrived last, which is held.
    mutating func read(
        _ bytes: Span<UInt8>, _ direction: Direction, from start: UInt64, at instant: Instant
    ) {
        if let reason = framing.offReason { tellOffOnce("not read as messages: \(reason)") }
        guard framing.state == .reading, framing.arriving(direction).opaque == nil else {
            return passCells(direction, at: instant)
        }
        var taken = 0
        while taken < bytes.count {
            guard !isCut, !links[direction].isOver else {
                links[direction].passed = links[direction].held.end
                return
            }
            if links[direction].underWay == nil {
                begin(direction, at: start + UInt64(taken), instant)
            }
            let rest = bytes.extracting(taken..<bytes.count)
            switch framing.arrive(rest, direction, at: instant) {
            case .message(let consumed, let placed):
                taken += consumed
                end(placed, direction, upTo: start + UInt64(taken))
            case .needMore:
                return goOn(direction, at: instant)
            case .lostSync(_, _, let offset, let reason):
                return lose(direction, from: offset, reason, at: instant)
            case .opaque:
                return passCells(direction, at: instant)
            }
        }
    }

    /// A message begins: the dice are rolled for it, as far as its number is enough to go by.
    private mutating func begin(_ direction: Direction, at offset: UInt64, _ instant: Instant) {
        let number = framing.arriving(direction).messages + 1
        var rolled: [Int] = []
        var passes = links[direction].swap == nil && links[direction].overtaking == nil
        if direction == .downstream && answers.isDisturbed { passes = false }
        if let group = links[direction].group, case .drop = group.struck.effect { passes = false }
        for (index, rule) in links[direction].rules.enumerated() {
            guard !rules.isUsedUp(rule), rule.isAbout(message: number, began: instant),
                links[direction].rolls(index, message: number)
            else { continue }
            rolled.append(index)
            if !rule.mayFollow { passes = false }
        }
        links[direction].underWay = LiveLink.UnderWay(
            number: number, start: offset, began: instant, rolled: rolled, passes: passes)
    }

    /// More of a message came, and it goes on.
    private mutating func goOn(_ direction: Direction, at instant: Instant) {
        guard var underWay = links[direction].underWay else { return }
        let length = links[direction].held.end - underWay.start
        if length > Self.mostStruckBytes, !underWay.passes || !underWay.rolled.isEmpty {
            let reason = "the message is longer than \(Self.mostStruckBytes >> 20) MiB"
            for index in underWay.rolled {
                let rule = links[direction].rules[index]
                tell(strike(rule, direction, message: underWay.number), .skipped, reason)
            }
            if direction == .downstream && answers.isDisturbed { giveUpPairing(reason) }
            skipWaiting(direction, reason, at: instant)
            underWay.rolled = []
            underWay.passes = true
            links[direction].underWay = underWay
        }
        if underWay.passes { sendPart(direction, at: instant) }
    }

    /// A message is whole.
    mutating func end(_ placed: Conversation.Placed, _ direction: Direction, upTo end: UInt64) {
        let underWay = links[direction].underWay
        let start = underWay?.start ?? end - placed.length
        links[direction].underWay = nil
        var unit = LiveUnit(
            placed: placed, range: start..<end,
            sentTo: min(max(start, links[direction].passed), end))
        links[direction].passed = end
        if direction == .upstream {
            if links.upstream.isFlightOver {
                links.upstream.flightStart = placed.message.number
                links.upstream.isFlightOver = false
            }
            owe(placed.message)
            takeFlips(&unit, direction)
            decide(&unit, direction, rolled: underWay?.rolled ?? [])
            enqueue(unit, direction)
        } else {
            framing.confirm()
            learn()
            takeFlips(&unit, direction)
            let (fate, request) = answers.receive(placed.message)
            if let request {
                noteAnswered(request)
                if request >= links.upstream.flightStart { endFlight() }
            }
            switch underWay?.passes == true ? .pass : fate {
            case .pass:
                decide(&unit, direction, rolled: underWay?.rolled ?? [])
                enqueue(unit, direction)
            case .swallow:
                rules.swallowedAnswers += 1
            case .hold(let request):
                decide(&unit, direction, rolled: underWay?.rolled ?? [])
                answers.hold(unit, for: request)
            }
            for released in answers.takeReleased() { enqueue(released, .downstream) }
        }
        if answers.brokenReason != nil { releaseAnswers() }
        sendCopies(direction, at: placed.ended)
    }

    mutating func owe(_ message: Message) {
        guard case .request(let count) = message.role, count > 0 else { return }
        answers.owe(message.number)
    }

    /// No message behind this belongs to the flight.
    mutating func endFlight() {
        links.upstream.isFlightOver = true
        guard links.upstream.swap?.struck.rule.isForced != true else { return }
        skipSwap(.upstream, "no neighbour in flight")
    }

    /// From here on a link holds no messages.
    private mutating func lose(
        _ direction: Direction, from offset: UInt64, _ reason: String, at instant: Instant
    ) {
        let reason = "not read as messages from byte \(offset) on: \(reason)"
        if direction == .downstream { giveUpPairing(reason) }
        skipWaiting(direction, reason, at: instant)
        skipGroup(direction, reason)
        tellOff(direction, reason)
        links[direction].underWay = nil
        passCells(direction, at: instant)
    }

    private mutating func giveUpPairing(_ reason: String) {
        answers.giveUp(reason)
        releaseAnswers()
    }

    private mutating func releaseAnswers() {
        for unit in answers.takeAll() { enqueue(unit, .downstream) }
    }

    /// The message under way passes as far as it came, and is none.
    mutating func releaseUnderWay(_ direction: Direction, at instant: Instant) {
        guard links[direction].underWay != nil else { return }
        sendPart(direction, at: instant)
        links[direction].underWay = nil
    }
}
