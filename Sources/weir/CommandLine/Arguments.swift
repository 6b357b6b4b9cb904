import Text

/// A command's words, sorted and each checked by itself; a command takes its values out of here.
struct Arguments: Sendable {
    let verb: String
    /// As they were typed, the verb left out.
    let words: [String]
    /// By the option's name, in the order in which they were given.
    var values: [String: [String]] = [:]
    var positionals: [String] = []
    /// What followed `--`, where the command takes that; nil without `--`.
    var command: [String]?

    init(verb: String, words: [String]) {
        self.verb = verb
        self.words = words
    }

    /// What was given, else the option's default, else nil.
    func value<Value>(of option: Option<Value>) throws(UsageError) -> Value? {
        guard let text = values[option.definition.name]?.last ?? option.definition.defaultText
        else { return nil }
        return try option.value(of: text)
    }

    /// What was given, else the option's default; one of them must be there.
    func require<Value>(_ option: Option<Value>) throws(UsageError) -> Value {
        guard let value = try value(of: option) else {
            throw UsageError("\(option.definition.usage) is missing; add it")
        }
        return value
    }

    /// Each that was given, in order.
    func values<Value>(of option: Option<Value>) throws(UsageError) -> [Value] {
        var list: [Value] = []
        for text in values[option.definition.name] ?? [] { list.append(try option.value(of: text)) }
        return list
    }

    func has(_ flag: Flag) -> Bool { values[flag.definition.name] != nil }

    /// Whether it was given; a default does not count.
    func isGiven(_ option: OptionDefinition) -> Bool { values[option.name] != nil }

    /// The positional argument at that place, from 0; nil where it was not given.
    func positional(_ index: Int) -> String? {
        positionals.indices.contains(index) ? positionals[index] : nil
    }

    /// The positional argument at that place, from 0, which the specification requires.
    func file(_ index: Int) throws(UsageError) -> FileArgument {
        guard let text = positional(index) else {
            throw UsageError("a file is missing; add it")
        }
        return try FileArgument(parsing: text)
    }

    /// Options that contradict each other: at most one of them may be given.
    func atMostOne(of options: [OptionDefinition]) throws(UsageError) {
        let given = options.filter(isGiven)
        guard given.count > 1 else { return }
        throw UsageError("--\(given[0].name) and --\(given[1].name) exclude each other; write one")
    }

    /// Options of which one must be given, and not two.
    func exactlyOne(of options: [OptionDefinition]) throws(UsageError) {
        try atMostOne(of: options)
        guard !options.contains(where: isGiven) else { return }
        let list = options.map(\.usage).joined(separator: " or ")
        throw UsageError("\(list) is missing; add one")
    }

    /// An option that means nothing without another.
    func only(_ option: OptionDefinition, with other: OptionDefinition) throws(UsageError) {
        guard isGiven(option), !isGiven(other) else { return }
        throw UsageError("--\(option.name) needs --\(other.name); add \(other.usage)")
    }

    /// The command line that does the same again, for a shell. An option that was not given is
    /// added: the seed that was drawn.
    func repeatingCommand(adding option: OptionDefinition, _ value: String) -> String {
        guard !isGiven(option) else { return repeatingCommand }
        let end = words.firstIndex(of: "--") ?? words.endIndex
        let added = ["--\(option.name)", value]
        return Self.quoted(["weir", verb] + words[..<end] + added + words[end...])
    }

    /// The command line that does the same again, for a shell.
    var repeatingCommand: String { Self.quoted(["weir", verb] + words) }

    private static func quoted(_ words: [String]) -> String {
        words.map(shellQuoted).joined(separator: " ")
    }
}

/// A word as a shell reads it back: plain, or in single quotes.
func shellQuoted(_ word: String) -> String {
    let isPlain =
        !word.isEmpty
        && word.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil)
                || "-_./:=,%@+".unicodeScalars.contains($0)
        }
    guard !isPlain else { return word }
    return "'"
        + word.split(separator: "'", omittingEmptySubsequences: false).joined(
            separator: "'\\''") + "'"
}
