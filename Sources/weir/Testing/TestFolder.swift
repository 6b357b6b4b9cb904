import Platform
import Reactions
import Text

/// A folder that holds all of one test.
///
/// ```
/// test.json        what was asked for
/// log              what was logged, as JSON Lines
/// clean-1 …        a run folder for each clean run, and seed-7 for each disturbed one
/// seed-7/again-1   the same schedule again, because answers were late; clean-3/again-1 too
/// blame/, shrunk/  runs that were made to learn more of a symptom
/// regressions/     those of what broke the service before
/// verdict.json     the result; written last
/// ```
struct TestFolder: Sendable {
    /// So many folders stand in each other at most.
    private static let depth = 8
    static let regressions = TestResult.JudgedRun.regressions

    let path: String

    var asked: String { path + "/test.json" }
    var verdict: String { path + "/verdict.json" }
    var log: String { path + "/log" }

    /// Makes a new folder in `runs`, and lets `runs/latest` be it.
    static func make(seed: UInt64, at time: Timestamp) throws(Failure) -> TestFolder {
        TestFolder(path: try RunFolder.make(seed: seed, at: time).path)
    }

    /// Makes the folder with this path, or takes it if it holds no test.
    /// - Parameter replaces: what an earlier test left there is removed, and nothing else.
    static func make(_ path: String, replacing replaces: Bool) throws(Failure) -> TestFolder {
        let folder = TestFolder(path: path)
        let shown = EscapedText(path)
        let isTest = Folder.exists(folder.asked) || Folder.exists(folder.verdict)
        guard !isTest || replaces else {
            throw Failure(
                .usage,
                "\(shown) holds a test; name another folder, or replace it with --force")
        }
        do throws(FileError) {
            if isTest { try folder.clear() }
            try Folder.make(path)
        } catch {
            throw Failure(.unwritable, "\(error)")
        }
        // Also refuses a folder that holds a replay.
        _ = try RunFolder.make(path, replacing: false)
        return folder
    }

    private func clear() throws(FileError) {
        for name in try Folder.names(in: path, limit: 1 << 20) {
            let inner = "\(path)/\(name)"
            let isOfTest =
                ["blame", "shrunk", Self.regressions].contains(name)
                || ["clean-", "seed-", "less-"].contains { name.hasPrefix($0) }
            if isOfTest, Folder.isFolder(inner) {
                try Folder.removeAll(inner, depth: Self.depth)
            }
        }
        for file in [asked, verdict, log] where Folder.exists(file) { try Folder.remove(file) }
    }

    /// A run's folder in it, made new.
    func run(_ name: String) throws(Failure) -> RunFolder {
        try RunFolder.make("\(path)/\(name)", replacing: false)
    }

    func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        do throws(FileError) {
            try Folder.write(bytes, to: path, replacing: true)
        } catch {
            throw Failure(.unwritable, "\(error)")
        }
    }
}
