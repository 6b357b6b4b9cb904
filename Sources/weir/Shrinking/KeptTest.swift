import Faults
import Platform
import Reactions
import Recordings
import Reports
import Text

/// A test as its folder keeps it: how it was asked for, and what came of it.
struct KeptTest {
    let folder: TestFolder
    /// As it was typed, the verb left out.
    let words: [String]
    let command: TestCommand
    let identity: String
    let result: TestResult

    /// A longer `test.json` is refused.
    private static let maximumBytes = 16 << 20

    init(_ path: String) throws(Failure) {
        folder = TestFolder(path: path)
        let shown = EscapedText(path)
        guard Folder.isFolder(path) else {
            throw Failure(
                .usage, "\(shown) is not a folder; name the folder of a test, like runs/latest")
        }
        guard Folder.exists(folder.asked) else {
            throw Failure(
                .usage,
                "\(shown) holds no test: there is no test.json in it; name the folder of a test, "
                    + "like runs/latest")
        }
        guard Folder.exists(folder.verdict) else {
            throw Failure(
                .usage,
                "\(shown) holds a test that did not come to its end: there is no verdict.json in "
                    + "it; run the test again")
        }
        let asked = try Self.read(folder.asked, limit: Self.maximumBytes)
        let verdict = try Self.read(folder.verdict, limit: TestResult.maximumFileBytes)
        do throws(DocumentError) {
            (words, identity) = try Self.asked(asked, file: folder.asked)
            result = try TestResult(reading: verdict, file: folder.verdict)
        } catch {
            throw Failure(.usage, error.description)
        }
        do throws(UsageError) {
            command = try TestCommand(
                ArgumentParser.parse(words, for: TestCommand.specification))
        } catch {
            throw Failure(.usage, "\(EscapedText(folder.asked)): arguments: \(error)")
        }
    }

    private static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        do throws(FileError) {
            return try Folder.contents(of: path, limit: limit)
        } catch {
            throw Failure(.usage, "\(error)")
        }
    }

    private static func asked(
        _ bytes: [UInt8], file: String
    ) throws(DocumentError) -> (words: [String], identity: String) {
        var fields = try JSONField(reading: bytes, file: file).object()
        let type = try fields.require("type")
        guard try type.string() == "test" else {
            throw type.error("this is no test's file; write \"test\"")
        }
        let version = try fields.require("version")
        guard try version.count() == UInt64(TestCommand.askedVersion) else {
            throw version.error(
                "version \(try version.count()) is not known here; "
                    + "this is \(TestCommand.askedVersion)")
        }
        var words: [String] = []
        for word in try fields.require("arguments").elements() {
            words.append(try word.string())
        }
        // What else it says follows from these.
        return (words, try fields.require("identity").string())
    }

    /// The words with another recording and its schedule, and without what was asked for in its
    /// place; what names a folder and a form of output is left out too.
    func words(
        testing recording: String, _ schedule: String, isAsap: Bool
    ) -> [String] {
        var dropped = Set(FaultOptions.definitions.map(\.name))
        dropped.formUnion([
            "schedule", "seeds", "run", "force", "json", "quiet", "log-format", "no-blame",
            "strict", "regressions",
        ])
        if isAsap { dropped.formUnion(["pacing", "speed", "max-gap"]) }
        let end = words.firstIndex(of: "--") ?? words.endIndex
        var kept = [recording]
        var rest = words[..<end]
        while let word = rest.popFirst() {
            guard word.hasPrefix("-"), word != "-" else { continue }
            guard word.hasPrefix("--") else { continue }
            let name = String(word.dropFirst(2).prefix { $0 != "=" })
            let option = TestCommand.specification.allOptions.first { $0.name == name }
            let takesNext = option?.placeholder != nil && !word.contains("=")
            let value = takesNext ? rest.popFirst() : nil
            guard !dropped.contains(name) else { continue }
            kept.append(word)
            if let value { kept.append(value) }
        }
        kept += ["--schedule", schedule]
        if isAsap { kept += ["--pacing", "asap"] }
        return kept + words[end...]
    }
}

extension KeptTest {
    /// What is to be shrunk of it.
    struct Subject {
        var run: TestResult.JudgedRun
        /// From 1, as the verdict lists them.
        var number: Int
        var symptom: Symptom
        var schedule: ScheduleFile
    }

    /// - Parameters:
    ///   - seed: of the run; nil: the one that earned the verdict.
    ///   - number: of its symptoms, from 1; nil: the first that makes a failure.
    func subject(seed: UInt64?, symptom number: UInt64?) throws(Failure) -> Subject {
        let shown = EscapedText(folder.path)
        // What was found before is small already, and of another recording.
        let runs = result.runs.filter { !$0.folder.hasPrefix(TestFolder.regressions + "/") }
        let deciding = runs.first { $0.judgement.verdict == result.verdict } ?? runs.first
        let run = seed.map { seed in runs.first { $0.seed == seed } } ?? deciding
        guard let run else {
            let seeds = runs.map { "\($0.seed)" }.joined(separator: ", ")
            throw Failure(
                .usage,
                seed == nil
                    ? "\(shown) has no disturbed run; run the test again"
                    : "--seed: \(shown) has no run of this seed; it has \(seeds)")
        }
        let symptoms = run.judgement.symptoms
        // What is late comes and goes with the machine; what is wrong stays wrong.
        let first =
            symptoms.firstIndex { $0.isEffect && $0.kind != .delayed }
            ?? symptoms.firstIndex(where: \.isEffect) ?? symptoms.indices.first
        guard let first else {
            throw Failure(
                .inconclusive,
                "\(shown): \(run.folder) shows no symptom (\(run.judgement.verdict.rawValue)), so "
                    + "that there is nothing to shrink")
        }
        let index = number.map { Int(clamping: $0) - 1 } ?? first
        guard symptoms.indices.contains(index) else {
            throw Failure(
                .usage,
                "--symptom: \(run.folder) has \(symptoms.count) of them; write a number from 1 to "
                    + "\(symptoms.count)")
        }
        let path = "\(folder.path)/\(run.folder)/schedule.jsonl"
        let bytes = try Self.read(path, limit: ScheduleFile.maximumBytes)
        do throws(DocumentError) {
            return Subject(
                run: run, number: index + 1, symptom: symptoms[index],
                schedule: try ScheduleFile.read(bytes, file: path))
        } catch {
            throw Failure(.usage, error.description)
        }
    }
}
