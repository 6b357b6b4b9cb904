import CLinux
import Glibc

/// The three files that a process begins with.
package enum StandardFile: Int32, Sendable {
    case input = 0
    case output = 1
    case error = 2

    /// Writes all of it, and waits for that.
    /// - Throws: `.brokenPipe` once nobody reads; after `ignoreClosedPipes`, else it is a signal.
    package func write(_ bytes: Span<UInt8>) throws(Errno) {
        var start = 0
        while start < bytes.count {
            let rest = bytes.extracting(start..<bytes.count)
            // The buffer is used within the call only.
            let count = rest.withUnsafeBytes { Glibc.write(rawValue, $0.baseAddress, $0.count) }
            guard count < 0 else {
                start += count
                continue
            }
            try wait(after: errno, for: Int16(POLLOUT))
        }
    }

    /// Writes as much as is taken without waiting: a reader that went to sleep holds up nobody.
    /// - Returns: whether all of it was taken.
    /// - Throws: as `write` does.
    package func offer(_ bytes: Span<UInt8>) throws(Errno) -> Bool {
        var start = 0
        while start < bytes.count {
            var poll = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
            guard Glibc.poll(&poll, 1, 0) > 0 else { return false }
            let piece = bytes.extracting(start..<min(bytes.count, start + Self.pieceBytes))
            let count = piece.withUnsafeBytes { Glibc.write(rawValue, $0.baseAddress, $0.count) }
            if count >= 0 {
                start += count
            } else if errno == EAGAIN {
                return false
            } else if errno != EINTR {
                throw Errno(code: errno)
            }
        }
        return true
    }

    /// A pipe that says it is writable takes so much at once (`PIPE_BUF`).
    private static let pieceBytes = 4_096

    /// Appends what there is to read, up to `limit` bytes, and waits for it.
    /// - Returns: how many bytes; 0 at the end.
    package func read(into bytes: inout [UInt8], limit: Int = 65_536) throws(Errno) -> Int {
        var buffer = [UInt8](repeating: 0, count: limit)
        while true {
            let count = buffer.withUnsafeMutableBytes {
                Glibc.read(rawValue, $0.baseAddress, $0.count)
            }
            guard count < 0 else {
                bytes += buffer[..<count]
                return count
            }
            try wait(after: errno, for: Int16(POLLIN))
        }
    }

    package var isTerminal: Bool { isatty(rawValue) == 1 }

    /// The columns of the terminal; nil where it is none or does not say.
    package var terminalWidth: Int? {
        var size = winsize()
        guard ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// A file that someone else made non-blocking is waited for; a call that a signal interrupted
    /// is made again.
    private func wait(after code: Int32, for events: Int16) throws(Errno) {
        guard code != EINTR else { return }
        guard code == EAGAIN else { throw Errno(code: code) }
        var poll = pollfd(fd: rawValue, events: events, revents: 0)
        _ = Glibc.poll(&poll, 1, -1)
    }
}

/// What a process was started with, and how it ends.
package enum ProcessEnvironment {
    /// The variable's value; nil where it is not set.
    package static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// The path of the program that runs (proc(5), `/proc/self/exe`); nil where it cannot be told,
    /// or is longer than 4,096 bytes.
    package static var program: String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4_097) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let count = readlink("/proc/self/exe", start, 4_096)
            guard count > 0, count < 4_096 else { return nil }
            start[count] = 0
            return String(cString: start)
        }
    }

    /// Puts something in the place of each standard file that is closed, so that no socket or file
    /// of ours gets its number and hears the log: it can be neither read nor written.
    package static func holdStandardFiles() { weir_hold_standard_files() }

    /// Writing to a pipe or socket that nobody reads becomes an error instead of the process's end.
    package static func ignoreClosedPipes() { signal(SIGPIPE, SIG_IGN) }

    /// Ends the process at once, with this code for its parent.
    package static func exit(_ code: Int32) -> Never { Glibc.exit(code) }
}
