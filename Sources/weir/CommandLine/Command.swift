/// A verb of `weir`: what it takes, and what it does.
///
/// The typed words become what is meant in two steps: the parser checks each word against the
/// specification, then `init` makes them one value and checks how they go together.
protocol Command: Sendable {
    static var specification: CommandSpecification { get }

    init(_ arguments: Arguments) throws(UsageError)

    /// Does it: results to `console.write`, all else to `console.log`.
    func run(_ console: Console) throws(Failure) -> ExitCode
}

/// All that parsing, help and completion need to know of a command.
struct CommandSpecification: Sendable {
    var verb: String
    /// A phrase in lower case, for the list of commands.
    var summary: String
    /// Further paragraphs of its help.
    var details: [String] = []
    var positionals: [Positional] = []
    /// Options of which one must be given, for the usage line; they stand among `options` too.
    var oneOf: [OptionDefinition] = []
    /// In the order of the help.
    var options: [OptionDefinition] = []
    /// Stands for what follows `--` in the usage line; nil where nothing is to follow.
    var commandPlaceholder: String?
    var examples: [Example]

    /// A command line that works, and what it does.
    struct Example: Sendable {
        /// With `weir` in front.
        var line: String
        var effect: String

        init(_ line: String, _ effect: String) {
            self.line = line
            self.effect = effect
        }
    }

    /// Its own options, then those that every command takes.
    var allOptions: [OptionDefinition] { options + CommonOptions.definitions }
}

/// Options that every command takes.
enum CommonOptions {
    static let logFormat = Option<LogFormat>.choice(
        "log-format", "FORMAT", "how the log on standard error is written", default: "text")
    static let quiet = Flag(
        "quiet", short: "q", "no progress and no log but warnings and errors")
    static let help = Flag("help", short: "h", "show this help")

    static let definitions = [logFormat.definition, quiet.definition, help.definition]
}

/// The commands: the one list of them, in the order of the help. To add one: a file in `Commands/`,
/// and a line here.
enum Commands {
    static let all: [Listing] = [
        Listing(DemoCommand.self),
        Listing(RecordCommand.self),
        Listing(ProxyCommand.self),
        Listing(ShowCommand.self),
        Listing(PlanCommand.self),
        Listing(ReplayCommand.self),
        Listing(TestCommand.self),
        Listing(ShrinkCommand.self),
        Listing(ReportCommand.self),
        Listing(CompareCommand.self),
        Listing(CheckCommand.self),
        Listing(ExportCommand.self),
        Listing(VersionCommand.self),
        Listing(CompletionCommand.self),
    ]

    /// A command in the list.
    struct Listing: Sendable {
        let specification: CommandSpecification
        /// From sorted words to what is meant.
        let make: @Sendable (Arguments) throws(UsageError) -> any Command

        init<Verb: Command>(_ type: Verb.Type) {
            specification = Verb.specification
            make = { arguments throws(UsageError) in try Verb(arguments) }
        }

        var verb: String { specification.verb }
    }

    static var verbs: [String] { all.map(\.verb) }

    static func named(_ verb: String) -> Listing? { all.first { $0.verb == verb } }
}
