import Recordings

extension Fuzzer {
    static let framers = Fuzzer(
        name: "framers",
        summary: "any bytes, cut anyhow: the same messages, in their places, rightly paired",
        smokeRounds: 4_000
    ) { dice throws(FuzzFailure) in
        let framing = dice.pick([
            "redis", "redis", "line", "line:pairing=none", "length-prefixed:offset=1,width=2",
            "http1", "http1", "postgresql", "postgresql",
        ])
        _ = try FramerCheck(framing: framing, &dice)
    }
}

/// One round of traffic through a framer, whole and in pieces, and what must hold of it.
struct FramerCheck {
    private(set) var sawErrorAnswer = false
    private let framing: String
    private let traffic: FramerTraffic

    init(framing: String, _ dice: inout FuzzDice) throws(FuzzFailure) {
        self.framing = framing
        traffic = FramerTraffic(framing: framing, &dice)
        let whole = try facts(inPieces: { $0 })
        try check(whole)
        let size = 1 + dice.below(16)
        guard try facts(inPieces: { _ in size }) == whole else {
            throw FuzzFailure("\(framing): chunks of \(size) give other messages")
        }
        var pieces = dice
        guard try facts(inPieces: { pieces.below($0) + 1 }) == whole else {
            throw FuzzFailure("\(framing): another cut gives other messages")
        }
        detect()
    }

    private func facts(
        inPieces size: (Int) -> Int
    ) throws(FuzzFailure) -> [ExchangeTracker.Fact] {
        guard let choice = try? FramingChoice(parsing: framing),
            let framer = try? choice.makeFramer()
        else { throw FuzzFailure("there is no framer \(framing)") }
        var conversation = Conversation(framer: framer)
        var tracker = ExchangeTracker(conversation)
        var facts: [ExchangeTracker.Fact] = []
        for (ordinal, segment) in traffic.segments.enumerated() {
            var start = 0
            while start < segment.bytes.count {
                let end = min(
                    segment.bytes.count, start + max(1, size(segment.bytes.count - start)))
                // All pieces of a segment have its ordinal, so that cuts can be compared.
                tracker.receive(
                    segment.bytes.span.extracting(start..<end), segment.direction, at: .start,
                    ordinal: UInt64(ordinal), in: &conversation)
                start = end
            }
            while let fact = tracker.next() { facts.append(fact) }
        }
        tracker.finish()
        while let fact = tracker.next() { facts.append(fact) }
        return facts
    }

    private mutating func check(_ facts: [ExchangeTracker.Fact]) throws(FuzzFailure) {
        var counts: [Direction: UInt64] = [:]
        var ends: [Direction: UInt64] = [:]
        var flight: UInt64 = 1
        for fact in facts {
            switch fact {
            case .message(let tracked):
                let placed = tracked.placed
                let number = placed.message.number
                guard number == (counts[placed.direction] ?? 0) + 1,
                    placed.offset == ends[placed.direction] ?? 0, placed.length > 0
                else { throw FuzzFailure("\(framing): message \(number) is out of place") }
                counts[placed.direction] = number
                ends[placed.direction] = placed.offset + placed.length
                if placed.direction == .upstream {
                    guard tracked.flight >= flight, tracked.dependsOn < number,
                        tracked.resendFrom >= 1, tracked.resendFrom <= number
                    else { throw FuzzFailure("\(framing): message \(number) depends wrongly") }
                    flight = tracked.flight
                }
                try check(placed, upstream: counts[.upstream] ?? 0)
            case .opaque(_, _, let reason) where traffic.isRight:
                throw FuzzFailure("\(framing): right traffic is not read: \(reason)")
            case .answerBegan, .answerCompleted, .turned, .opaque: break
            }
        }
    }

    private mutating func check(
        _ placed: Conversation.Placed, upstream: UInt64
    ) throws(FuzzFailure) {
        guard case .answer(let to, _, let isError) = placed.message.role else { return }
        if isError { sawErrorAnswer = true }
        // HTTP answers a request whose body is still on its way (100 Continue).
        let sent = framing == "http1" ? upstream + 1 : upstream
        guard placed.direction == .downstream, to >= 1, to <= sent else {
            throw FuzzFailure("\(framing): an answer to message \(to), which was not sent")
        }
    }

    private func detect() {
        let upstream = traffic.segments.filter { $0.direction == .upstream }.flatMap(\.bytes)
        let downstream = traffic.segments.filter { $0.direction == .downstream }.flatMap(\.bytes)
        _ = Framers.detect(upstream: upstream.span, downstream: downstream.span)
    }
}
