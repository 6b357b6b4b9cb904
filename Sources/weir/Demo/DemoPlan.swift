import Faults
import Text

/// What the demo lets go wrong: all four disturbances at once, as anybody could type them.
struct DemoPlan {
    /// With it the story is always the same.
    static let defaultSeed: UInt64 = 7

    /// Short forms of rules: the option's name and its value.
    static let faults = [
        (option: "jitter", value: "10ms"),
        (option: "reorder", value: "8%"),
        (option: "duplicate", value: "3%"),
        (option: "disconnect", value: "1%"),
    ]

    /// `--jitter 10ms --reorder 8% …`, for a command line.
    static var arguments: String {
        faults.map { "--\($0.option) \($0.value)" }.joined(separator: " ")
    }

    /// The same as words.
    static var words: [String] { faults.flatMap { ["--\($0.option)", $0.value] } }

    static func plan(seed: UInt64) throws(Failure) -> Plan {
        var plan = Plan(seed: seed)
        do {
            for form in FaultText.shortForms {
                guard let fault = faults.first(where: { $0.option == form.option }) else {
                    continue
                }
                try plan.add(FaultText.rule(short: form, fault.value))
            }
        } catch {
            throw Failure(.defect, "the demo's own plan is refused: \(error)")
        }
        return plan
    }
}
