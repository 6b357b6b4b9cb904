/// The script that completes `weir` in bash, drawn from the definitions.
struct BashCompletion {
    let script: String

    init(_ commands: [CommandSpecification]) {
        let verbs = commands.map(\.verb) + ["help"]
        var lines = [
            "# Completes weir in bash: source <(weir completion bash)",
            "_weir() {",
            "    local current=\"${COMP_WORDS[COMP_CWORD]}\"",
            "    local previous=\"${COMP_WORDS[COMP_CWORD-1]}\"",
            "    COMPREPLY=()",
            "    if ((COMP_CWORD == 1)); then",
            "        COMPREPLY=($(compgen -W \"\(verbs.joined(separator: " ")) --help --version\""
                + " -- \"$current\"))",
            "        return",
            "    fi",
            "    case \"${COMP_WORDS[1]} $previous\" in",
        ]
        let topics = commands.map(\.verb) + HelpTopic.names
        lines += Self.choice("help help", .words(topics))
        for command in commands {
            for option in command.allOptions where option.placeholder != nil {
                lines += Self.choice("\(command.verb) --\(option.name)", option.completion)
                if let short = option.short {
                    lines += Self.choice("\(command.verb) -\(short)", option.completion)
                }
            }
        }
        lines += ["    esac", "    case \"${COMP_WORDS[1]}\" in"]
        for command in commands { lines += Self.words(of: command) }
        lines += ["    esac", "}", "complete -o filenames -F _weir weir"]
        script = lines.map { $0 + "\n" }.joined()
    }

    /// The values of an option.
    private static func choice(_ pattern: String, _ completion: Completion) -> [String] {
        ["        \"\(pattern)\") \(reply(completion)); return ;;"]
    }

    /// Options after a dash, else what its positionals are.
    private static func words(of command: CommandSpecification) -> [String] {
        let options = command.allOptions.map { "--\($0.name)" }
        let values = command.positionals.first?.completion ?? .nothing
        return [
            "        \(command.verb))",
            "            if [[ $current == -* ]]; then \(reply(.words(options)))",
            "            else \(reply(values)); fi",
            "            ;;",
        ]
    }

    private static func reply(_ completion: Completion) -> String {
        switch completion {
        case .nothing: ":"
        case .file: "mapfile -t COMPREPLY < <(compgen -f -- \"$current\")"
        case .words(let words):
            "COMPREPLY=($(compgen -W \"\(words.joined(separator: " "))\" -- \"$current\"))"
        }
    }
}
