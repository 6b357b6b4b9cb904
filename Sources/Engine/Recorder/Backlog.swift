import Recordings

/// What happened while there was no room to record it: events that wait, bytes that are missing.
///
/// Bytes are only counted. Events are kept in order, up to a limit; before an event of a connection
/// come the gaps of its links, so that the recording tells them in the order of the wire.
struct Backlog {
    /// So many events wait, with so many bytes beside them; later ones are counted as missing.
    static let maximumEvents = 65_536
    static let maximumBytes = 4 << 20

    struct Entry {
        var event: Event
        var bytes: [UInt8]
    }

    /// A link of an attempt.
    private struct Place: Hashable, Comparable {
        var connection: UInt32
        var attempt: UInt16
        var direction: Direction

        static func < (left: Place, right: Place) -> Bool {
            (left.connection, left.attempt, left.direction.rawValue)
                < (right.connection, right.attempt, right.direction.rawValue)
        }
    }

    private var entries: [Entry] = []
    private var start = 0
    private var bytes = 0
    private var missing: [Place: UInt64] = [:]
    /// Events that were not kept since the last gap that says so.
    private var dropped: UInt64 = 0

    var isEmpty: Bool { start == entries.count && missing.isEmpty && dropped == 0 }

    /// So many bytes of a link passed.
    mutating func miss(
        _ count: Int, connection: UInt32, attempt: UInt16, direction: Direction
    ) {
        let place = Place(connection: connection, attempt: attempt, direction: direction)
        guard missing.count < Self.maximumEvents || missing[place] != nil else {
            dropped += 1
            return
        }
        missing[place, default: 0] += UInt64(count)
    }

    /// An event waits. False: there is no room for it.
    mutating func add(_ event: Event, _ more: Span<UInt8>) -> Bool {
        guard entries.count - start < Self.maximumEvents, bytes + more.count <= Self.maximumBytes
        else {
            dropped += 1
            return false
        }
        if !missing.isEmpty {
            for direction in Direction.allCases {
                let place = Place(
                    connection: event.connection, attempt: event.attempt, direction: direction)
                tellGap(of: place, at: event.instant)
            }
        }
        bytes += more.count
        var copy: [UInt8] = []
        copy.reserveCapacity(more.count)
        for index in more.indices { copy.append(more[index]) }
        entries.append(Entry(event: event, bytes: copy))
        return true
    }

    /// The event that waits longest, then the gaps of links on which nothing else happened.
    mutating func next(at instant: Instant) -> Entry? {
        if start == entries.count { tellRest(at: instant) }
        return start < entries.count ? entries[start] : nil
    }

    mutating func removeFirst() {
        bytes -= entries[start].bytes.count
        start += 1
        if start == entries.count {
            entries = []
            start = 0
        }
    }

    private mutating func tellRest(at instant: Instant) {
        for place in missing.keys.sorted() { tellGap(of: place, at: instant) }
        if dropped > 0 {
            let fact = Event.Fact.gap(bytes: 0, reason: "\(dropped) events could not be recorded")
            entries.append(Entry(event: Event(at: instant, fact), bytes: []))
            dropped = 0
        }
    }

    private mutating func tellGap(of place: Place, at instant: Instant) {
        guard let count = missing.removeValue(forKey: place) else { return }
        let event = Event(
            at: instant, connection: place.connection, attempt: place.attempt,
            direction: place.direction, .gap(bytes: count, reason: "not recorded"))
        entries.append(Entry(event: event, bytes: []))
    }
}
