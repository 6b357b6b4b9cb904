import Engine
import Faults
import Platform
import Recordings
import Text

/// `weir proxy`: stands between clients and a server, and disturbs what passes.
struct ProxyCommand: Command {
    static let specification = CommandSpecification(
        verb: "proxy",
        summary: "stand between clients and a server, and disturb what passes",
        details: [
            "Clients connect to --listen instead of the server. The faults strike in both "
                + "directions unless a rule says direction=upstream or downstream; without any, "
                + "everything passes as it came. Each strike is logged as it happens, and "
                + "recorded with --record.",
            "Clients are not made to take one answer for another: the answer to a copy is "
                + "swallowed, answers to reordered requests are put back in order, and those "
                + "behind the answer to a dropped request never come. answers=raw passes them all "
                + "as they come. A reorder waits within=50ms for its neighbour; a disconnect ends "
                + "both sides.",
            "The same seed does the same to each connection, by its number in the order of "
                + "accepting. Ctrl-C ends in order; a second one, at once. Rules stand in this "
                + "order: those of --plan, those of --config, the short forms as listed here, then "
                + "each --fault.",
            SessionOptions.refusal,
        ],
        options: SessionOptions.routes + FaultOptions.definitions + [
            record.definition, SessionOptions.duration.definition,
        ] + SessionOptions.recording,
        examples: [
            .init(
                "weir proxy --listen :7000 --upstream :6379 --duplicate 1% --jitter 20ms",
                "what reaches the Redis on port 6379 by way of port 7000 comes late, some twice"),
            .init(
                "weir proxy --listen :7000 --upstream :6379 --record orders.weir --seed 7 "
                    + "--fault 'disconnect chance=1/500 direction=downstream'",
                "cuts connections at one of 500 answers, and records all of it"),
            .init(
                "weir proxy --config weir.json --fault 'stall for=2s chance=0.1% route=orders'",
                "has routes and faults from a file, and one fault more; see weir help config"),
        ])

    private static let record = Option<FileArgument>.file(
        "record", "FILE", "record what passes, and each strike")

    let settings: SessionSettings
    let faults: FaultOptions
    let arguments: Arguments

    init(_ arguments: Arguments) throws(UsageError) {
        self.arguments = arguments
        let config = try ConfigFile.read(arguments)
        settings = try SessionOptions.settings(arguments, config, output: Self.record)
        faults = try FaultOptions(arguments, config)
    }

    func run(_ console: Console) throws(Failure) -> ExitCode {
        let (plan, seed) = try faults.makePlan()
        let rules: LiveRules
        do throws(SchedulerError) {
            rules = try LiveRules(plan, seed: seed, routes: settings.routes.map(\.name))
        } catch {
            throw Failure(.usage, error.description)
        }
        var settings = settings
        settings.framing = plan.framing
        let run = try ProxyRun("proxy", settings, console, rules: rules)
        if !plan.rules.isEmpty {
            let repeating = arguments.repeatingCommand(
                adding: FaultOptions.seed.definition, "\(seed)")
            console.log(.info, "repeat", "seed \(seed); repeat with: \(repeating)") { line in
                line.member("seed", seed)
                line.member("command", repeating)
            }
        }
        return try run.run()
    }
}
