/// Sums up a recording's events, fed to it in their order.
package struct SummaryBuilder: Sendable {
    private struct Key: Hashable, Sendable {
        var connection: UInt32
        var attempt: UInt16
    }

    /// What is kept of a connection while it is open.
    private struct Reading: Sendable {
        var conversation: Conversation
        /// A link's bytes are those that arrived, or, where none do, those that Weir sent.
        var areArrivals = PerDirection<Bool?>(nil)
    }

    private let framing: FramingChoice
    private var summary = RecordingSummary()
    private var places: [Key: Int] = [:]
    /// Of the connections at these places that are open.
    private var readings: [Int: Reading] = [:]
    /// No place: it is not followed, only counted.
    private var latest: (key: Key, place: Int?)?

    package init(framing: FramingChoice) { self.framing = framing }

    /// Takes the next event, with the bytes beside it.
    package mutating func receive(_ event: Event, _ bytes: Span<UInt8>) {
        guard event.connection > 0 else { return receiveOfSession(event) }
        let key = Key(connection: event.connection, attempt: event.attempt)
        if case .strike = event.fact { return receiveOfSession(event) }
        guard let place = place(of: key) else {
            summary.furtherEvents += 1
            return
        }
        switch event.fact {
        case .opened(let route, let client, let server):
            guard summary.connections[place].opened == nil else { return }
            summary.connections[place].route = route
            summary.connections[place].client = client
            summary.connections[place].server = server
            summary.connections[place].opened = event.instant
        case .dialled(let route, _): summary.connections[place].route = route
        case .refused(let reason, _, _):
            summary.refusals += 1
            end(place, .refused(reason), at: event.instant)
        case .chunk: receive(bytes, event, place, isArrival: true)
        case .sent(let sent):
            guard sent.source == .literal else { return }
            receive(bytes, event, place, isArrival: false)
        case .gap(let missing, _): gap(missing, event.direction, place)
        case .stalled:
            if let direction = event.direction {
                summary.connections[place][direction].stalls += 1
            }
        case .finished(let by): finish(by, event, place)
        case .reset(let by): end(place, .reset(by: by), at: event.instant)
        case .failed(let errno, let by):
            end(place, .failed(errno: errno, by: by), at: event.instant)
        case .resumed: break
        case .strike, .mark, .output, .exited, .command: receiveOfSession(event)
        }
    }

    /// The sums. The builder is used up.
    package mutating func finish(_ notes: ReadingNotes) -> RecordingSummary {
        for place in Array(readings.keys) { close(place) }
        summary.notes = notes
        return summary
    }

    private mutating func receiveOfSession(_ event: Event) {
        switch event.fact {
        case .strike(let outcome):
            switch outcome.result {
            case .applied: summary.strikes.applied += 1
            case .preempted: summary.strikes.preempted += 1
            case .skipped: summary.strikes.skipped += 1
            }
        case .gap: summary.gaps += 1
        case .mark: summary.marks += 1
        case .output: summary.outputLines += 1
        case .command: summary.commands += 1
        default: break
        }
    }

    private mutating func receive(
        _ bytes: Span<UInt8>, _ event: Event, _ place: Int, isArrival: Bool
    ) {
        guard let direction = event.direction, readings[place] != nil else { return }
        let expected = readings[place]?.areArrivals[direction] ?? isArrival
        readings[place]?.areArrivals[direction] = expected
        guard expected == isArrival else { return }
        summary.connections[place][direction].bytes += UInt64(bytes.count)
        summary.connections[place][direction].chunks += 1
        var start = 0
        while true {
            let rest = bytes.extracting(start..<bytes.count)
            let step = readings[place]?.conversation.advance(rest, direction, at: event.instant)
            guard case .message(let consumed, let placed)? = step else { return }
            start += consumed
            count(placed, place)
        }
    }

    private mutating func count(_ placed: Conversation.Placed, _ place: Int) {
        summary.connections[place][placed.direction].messages += 1
        if placed.message.carriesCredentials {
            summary.connections[place].hasAuthentication = true
        }
    }

    private mutating func gap(
        _ missing: UInt64, _ direction: Direction?, _ place: Int
    ) {
        for link in Direction.allCases where direction ?? link == link {
            summary.connections[place][link].gaps += 1
            let sum = summary.connections[place][link].missingBytes
                .addingReportingOverflow(missing)
            summary.connections[place][link].missingBytes = sum.overflow ? .max : sum.partialValue
            readings[place]?.conversation.gap(link, bytes: missing)
        }
    }

    private mutating func finish(_ by: Party, _ event: Event, _ place: Int) {
        if summary.connections[place].ending == .open {
            summary.connections[place].ending = .finished(by: by)
        }
        for link in Direction.allCases where event.direction ?? link == link {
            summary.connections[place][link].isEnded = true
            guard by != .weir else { continue }
            let last = readings[place]?.conversation.finish(link, at: event.instant)
            if let last { count(last, place) }
        }
        let connection = summary.connections[place]
        guard connection.upstream.isEnded, connection.downstream.isEnded else { return }
        summary.connections[place].ended = connection.ended ?? event.instant
        close(place)
    }

    private mutating func end(
        _ place: Int, _ ending: RecordingSummary.Ending, at instant: Instant
    ) {
        guard summary.connections[place].ended == nil else { return }
        summary.connections[place].ending = ending
        summary.connections[place].ended = instant
        summary.connections[place].upstream.isEnded = true
        summary.connections[place].downstream.isEnded = true
        close(place)
    }

    /// Its bytes are over: why it could not be read is kept, the rest is let go.
    private mutating func close(_ place: Int) {
        guard let reading = readings.removeValue(forKey: place) else { return }
        for link in Direction.allCases where framing != .none {
            summary.connections[place][link].opaque =
                reading.conversation[link].opaque?.reason
        }
    }

    private mutating func place(of key: Key) -> Int? {
        if let latest, latest.key == key { return latest.place }
        let place = places[key] ?? add(key)
        latest = (key, place)
        return place
    }

    private mutating func add(_ key: Key) -> Int? {
        let place = summary.connections.count
        guard place < RecordingSummary.maximumConnections else { return nil }
        summary.connections.append(
            RecordingSummary.Connection(number: key.connection, attempt: key.attempt))
        let framer = (try? framing.makeFramer()) ?? nil
        readings[place] = Reading(conversation: Conversation(framer: framer))
        places[key] = place
        return place
    }
}
