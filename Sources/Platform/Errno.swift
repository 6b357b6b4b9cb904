import CLinux
import Glibc

/// The kernel's error number.
package struct Errno: Error, Hashable, Sendable, CustomStringConvertible {
    package var code: Int32

    package init(code: Int32) { self.code = code }

    /// What the C library says of it, in lower case: `connection refused`.
    package var description: String {
        var buffer = [CChar](repeating: 0, count: 128)
        guard let text = weir_strerror(code, &buffer, buffer.count) else { return "error \(code)" }
        let words = String(cString: text)
        return words.prefix(1).lowercased() + words.dropFirst()
    }

    package static let wouldBlock = Errno(code: EAGAIN)
    package static let interrupted = Errno(code: EINTR)
    package static let connectionReset = Errno(code: ECONNRESET)
    package static let connectionRefused = Errno(code: ECONNREFUSED)
    package static let timedOut = Errno(code: ETIMEDOUT)
    package static let hostUnreachable = Errno(code: EHOSTUNREACH)
    package static let networkUnreachable = Errno(code: ENETUNREACH)
    package static let brokenPipe = Errno(code: EPIPE)
    package static let addressInUse = Errno(code: EADDRINUSE)
    package static let noSpace = Errno(code: ENOSPC)
    package static let noEntry = Errno(code: ENOENT)
    package static let exists = Errno(code: EEXIST)
    package static let tooManyDescriptors = Errno(code: EMFILE)
    package static let tooManyOpenFiles = Errno(code: ENFILE)
    package static let invalidArgument = Errno(code: EINVAL)
}

extension Errno {
    /// Takes what a call returned: a number, or -errno.
    @discardableResult
    static func check<Number: SignedInteger & FixedWidthInteger>(
        _ result: Number
    ) throws(Errno) -> Number {
        guard result >= 0 else { throw Errno(code: Int32(truncatingIfNeeded: -result)) }
        return result
    }
}
