import Faults
import Recordings
import Text

/// Writes what became of strikes as JSON Lines, after a line that names the schema.
///
/// ```
/// {"type":"outcomes","version":1,"seed":7}
/// {"type":"outcome","id":"drop@1u4","rule":"drop","fault":"drop",…,"outcome":"applied","t_ns":9}
/// ```
/// Strikes that were skipped or pre-empted when the schedule was made have no time.
package struct OutcomeLine: Sendable {
    package static let version = 1

    private var clock: LineClock
    private var writer = JSONWriter()

    /// - Parameter started: the wall clock when the session started.
    package init(started: Timestamp) { clock = LineClock(started: started) }

    package mutating func header(seed: UInt64) -> [UInt8] {
        line { writer in
            writer.member("type", "outcomes")
            writer.member("version", Self.version)
            writer.member("seed", seed)
        }
    }

    package mutating func line(_ entry: OutcomeLedger.Entry) -> [UInt8] {
        let time = entry.instant.map { clock.time(of: $0) }
        return line { writer in
            let strike = entry.strike
            writer.member("type", "outcome")
            writer.member("id", strike.id)
            writer.member("rule", strike.rule)
            writer.member("fault", strike.effect.faultName)
            if strike.connection > 0 {
                writer.member("connection", strike.connection)
                writer.member("direction", strike.direction.name)
            }
            if strike.message > 0 { writer.member("message", strike.message) }
            writer.member("label", strike.label.rawValue)
            writer.member("outcome", entry.outcome.result.name)
            if !entry.outcome.reason.isEmpty { writer.member("reason", entry.outcome.reason) }
            writer.member("time", ifPresent: time)
            writer.member("t_ns", ifPresent: entry.instant?.nanoseconds)
        }
    }

    private mutating func line(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
        writer.removeAll()
        writer.object(body)
        return writer.bytes
    }
}
