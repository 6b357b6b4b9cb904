import Recordings

@testable import Faults

/// Several live connections under the same rules, whose sockets take all at once: what leaves on
/// each, as a `LiveScript` shows it, behind the connection's number.
///
///     2: 0 > b|; 1: reorder@1u1 applied; 1: 5 > a| (reorder@1u1)
struct LiveCrowd {
    private(set) var connections: [LiveScript]
    private(set) var lines: [String] = []

    init(_ faults: String..., connections count: Int = 2, protocolName: String = "line") throws {
        let rules = try LiveScript.rules(faults, protocolName: protocolName)
        connections = (1...count).map { LiveScript(rules, connection: UInt32($0)) }
    }

    var text: String { lines.joined(separator: "; ") }

    /// The client of a connection says something; each `|` ends a line.
    mutating func say(_ connection: Int, _ text: String, at milliseconds: Int64 = 0) {
        connections[connection - 1].say(.upstream, text, at: milliseconds)
        settle(connection, at: milliseconds)
    }

    /// The server does.
    mutating func answer(_ connection: Int, _ text: String, at milliseconds: Int64 = 0) {
        connections[connection - 1].say(.downstream, text, at: milliseconds)
        settle(connection, at: milliseconds)
    }

    mutating func finish(
        _ connection: Int, _ direction: Direction = .upstream, at milliseconds: Int64 = 0
    ) {
        connections[connection - 1].finish(direction, at: milliseconds)
        settle(connection, at: milliseconds)
    }

    mutating func close(_ connection: Int) {
        for direction in Direction.allCases { connections[connection - 1].close(direction) }
        settle(connection, at: 0)
    }

    mutating func wake(_ connection: Int, at milliseconds: Int64) {
        connections[connection - 1].wake(at: milliseconds)
        settle(connection, at: milliseconds)
    }

    mutating func setRules(_ rules: LiveRules) {
        for index in connections.indices {
            connections[index].setRules(rules)
            settle(index + 1, at: 0)
        }
    }

    /// In milliseconds.
    func nextWake(_ connection: Int) -> Int64? { connections[connection - 1].nextWake }

    /// What left is sent, and tells whom it has overtaken.
    private mutating func settle(_ connection: Int, at milliseconds: Int64) {
        lines += connections[connection - 1].takeLines().map { "\(connection): \($0)" }
        let overtakes = connections[connection - 1].injector.rules.overtakes
        let sends = connections[connection - 1].sends
        connections[connection - 1].sends = []
        let waited = connections[connection - 1].overtaken
        connections[connection - 1].overtaken = []
        for other in waited { overtake(other, .upstream, at: milliseconds) }
        for (direction, send) in sends {
            let other = overtakes.sent(send, on: UInt32(connection), direction, route: 0)
            if let other { overtake(other, direction, at: milliseconds) }
        }
    }

    private mutating func overtake(
        _ connection: UInt32, _ direction: Direction, at milliseconds: Int64
    ) {
        connections[Int(connection) - 1].overtaken(direction, at: milliseconds)
        settle(Int(connection), at: milliseconds)
    }
}
