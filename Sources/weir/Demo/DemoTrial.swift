import Platform
import Reactions
import Reports
import Text

/// One subject's test, run as `weir test` runs it, and what `weir shrink` makes of it.
struct DemoTrial: Sendable {
    var subject: DemoSubject
    var folder: String
    var result: TestResult
    /// What `weir shrink` printed; nil where nothing was shrunk.
    var shrunk: String?
}

extension DemoTrial {
    /// Tests it.
    /// - Parameters:
    ///   - recording: the recording's path.
    ///   - program: how this program is started.
    ///   - folder: where the test is kept.
    ///   - replaces: a test that is in the folder is replaced.
    init(
        _ subject: DemoSubject, on recording: String, seed: UInt64, program: String,
        into folder: String, replacing replaces: Bool, _ console: Console
    ) throws(Failure) {
        let words =
            ["--run", folder] + (replaces ? ["--force"] : [])
            + subject.words(testing: recording, seed: seed, program: program)
        _ = try Self.run(TestCommand.self, words, console)
        let path = TestFolder(path: folder).verdict
        let bytes = try FileArgument.path(path).contents(limit: TestResult.maximumFileBytes)
        do throws(DocumentError) {
            self.init(
                subject: subject, folder: folder,
                result: try TestResult(reading: bytes, file: path))
        } catch {
            throw Failure(.defect, "\(error)")
        }
    }

    /// Looks for the smallest set of faults that still shows what the test found.
    /// - Parameter program: how this program is started; it is shown as `weir`.
    mutating func shrink(
        program: String, replacing replaces: Bool, _ console: Console
    ) throws(Failure) {
        let text = try Self.run(
            ShrinkCommand.self, [folder] + (replaces ? ["--force"] : []), console)
        shrunk = text.replacing(shellQuoted(program), with: "weir")
    }

    /// Runs a command in this process.
    /// - Returns: what it printed.
    private static func run<Verb: Command>(
        _ verb: Verb.Type, _ words: [String], _ console: Console
    ) throws(Failure) -> String {
        let command: Verb
        do throws(UsageError) {
            command = try Verb(ArgumentParser.parse(words, for: Verb.specification))
        } catch {
            throw Failure(.defect, "the demo's own command is refused: \(error)")
        }
        let output = CollectedOutput()
        let code = try command.run(console.writing(to: output))
        if code == .interrupted || code == .terminated { throw Failure(code, "") }
        return output.text
    }
}

/// Keeps what a command prints.
final class CollectedOutput: TextOutput {
    private(set) var text = ""

    let terminalWidth: Int? = nil

    func write(_ text: String) { self.text += text }

    func offer(_ text: String) -> Bool {
        write(text)
        return true
    }
}
