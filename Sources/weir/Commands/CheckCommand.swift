import Platform
import Recordings
import Reports
import Text

/// `weir check`: every damaged region of a recording, and what was lost.
struct CheckCommand: Command {
    static let specification = CommandSpecification(
        verb: "check",
        summary: "find what is damaged or missing in a recording",
        details: [
            "The exit code is 0 when nothing is damaged or missing, or when the recording is still "
                + "being written and whole up to now; 5 otherwise.",
            "--repair writes what can be read to a new recording, with gaps where something was "
                + "lost.",
        ],
        positionals: [Positional("FILE", "the recording")],
        options: [repair.definition, force.definition, json.definition],
        examples: [
            .init("weir check orders.weir", "names each damaged region"),
            .init(
                "weir check orders.weir --repair repaired.weir",
                "writes what can be read to a new recording"),
        ])

    private static let repair = Option<FileArgument>.file(
        "repair", "FILE", "write what can be read to this new recording")
    private static let force = Flag("force", "replace the file if it exists")
    private static let json = Flag("json", "print one JSON object")

    private let file: FileArgument
    private let repaired: String?
    private let replaces: Bool
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        file = try arguments.file(0)
        switch try arguments.value(of: Self.repair) {
        case .standard: throw UsageError("--repair: a recording is written to a file; name one")
        case .path(let path): repaired = path
        case nil: repaired = nil
        }
        if let repaired, file == .path(repaired) {
            throw UsageError("--repair: \(repaired) is the recording itself; name another file")
        }
        try arguments.only(Self.force.definition, with: Self.repair.definition)
        replaces = arguments.has(Self.force)
        isJSON = arguments.has(Self.json)
    }

    func run(_ console: Console) throws(Failure) -> ExitCode {
        var reader = try RecordingFile.reader(file)
        if let repaired { try reader.bytes.refuseOverwriting(with: repaired, "--repair") }
        let check: RecordingCheck
        do throws(RecordingFileError) {
            check = try RecordingCheck(&reader)
        } catch {
            throw Failure(reading: reader.bytes.path, error)
        }
        let report = CheckReport(
            path: reader.bytes.path, state: reader.state, check: check,
            repaired: try writeRepaired(&reader))
        try console.write(isJSON ? report.json : report.text)
        return report.hasHoles ? .damaged : .done
    }

    /// Writes what can be read; where that was asked for, the file's path.
    private func writeRepaired(
        _ reader: inout RecordingReader<RecordingFile>
    ) throws(Failure) -> String? {
        guard let repaired else { return nil }
        let new = try RecordingFileSink(creating: repaired, replacing: replaces)
        let written: RecordingFileSink
        do throws(RecordingFileError) {
            written = try RecordingCheck.repair(&reader, to: new).sink
        } catch {
            if case .cannotWrite = error { throw Failure(.unwritable, "\(repaired): \(error)") }
            throw Failure(reading: reader.bytes.path, error)
        }
        try written.finish()
        return repaired
    }
}
