import Platform

/// Where text goes: standard output or standard error, or an array in a test.
protocol TextOutput: AnyObject {
    func write(_ text: String) throws(Errno)
    /// Writes what is taken without waiting; whether that was all.
    func offer(_ text: String) throws(Errno) -> Bool
    /// Columns of the terminal; nil where it is none.
    var terminalWidth: Int? { get }
}

/// One of the process's own files.
final class StandardOutput: TextOutput {
    private let file: StandardFile
    private let isTerminal: Bool

    init(_ file: StandardFile) {
        self.file = file
        isTerminal = file.isTerminal
    }

    func write(_ text: String) throws(Errno) {
        let bytes = Array(text.utf8)
        try file.write(bytes.span)
    }

    func offer(_ text: String) throws(Errno) -> Bool {
        let bytes = Array(text.utf8)
        return try file.offer(bytes.span)
    }

    /// Asked anew each time: a window changes its size.
    var terminalWidth: Int? { isTerminal ? file.terminalWidth ?? Self.usualWidth : nil }

    private static let usualWidth = 80
}
