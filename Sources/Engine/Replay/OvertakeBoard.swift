import Faults
import Recordings

/// Which messages of which connections are to overtake others, and whether they have.
struct OvertakeBoard {
    private struct Watch: Hashable {
        var id: String
        var held: UInt32
    }

    /// A held message that may go, or will not be overtaken.
    struct News {
        var id: String
        var held: UInt32
        /// nil: it was sent.
        var failure: String?
        var instant: Instant
    }

    private var watches: [UInt32: [UInt64: [Watch]]] = [:]
    private var known: [UInt32: [News]] = [:]

    /// Takes a planned strike.
    mutating func enter(_ strike: Strike) {
        guard case .overtaken(let message, let connection) = strike.effect else { return }
        watches[connection, default: [:]][message, default: []].append(
            Watch(id: strike.id, held: strike.connection))
    }

    /// The messages of a connection that overtake others.
    func watched(on connection: UInt32) -> Set<UInt64> {
        watches[connection].map { Set($0.keys) } ?? []
    }

    /// A message that overtakes others was sent.
    mutating func sent(_ message: UInt64, on connection: UInt32, at instant: Instant) -> [News] {
        guard let found = watches[connection]?.removeValue(forKey: message) else { return [] }
        return keep(found.map { News(id: $0.id, held: $0.held, instant: instant) })
    }

    /// A connection is over: what it has not sent overtakes nothing.
    mutating func ended(_ connection: UInt32, at instant: Instant) -> [News] {
        guard let found = watches.removeValue(forKey: connection) else { return [] }
        let rest = found.sorted { $0.key < $1.key }.flatMap { message, watches in
            watches.map { watch in
                News(
                    id: watch.id, held: watch.held,
                    failure: "connection \(connection) ended without sending message \(message)",
                    instant: instant)
            }
        }
        return keep(rest)
    }

    /// What came to pass for a connection before it was opened.
    mutating func takeNews(for held: UInt32) -> [News] { known.removeValue(forKey: held) ?? [] }

    private mutating func keep(_ news: [News]) -> [News] {
        for item in news { known[item.held, default: []].append(item) }
        return news
    }
}
