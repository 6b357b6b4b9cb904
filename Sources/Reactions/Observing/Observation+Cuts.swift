import Faults
import Recordings

/// What the applied strikes of a run kept from being sent, beyond what their schedule says.
extension Observation {
    /// Of a run in which Weir was the one that dialled.
    /// - Parameter recorded: what was played.
    mutating func findCuts(_ recorded: Transcript) {
        var cut: Set<UInt32> = []
        for entry in strikes where entry.outcome.result == .applied {
            let strike = entry.strike
            if strike.endsSending { cut.insert(strike.connection) }
            if strike.direction == .downstream, strike.effect.endsReception {
                let connection = RunComparison.find(strike.connection, in: connections)
                unsent[strike.connection] = (connection?.furthest ?? 0).adding(1)
            }
        }
        guard !cut.isEmpty else { return }
        hasUnreadableCut = recorded.connections.contains { connection in
            let link = connection.upstream
            let isUnreadable = link.count == 0 ? link.bytes > 0 : link.opaque != nil
            return isUnreadable && cut.contains(connection.number)
        }
    }
}

extension Strike {
    /// Whether nothing more is sent behind it.
    fileprivate var endsSending: Bool {
        switch effect {
        case .end: true
        case .stall(_, nil): direction == .upstream
        case .disconnect(let cut): cut.then == .stop
        default: false
        }
    }
}

extension StrikeEffect {
    /// Whether nothing more is received where it strikes what Weir receives.
    fileprivate var endsReception: Bool {
        switch self {
        case .end, .stall(_, nil): true
        default: false
        }
    }
}
