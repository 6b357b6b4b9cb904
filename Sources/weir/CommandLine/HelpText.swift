import Text

/// Help, drawn from the definitions.
struct HelpText {
    /// Columns that it fills.
    var width = 80

    /// What `weir VERB --help` prints.
    func command(_ command: CommandSpecification) -> String {
        var lines = wrapped("weir \(command.verb): \(command.summary)", indent: 0) + [""]
        for paragraph in command.details { lines += wrapped(paragraph, indent: 0) + [""] }
        lines += wrapped("Usage: " + Self.usage(of: command), indent: 0, hanging: 11) + [""]
        if !command.positionals.isEmpty {
            lines += ["Arguments:"]
            lines += entries(command.positionals.map { ("  " + $0.name, $0.help) }) + [""]
        }
        lines += ["Options:"]
        lines += entries(command.allOptions.map { (Self.title(of: $0), Self.help(of: $0)) }) + [""]
        lines += ["Examples:"]
        for example in command.examples {
            lines += ["  " + example.line] + wrapped(example.effect, indent: 6)
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// What `weir --help` prints.
    var overview: String {
        var lines = wrapped(
            "weir: records TCP traffic and replays it with delays, reordering, duplicates and"
                + " disconnects, to see how a service copes", indent: 0)
        lines += ["", "Usage: weir COMMAND [arguments]", "", "Commands:"]
        lines += entries(
            Commands.all.map { ("  " + $0.verb, $0.specification.summary) })
        lines += [
            "", "weir COMMAND --help shows a command's options, with examples.",
            "weir help TOPIC tells more:",
        ]
        lines += entries(HelpTopic.allCases.map { ("  " + $0.rawValue, $0.summary) })
        return lines.map { $0 + "\n" }.joined()
    }

    /// What `weir help exit-codes` prints.
    var exitCodes: String {
        var table = TextTable([.init("Code", .right), .init("Meaning")])
        for code in ExitCode.allCases { table.append(["\(code.rawValue)", code.meaning]) }
        return table.lines().map { $0 + "\n" }.joined()
    }

    private static func usage(of command: CommandSpecification) -> String {
        let positionals = command.positionals.map { $0.isRequired ? $0.name : "[\($0.name)]" }
        var required = command.options.filter(\.isRequired).map(\.usage)
        if !command.oneOf.isEmpty {
            required.append("(\(command.oneOf.map(\.usage).joined(separator: " | ")))")
        }
        let tail = command.commandPlaceholder.map { ["[-- \($0)]"] } ?? []
        return (["weir", command.verb] + positionals + required + ["[options]"] + tail)
            .joined(separator: " ")
    }

    private static func title(of option: OptionDefinition) -> String {
        (option.short.map { "  -\($0), " } ?? "      ") + option.usage
    }

    private static func help(of option: OptionDefinition) -> String {
        var help = option.help
        if option.isRepeatable { help += "; may be repeated" }
        if case .words(let words) = option.completion {
            help += " (\(words.joined(separator: ", ")))"
        }
        if let text = option.defaultText { help += " [default: \(text)]" }
        return help
    }

    /// Titles in a column, what is said of each beside it, or below where the title is long.
    func entries(_ entries: [(title: String, help: String)]) -> [String] {
        let fitting = entries.map(\.title.count).filter { $0 <= Self.longestTitle }
        let column = (fitting.max() ?? Self.longestTitle) + 2
        return entries.flatMap { title, help in
            let lines = wrapped(help, indent: column)
            guard title.count <= Self.longestTitle, let first = lines.first else {
                return [title] + lines
            }
            return [title + first.dropFirst(title.count)] + lines.dropFirst()
        }
    }

    private static let longestTitle = 28

    /// Breaks at spaces; a word that is longer than the line has its own.
    func wrapped(_ text: String, indent: Int, hanging: Int? = nil) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            let space = lines.isEmpty ? indent : hanging ?? indent
            if !line.isEmpty, space + line.count + 1 + word.count > width {
                lines.append(String(repeating: " ", count: space) + line)
                line = ""
            }
            line += line.isEmpty ? word : " " + word
        }
        let space = lines.isEmpty ? indent : hanging ?? indent
        lines.append(String(repeating: " ", count: space) + line)
        return lines
    }
}
