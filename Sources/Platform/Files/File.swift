import CLinux
import Glibc

/// An open file, read and written at places; closed when nobody holds it any more.
package final class File: Sendable {
    package let path: String
    private let descriptor: FileDescriptor

    private init(_ descriptor: consuming FileDescriptor, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    /// Opens a file to read, at places.
    package static func open(_ path: String) throws(FileError) -> File {
        // Opening a pipe would wait for whoever writes to it.
        let descriptor = try Self.descriptor("open", path, O_RDONLY | O_NONBLOCK)
        let file = File(descriptor, path: path)
        // Opening a folder succeeds, and only reading it would fail.
        guard try !file.isDirectory else { throw FileError("read", path, .isDirectory) }
        guard try file.isRegular else { throw FileError("read", path, .notSeekable) }
        return file
    }

    /// Creates a file that only its owner may read, empty and locked for as long as it is open.
    ///
    /// - Parameters:
    ///   - replacing: what stands there is emptied, unless another process has it locked; else it
    ///     is an error (`EEXIST`).
    ///   - isDirect: past the page cache (`O_DIRECT`) where the file system can; `isDirect` tells.
    package static func create(
        _ path: String, replacing: Bool = false, isDirect: Bool = false
    ) throws(FileError) -> File {
        // Not emptied by opening: another process may be writing it.
        let flags = O_RDWR | O_CREAT | (replacing ? 0 : O_EXCL)
        let file = File(try Self.descriptor("create", path, flags), path: path)
        try file.checked("create", weir_lock)
        guard try !file.isPipe else { throw FileError("write", path, .notSeekable) }
        if isDirect { _ = weir_set_direct(file.descriptor.raw, 1) }
        guard replacing, try file.isRegular else { return file }
        try file.truncate(to: 0)
        try file.checked("make private", { weir_set_mode($0, 0o600) })
        return file
    }

    /// How many bytes it has now.
    package var size: Int64 {
        get throws(FileError) { try status.size }
    }

    /// Reads at a place: as many bytes as the buffer has, fewer only at the end.
    package func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
    ) throws(FileError) -> Int {
        guard let start = buffer.baseAddress, !buffer.isEmpty else { return 0 }
        let count = weir_read_at(descriptor.raw, start, buffer.count, offset)
        guard count >= 0 else { throw FileError("read", path, Errno(result: count)) }
        return count
    }

    /// Writes all bytes at a place.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileError) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        var written = 0
        try checked("write") { weir_write_at($0, start, bytes.count, offset, &written) }
    }

    /// Waits until what was written will survive a power failure.
    package func synchronize() throws(FileError) {
        try checked("synchronize") { weir_synchronize($0) }
    }

    package func truncate(to size: Int64) throws(FileError) {
        try checked("truncate") { weir_truncate($0, size) }
    }

    /// From now on through the page cache: for what is not aligned. True when it was not before.
    @discardableResult
    package func clearDirect() throws(FileError) -> Bool {
        guard isDirect else { return false }
        try checked("change") { weir_set_direct($0, 0) }
        return true
    }

    /// It was not removed, moved or replaced since it was opened.
    package var isStillThere: Bool { isSame(as: path) }

    /// Whether what stands at `path` is this file, by whatever name.
    package func isSame(as path: String) -> Bool { weir_is_at(descriptor.raw, path) != 0 }

    /// It is a file, not a device or a pipe.
    package var isOnDisk: Bool { (try? isRegular) == true }

    /// It has no name any more: what is written to it is lost.
    package var isRemoved: Bool { weir_is_removed(descriptor.raw) == 1 }

    /// Whether writing goes past the page cache.
    package var isDirect: Bool { weir_is_direct(descriptor.raw) == 1 }

    /// Another process, or another open file of this one, is writing it.
    ///
    /// False where the file system has no locks.
    package var isBeingWritten: Bool { weir_is_locked(descriptor.raw) == 1 }
}

extension File {
    private var status: (size: Int64, mode: mode_t) {
        get throws(FileError) {
            var size: Int64 = 0
            var mode: mode_t = 0
            try checked("look at") { weir_file_status($0, &size, &mode) }
            return (size, mode)
        }
    }

    private var isRegular: Bool {
        get throws(FileError) { try status.mode & S_IFMT == S_IFREG }
    }

    private var isPipe: Bool {
        get throws(FileError) { try status.mode & S_IFMT == S_IFIFO }
    }

    private var isDirectory: Bool {
        get throws(FileError) { try status.mode & S_IFMT == S_IFDIR }
    }

    private static func descriptor(
        _ doing: String, _ path: String, _ flags: Int32
    ) throws(FileError) -> FileDescriptor {
        try descriptor(doing, path, result: weir_open(path, flags, 0o600))
    }

    private static func descriptor(
        _ doing: String, _ path: String, result: Int32
    ) throws(FileError) -> FileDescriptor {
        guard result >= 0 else { throw FileError(doing, path, Errno(code: -result)) }
        return FileDescriptor(owning: result)
    }

    @discardableResult
    private func checked(
        _ doing: String, _ call: (Int32) -> Int32
    ) throws(FileError) -> Int32 {
        let result = call(descriptor.raw)
        guard result >= 0 else { throw FileError(doing, path, Errno(code: -result)) }
        return result
    }
}

extension Errno {
    /// Of a call that returned -errno.
    init<Number: SignedInteger & FixedWidthInteger>(result: Number) {
        code = Int32(truncatingIfNeeded: -result)
    }
}
