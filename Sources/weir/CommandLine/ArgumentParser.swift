import Text

/// Sorts a command's words into options, positionals and what follows `--`.
///
/// Each word is checked by itself: its name is known, its value can be read, it is given once, and
/// what is required is there. How they go together is the command's to check.
struct ArgumentParser {
    private let specification: CommandSpecification
    private var arguments: Arguments
    private var rest: ArraySlice<String>

    /// - Parameter words: what follows the verb.
    static func parse(
        _ words: [String], for specification: CommandSpecification
    ) throws(UsageError) -> Arguments {
        var parser = ArgumentParser(words, for: specification)
        try parser.sort()
        // Whoever asks for help gets it, whatever else is missing.
        if !parser.arguments.has(CommonOptions.help) { try parser.checkComplete() }
        return parser.arguments
    }

    private init(_ words: [String], for specification: CommandSpecification) {
        self.specification = specification
        arguments = Arguments(verb: specification.verb, words: words)
        rest = words[...]
    }

    private mutating func sort() throws(UsageError) {
        while let word = rest.popFirst() {
            if word == "--" {
                if specification.commandPlaceholder != nil {
                    arguments.command = Array(rest)
                } else {
                    for word in rest { try positional(word) }
                }
                return
            }
            if word.hasPrefix("--") {
                try long(word.dropFirst(2))
            } else if word.hasPrefix("-"), word != "-" {
                try short(word.dropFirst())
            } else {
                try positional(word)
            }
        }
    }

    /// `name`, `name value` or `name=value`.
    private mutating func long(_ word: Substring) throws(UsageError) {
        let name = String(word.prefix { $0 != "=" })
        let options = specification.allOptions
        guard let option = options.first(where: { $0.name == name }) else {
            throw unknown("--" + name, nearest: nearest(name, among: options.map(\.name)))
        }
        let value = name.count < word.count ? String(word.dropFirst(name.count + 1)) : nil
        guard option.placeholder != nil else {
            guard value == nil else {
                throw UsageError("--\(name) takes no value; write --\(name)")
            }
            return try add("", to: option)
        }
        if let value {
            try add(value, to: option)
        } else {
            try add(try nextWord(for: option), to: option)
        }
    }

    /// `q`, `qf`, `o value` or `ovalue`.
    private mutating func short(_ word: Substring) throws(UsageError) {
        var letters = word
        while let letter = letters.popFirst() {
            guard let option = specification.allOptions.first(where: { $0.short == letter }) else {
                let name = String(word)
                let isLong = specification.allOptions.contains { $0.name == name }
                throw unknown("-\(isLong ? name : String(letter))", nearest: isLong ? name : nil)
            }
            guard option.placeholder != nil else {
                try add("", to: option)
                continue
            }
            let value = letters.isEmpty ? try nextWord(for: option) : String(letters)
            return try add(value, to: option)
        }
    }

    private mutating func positional(_ word: String) throws(UsageError) {
        let expected = specification.positionals
        guard arguments.positionals.count < expected.count else {
            let advice = expected.isEmpty ? "leave it out" : "it takes \(Self.list(expected))"
            throw UsageError(
                "\"\(EscapedText(word, limit: 60))\" is one argument too many; \(advice)")
        }
        arguments.positionals.append(word)
    }

    private mutating func nextWord(for option: OptionDefinition) throws(UsageError) -> String {
        // A value may begin with a dash only after an equals sign: else a forgotten value would
        // swallow the next option.
        guard let next = rest.first, next == "-" || !next.hasPrefix("-") else {
            throw UsageError("--\(option.name) needs a value; write \(option.usage)")
        }
        rest = rest.dropFirst()
        return next
    }

    private mutating func add(_ value: String, to option: OptionDefinition) throws(UsageError) {
        let isGiven = arguments.values[option.name] != nil
        guard !isGiven || option.isRepeatable else {
            throw UsageError("--\(option.name) is given twice; write it once")
        }
        do {
            try option.check(value)
        } catch {
            throw UsageError("--\(option.name): \(Self.shortened("\(error)", value))")
        }
        arguments.values[option.name, default: []].append(value)
    }

    /// The message without more of the value than a person would read.
    private static func shortened(_ message: String, _ value: String) -> String {
        guard value.utf8.count > longestValue else { return message }
        return message.replacing(value, with: "\(EscapedText(value, limit: 60))")
    }

    /// So many bytes of a value are repeated in a message.
    private static let longestValue = 200

    private func checkComplete() throws(UsageError) {
        let missing = specification.options.filter {
            $0.isRequired && arguments.values[$0.name] == nil
        }
        let places = specification.positionals.dropFirst(arguments.positionals.count)
        let names = places.filter(\.isRequired).map(\.name) + missing.map(\.usage)
        guard let last = names.last else { return }
        let list = names.dropLast().joined(separator: ", ")
        throw UsageError(
            list.isEmpty
                ? "\(last) is missing; add it" : "\(list) and \(last) are missing; add them")
    }

    private func unknown(_ name: String, nearest: String?) -> UsageError {
        let advice =
            nearest.map { "did you mean --\($0)?" }
            ?? "weir \(specification.verb) --help lists the options"
        return UsageError("no option is named \(EscapedText(name, limit: 60)); \(advice)")
    }

    private static func list(_ positionals: [Positional]) -> String {
        positionals.map(\.name).joined(separator: " ")
    }
}
