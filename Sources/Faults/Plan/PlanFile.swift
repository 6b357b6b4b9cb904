import Recordings
import Text

/// A plan as JSON: reads it with places in every error, and writes what reads back equal.
package enum PlanFile {
    package static let version: UInt64 = 1
    /// A plan is written by people; more bytes than this are not one.
    package static let maximumBytes = 1 << 20

    /// - Parameter file: as it was given on the command line, for errors.
    package static func read(_ bytes: [UInt8], file: String) throws(DocumentError) -> Plan {
        let whole = try JSONField(
            reading: bytes, file: file, limits: JSONLimits(bytes: maximumBytes))
        var fields = try whole.object()
        let versionField = try fields.require("version")
        let version = try versionField.count()
        guard version == Self.version else {
            throw versionField.error(
                "version \(version) is not known here; write \(Self.version)")
        }
        var plan = Plan()
        if let field = fields.take("seed") { plan.seed = try field.count() }
        if let field = fields.take("protocol") {
            let name = try field.string()
            do throws(FramerError) {
                plan.framing = try FramingChoice(parsing: name)
            } catch {
                throw field.error(error.description)
            }
        }
        let rules = try fields.require("rules")
        try fields.finish()
        for field in try rules.elements() {
            let rule = try Self.rule(field)
            do throws(PlanProblem) {
                try plan.add(rule)
            } catch {
                throw nameField(of: field).error(error.description)
            }
        }
        return plan
    }

    /// As text, with a line end.
    package static func write(_ plan: Plan) -> String {
        var writer = JSONWriter(.pretty)
        writer.object { writer in
            writer.member("version", version)
            writer.member("seed", ifPresent: plan.seed)
            writer.member("protocol", ifPresent: plan.framing?.description)
            writer.member(
                "rules",
                array: { writer in
                    for rule in plan.rules { write(rule, to: &writer) }
                })
        }
        return writer.text + "\n"
    }

    private static func write(_ rule: Rule, to writer: inout JSONWriter) {
        writer.object { writer in
            for entry in rule.entries { entry.write(to: &writer) }
        }
    }

    private static func rule(_ field: JSONField) throws(DocumentError) -> Rule {
        var fields = try field.object()
        let members = fields.takeRest()
        let entries = try RuleEntry.entries(members)
        do throws(RuleProblem) {
            return try Rule(reading: entries)
        } catch {
            let place = members.first { $0.key == error.key }?.field ?? field
            throw place.error(error.message)
        }
    }

    private static func nameField(of field: JSONField) -> JSONField {
        guard var fields = try? field.object() else { return field }
        return fields.take("name") ?? field
    }
}

extension RuleEntry {
    /// What JSON says of a rule, as entries.
    static func entries(
        _ members: [(key: String, field: JSONField)]
    ) throws(DocumentError) -> [RuleEntry] {
        var entries: [RuleEntry] = []
        for (key, field) in members {
            if let number = field.value.number {
                entries.append(RuleEntry(key, number.text, isNumber: true))
            } else {
                entries.append(RuleEntry(key, try field.string(), isNumber: false))
            }
        }
        return entries
    }

    func write(to writer: inout JSONWriter) {
        if isNumber == true, let number = UInt64(value) {
            writer.member(key, number)
        } else {
            writer.member(key, value)
        }
    }
}
