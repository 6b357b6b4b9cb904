/// One connection on its way into a transcript.
struct ConnectionTrack: Sendable {
    private(set) var connection: TranscriptConnection
    var tracker: ExchangeTracker
    private var conversation: Conversation
    /// A link's bytes are those that arrived, or, where none do, those that Weir sent; nil before
    /// the first of either.
    private var areArrivals: PerDirection<Bool?> = PerDirection(nil)
    /// What is known of exchanges whose upstream message is not whole yet; more are not kept.
    private var early: [UInt64: ExchangeRecord] = [:]
    private static let earlyExchanges = 64

    init(number: UInt32, attempt: UInt16, framer: (any Framer)?) {
        conversation = Conversation(framer: framer)
        tracker = ExchangeTracker(conversation)
        connection = TranscriptConnection(number: number, attempt: attempt)
        connection.pairsAnswers = conversation.pairsAnswers
    }

    mutating func open(
        _ route: UInt16, _ client: String, _ server: String, at instant: Instant, endedBefore: Int
    ) {
        connection.route = route
        connection.client = client
        connection.server = server
        connection.opened = instant
        connection.endedBefore = endedBefore
    }

    mutating func receive(
        _ bytes: Span<UInt8>, _ direction: Direction, at instant: Instant, ordinal: UInt64,
        fileOffset: UInt64, isArrival: Bool
    ) {
        guard takes(isArrival, direction) else { return }
        withLink(direction) { link in
            link.extents.append(
                TranscriptLink.Extent(
                    offset: link.bytes, fileOffset: fileOffset, instant: instant,
                    count: UInt32(clamping: bytes.count)))
            link.bytes += UInt64(bytes.count)
        }
        tracker.receive(bytes, direction, at: instant, ordinal: ordinal, in: &conversation)
    }

    mutating func gap(_ direction: Direction, _ missing: UInt64, at instant: Instant) {
        withLink(direction) { link in
            link.gaps.append(
                TranscriptLink.Gap(offset: link.bytes, bytes: missing, instant: instant))
        }
        conversation.gap(direction, bytes: missing)
        tracker.gap(direction, of: conversation)
        let offset = conversation[direction].offset
        withLink(direction) { $0.bytes = offset }
    }

    mutating func end(_ event: Event, ordinal: UInt64) {
        let how: TranscriptLink.End.How
        let party: Party
        switch event.fact {
        case .finished(let by): (how, party) = (.finished, by)
        case .reset(let by): (how, party) = (.reset, by)
        case .failed(let errno, let by): (how, party) = (.failed(errno: errno), by)
        default: return
        }
        let end = TranscriptLink.End(how: how, by: party, instant: event.instant)
        // In order a link ends by itself; otherwise both do at once.
        for direction in Direction.allCases {
            guard how != .finished || event.direction ?? direction == direction else { continue }
            // A link that Weir ended may have had more to carry.
            if how == .finished && party != .weir {
                tracker.finish(
                    direction, at: event.instant, ordinal: ordinal, in: &conversation)
            }
            withLink(direction) { link in link.end = link.end ?? end }
        }
        if connection.hasEnded { tracker.finish() }
    }

    mutating func finish() {
        tracker.finish()
        for direction in Direction.allCases {
            let state = conversation[direction]
            withLink(direction) { link in
                link.opaque = state.opaque
                link.unfinished = state.partial?.offset
            }
        }
    }

    mutating func keep(_ fact: ExchangeTracker.Fact, _ names: inout TranscriptNames) {
        switch fact {
        case .message(let tracked):
            keep(tracked, &names)
        case .answerBegan(let to, let instant, let ordinal):
            withExchange(to) { exchange in
                exchange.answerBegan = instant.nanoseconds
                exchange.answerBeganOrdinal = ordinal
            }
        case .answerCompleted(let to, _, _):
            withExchange(to) { $0.isComplete = true }
        case .turned, .opaque:
            break
        }
    }

    private mutating func keep(
        _ tracked: ExchangeTracker.Tracked, _ names: inout TranscriptNames
    ) {
        let message = tracked.placed.message
        let record = MessageRecord(
            tracked, kind: names.index(kind: message.kind),
            key: names.index(key: message.state?.key))
        guard tracked.placed.direction == .downstream else {
            connection.upstream.records.append(record)
            var exchange = ExchangeRecord(tracked)
            if !early.isEmpty, let known = early.removeValue(forKey: message.number) {
                exchange.add(known)
            }
            connection.exchanges.append(exchange)
            if message.carriesCredentials {
                connection.authentication = connection.authentication ?? message.number
            }
            return
        }
        connection.downstream.records.append(record)
        guard case .answer(let to, _, _) = message.role else { return }
        withExchange(to) { exchange in
            if exchange.firstAnswer == 0 { exchange.firstAnswer = UInt32(clamping: message.number) }
            exchange.lastAnswer = UInt32(clamping: message.number)
            exchange.answerEnded = tracked.placed.ended.nanoseconds
        }
    }

    /// The exchange of an upstream message; one that is not whole yet is kept apart for now.
    private mutating func withExchange(_ number: UInt64, _ body: (inout ExchangeRecord) -> Void) {
        guard number >= 1 else { return }
        guard number <= UInt64(connection.exchanges.count) else {
            guard early.count < Self.earlyExchanges || early[number] != nil else { return }
            body(&early[number, default: ExchangeRecord()])
            return
        }
        body(&connection.exchanges[Int(number) - 1])
    }

    private mutating func withLink(
        _ direction: Direction, _ body: (inout TranscriptLink) -> Void
    ) {
        if direction == .upstream {
            body(&connection.upstream)
        } else {
            body(&connection.downstream)
        }
    }

    private mutating func takes(_ isArrival: Bool, _ direction: Direction) -> Bool {
        let expected = areArrivals[direction] ?? isArrival
        areArrivals[direction] = expected
        return expected == isArrival
    }
}
