import Text

/// An option of a command, defined once: parsing, help and completion come from it.
struct Option<Value: Sendable>: Sendable {
    private(set) var definition: OptionDefinition
    private let parse: @Sendable (String) throws -> Value

    /// - Parameters:
    ///   - name: without its dashes: `max-wait`.
    ///   - placeholder: what stands for the value in the help: `DURATION`.
    ///   - help: a phrase in lower case, without a full stop.
    ///   - default: in the form in which it would be written. It is used and shown.
    ///   - parse: reads the text; what it throws is shown after the option's name.
    init(
        _ name: String, short: Character? = nil, _ placeholder: String, _ help: String,
        default: String? = nil, completion: Completion = .nothing,
        parse: @escaping @Sendable (String) throws -> Value
    ) {
        definition = OptionDefinition(
            name: name, short: short, placeholder: placeholder, help: help,
            defaultText: `default`, completion: completion,
            check: { text in _ = try parse(text) })
        self.parse = parse
    }

    /// It must be given.
    var required: Option {
        var copy = self
        copy.definition.isRequired = true
        return copy
    }

    /// It may be given more than once.
    var repeatable: Option {
        var copy = self
        copy.definition.isRepeatable = true
        return copy
    }

    func value(of text: String) throws(UsageError) -> Value {
        do {
            return try parse(text)
        } catch {
            throw UsageError("--\(definition.name): \(error)")
        }
    }
}

/// An option that is there or not.
struct Flag: Sendable {
    let definition: OptionDefinition

    init(_ name: String, short: Character? = nil, _ help: String) {
        definition = OptionDefinition(
            name: name, short: short, placeholder: nil, help: help, defaultText: nil,
            completion: .nothing, check: { _ in })
    }
}

/// What parsing, help and completion need to know of an option or a flag.
struct OptionDefinition: Sendable {
    /// Without its dashes.
    var name: String
    var short: Character?
    /// nil for a flag, which takes no value.
    var placeholder: String?
    var help: String
    var defaultText: String?
    var completion: Completion
    var isRequired = false
    var isRepeatable = false
    var check: @Sendable (String) throws -> Void

    init(
        name: String, short: Character?, placeholder: String?, help: String, defaultText: String?,
        completion: Completion, check: @escaping @Sendable (String) throws -> Void
    ) {
        self.name = name
        self.short = short
        self.placeholder = placeholder
        self.help = help
        self.defaultText = defaultText
        self.completion = completion
        self.check = check
    }

    /// As it is written: `--max-wait DURATION`.
    var usage: String { placeholder.map { "--\(name) \($0)" } ?? "--\(name)" }
}

/// What the shell offers for a value.
enum Completion: Hashable, Sendable {
    case nothing
    case file
    case words([String])
}

/// An argument that has its meaning from its place: `FILE`.
struct Positional: Sendable {
    /// In capitals.
    var name: String
    var help: String
    var isRequired: Bool
    var completion: Completion

    init(_ name: String, _ help: String, isRequired: Bool = true, completion: Completion = .file) {
        self.name = name
        self.help = help
        self.isRequired = isRequired
        self.completion = completion
    }
}
