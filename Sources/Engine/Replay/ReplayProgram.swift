import Recordings

/// Which connections of a recording are played, in which order, and when.
struct ReplayProgram: Sendable {
    struct Entry: Hashable, Sendable {
        /// In the transcript's connections.
        var index: Int
        var number: UInt32
        /// When it opened in the recording; of one picked up in the middle, its first bytes.
        var opened: Instant
        /// So many of the played connections had ended before it opened.
        var endedBefore: Int
        var messages: UInt64
    }

    /// By the time of opening.
    private(set) var entries: [Entry] = []
    private var numbers: Set<UInt32> = []
    /// In the transcript's connections.
    private var indexes: [UInt32: Int] = [:]

    init(_ transcript: Transcript, _ settings: ReplaySettings, _ counts: inout ReplayCounts) {
        let refused = Set(transcript.refusals.map(\.connection))
        for index in transcript.connections.indices {
            let connection = transcript.connections[index]
            guard Self.isAskedFor(connection.number, settings),
                settings.route.map({ $0 == connection.route }) ?? true
            else {
                counts.connectionsNotAskedFor += 1
                continue
            }
            if connection.opened == nil, refused.contains(connection.number) {
                counts.connectionsRefused += 1
            } else if numbers.contains(connection.number) {
                counts.connectionsReattempted += 1
            } else if let opened = connection.opened
                ?? (settings.includesPartial ? Self.firstInstant(connection) : nil)
            {
                enter(connection, index, opened, &counts)
            } else {
                counts.connectionsPartial += 1
            }
        }
        entries.sort { ($0.opened, $0.index) < ($1.opened, $1.index) }
        countEnded(transcript)
    }

    func plays(_ number: UInt32) -> Bool { numbers.contains(number) }

    /// When a message of a played connection was whole in the recording.
    func ended(_ message: UInt64, of number: UInt32, in transcript: Transcript) -> Instant? {
        guard let index = indexes[number] else { return nil }
        let link = transcript.connections[index].upstream
        return (1...max(1, link.count)).contains(message) && link.count > 0
            ? link.ended(message) : nil
    }

    /// The clock that plays the first opening at `start`.
    func clock(
        _ transcript: Transcript, _ settings: ReplaySettings, start: Instant
    ) -> ReplayClock {
        var instants: [Int64] = []
        if settings.maximumGapNanoseconds != nil {
            for entry in entries {
                let connection = transcript.connections[entry.index]
                instants.append(entry.opened.nanoseconds)
                for direction in Direction.allCases {
                    let link = connection[direction]
                    instants += link.extents.lazy.map(\.instant.nanoseconds)
                    if let end = link.end { instants.append(end.instant.nanoseconds) }
                }
            }
        }
        return ReplayClock(
            origin: entries.first?.opened ?? .start, start: start, speed: settings.speed,
            maximumGapNanoseconds: settings.maximumGapNanoseconds, instants: instants)
    }

    private mutating func enter(
        _ connection: TranscriptConnection, _ index: Int, _ opened: Instant,
        _ counts: inout ReplayCounts
    ) {
        numbers.insert(connection.number)
        indexes[connection.number] = index
        let messages = PlayableExtent(connection).messages
        counts.connections += 1
        counts.messages += messages
        entries.append(
            Entry(
                index: index, number: connection.number, opened: opened, endedBefore: 0,
                messages: messages))
    }

    /// As the transcript counts them, but of those that are played.
    private mutating func countEnded(_ transcript: Transcript) {
        let ends = entries.compactMap { entry -> Int64? in
            let connection = transcript.connections[entry.index]
            guard let up = connection.upstream.end, let down = connection.downstream.end else {
                return nil
            }
            return max(up.instant, down.instant).nanoseconds
        }.sorted()
        var before = 0
        for index in entries.indices {
            while before < ends.count, ends[before] <= entries[index].opened.nanoseconds {
                before += 1
            }
            // What ended at the very instant of the opening may have ended behind it.
            let recorded = transcript.connections[entries[index].index].endedBefore
            entries[index].endedBefore = min(before, max(recorded, 0))
        }
    }

    private static func isAskedFor(_ number: UInt32, _ settings: ReplaySettings) -> Bool {
        settings.only.isEmpty || settings.only.contains { $0.contains(number) }
    }

    private static func firstInstant(_ connection: TranscriptConnection) -> Instant? {
        let first = Direction.allCases.compactMap { connection[$0].extents.first?.instant }
        return first.min()
    }
}
