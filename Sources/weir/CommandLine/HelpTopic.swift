/// What `weir help` tells beside the commands, each from the definitions that the parser reads.
enum HelpTopic: String, CaseIterable {
    case faults
    case plans
    case config
    case pacing
    case exitCodes = "exit-codes"

    static let names = allCases.map(\.rawValue)

    /// What it is about, as the overview says it.
    var summary: String {
        switch self {
        case .faults: "what can go wrong, with the settings of each fault and where it applies"
        case .plans: "what a plan file looks like"
        case .config: "what a file for --config looks like: routes, faults and more"
        case .pacing: "what decides when a replay sends a message"
        case .exitCodes: "what the exit codes mean"
        }
    }
}
