import Foundation

/// Commands in bash; `$1` is the built binary, `$2` and on are further words.
enum BashRun {
    static func run(_ commands: String, _ words: [String] = []) throws -> WeirProcess.Result {
        try WeirProcess(
            URL(fileURLWithPath: "/bin/bash"),
            ["-c", commands, "bash", try WeirProcess.binary().path] + words
        ).finish()
    }
}
