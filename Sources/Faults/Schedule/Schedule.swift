import Recordings

/// A plan worked out for one recording: its conditions and its strikes, in recorded order.
///
/// It can be read from a file as well as made by a scheduler; a replay needs nothing else.
package struct Schedule: Sendable {
    /// More strikes than this are not kept in memory: a file that holds more is refused.
    package static let maximumStrikes = 4 << 20

    package let header: ScheduleHeader
    package let conditions: [Condition]
    /// In recorded order, those that are pre-empted or skipped too.
    package let strikes: [Strike]
    /// The planned ones' indexes, by connection, direction and message; then in recorded order.
    private let planned: [Int]

    package init(
        seed: UInt64, recording: String = "", conditions: [Condition] = [], strikes: [Strike] = []
    ) {
        self.init(
            ScheduleHeader(seed: seed, recording: recording), conditions: conditions,
            strikes: strikes)
    }

    package init(_ header: ScheduleHeader, conditions: [Condition], strikes: [Strike]) {
        self.header = header
        self.conditions = conditions
        self.strikes = strikes
        planned = strikes.indices.filter { strikes[$0].isPlanned }.sorted {
            let (left, right) = (strikes[$0], strikes[$1])
            return (left.connection, left.direction.rawValue, left.message, $0)
                < (right.connection, right.direction.rawValue, right.message, $1)
        }
    }

    package var seed: UInt64 { header.seed }

    /// What it says of one link; one search, and no more work than that link has strikes.
    /// - Parameter route: the number of the connection's route.
    package func link(
        connection: UInt32, route: UInt16 = 0, _ direction: Direction
    ) -> LinkSchedule {
        let key = (connection, direction.rawValue)
        var (low, high) = (0, planned.count)
        while low < high {
            let middle = low + (high - low) / 2
            let strike = strikes[planned[middle]]
            if (strike.connection, strike.direction.rawValue) < key {
                low = middle + 1
            } else {
                high = middle
            }
        }
        let own = planned[low...].lazy.map { strikes[$0] }.prefix {
            ($0.connection, $0.direction.rawValue) == key
        }
        return LinkSchedule(
            connection: connection, route: route, direction: direction, planned: Array(own),
            conditions: conditions, seed: seed)
    }
}
