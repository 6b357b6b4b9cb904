import Faults
import Recordings

/// Which conditions of a schedule cover anything of what a run played: the roll of every connection
/// may spare it, and messages or a window may lie where nothing was sent.
struct CoveringConditions {
    private let recorded: Transcript
    private let schedule: Schedule
    /// What Weir sends.
    private let sends: Direction
    /// The connections that were played, with the last upstream message that was sent whole; nil:
    /// any may have been.
    private let played: [UInt32: UInt64?]

    /// - Parameter consumer: whom Weir sends to.
    init(
        of recorded: Transcript, _ schedule: Schedule, for consumer: Party,
        _ connections: [ObservedConnection]
    ) {
        self.recorded = recorded
        self.schedule = schedule
        sends = consumer == .server ? .upstream : .downstream
        var played: [UInt32: UInt64?] = [:]
        for connection in connections where connection.refused == nil {
            played[connection.number] = .some(consumer == .server ? connection.furthest : nil)
        }
        self.played = played
    }

    /// Their ids, in the schedule's order.
    var ids: [String] { schedule.conditions.filter(covers).map(\.id) }

    private func covers(_ condition: Condition) -> Bool {
        let isOnReceived = condition.effect.isSlowReading
        guard isOnReceived != (condition.direction == sends) else { return false }
        return recorded.connections.contains { connection in
            guard let last = played[connection.number],
                condition.covers(
                    connection: connection.number, route: connection.route, seed: schedule.seed)
            else { return false }
            let link = connection[condition.direction]
            switch condition.effect {
            // These are about a link as a whole.
            case .slowClose: return true
            case .slowReader: return link.bytes > 0
            case .latency, .bandwidth, .slicer: return covers(link, upTo: last, condition)
            }
        }
    }

    private func covers(
        _ link: TranscriptLink, upTo last: UInt64?, _ condition: Condition
    ) -> Bool {
        var number: UInt64 = 1
        while number <= min(last ?? .max, link.count) {
            if condition.covers(message: number, began: link.began(number)) { return true }
            number += 1
        }
        // Where there are no messages, or no more of them, a cell stands for one.
        guard let raw = link.count == 0 ? 0 : link.opaque?.offset else { return false }
        return link.extents.contains { extent in
            let end = extent.offset + UInt64(extent.count)
            guard end > raw, extent.count > 0 else { return false }
            let first = max(extent.offset, raw) / LinkSchedule.cellBytes + 1
            let cells = first...max(first, (end - 1) / LinkSchedule.cellBytes + 1)
            return cells.contains { condition.covers(message: $0, began: extent.instant) }
        }
    }
}
