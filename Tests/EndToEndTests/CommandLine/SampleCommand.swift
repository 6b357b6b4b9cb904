import Text

@testable import weir

/// A command with one of each kind of argument, for the parser's tests.
enum SampleCommand {
    static let jitter = Option<TimeAmount>.quantity("jitter", "DURATION", "how much")
    static let wait = Option<TimeAmount>.quantity("wait", "DURATION", "how long", default: "5s")
    static let seed = Option<UInt64>.count("seed", "N", "which dice")
    static let output = Option<FileArgument>.file("output", short: "o", "FILE", "where to").required
    static let fault = Option<String>.text("fault", "FAULT", "what goes wrong").repeatable
    static let format = Option<LogFormat>.choice("form", "FORM", "how it looks")
    static let listen = Option.address("listen", "ADDR", "where")
    static let force = Flag("force", short: "f", "overwrite")

    static var specification: CommandSpecification {
        CommandSpecification(
            verb: "sample", summary: "show what there is",
            positionals: [Positional("FILE", "a recording")],
            options: [
                jitter.definition, wait.definition, seed.definition, output.definition,
                fault.definition, format.definition, listen.definition, force.definition,
            ],
            commandPlaceholder: "COMMAND", examples: [])
    }

    static func parse(_ words: [String]) throws(UsageError) -> Arguments {
        try ArgumentParser.parse(words, for: specification)
    }

    /// The message for those words; nil where they are understood.
    static func problem(_ words: [String]) -> String? {
        do throws(UsageError) {
            _ = try parse(words)
            return nil
        } catch {
            return error.message
        }
    }
}
