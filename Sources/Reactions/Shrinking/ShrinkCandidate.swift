import Faults
import Recordings

/// A smaller test that may still show a symptom: what strikes, in which part of the recording.
///
/// All numbers are the whole recording's.
package struct ShrinkCandidate: Hashable, Sendable {
    /// Planned ones, in recorded order.
    package var strikes: [Strike]
    package var conditions: [Condition]
    package var setting: Setting

    /// What a clean run depends on: candidates that have it in common have a baseline in common.
    package struct Setting: Hashable, Sendable {
        package var part: RecordingPart
        /// Whether it is replayed as fast as it goes, whatever was asked for.
        package var isAsap: Bool

        package init(part: RecordingPart = RecordingPart(), isAsap: Bool = false) {
            self.part = part
            self.isAsap = isAsap
        }
    }

    package init(strikes: [Strike], conditions: [Condition], setting: Setting = Setting()) {
        self.strikes = strikes
        self.conditions = conditions
        self.setting = setting
    }

    /// All that a schedule plans.
    package init(_ schedule: Schedule) {
        self.init(
            strikes: schedule.strikes.filter(\.isPlanned), conditions: schedule.conditions)
    }

    /// As a schedule for the whole recording.
    package func schedule(_ header: ScheduleHeader) -> Schedule {
        Schedule(header, conditions: conditions, strikes: strikes)
    }
}

/// What is kept of a recording.
package struct RecordingPart: Hashable, Sendable {
    /// The numbers of the connections that are kept, rising; nil: all.
    package var connections: [UInt32]?
    /// Upstream messages that began later are left out, with their answers; nil: none are.
    package var until: Instant?
    /// These upstream messages are left out too, with their answers, by connection.
    package var leftOut: [UInt32: Set<UInt64>]

    package init(
        connections: [UInt32]? = nil, until: Instant? = nil, leftOut: [UInt32: Set<UInt64>] = [:]
    ) {
        self.connections = connections
        self.until = until
        self.leftOut = leftOut
    }

    /// Whether nothing is left out.
    package var isWhole: Bool { connections == nil && until == nil && leftOut.isEmpty }

    /// Whether an upstream message is kept.
    /// - Parameter began: when its first byte was recorded.
    package func keeps(_ message: UInt64, of connection: UInt32, began: Instant) -> Bool {
        keeps(connection) && (until.map { began <= $0 } ?? true)
            && !(leftOut[connection]?.contains(message) ?? false)
    }

    /// Whether anything of a connection is kept.
    package func keeps(_ connection: UInt32) -> Bool {
        guard let connections else { return true }
        // Asked for each event of a recording, so a linear search would not do.
        var (low, high) = (0, connections.count)
        while low < high {
            let middle = low + (high - low) / 2
            if connections[middle] < connection { low = middle + 1 } else { high = middle }
        }
        return low < connections.count && connections[low] == connection
    }
}
