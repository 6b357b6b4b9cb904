import Text

/// What a command line asks for.
enum Invocation {
    case run(Commands.Listing, Arguments)
    case commandHelp(CommandSpecification)
    case overview
    case topic(HelpTopic)

    /// - Parameter words: what follows the program's name.
    init(_ words: [String]) throws(UsageError) {
        guard let first = words.first else {
            throw UsageError("no command is given; weir --help lists them")
        }
        let rest = Array(words.dropFirst())
        switch first {
        case "--help", "-h": self = .overview
        case "--version":
            self = .run(.init(VersionCommand.self), Arguments(verb: "version", words: []))
        case "help": self = try Self.help(rest)
        default:
            guard let command = Commands.named(first) else {
                throw Self.unknown(first, among: Commands.verbs + ["help"])
            }
            let specification = command.specification
            let arguments = try ArgumentParser.parse(rest, for: specification)
            self =
                arguments.has(CommonOptions.help)
                ? .commandHelp(specification) : .run(command, arguments)
        }
    }

    private static func help(_ words: [String]) throws(UsageError) -> Invocation {
        guard let topic = words.first(where: { !$0.hasPrefix("-") }) else { return .overview }
        if let topic = HelpTopic(rawValue: topic) { return .topic(topic) }
        guard let command = Commands.named(topic) else {
            throw unknown(topic, among: Commands.verbs + HelpTopic.names)
        }
        return .commandHelp(command.specification)
    }

    private static func unknown(_ verb: String, among names: [String]) -> UsageError {
        if verb.hasPrefix("-") {
            return UsageError(
                "options follow the command, as in weir record \(EscapedText(verb, limit: 60)); "
                    + "weir --help lists the commands")
        }
        let advice =
            nearest(verb, among: names).map { "did you mean \"\($0)\"?" }
            ?? "weir --help lists them"
        return UsageError("no command is named \"\(EscapedText(verb, limit: 60))\"; \(advice)")
    }
}
