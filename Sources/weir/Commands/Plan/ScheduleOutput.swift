import Platform

/// A schedule's file: it is there as a whole, or not at all.
final class ScheduleOutput {
    private let path: String
    private let partial: String
    private let replaces: Bool
    private var file: LineFile?

    init(path: String, replacing: Bool) throws(Failure) {
        self.path = path
        partial = path + ".partial"
        replaces = replacing
        do throws(FileError) {
            if !replacing, Folder.exists(path) { throw FileError("create", path, .exists) }
            file = try LineFile(creating: partial, replacing: true)
        } catch {
            throw Self.failure(error)
        }
    }

    /// - Parameter lines: whole lines, their ends included.
    func write(_ lines: [UInt8]) throws(Failure) {
        guard let file else { return }
        do throws(FileError) {
            for line in lines.split(separator: UInt8(ascii: "\n")) { try file.append(line) }
        } catch {
            throw Self.failure(error)
        }
    }

    func finish() throws(Failure) {
        do throws(FileError) {
            try file?.flush()
            file = nil
            if !replaces, Folder.exists(path) { throw FileError("create", path, .exists) }
            try Folder.rename(partial, to: path)
        } catch {
            throw Self.failure(error)
        }
    }

    deinit {
        // Not finished: something else has failed and is said.
        if file != nil { try? Folder.remove(partial) }
    }

    private static func failure(_ error: FileError) -> Failure {
        Failure(error.errno == .exists ? .usage : .unwritable, error.description)
    }
}
