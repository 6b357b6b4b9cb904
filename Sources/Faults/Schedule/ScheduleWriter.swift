import Recordings
import Text

/// Writes a schedule as JSON Lines while it is made: the header, conditions, strikes, the end.
///
/// The same schedule gives the same bytes. Take them with `takeBytes` as often as you like.
package struct ScheduleWriter: Sendable {
    package private(set) var counts = ScheduleCounts()
    private var writer = JSONWriter()

    package init() {}

    package mutating func write(_ header: ScheduleHeader) {
        writer.object { line in
            line.member("type", "schedule")
            line.member("version", ScheduleFile.version)
            line.member("seed", header.seed)
            line.member("recording", header.recording)
            if header.framing != .none { line.member("protocol", header.framing.description) }
            if header.units != .messages { line.member("units", header.units.rawValue) }
            if !header.routes.isEmpty { line.member("routes", header.routes) }
        }
        writer.endLine()
    }

    package mutating func write(_ condition: Condition) {
        counts.conditions += 1
        writer.object { line in
            line.member("type", "condition")
            line.member("id", condition.id)
            line.member("fault", condition.effect.kind.name)
            line.member("route", ifPresent: condition.route?.name)
            line.member("connections", condition.connectionsText)
            line.member("direction", condition.direction.name)
            if !condition.messages.isEmpty {
                line.member("messages", MessageRange.list(condition.messages))
            }
            line.member("window", ifPresent: condition.window.map { TimeWindow($0) })
            if condition.chance < condition.outOf {
                let chance = Chance(condition.chance, outOf: condition.outOf)
                line.member(
                    "chance", chance?.description ?? "\(condition.chance)/\(condition.outOf)")
            }
            let entries = condition.effect.entries
            line.member("settings", object: { Self.write(entries, to: &$0) })
            line.member("label", condition.effect.kind.label.rawValue)
        }
        writer.endLine()
    }

    package mutating func write(_ strike: Strike) {
        counts.add(strike)
        writer.object { line in
            line.member("type", "strike")
            line.member("id", strike.id)
            line.member("rule", strike.rule)
            line.member("fault", strike.effect.faultName)
            if strike.connection > 0 { line.member("connection", strike.connection) }
            line.member("direction", strike.direction.name)
            if strike.message > 0 { line.member("message", strike.message) }
            if strike.lastMessage != strike.message {
                line.member("last_message", strike.lastMessage)
            }
            if let entries = strike.effect.entries {
                line.member("settings", object: { Self.write(entries, to: &$0) })
                line.member("label", strike.label.rawValue)
            }
            switch strike.state {
            case .planned: break
            case .preempted(let other): line.member("preempted_by", other)
            case .skipped(let reason): line.member("skipped", reason)
            }
        }
        writer.endLine()
    }

    private static func write(_ entries: [RuleEntry], to line: inout JSONWriter) {
        for entry in entries { entry.write(to: &line) }
    }

    /// The last line, which counts the others.
    package mutating func finish() {
        writer.object { line in
            line.member("type", "end")
            line.member("conditions", counts.conditions)
            line.member("strikes", counts.strikes)
            line.member("preempted", counts.preempted)
            line.member("skipped", counts.skipped)
        }
        writer.endLine()
    }

    /// Bytes that `takeBytes` would give.
    package var waitingBytes: Int { writer.bytes.count }

    /// What was written since the last call.
    package mutating func takeBytes() -> [UInt8] {
        defer { writer.removeAll() }
        return writer.bytes
    }

    /// A whole schedule.
    package static func bytes(_ schedule: Schedule) -> [UInt8] {
        var writer = ScheduleWriter()
        writer.write(schedule.header)
        for condition in schedule.conditions { writer.write(condition) }
        for strike in schedule.strikes { writer.write(strike) }
        writer.finish()
        return writer.takeBytes()
    }
}

/// How many lines of each kind a schedule has.
package struct ScheduleCounts: Hashable, Sendable {
    package var conditions: UInt64 = 0
    /// All of them, those that are pre-empted or skipped too.
    package var strikes: UInt64 = 0
    package var preempted: UInt64 = 0
    package var skipped: UInt64 = 0

    package init() {}

    package var planned: UInt64 { strikes - preempted - skipped }

    package mutating func add(_ strike: Strike) {
        strikes += 1
        switch strike.state {
        case .planned: break
        case .preempted: preempted += 1
        case .skipped: skipped += 1
        }
    }
}

extension Condition {
    /// `all`, `1,4-6`.
    package var connectionsText: String {
        guard !connections.isEmpty else { return "all" }
        return MessageRange.list(
            connections.map { range in
                let end = range.upperBound == .max ? .max : UInt64(range.upperBound)
                return UInt64(range.lowerBound)...end
            })
    }
}
