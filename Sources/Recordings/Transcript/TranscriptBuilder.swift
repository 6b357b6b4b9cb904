/// Makes a transcript of a recording's events, fed to it in their order.
package struct TranscriptBuilder: Sendable {
    private let framing: FramingChoice
    private let units: MessageUnits
    private var transcript = Transcript()
    private var tracks: [ConnectionTrack] = []
    private var indexes: [Key: Int] = [:]
    private var latest: (key: Key, index: Int)?
    private var names = TranscriptNames()
    private var ordinal: UInt64 = 0
    private var messages = 0
    private var ended = 0
    private let limit: Int

    private struct Key: Hashable, Sendable {
        var connection: UInt32
        var attempt: UInt16
    }

    /// - Throws: when there is no such framer, or not with these settings.
    package init(
        framing: FramingChoice, units: MessageUnits = .messages
    ) throws(FramerError) {
        try self.init(framing: framing, units: units, limit: Transcript.maximumMessages)
    }

    init(framing: FramingChoice, units: MessageUnits, limit: Int) throws(FramerError) {
        _ = try framing.makeFramer(units: units)
        self.framing = framing
        self.units = units
        self.limit = limit
    }

    /// Takes the next event.
    /// - Parameters:
    ///   - bytes: what travels beside the event.
    ///   - fileOffset: where those bytes lie in the file.
    package mutating func receive(_ event: Event, _ bytes: Span<UInt8>, fileOffset: UInt64) {
        ordinal += 1
        guard event.connection > 0 else { return }
        let key = Key(connection: event.connection, attempt: event.attempt)
        switch event.fact {
        case .opened(let route, let client, let server):
            let index = index(of: key)
            guard tracks[index].connection.opened == nil else { return }
            tracks[index].open(route, client, server, at: event.instant, endedBefore: ended)
        case .refused(let reason, _, _):
            transcript.refusals.append(
                Transcript.Refusal(
                    connection: key.connection, attempt: key.attempt, instant: event.instant,
                    reason: reason))
        case .chunk:
            receive(bytes, event, key, fileOffset, isArrival: true)
        case .sent(let sent) where sent.source == .literal:
            receive(bytes, event, key, fileOffset, isArrival: false)
        case .finished, .reset, .failed:
            end(event, key)
        case .gap(let missing, _):
            guard let direction = event.direction else { return }
            tracks[index(of: key)].gap(direction, missing, at: event.instant)
            drain(index(of: key))
        case .dialled, .sent, .stalled, .resumed, .strike, .mark, .output, .exited, .command:
            break
        }
    }

    /// What the events were, together. The builder is used up.
    package mutating func finish() -> Transcript {
        for index in tracks.indices {
            tracks[index].finish()
            drain(index)
            var connection = tracks[index].connection
            connection.upstream.names = names
            connection.downstream.names = names
            transcript.connections.append(connection)
        }
        tracks = []
        return transcript
    }

    private mutating func receive(
        _ bytes: Span<UInt8>, _ event: Event, _ key: Key, _ fileOffset: UInt64, isArrival: Bool
    ) {
        guard let direction = event.direction, !bytes.isEmpty else { return }
        let index = index(of: key)
        tracks[index].receive(
            bytes, direction, at: event.instant, ordinal: ordinal, fileOffset: fileOffset,
            isArrival: isArrival)
        drain(index)
    }

    private mutating func end(_ event: Event, _ key: Key) {
        let index = index(of: key)
        let hadEnded = tracks[index].connection.hasEnded
        tracks[index].end(event, ordinal: ordinal)
        drain(index)
        if !hadEnded && tracks[index].connection.hasEnded { ended += 1 }
    }

    private mutating func drain(_ index: Int) {
        while let fact = tracks[index].tracker.next() {
            if case .message = fact {
                guard messages < limit else {
                    transcript.isCutShort = true
                    continue
                }
                messages += 1
            }
            tracks[index].keep(fact, &names)
        }
    }

    private mutating func index(of key: Key) -> Int {
        if let latest, latest.key == key { return latest.index }
        let index = indexes[key] ?? tracks.count
        if index == tracks.count {
            // The initialiser has made sure that there is such a framer.
            let framer = try? framing.makeFramer(units: units)
            tracks.append(
                ConnectionTrack(number: key.connection, attempt: key.attempt, framer: framer))
            indexes[key] = index
        }
        latest = (key, index)
        return index
    }
}
