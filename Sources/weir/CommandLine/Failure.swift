/// Why a command ends without what it was asked for: one message, and the exit code.
struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    var code: ExitCode
    /// Starts in lower case, names the thing, ends with the next step; empty where nothing is said.
    var message: String

    init(_ code: ExitCode, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Who read the output has gone, as `head` does: no mistake, and nobody to tell.
    static let outputClosed = Failure(.done, "")

    var description: String { message }
}

/// What is wrong with the arguments.
struct UsageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// `--jitter: "20" has no unit; write "20ms"`.
    var message: String

    init(_ message: String) { self.message = message }

    var description: String { message }
}
