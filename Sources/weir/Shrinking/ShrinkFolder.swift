import Platform
import Text

/// A folder that holds the smallest test that was found.
///
/// ```
/// recording.weir   the part of the recording that is left
/// schedule.jsonl   the strikes and conditions that are left
/// shrunk.json      what the search came to; written last
/// journal.jsonl    what each candidate showed, for --resume
/// tries/           what is run at the moment
/// ```
struct ShrinkFolder {
    let path: String

    var recording: String { path + "/recording.weir" }
    var schedule: String { path + "/schedule.jsonl" }
    var result: String { path + "/shrunk.json" }
    var journal: String { path + "/journal.jsonl" }
    var tries: String { path + "/tries" }

    /// So many folders stand in each other at most.
    private static let depth = 8

    /// Makes it, or takes one that holds no search; with `replacing` what a search left there goes,
    /// and nothing else.
    static func make(_ path: String, replacing replaces: Bool) throws(Failure) -> ShrinkFolder {
        let folder = ShrinkFolder(path: path)
        let files = [folder.journal, folder.result, folder.recording, folder.schedule]
        let existing = files.filter(Folder.exists)
        guard existing.isEmpty || replaces else {
            throw Failure(
                .usage,
                "\(EscapedText(path)) holds a search already; go on with it by --resume, start "
                    + "anew with --force, or name another folder with --output")
        }
        do throws(FileError) {
            for file in existing { try Folder.remove(file) }
            try Folder.make(path)
        } catch {
            throw Failure(.unwritable, "\(error)")
        }
        try folder.clearTries()
        return folder
    }

    /// Takes one that an earlier search has left.
    static func open(_ path: String) throws(Failure) -> ShrinkFolder {
        let folder = ShrinkFolder(path: path)
        guard Folder.exists(folder.journal) else {
            throw Failure(
                .usage,
                "\(EscapedText(path)) holds no search to go on with (no journal.jsonl); leave "
                    + "--resume out")
        }
        try folder.clearTries()
        return folder
    }

    func clearTries() throws(Failure) {
        guard Folder.exists(tries) else { return }
        do throws(FileError) {
            try Folder.removeAll(tries, depth: Self.depth)
        } catch {
            throw Failure(.unwritable, "\(error)")
        }
    }

    func write(_ text: String) throws(Failure) {
        do throws(FileError) {
            try Folder.write(Array(text.utf8), to: result, replacing: true)
        } catch {
            throw Failure(.unwritable, "\(error)")
        }
    }
}
