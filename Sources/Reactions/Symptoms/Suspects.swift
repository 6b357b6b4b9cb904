import Faults
import Recordings

/// The strikes that may stand behind a symptom: those that were applied before it, the likeliest
/// first. On its own connection, the nearest before its message; then any, the latest first; then
/// conditions. Which of them it was, only a run without it can tell.
struct Suspects {
    private struct Applied {
        var id: String
        var instant: Instant
        var message: UInt64
    }

    private var all: [Applied] = []
    private var connections: [UInt32: [Applied]] = [:]
    private let conditions: [String]

    init(_ run: Observation) {
        conditions = run.conditions
        for entry in run.strikes where entry.outcome.result == .applied {
            let applied = Applied(
                id: entry.strike.id, instant: entry.instant ?? .start,
                message: entry.strike.message)
            all.append(applied)
            connections[entry.strike.connection, default: []].append(applied)
        }
        all.sort { ($0.instant, $0.id) < ($1.instant, $1.id) }
    }

    func before(_ instant: Instant, at place: Symptom.Place) -> [String] {
        var suspects: [String] = []
        if let connection = place.connection {
            let own = connections[connection] ?? []
            for strike in own.reversed() where suspects.count < Symptom.maximumSuspects {
                guard strike.instant <= instant, strike.message <= place.message ?? .max else {
                    continue
                }
                suspects.append(strike.id)
            }
        }
        var index = firstAfter(instant)
        while index > 0, suspects.count < Symptom.maximumSuspects {
            index -= 1
            if !suspects.contains(all[index].id) { suspects.append(all[index].id) }
        }
        return suspects + conditions.prefix(Symptom.maximumSuspects - suspects.count)
    }

    private func firstAfter(_ instant: Instant) -> Int {
        var (low, high) = (0, all.count)
        while low < high {
            let middle = low + (high - low) / 2
            if all[middle].instant <= instant { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
