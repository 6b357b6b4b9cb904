import CLinux
import Glibc

/// What stands where: folders made, files renamed, links set, small files read and written whole.
package enum Folder {
    /// Makes a folder and those above it that are missing.
    package static func make(_ path: String) throws(FileError) {
        let result = weir_make_directory(path)
        if result == 0 || isFolder(path) { return }
        guard result == -ENOENT, let parent = parent(of: path) else {
            throw FileError(FileError.makeFolder, path, Errno(result: result))
        }
        try make(parent)
        let again = weir_make_directory(path)
        if again == 0 || isFolder(path) { return }
        throw FileError(FileError.makeFolder, path, Errno(result: again))
    }

    package static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Something stands there, be it a link that leads nowhere.
    package static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Moves a file within a file system; what stood at `target` is replaced.
    package static func rename(_ path: String, to target: String) throws(FileError) {
        let result = weir_rename(path, target)
        guard result == 0 else { throw FileError("rename", path, Errno(result: result)) }
    }

    package static func remove(_ path: String) throws(FileError) {
        let result = weir_unlink(path)
        guard result == 0 else { throw FileError("remove", path, Errno(result: result)) }
    }

    /// The names of what is in a folder, in order. More than `limit` is an error (`EFBIG`).
    package static func names(in path: String, limit: Int) throws(FileError) -> [String] {
        guard let folder = opendir(path) else { throw FileError("list", path, Errno(code: errno)) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { start in
                start.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
                    String(cString: $0)
                }
            }
            guard name != ".", name != ".." else { continue }
            guard names.count < limit else { throw FileError("list", path, .fileTooLarge) }
            names.append(name)
        }
        return names.sorted()
    }

    /// Removes a folder with all that is in it; links are removed, not followed.
    /// - Parameter depth: so many folders in each other; deeper is an error (`EFBIG`).
    package static func removeAll(_ path: String, depth: Int) throws(FileError) {
        guard depth > 0 else { throw FileError("remove", path, .fileTooLarge) }
        for name in try names(in: path, limit: 1 << 20) {
            let inner = "\(path)/\(name)"
            var status = stat()
            let isFolder = lstat(inner, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            if isFolder { try removeAll(inner, depth: depth - 1) } else { try remove(inner) }
        }
        guard rmdir(path) == 0 else { throw FileError("remove", path, Errno(code: errno)) }
    }

    /// Lets `path` be a symbolic link to `target`, instead of what link stood there, at one blow.
    package static func link(_ path: String, to target: String) throws(FileError) {
        let new = "\(path).\(getpid())"
        _ = weir_unlink(new)
        let result = weir_symbolic_link(target, new)
        guard result == 0 else { throw FileError("link", path, Errno(result: result)) }
        do throws(FileError) {
            try rename(new, to: path)
        } catch {
            _ = weir_unlink(new)
            throw FileError("link", path, error.errno)
        }
    }

    /// All bytes of a file, or of the standard input (`-`). More than `limit` is an error
    /// (`EFBIG`).
    /// - Parameter takesPipes: also of a pipe, whose writer is waited for; else that is an error
    ///   (`ESPIPE`), and so is a device.
    package static func contents(
        of path: String, limit: Int, takesPipes: Bool = false
    ) throws(FileError) -> [UInt8] {
        let descriptor =
            try path == "-"
            ? standardInput()
            : open("read", path, O_RDONLY | (takesPipes ? 0 : O_NONBLOCK))
        if path != "-", !takesPipes { try refuse(descriptor, path, limit: limit) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = weir_read(descriptor.raw, &buffer, buffer.count)
            guard count >= 0 else { throw FileError("read", path, Errno(result: count)) }
            if count == 0 { return bytes }
            bytes += buffer.prefix(count)
            if bytes.count > limit {
                throw FileError("read", path, .fileTooLarge, limit: limit)
            }
        }
    }

    /// What is no file, or is longer than what is read of one.
    private static func refuse(
        _ descriptor: borrowing FileDescriptor, _ path: String, limit: Int
    ) throws(FileError) {
        var status = stat()
        guard fstat(descriptor.raw, &status) == 0 else {
            throw FileError("read", path, Errno(code: errno))
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw FileError("read", path, .isDirectory)
        default: throw FileError("read", path, .notSeekable)
        }
        if status.st_size > limit { throw FileError("read", path, .fileTooLarge, limit: limit) }
    }

    /// Writes a whole file that only its owner may read: there are all bytes or what was there
    /// before.
    package static func write(
        _ bytes: [UInt8], to path: String, replacing: Bool = false
    ) throws(FileError) {
        if !replacing, exists(path) { throw FileError("create", path, .exists) }
        let new = "\(path).\(getpid())"
        do throws(FileError) {
            let descriptor = try open("create", new, O_WRONLY | O_CREAT | O_TRUNC)
            try write(bytes, to: descriptor, new)
            let result = weir_synchronize(descriptor.raw)
            guard result == 0 else { throw FileError("write", path, Errno(result: result)) }
            try rename(new, to: path)
        } catch {
            _ = weir_unlink(new)
            throw FileError(error.doing, path, error.errno)
        }
    }

    private static func standardInput() throws(FileError) -> FileDescriptor {
        let copy = fcntl(0, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw FileError("read", "standard input", Errno(code: EBADF)) }
        return FileDescriptor(owning: copy)
    }

    static func open(
        _ doing: String, _ path: String, _ flags: Int32
    ) throws(FileError) -> FileDescriptor {
        let result = weir_open(path, flags, 0o600)
        guard result >= 0 else { throw FileError(doing, path, Errno(code: -result)) }
        return FileDescriptor(owning: result)
    }

    static func write(
        _ bytes: [UInt8], to descriptor: borrowing FileDescriptor, _ path: String
    ) throws(FileError) {
        guard !bytes.isEmpty else { return }
        let result = weir_write(descriptor.raw, bytes, bytes.count)
        guard result == 0 else { throw FileError("write", path, Errno(result: result)) }
    }

    private static func parent(of path: String) -> String? {
        let end = path.lastIndex { $0 != "/" }
        guard let end, let slash = path[...end].lastIndex(of: "/") else { return nil }
        let parent = path[..<slash]
        return parent.isEmpty ? nil : String(parent)
    }
}

/// A file that grows line by line while a session runs: who follows it sees each line whole.
package final class LineFile {
    /// So much is gathered before it is written.
    static let bufferBytes = 64 << 10

    package let path: String
    private let descriptor: FileDescriptor
    private var waiting: [UInt8] = []

    /// Creates the file, readable by its owner alone; an error when it exists, unless `replacing`.
    package init(creating path: String, replacing: Bool = false) throws(FileError) {
        self.path = path
        let flags = O_WRONLY | O_CREAT | O_APPEND | (replacing ? O_TRUNC : O_EXCL)
        descriptor = try Folder.open("create", path, flags)
    }

    /// Adds a line; its end is put behind it. It is in the file after the next `flush`.
    package func append(_ line: some Sequence<UInt8>) throws(FileError) {
        waiting += line
        waiting.append(UInt8(ascii: "\n"))
        if waiting.count >= Self.bufferBytes { try flush() }
    }

    package func append(_ line: String) throws(FileError) { try append(line.utf8) }

    /// Writes what is waiting. After an error that is given up: a full disk does not fill memory.
    package func flush() throws(FileError) {
        defer { waiting.removeAll(keepingCapacity: true) }
        try Folder.write(waiting, to: descriptor, path)
    }

    deinit { try? flush() }
}
