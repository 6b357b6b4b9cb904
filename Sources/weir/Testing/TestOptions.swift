import Platform
import Text

/// What a test does around its replays, as the command line says it.
enum TestOptions {
    static let definitions: [OptionDefinition] = [
        reset.definition, probe.definition, settle.definition, health.definition,
        waitFor.definition, consumerLog.definition, startTimeout.definition,
        commandTimeout.definition,
    ]

    /// Those that are about the consumer itself.
    static let consumerDefinitions = [
        waitFor.definition, consumerLog.definition, startTimeout.definition,
    ]

    private static let reset = Option<String>.text(
        "reset", "COMMAND", "a shell command that puts all back, run before each replay")
    private static let probe = Option<Probe>(
        "probe", "[NAME=]COMMAND",
        "a shell command that asks what has come of it, run after each replay; what it prints must "
            + "not differ"
    ) { try Probe(parsing: $0) }.repeatable
    private static let settle = Option<TimeAmount>.quantity(
        "settle", "DURATION", "from the end of the replay to the probes", default: "500ms")
    private static let health = Option<HealthOption>(
        "health", "ADDRESS|COMMAND",
        "who must accept, or which shell command must succeed, once a second and within one; else "
            + "the consumer must accept"
    ) { try HealthOption(parsing: $0) }
    private static let waitFor = Option<AddressText>.address(
        "wait-for", "ADDRESS", "begin when somebody accepts there")
    private static let consumerLog = Option<String>.text(
        "consumer-log", "FILE", "follow the log of a consumer that was started elsewhere")
    private static let startTimeout = Option<TimeAmount>.quantity(
        "start-timeout", "DURATION", "how long the consumer may take until it accepts",
        default: "10s")
    private static let commandTimeout = Option<TimeAmount>.quantity(
        "command-timeout", "DURATION", "how long a reset or a probe may take", default: "30s")

    /// - Parameter isForReplay: nothing is done but the replay.
    static func setup(
        _ arguments: Arguments, isForReplay: Bool = false
    ) throws(UsageError) -> BenchSetup {
        if let command = arguments.command, command.first.map(\.isEmpty) ?? true {
            throw UsageError("there is no command behind --; write one, or leave -- out")
        }
        var setup = BenchSetup()
        setup.consumer = arguments.command
        setup.waitFor = try arguments.value(of: waitFor)
        setup.consumerLog = try arguments.value(of: consumerLog)
        setup.startTimeout = try arguments.require(startTimeout)
        guard !isForReplay else {
            setup.settle = .zero
            setup.watchesHealth = false
            return setup
        }
        setup.reset = try arguments.value(of: reset)
        setup.probes = try Probe.named(arguments.values(of: probe))
        setup.health = try arguments.value(of: health)
        setup.settle = try arguments.require(settle)
        setup.commandTimeout = try arguments.require(commandTimeout)
        return setup
    }
}
