import Recordings
import Text

/// A seed and rules: written by people, good for any recording.
package struct Plan: Sendable, Equatable {
    /// nil: one is drawn and said.
    package var seed: UInt64?
    /// What the recording's bytes are read as, where that is said.
    package var framing: FramingChoice?
    /// Each has a name of its own.
    package private(set) var rules: [Rule]

    package init(seed: UInt64? = nil, framing: FramingChoice? = nil) {
        self.seed = seed
        self.framing = framing
        rules = []
    }

    package static let maximumRules = 64

    /// What stands for a message: a rule that says `units=chunks` says it for all.
    package var units: MessageUnits {
        rules.contains { $0.target.units == .chunks } ? .chunks : .messages
    }

    /// Adds a rule behind the others.
    /// - Throws: where one has that name already, or there are too many.
    package mutating func add(_ rule: Rule) throws(PlanProblem) {
        guard rules.count < Self.maximumRules else { throw .tooManyRules }
        guard !rules.contains(where: { $0.name == rule.name }) else {
            throw .nameTaken(rule.name, isDefault: rule.name == rule.faultName)
        }
        rules.append(rule)
    }

    /// Takes a rule out; whether there was one of that name.
    @discardableResult
    package mutating func remove(named name: String) -> Bool {
        guard let index = rules.firstIndex(where: { $0.name == name }) else { return false }
        rules.remove(at: index)
        return true
    }
}

/// Why a rule cannot be in a plan.
package enum PlanProblem: Error, Hashable, Sendable, CustomStringConvertible {
    case tooManyRules
    case nameTaken(String, isDefault: Bool)

    package var description: String {
        switch self {
        case .tooManyRules: "there are more than \(Plan.maximumRules) rules; write fewer"
        case .nameTaken(let name, isDefault: true):
            "a second rule named \"\(name)\"; give it a name of its own, like \"\(name)-2\""
        case .nameTaken(let name, isDefault: false):
            "the name \"\(name)\" is taken by another rule; write another one"
        }
    }
}
