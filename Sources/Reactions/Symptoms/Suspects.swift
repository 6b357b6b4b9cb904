import Faults
import Recordings

/// The strikes that may stand behind a symptom: those that were applied before it, the likeliest
/// first. Of a second attempt, the cut before it; on its own connection, the nearest before its
/// message; then any, the last one first; then conditions. Which of them it was, only a run without
/// it can tell.
///
/// Their order is the schedule's and not that in which they happened: connections overtake each
/// other by microseconds, and the same failure shall be blamed on the same strike each time.
struct Suspects {
    private struct Applied {
        var id: String
        var instant: Instant
        var message: UInt64
        var isCut: Bool
    }

    private var all: [Applied] = []
    private var connections: [UInt32: [Applied]] = [:]
    private let conditions: [String]

    init(_ run: Observation) {
        conditions = run.conditions
        for entry in run.strikes where entry.outcome.result == .applied {
            let applied = Applied(
                id: entry.strike.id, instant: entry.instant ?? .start,
                message: entry.strike.message, isCut: entry.strike.effect.cut != nil)
            all.append(applied)
            connections[entry.strike.connection, default: []].append(applied)
        }
    }

    func before(_ instant: Instant, at place: Symptom.Place) -> [String] {
        var suspects: [String] = []
        func add(_ strike: Applied) {
            guard strike.instant <= instant, !suspects.contains(strike.id) else { return }
            suspects.append(strike.id)
        }
        let own = place.connection.flatMap { connections[$0] } ?? []
        // Without the cut before it there would be no second attempt.
        if case .answer(_, 2..., _) = place,
            let cut = own.last(where: { $0.isCut && $0.instant <= instant })
        {
            add(cut)
        }
        for strike in own.reversed() where suspects.count < Symptom.maximumSuspects {
            if strike.message <= place.message ?? .max { add(strike) }
        }
        for strike in all.reversed() where suspects.count < Symptom.maximumSuspects {
            add(strike)
        }
        return suspects + conditions.prefix(Symptom.maximumSuspects - suspects.count)
    }
}
