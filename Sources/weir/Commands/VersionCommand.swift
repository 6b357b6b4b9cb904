import Text

/// `weir version`: which Weir this is.
struct VersionCommand: Command {
    static let specification = CommandSpecification(
        verb: "version",
        summary: "print the version",
        options: [json.definition],
        examples: [
            .init("weir version", "prints the version, as weir --version does"),
            .init("weir version --json", "prints it for a machine"),
        ])

    private static let json = Flag("json", "print one JSON object")

    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        isJSON = arguments.has(Self.json)
    }

    func run(_ console: Console) throws(Failure) -> ExitCode {
        guard isJSON else {
            try console.write("weir \(Version.text)\n")
            return .done
        }
        var writer = JSONWriter()
        writer.object { object in
            object.member("version", 1)
            object.member("weir", Version.text)
        }
        writer.endLine()
        try console.write(writer.text)
        return .done
    }
}
