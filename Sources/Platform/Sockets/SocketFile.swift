import CLinux
import Glibc

/// The file of a Unix socket that is listened on: this very one, not what stands there later.
struct SocketFile {
    private let path: String
    private let device: dev_t
    private let inode: ino_t

    /// What stands at `path` now; nil when that is no socket.
    init?(at path: String) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
        self.path = path
        device = status.st_dev
        inode = status.st_ino
    }

    /// Removes it, unless something else stands there by now.
    func remove() {
        guard let now = SocketFile(at: path), now.device == device, now.inode == inode
        else { return }
        unlink(path)
    }

    /// Whether it was left behind by a process that is gone: nobody listens on it.
    var isStale: Bool {
        guard let address = SocketAddress.unix(path: path).kernel,
            let probe = try? FileDescriptor(result: weir_socket(AF_UNIX))
        else { return false }
        return withUnsafePointer(to: address) { weir_connect(probe.raw, $0) } == -ECONNREFUSED
    }
}
