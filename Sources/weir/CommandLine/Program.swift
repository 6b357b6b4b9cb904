import Platform

/// From the words of a command line to an exit code.
enum Program {
    /// - Parameter words: what follows the program's name.
    static func run(_ words: [String], _ console: Console) -> ExitCode {
        do throws(Failure) {
            let invocation: Invocation
            do throws(UsageError) {
                invocation = try Invocation(words)
            } catch {
                throw Failure(.usage, error.message)
            }
            return try run(invocation, console)
        } catch {
            if !error.message.isEmpty { console.log(.error, "failure", error.message) }
            return error.code
        }
    }

    private static func run(
        _ invocation: Invocation, _ console: Console
    ) throws(Failure) -> ExitCode {
        let help = HelpText(width: min(console.outputWidth ?? 80, 100))
        switch invocation {
        case .overview: try console.write(help.overview)
        case .topic(let topic): try console.write(help.topic(topic))
        case .commandHelp(let specification): try console.write(help.command(specification))
        case .run(let listing, let arguments):
            let command: any Command
            do throws(UsageError) {
                try console.configure(arguments)
                command = try listing.make(arguments)
            } catch {
                throw Failure(.usage, error.message)
            }
            return try command.run(console)
        }
        return .done
    }
}
