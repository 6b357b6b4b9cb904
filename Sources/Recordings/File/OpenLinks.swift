/// Which links were open when part of a recording was lost: their bytes have a gap there.
///
/// Without gaps the bytes before and after a loss would be read as if they followed each other.
struct OpenLinks {
    /// More connections than this are not followed.
    static let maximumConnections = 1 << 20

    private struct Key: Hashable {
        var connection: UInt32
        var attempt: UInt16
    }

    /// Which directions are still open.
    private var open: [Key: PerDirection<Bool>] = [:]
    private var latest: Key?
    private var hasLost = false
    private var lost = Instant.start

    /// Takes an event that was read, before it is handed on.
    /// - Returns: gaps to hand on before it: a connection that comes after a loss, and whose
    ///   opening was not seen, has lost its first bytes.
    mutating func receive(_ event: Event) -> [Event] {
        guard event.connection > 0 else { return [] }
        let key = Key(connection: event.connection, attempt: event.attempt)
        switch event.fact {
        case .chunk, .sent, .stalled, .resumed, .gap:
            guard key != latest else { return [] }
            latest = key
            guard open[key] == nil, open.count < Self.maximumConnections else { return [] }
            open[key] = PerDirection(true)
            return hasLost ? gaps(key, PerDirection(true)) : []
        case .dialled, .opened:
            guard open.count < Self.maximumConnections else { return [] }
            open[key] = PerDirection(true)
        case .finished: close(key, event.direction)
        case .refused, .reset, .failed: close(key, nil)
        case .strike, .mark, .output, .exited, .command: break
        }
        return []
    }

    /// Events were lost at this instant.
    /// - Returns: a gap for each link that was open.
    mutating func lose(_ damage: Damage) -> [Event] {
        // Nothing comes after a tail, so nothing would be read as if it followed.
        guard damage.losesEvents, !damage.isTail else { return [] }
        hasLost = true
        lost = damage.after ?? damage.before ?? lost
        let reason = "damage at byte \(damage.offset) of the recording"
        var events = [Event(at: lost, .gap(bytes: 0, reason: reason))]
        let keys = open.keys.sorted {
            ($0.connection, $0.attempt) < ($1.connection, $1.attempt)
        }
        for key in keys { events += gaps(key, open[key] ?? PerDirection(true)) }
        return events
    }

    private func gaps(_ key: Key, _ links: PerDirection<Bool>) -> [Event] {
        [Direction.upstream, .downstream].filter { links[$0] }.map {
            Event(
                at: lost, connection: key.connection, attempt: key.attempt, direction: $0,
                .gap(bytes: 0, reason: "the recording is damaged here"))
        }
    }

    private mutating func close(_ key: Key, _ direction: Direction?) {
        guard let direction, var links = open[key] else {
            open[key] = nil
            latest = latest == key ? nil : latest
            return
        }
        links[direction] = false
        open[key] = links.upstream || links.downstream ? links : nil
        if open[key] == nil && latest == key { latest = nil }
    }
}
