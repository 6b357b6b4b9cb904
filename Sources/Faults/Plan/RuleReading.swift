import Text

extension Rule {
    /// Makes a rule of what is said of it; each key at most once.
    init(reading entries: [RuleEntry]) throws(RuleProblem) {
        guard let entry = entries.first(where: { $0.key == "fault" }) else {
            throw RuleProblem(
                key: nil, message: "\"fault\" is missing; add one of \(Self.faultNames)")
        }
        guard let kind = FaultKinds.named(entry.value) else { throw Self.unknownFault(entry) }
        self = try Self.read(kind, entries)
    }

    private static func read<Kind: Fault>(
        _ kind: Kind.Type, _ entries: [RuleEntry]
    ) throws(RuleProblem) -> Rule {
        var fault = Kind()
        var rule = Rule(fault)
        for entry in entries where entry.key != "fault" {
            if entry.key == "name" {
                rule.name = try checkedName(entry)
            } else if let setting = Kind.settings.first(where: { $0.key == entry.key }) {
                // A fault's own setting goes before what all rules have.
                try setting.take(entry, &fault)
            } else if let setting = Target.settings.first(where: { $0.key == entry.key }) {
                try check(entry, suits: kind)
                try setting.take(entry, &rule.target)
            } else {
                throw unknownKey(entry, kind)
            }
        }
        for setting in Kind.settings where setting.isRequired {
            guard entries.contains(where: { $0.key == setting.key }) else {
                throw RuleProblem(
                    key: nil,
                    message: "the fault \(Kind.name) needs \"\(setting.key)\"; "
                        + "add it, like \"\(setting.form)\"")
            }
        }
        try checkChance(rule.target, entries)
        if let reorder = fault as? Reorder, reorder.force == .yes, reorder.across == .connections {
            throw RuleProblem(
                key: "force",
                message: "it is about flights of one connection, and this reorder is across "
                    + "connections; write one of them")
        }
        rule.fault = fault
        return rule
    }

    /// A burst is a chance of its own, and nothing resembles what always happens.
    private static func checkChance(
        _ target: Target, _ entries: [RuleEntry]
    ) throws(RuleProblem) {
        if target.burst != nil,
            target.correlation != nil || entries.contains(where: { $0.key == "chance" })
        {
            throw RuleProblem(
                key: "burst",
                message: "it stands in place of chance and correlation; write one of them")
        }
        if target.correlation != nil, target.chance == .always {
            throw RuleProblem(
                key: "correlation",
                message: "what always happens resembles itself; add a chance, like \"chance=5%\"")
        }
    }

    /// `latency, delay, drop, …`.
    static var faultNames: String { FaultKinds.all.map { $0.name }.joined(separator: ", ") }

    private static func unknownFault(_ entry: RuleEntry) -> RuleProblem {
        let shown = EscapedText(entry.value, limit: 60)
        let near = nearest(entry.value, among: FaultKinds.all.map { $0.name })
        let advice = near.map { "did you mean \"\($0)\"?" } ?? "write one of \(faultNames)"
        return RuleProblem(key: "fault", message: "no fault is named \"\(shown)\"; \(advice)")
    }

    private static func check(
        _ entry: RuleEntry, suits kind: any Fault.Type
    ) throws(RuleProblem) {
        guard kind is any ConditionFault.Type, Target.strikesOnly.contains(entry.key) else {
            return
        }
        throw RuleProblem(
            key: entry.key,
            message: "\(kind.name) holds stretches, not single messages; limit it with "
                + "connections, messages, window or chance")
    }

    private static func unknownKey<Kind: Fault>(
        _ entry: RuleEntry, _ kind: Kind.Type
    ) -> RuleProblem {
        let own = Kind.settings.map(\.key)
        if Kind.later.contains(entry.key) {
            let has = own.isEmpty ? "has no settings" : "takes \(own.joined(separator: ", "))"
            return RuleProblem(
                key: entry.key,
                message: "this cannot be set yet; leave it out: \(Kind.name) \(has)")
        }
        let keys = ["name"] + own + Target.settings.map(\.key)
        let advice =
            nearest(entry.key, among: keys).map { "did you mean \"\($0)\"?" }
            ?? "leave it out, or write one of \(keys.joined(separator: ", "))"
        return RuleProblem(
            key: entry.key, message: "\(Kind.name) has no setting of this name; \(advice)")
    }

    /// Names stand in strikes' ids, files and on the command line: letters, digits, `-`, `_`, `.`.
    private static func checkedName(_ entry: RuleEntry) throws(RuleProblem) -> String {
        let isPlain = entry.value.utf8.allSatisfy { byte in
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
                || "-_.".utf8.contains(byte)
        }
        guard isPlain, 1...longestName ~= entry.value.utf8.count else {
            throw RuleProblem(
                key: "name",
                message: "\"\(EscapedText(entry.value, limit: 60))\" is not a name; write 1 to "
                    + "\(longestName) letters, digits, \"-\", \"_\" or \".\"")
        }
        return entry.value
    }
}

extension Setting {
    /// Reads an entry's value.
    func take(_ entry: RuleEntry, _ root: inout Root) throws(RuleProblem) {
        if isNumber, entry.isNumber == false {
            throw RuleProblem(key: key, message: "a string stands here; write a whole number")
        }
        do throws(SettingProblem) {
            try read(entry.value, &root)
        } catch {
            throw RuleProblem(key: key, message: error.message)
        }
    }
}
