import Text

// Between effects and the kinds that they are of: what a schedule's line says is what the kind's
// own file lists.

extension ConditionEffect {
    /// The kind that it is of.
    package var kind: any ConditionFault.Type {
        switch self {
        case .latency: Latency.self
        case .bandwidth: Bandwidth.self
        case .slicer: Slicer.self
        case .slowClose: SlowClose.self
        case .slowReader: SlowReader.self
        }
    }

    var entries: [RuleEntry] {
        func entries<Kind: ConditionFault>(_ kind: Kind.Type) -> [RuleEntry] {
            guard let fault = Kind(self) else { return [] }
            return Kind.settings.flatMap { RuleEntry.written($0, fault) }
        }
        return entries(kind)
    }
}

extension StrikeEffect {
    /// What its settings are; nil where it was not worked out.
    var entries: [RuleEntry]? {
        func entries<Kind: StrikeFault>(_ kind: Kind.Type) -> [RuleEntry]? {
            guard let detail = Kind.detail(of: self) else { return nil }
            return Kind.details.flatMap { RuleEntry.written($0, detail) }
        }
        let kind = FaultKinds.strikes.first { $0.name == faultName }
        return kind.flatMap { entries($0) }
    }

    /// In words, for people: `copies=1 after=50ms`.
    package var settingsText: String {
        (entries ?? []).map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
}

extension ConditionEffect {
    /// In words, for people: `latency=20ms jitter=5ms distribution=uniform`.
    package var settingsText: String {
        entries.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
}

extension JSONField {
    /// Reads the settings that a list of definitions knows.
    func read<Root>(
        _ settings: [Setting<Root>], of kind: String, into root: inout Root
    ) throws(DocumentError) {
        var fields = try object()
        let members = fields.takeRest()
        let entries = try RuleEntry.entries(members)
        for (entry, member) in zip(entries, members) {
            guard let setting = settings.first(where: { $0.key == entry.key }) else {
                let keys = settings.map(\.key)
                let advice =
                    nearest(entry.key, among: keys).map { "did you mean \"\($0)\"?" }
                    ?? (keys.isEmpty
                        ? "leave it out" : "write one of \(keys.joined(separator: ", "))")
                throw member.field.error("\(kind) has no setting of this name; \(advice)")
            }
            do throws(RuleProblem) {
                try setting.take(entry, &root)
            } catch {
                throw member.field.error(error.message)
            }
        }
        for setting in settings where setting.isRequired {
            guard entries.contains(where: { $0.key == setting.key }) else {
                throw error(
                    "\(kind) needs \"\(setting.key)\"; add it, like \"\(setting.form)\"")
            }
        }
    }
}
