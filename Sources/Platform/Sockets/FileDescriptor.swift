import CLinux

/// A descriptor of the kernel with one owner; closed when the owner lets it go.
package struct FileDescriptor: ~Copyable {
    /// The kernel's number; -1 once closed.
    package private(set) var raw: Int32

    /// Takes over a descriptor that nothing else closes.
    package init(owning raw: Int32) {
        precondition(raw >= 0, "\(raw) is no descriptor")
        self.raw = raw
    }

    /// Takes what a call returned: a descriptor, or -errno.
    package init(result: Int32) throws(Errno) {
        guard result >= 0 else { throw Errno(code: -result) }
        raw = result
    }

    package var isOpen: Bool { raw >= 0 }

    /// Closes it now. Harmless when it is closed.
    package mutating func close() {
        guard raw >= 0 else { return }
        _ = weir_close(raw)
        raw = -1
    }

    deinit {
        if raw >= 0 { _ = weir_close(raw) }
    }
}
