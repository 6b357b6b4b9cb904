import Recordings
import Text

/// How runs of a test are observed and judged; the same for all runs of one test.
package struct JudgeSettings: Hashable, Sendable {
    package var framing: FramingChoice
    /// Whether every run begins with a reset: only then what differs between clean runs is masked.
    package var hasReset: Bool
    /// Who is judged: the server with `--to`, the client with `--listen`.
    package var consumer: Party
    /// What the user wants ignored in answers, pushes and turns; never in probes.
    package var ignored: [IgnoredField]
    /// A line of the consumer that matches says that something is wrong.
    package var loudLog: Pattern
    /// Whether lines of the consumer are read at all.
    package var hasConsumerLog: Bool
    /// What could not be played, because the recording has lost it; empty where it is whole.
    package var lost = ""
    /// An answer is late where it is above its limit by more than this, in nanoseconds: below it a
    /// machine's own hiccups are longer.
    package var latenessNanoseconds: Int64 = 20_000_000

    /// - Parameter loudLog: nil: `defaultLoudLog`.
    package init(
        framing: FramingChoice, hasReset: Bool, consumer: Party = .server,
        ignored: [IgnoredField] = [], loudLog: Pattern? = nil, hasConsumerLog: Bool = false
    ) {
        self.framing = framing
        self.hasReset = hasReset
        self.consumer = consumer
        self.ignored = ignored
        self.loudLog = loudLog ?? Self.builtInLoudLog
        self.hasConsumerLog = hasConsumerLog
    }

    /// The words with which programs say that something is wrong, in either case and inside longer
    /// words (`KeyError`, `failed`). Warnings count: a person who reads the log sees them. Words
    /// that a healthy run writes too (`errors: 0`) do no harm, because lines of the baseline are
    /// no signs.
    package static let defaultLoudLog =
        "(?i)error|exception|fatal|panic|traceback|critical|severe|alert|emerg|warn|fail|abort"
        + "|assert|refus|reject|invalid|corrupt|conflict|duplicate|timed out|timeout|segfault"
        + "|unexpected"

    package static let builtInLoudLog = built(defaultLoudLog)

    private static func built(_ text: String) -> Pattern {
        do {
            return try Pattern(parsing: text)
        } catch {
            preconditionFailure("a built-in pattern is wrong: \(error)")
        }
    }
}
