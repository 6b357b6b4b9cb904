import Recordings
import Text

/// Which live messages wait until messages of other connections have overtaken them.
///
/// The connections of a session share it. On each direction of a route at most one connection
/// waits, so that none waits for one that waits itself.
package final class LiveOvertakes {
    private struct Place: Hashable {
        var route: Int
        var direction: Direction
    }

    private struct Wait {
        var connection: UInt32
        var strike: String
        var rule: StrikeRule
        var state: State
        /// Only what came from then on overtakes.
        var since: Instant
    }

    private enum State: Equatable {
        /// So many messages have still to be sent.
        case counting(UInt64)
        /// The last of them was sent; its answer is awaited.
        case awaiting(connection: UInt32, message: UInt64)
        case overtaken
    }

    private var waits: [Place: Wait] = [:]

    init() {}

    /// A message waits, unless another connection's does.
    /// - Returns: the strike that waits already; nil: this one does now.
    func begin(
        _ struck: LiveUnit.Struck, _ depth: UInt64, _ direction: Direction, route: Int,
        since: Instant
    ) -> String? {
        let place = Place(route: route, direction: direction)
        let connection = struck.strike.connection
        if let other = waits[place], other.connection != connection { return other.strike }
        waits[place] = Wait(
            connection: connection, strike: struck.strike.outcome.id, rule: struck.rule,
            state: .counting(max(1, depth)), since: since)
        return nil
    }

    /// A connection's message does not wait any more.
    /// - Returns: whether it has been overtaken, as far as is known.
    func end(_ connection: UInt32, _ direction: Direction, route: Int) -> Bool {
        let place = Place(route: route, direction: direction)
        guard let wait = waits[place], wait.connection == connection else { return false }
        waits[place] = nil
        if case .counting = wait.state { return false }
        return true
    }

    /// Whether a connection's message, which waits, may go on.
    func isOvertaken(_ connection: UInt32, _ direction: Direction, route: Int) -> Bool {
        let wait = waits[Place(route: route, direction: direction)]
        return wait?.connection == connection && wait?.state == .overtaken
    }

    /// The last byte of this was sent.
    /// - Returns: the connection whose message may go on, because of that; nil: none.
    package func sent(
        _ send: LiveSend, on connection: UInt32, _ direction: Direction, route: Int
    ) -> UInt32? {
        guard send.overtakes != .never, !waits.isEmpty else { return nil }
        let place = Place(route: route, direction: direction)
        guard let wait = waits[place], case .counting(let left) = wait.state,
            wait.connection != connection, send.arrived >= wait.since,
            wait.rule.covers(connection: connection, route: UInt16(clamping: route))
        else { return nil }
        if left > 1 {
            waits[place]?.state = .counting(left - 1)
        } else if send.overtakes == .whenAnswered {
            waits[place]?.state = .awaiting(connection: connection, message: send.message)
        } else {
            waits[place]?.state = .overtaken
            return wait.connection
        }
        return nil
    }

    /// This connection's request was answered.
    /// - Returns: the connection whose message may go on, because of that; nil: none.
    func answered(_ request: UInt64, on connection: UInt32, route: Int) -> UInt32? {
        let place = Place(route: route, direction: .upstream)
        guard !waits.isEmpty, let wait = waits[place],
            wait.state == .awaiting(connection: connection, message: request)
        else { return nil }
        waits[place]?.state = .overtaken
        return wait.connection
    }
}

/// A struck message that waits until others have overtaken it, and what came behind it.
struct LiveOvertaking {
    /// So many messages wait behind it at most.
    static let mostMessages = 4_096

    let struck: LiveUnit.Struck
    let within: TimeAmount
    /// The struck message is the first; what comes before `start` has been sent.
    private(set) var units: [LiveUnit]
    private(set) var start: Int
    /// Where the first byte of what waits lies. Answers that were put back into the client's order
    /// lie in another one than they wait in.
    private(set) var offset: UInt64

    init(_ struck: LiveUnit.Struck, within: TimeAmount, _ units: [LiveUnit], from start: Int) {
        self.struck = struck
        self.within = within
        self.units = units
        self.start = start
        offset = units[start...].map(\.range.lowerBound).min() ?? .max
        // Each is moved once or twice, however long one waits behind the other.
        guard start >= 1_024, start * 2 >= units.count else { return }
        self.units.removeFirst(start)
        self.start = 0
    }

    mutating func add(_ unit: LiveUnit) {
        units.append(unit)
        offset = min(offset, unit.range.lowerBound)
    }

    var isFull: Bool { units.count - start > Self.mostMessages }

    /// Counted from when the struck message was whole.
    var deadline: Instant {
        units[start].placed.ended.advanced(byNanoseconds: within.nanoseconds)
    }
}
