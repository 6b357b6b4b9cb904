import Recordings
import Text

/// A fault, where it applies and how often.
package struct Rule: Sendable, Equatable {
    /// The dice are its own by this name: another name, other rolls.
    package var name: String
    package var fault: any Fault
    package var target: Target

    /// - Parameter name: that of the fault, unless given.
    package init(_ fault: any Fault, name: String? = nil, target: Target = Target()) {
        self.name = name ?? type(of: fault).name
        self.fault = fault
        self.target = target
    }

    package static let longestName = 64

    /// The name of its fault.
    package var faultName: String { type(of: fault).name }

    /// How it could come about.
    package var label: FaultLabel { type(of: fault).label }

    package static func == (left: Rule, right: Rule) -> Bool {
        left.entries == right.entries
    }

    /// All that is set, as a plan file has it: name, fault, target, settings.
    ///
    /// Settings that have a default are said too, so that a saved plan means the same to a later
    /// version.
    package var entries: [RuleEntry] {
        let blank = Target()
        var entries = [RuleEntry("name", name), RuleEntry("fault", faultName)]
        for setting in Target.settings {
            let isSet = setting.write(target) != setting.write(blank)
            if isSet { entries += RuleEntry.written(setting, target) }
        }
        return entries + Self.settingEntries(fault)
    }

    private static func settingEntries<Kind: Fault>(_ fault: Kind) -> [RuleEntry] {
        Kind.settings.flatMap { RuleEntry.written($0, fault) }
    }
}

/// One thing that is said of a rule: `copies=1`, `"copies": 1`.
package struct RuleEntry: Hashable, Sendable {
    package var key: String
    package var value: String
    /// A number, in JSON; nil where the text does not tell numbers from strings.
    package var isNumber: Bool?

    package init(_ key: String, _ value: String, isNumber: Bool? = false) {
        self.key = key
        self.value = value
        self.isNumber = isNumber
    }

    static func written<Root>(_ setting: Setting<Root>, _ root: Root) -> [RuleEntry] {
        guard let value = setting.write(root) else { return [] }
        return [RuleEntry(setting.key, value, isNumber: setting.isNumber)]
    }
}

/// What is wrong with a rule, and with which of its entries; nil: the rule as a whole.
struct RuleProblem: Error, Hashable {
    var key: String?
    var message: String
}
