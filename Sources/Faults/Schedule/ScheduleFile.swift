import Recordings
import Text

/// A schedule as it is read from JSON Lines, with the line of each strike for later errors.
package struct ScheduleFile: Sendable {
    package static let version: UInt64 = 1
    /// A longer file is refused.
    package static let maximumBytes = 1 << 30

    package var schedule: Schedule
    /// As it was given on the command line.
    let file: String
    /// Of each strike, from 1.
    let lines: [Int]

    /// Reads a whole file: what `ScheduleWriter` wrote, or someone edited.
    /// - Parameter file: as it was given on the command line, for errors.
    package static func read(_ bytes: [UInt8], file: String) throws(DocumentError) -> ScheduleFile {
        guard bytes.count <= maximumBytes else {
            throw DocumentError(
                file: file,
                message: "it has more than \(ByteCount(bytes: UInt64(maximumBytes))); "
                    + "schedule a part of the recording")
        }
        var reader = ScheduleReader(file: file)
        var start = 0
        var number = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            number += 1
            try reader.read(Array(bytes[start..<end]), line: number)
            start = end + 1
        }
        return try reader.finish(lastLine: number)
    }
}

/// Reads a schedule line by line.
private struct ScheduleReader {
    let file: String
    private var header: ScheduleHeader?
    private var conditions: [Condition] = []
    private var strikes: [Strike] = []
    private var lines: [Int] = []
    private var ids: Set<String> = []
    private var counts = ScheduleCounts()
    private var hasEnded = false

    private static let types = ["schedule", "condition", "strike", "end"]

    init(file: String) { self.file = file }

    mutating func read(_ bytes: [UInt8], line: Int) throws(DocumentError) {
        guard bytes.contains(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\r") })
        else { return }
        let whole = try JSONField(reading: bytes, file: file, firstLine: line)
        guard !hasEnded else {
            throw whole.error("a line stands behind the end line; delete it, or move it up")
        }
        var fields = try whole.object()
        let type = try fields.require("type")
        let name = try type.name(among: Self.types, noun: "type of line")
        guard (name == "schedule") == (header == nil) else {
            throw type.error(
                header == nil
                    ? "the first line of a schedule has the type \"schedule\"; add it"
                    : "a second line of the type \"schedule\"; delete it")
        }
        switch name {
        case "schedule": try readHeader(&fields)
        case "condition": try readCondition(&fields)
        case "strike": try readStrike(&fields, line: line)
        default: try readEnd(&fields)
        }
        try fields.finish()
    }

    func finish(lastLine: Int) throws(DocumentError) -> ScheduleFile {
        guard let header else {
            throw DocumentError(
                file: file,
                message: "it is empty; a schedule begins with a line of the type "
                    + "\"schedule\"")
        }
        guard hasEnded else {
            throw DocumentError(
                file: file, line: lastLine,
                message: "the end line is missing, so that it may be cut short; make it anew, or "
                    + "add {\"type\":\"end\",\"conditions\":\(counts.conditions),\"strikes\":"
                    + "\(counts.strikes),\"preempted\":\(counts.preempted),\"skipped\":"
                    + "\(counts.skipped)}")
        }
        return ScheduleFile(
            schedule: Schedule(header, conditions: conditions, strikes: strikes), file: file,
            lines: lines)
    }

    private mutating func readHeader(_ fields: inout JSONFields) throws(DocumentError) {
        let field = try fields.require("version")
        let version = try field.count()
        guard version == ScheduleFile.version else {
            throw field.error(
                "version \(version) is not known here; write \(ScheduleFile.version)")
        }
        var header = ScheduleHeader(seed: try fields.require("seed").count())
        if let recording = fields.take("recording") { header.recording = try recording.string() }
        if let framing = fields.take("protocol") {
            let name = try framing.string()
            do throws(FramerError) {
                header.framing = try FramingChoice(parsing: name)
            } catch {
                throw framing.error(error.description)
            }
        }
        if let units = fields.take("units") {
            let names = MessageUnits.allCases.map(\.rawValue)
            let name = try units.name(among: names, noun: "unit")
            header.units = MessageUnits(rawValue: name) ?? .messages
        }
        if let routes = fields.take("routes") { header.routes = try Self.routes(routes) }
        self.header = header
    }

    private static func routes(_ field: JSONField) throws(DocumentError) -> [String] {
        var names: [String] = []
        for element in try field.elements() {
            let name = try element.string()
            guard names.count <= Int(UInt16.max) else {
                throw element.error("a recording has at most 65,536 routes; delete the others")
            }
            names.append(name)
        }
        return names
    }

    /// The route that a condition names, among those of the header.
    private func route(_ field: JSONField?) throws(DocumentError) -> NamedRoute? {
        guard let field, let names = header?.routes else { return nil }
        guard !names.isEmpty else {
            throw field.error(
                "the first line names no routes; add \"routes\" there, as the recording has them")
        }
        let name = try field.name(among: names, noun: "route")
        return names.firstIndex(of: name).map { index in
            NamedRoute(number: UInt16(clamping: index), name: name)
        }
    }

    private mutating func readEnd(_ fields: inout JSONFields) throws(DocumentError) {
        let wanted = [
            ("conditions", counts.conditions), ("strikes", counts.strikes),
            ("preempted", counts.preempted), ("skipped", counts.skipped),
        ]
        for (key, count) in wanted {
            let field = try fields.require(key)
            guard try field.count() == count else {
                throw field.error(
                    "the end line counts \(field.value.number?.text ?? ""), and the file has "
                        + "\(count); correct it if you edited the file, else make it anew")
            }
        }
        hasEnded = true
    }

    private mutating func takeID(_ fields: inout JSONFields) throws(DocumentError) -> String {
        let field = try fields.require("id")
        let id = try field.string()
        guard !id.isEmpty, id.utf8.count <= 200, id.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else {
            throw field.error("an id has 1 to 200 letters, digits and signs; write one of those")
        }
        guard ids.insert(id).inserted else {
            throw field.error("the id \"\(id)\" is there already; write another one")
        }
        return id
    }

    private mutating func readCondition(_ fields: inout JSONFields) throws(DocumentError) {
        guard strikes.isEmpty else {
            throw fields.whole.error("a condition stands behind a strike; move it up")
        }
        let id = try takeID(&fields)
        let fault = try fields.require("fault")
        let names = FaultKinds.conditions.map { $0.name }
        let name = try fault.name(among: names, noun: "condition")
        guard let kind = FaultKinds.conditions.first(where: { $0.name == name }) else { return }
        let effect = try Self.conditionEffect(kind, try fields.require("settings"))
        var target = Target()
        try fields.take("direction", into: &target)
        let route = try route(fields.take("route"))
        try fields.take("connections", into: &target)
        try fields.take("messages", into: &target)
        try fields.take("window", into: &target)
        try fields.take("chance", into: &target)
        _ = try fields.takeLabel()
        counts.conditions += 1
        conditions.append(
            Condition(
                id: id, effect: effect, direction: target.direction ?? kind.direction,
                route: route,
                connections: target.connectionRanges, messages: target.messageRanges,
                window: target.window?.range, chance: target.chance.ratio.numerator,
                outOf: target.chance.ratio.denominator))
    }

    private static func conditionEffect<Kind: ConditionFault>(
        _ kind: Kind.Type, _ settings: JSONField
    ) throws(DocumentError) -> ConditionEffect {
        var fault = Kind()
        try settings.read(Kind.settings, of: Kind.name, into: &fault)
        return fault.effect
    }

    private mutating func readStrike(
        _ fields: inout JSONFields, line: Int
    ) throws(DocumentError) {
        guard strikes.count < Schedule.maximumStrikes else {
            throw fields.whole.error(
                "there are more than \(Schedule.maximumStrikes) strikes; "
                    + "schedule a part of the recording")
        }
        let id = try takeID(&fields)
        let state = try Self.state(&fields)
        let effect = try Self.strikeEffect(&fields, state)
        var target = Target()
        try fields.take("direction", into: &target)
        let isWhole = { if case .skipped = state { true } else { false } }()
        let connection = try fields.number(
            "connection", isOptional: isWhole, to: UInt64(UInt32.max))
        let message = try fields.number("message", isOptional: isWhole, to: UInt64(UInt32.max))
        let last = try fields.take("last_message")?.count(in: max(1, message)...UInt64(UInt32.max))
        let rule = try fields.take("rule")?.string()
        var strike = Strike(
            id: id, rule: rule ?? id, connection: UInt32(clamping: connection),
            direction: target.direction ?? Scheduler.sends, message: message, lastMessage: last,
            effect: effect, state: state)
        if let label = try fields.takeLabel() { strike.label = label }
        counts.add(strike)
        strikes.append(strike)
        lines.append(line)
    }

    private static func state(_ fields: inout JSONFields) throws(DocumentError) -> Strike.State {
        let skipped = fields.take("skipped")
        let preempted = fields.take("preempted_by")
        if let skipped {
            guard preempted == nil else {
                throw skipped.error("it is pre-empted too; write one of both")
            }
            return .skipped(reason: try skipped.string())
        }
        return try preempted.map { field throws(DocumentError) in
            .preempted(by: try field.string())
        } ?? .planned
    }

    private static func strikeEffect(
        _ fields: inout JSONFields, _ state: Strike.State
    ) throws(DocumentError) -> StrikeEffect {
        let fault = try fields.require("fault")
        let settings = fields.take("settings")
        if settings == nil, case .skipped = state {
            let names = FaultKinds.all.map { $0.name }
            return .unresolved(fault: try fault.name(among: names, noun: "fault"))
        }
        let name = try fault.name(among: FaultKinds.strikes.map { $0.name }, noun: "strike")
        guard let kind = FaultKinds.strikes.first(where: { $0.name == name }) else {
            return .unresolved(fault: name)
        }
        return try strikeEffect(kind, settings, fields.whole)
    }

    private static func strikeEffect<Kind: StrikeFault>(
        _ kind: Kind.Type, _ settings: JSONField?, _ whole: JSONField
    ) throws(DocumentError) -> StrikeEffect {
        var detail = Kind.blankDetail
        if let settings {
            try settings.read(Kind.details, of: Kind.name, into: &detail)
        } else if let needed = Kind.details.first(where: \.isRequired) {
            throw whole.error(
                "\(Kind.name) needs \"settings\" with \"\(needed.key)\"; add them")
        }
        return Kind.effect(detail)
    }
}

extension JSONFields {
    /// Reads the member of that name, where it is there, as a rule's target has it.
    fileprivate mutating func take(
        _ key: String, into target: inout Target
    ) throws(DocumentError) {
        guard let field = take(key),
            let setting = Target.settings.first(where: { $0.key == key })
        else { return }
        let text: String
        if let number = field.value.number { text = number.text } else { text = try field.string() }
        do throws(RuleProblem) {
            try setting.take(
                RuleEntry(key, text, isNumber: field.value.number != nil), &target)
        } catch {
            throw field.error(error.message)
        }
    }

    fileprivate mutating func takeLabel() throws(DocumentError) -> FaultLabel? {
        guard let field = take("label") else { return nil }
        let names = FaultLabel.allCases.map(\.rawValue)
        return FaultLabel(rawValue: try field.name(among: names, noun: "label"))
    }

    /// A number from 1; 0 where it need not be there and is not.
    fileprivate mutating func number(
        _ key: String, isOptional: Bool, to most: UInt64
    ) throws(DocumentError) -> UInt64 {
        guard isOptional else { return try require(key).count(in: 1...most) }
        return try take(key)?.count(in: 1...most) ?? 0
    }
}
