/// `weir completion bash`: the script that completes commands and options in a shell.
struct CompletionCommand: Command {
    static let specification = CommandSpecification(
        verb: "completion",
        summary: "print what completes weir in a shell",
        positionals: [
            Positional("SHELL", "which shell: bash", completion: .words(["bash"]))
        ],
        examples: [
            .init("source <(weir completion bash)", "completes commands and options in this shell")
        ])

    init(_ arguments: Arguments) throws(UsageError) {
        guard arguments.positionals == ["bash"] else {
            throw UsageError("only bash can be completed; write weir completion bash")
        }
    }

    func run(_ console: Console) throws(Failure) -> ExitCode {
        try console.write(BashCompletion(Commands.all.map(\.specification)).script)
        return .done
    }
}
