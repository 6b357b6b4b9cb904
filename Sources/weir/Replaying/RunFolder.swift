import Faults
import Platform
import Text

/// A folder that holds all of one replay.
///
/// ```
/// plan.json         the rules and the seed, where they came from a plan
/// schedule.jsonl    which strikes were planned
/// outcomes.jsonl    what became of each
/// replay.weir       what really happened, as a recording
/// reactions.jsonl   what the consumer did, while it did it
/// log               what was logged, as JSON Lines
/// summary.json      the sums; written last: its presence says that all is there
/// ```
struct RunFolder: Sendable {
    /// Where folders are made that have no name of their own.
    static let parent = "runs"
    /// A name that is taken gets a number, up to this.
    private static let mostOfOneName = 1_000

    let path: String

    var plan: String { path + "/plan.json" }
    var schedule: String { path + "/schedule.jsonl" }
    var outcomes: String { path + "/outcomes.jsonl" }
    var recording: String { path + "/replay.weir" }
    var reactions: String { path + "/reactions.jsonl" }
    var log: String { path + "/log" }
    var summary: String { path + "/summary.json" }

    private var files: [String] {
        [summary, plan, schedule, outcomes, recording, reactions, log]
    }

    /// Makes a new folder `runs/<UTC time>-<seed>`, and lets `runs/latest` be it.
    static func make(seed: UInt64, at time: Timestamp) throws(Failure) -> RunFolder {
        let name = "\(time.fileName)-\(seed)"
        var folder = RunFolder(path: "\(parent)/\(name)")
        for number in 2...mostOfOneName where Folder.exists(folder.path) {
            folder = RunFolder(path: "\(parent)/\(name)-\(number)")
        }
        guard !Folder.exists(folder.path) else {
            throw Failure(
                .usage,
                "\(folder.path) exists, and so do \(mostOfOneName) like it; name a folder "
                    + "with --run")
        }
        do throws(FileError) {
            try Folder.make(folder.path)
            let name = folder.path.dropFirst(parent.count + 1)
            try Folder.link("\(parent)/latest", to: String(name))
        } catch {
            throw Failure(.unwritable, "\(error)")
        }
        return folder
    }

    /// Makes the folder with this path, or takes it if it holds no run.
    /// - Parameter replaces: what an earlier run left there is removed.
    static func make(_ path: String, replacing replaces: Bool) throws(Failure) -> RunFolder {
        let folder = RunFolder(path: path)
        let existing = folder.files.filter(Folder.exists)
        if let file = existing.first, !replaces {
            throw Failure(
                .usage,
                "\(EscapedText(file)) exists: the folder holds a run; name another one, or replace "
                    + "it with --force")
        }
        do throws(FileError) {
            for file in existing { try Folder.remove(file) }
            try Folder.make(path)
        } catch {
            throw Failure(.unwritable, "\(error)")
        }
        return folder
    }

    /// Writes what is known before anything runs.
    func write(_ schedule: Schedule, of plan: Plan?) throws(Failure) {
        do throws(FileError) {
            if let plan { try Folder.write(Array(PlanFile.write(plan).utf8), to: self.plan) }
            try Folder.write(ScheduleWriter.bytes(schedule), to: self.schedule)
        } catch {
            throw Failure(.unwritable, "\(error)")
        }
    }
}

/// What is said while a run goes on: on the terminal, and in the run folder's `log`.
final class RunLog {
    private let console: Console
    private let file: LineFile
    private let lines: Log
    /// Why the file could not be written any more.
    private(set) var failure: FileError?

    init(_ console: Console, creating path: String) throws(Failure) {
        self.console = console
        do throws(FileError) {
            file = try LineFile(creating: path)
        } catch {
            throw Failure(.unwritable, "\(error)")
        }
        lines = Log(format: .json, clock: { Timestamp(nanoseconds: WallClock.read()) })
    }

    func log(_ level: LogLevel, _ type: String, _ message: String) {
        console.log(level, type, message)
        note(level, type, message)
    }

    /// Only in the file: it is said elsewhere.
    func note(_ level: LogLevel, _ type: String, _ message: String) {
        guard failure == nil, let line = lines.line(level, type, message) else { return }
        do throws(FileError) {
            try file.append(String(line.dropLast()))
            try file.flush()
        } catch {
            failure = error
        }
    }
}
