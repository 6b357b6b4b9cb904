import CLinux

/// Ends a process group when this process is gone, even if SIGKILL took it: a shell, in a group of
/// its own, that reads from a pipe which only this process holds open.
///
/// A parent's death can also be a signal to its child (PR_SET_PDEATHSIG), but only the child itself
/// can ask for that, and what it started would not hear of it.
struct GroupWatch: ~Copyable {
    private let watcher: Int32
    private let pipe: FileDescriptor

    /// - Parameter group: led by a child of this process that has not been taken away.
    init(of group: Int32) throws(Errno) {
        var watcher: Int32 = 0
        pipe = try FileDescriptor(result: weir_watch_group(group, &watcher))
        self.watcher = watcher
    }

    /// The group is nobody's from now on; before its leader is taken away, so that the number is
    /// not another's by then.
    deinit { weir_remove(watcher) }
}
