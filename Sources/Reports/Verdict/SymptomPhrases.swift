import Reactions
import Recordings
import Text

/// A symptom in words, for every report alike. What came from outside is made printable.
extension Symptom {
    /// More columns than this of a name are not shown.
    static let shownName = 60

    /// `connection 3, message 21: the answer differs from byte 1 on`
    package var sentence: String { "\(place.words): \(finding)" }

    /// What was found there.
    var finding: String {
        switch evidence {
        case .bytes(let difference):
            let from = "from byte \(difference.offset.grouped) on"
            switch (kind, place) {
            case (.partial, _): return "it ended after \(difference.offset.grouped) bytes"
            case (_, .probe): return "it printed something else \(from)"
            case (_, .answer): return "the answer differs \(from)"
            default: return "it differs \(from)"
            }
        case .missing(_, let bytes):
            let what =
                switch place {
                case .answer: "no answer came"
                case .push: "it never came"
                default: "nothing came"
                }
            return "\(what) (\(ByteCount(bytes: bytes).forPeople) expected)"
        case .lateness(let service, let limit, let p99, let samples):
            return "it took \(time(service)); without faults the limit is \(time(limit)) "
                + "(p99 \(time(p99)) of \(samples.counted("answer")))"
        case .exitCode(let expected, let actual):
            return "its exit code is \(actual) instead of \(expected)"
        case .resent(let times, _):
            return "the same request came again \(times == 1 ? "once" : "\(times.grouped) times")"
        case .words(let words): return "\(PrintableText(words, limit: 200))"
        }
    }

    private func time(_ nanoseconds: Int64) -> String {
        TimeAmount(nanoseconds: nanoseconds).forPeople
    }

    /// `silent: it said nothing`
    var loudness: String {
        guard let first = signs.first else { return "silent: it said nothing" }
        let more = signs.count > 1 ? ", and \(UInt64(signs.count - 1).counted("sign")) more" : ""
        return "loud: \(first.words)\(more)"
    }

    /// How sure it is which strike stands behind it.
    package var proof: String {
        guard let blame else {
            return suspects.isEmpty
                ? "not tried: no strike came before it" : "not tried: no run was made without it"
        }
        guard blame.with.runs > 0 || blame.without.runs > 0 else {
            return "not settled: nothing was counted"
        }
        let counts = "\(blame.with.text) with it alone, \(blame.without.text) without it"
        let plural = blame.strikes.count > 1
        let said =
            plural
            ? "\(blame.with.text) with them alone, \(blame.without.text) without them" : counts
        return blame.isSettled ? "proved: \(said)" : "not settled: \(said)"
    }

    /// The strikes it is put down to: those proved, else those that may stand behind it.
    package var strikeList: String {
        let named = blame.map(\.strikes) ?? []
        guard named.isEmpty else { return Self.list(named) }
        guard !suspects.isEmpty else { return "none that is known" }
        return (suspects.count > 1 ? "one of " : "") + Self.list(suspects)
    }

    private static func list(_ strikes: [String]) -> String {
        let shown = strikes.prefix(shownStrikes).map { "\(PrintableText($0, limit: shownName))" }
        let rest = strikes.count - shown.count
        return shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }

    private static let shownStrikes = 4
}

extension Symptom.Kind {
    /// What it is, for who has not read the words.
    var words: String {
        switch self {
        case .delayed: "answered late"
        case .partial: "cut short"
        case .inconsistent: "wrong result"
        case .upButWrong: "up, but wrong"
        case .silentRetry: "retried in silence"
        case .crashed: "crashed"
        }
    }

    /// What several of them are called.
    var plural: String {
        switch self {
        case .delayed: "late answers"
        case .partial: "answers cut short or missing"
        case .inconsistent: "wrong results"
        case .upButWrong: "connections that are up, but wrong"
        case .silentRetry: "retries in silence"
        case .crashed: "crashes"
        }
    }
}

extension Symptom.Place {
    /// `connection 3, message 21`
    var words: String {
        switch self {
        case .answer(let connection, let attempt, let message):
            Self.on(connection, attempt) + ", message \(message)"
        case .push(let connection, let attempt, let number):
            Self.on(connection, attempt) + ", push \(number)"
        case .turn(let connection, let attempt, let number):
            Self.on(connection, attempt) + ", turn \(number)"
        case .connection(let connection, let message):
            "connection \(connection)" + (message.map { " from message \($0) on" } ?? "")
        // Its name where it was given none.
        case .probe("probe"): "the probe"
        case .probe(let name): "probe \(PrintableText(name, limit: Symptom.shownName))"
        case .process: "the consumer's process"
        }
    }

    private static func on(_ connection: UInt32, _ attempt: UInt16) -> String {
        "connection \(connection)" + (attempt > 1 ? " (attempt \(attempt))" : "")
    }
}

extension LoudSign {
    /// `error answer "-ERR no"`
    var words: String {
        let text = "\"\(PrintableText(self.text, limit: Symptom.shownName))\""
        switch how {
        case .errorAnswer: return "error answer \(text)"
        case .closedUnasked: return "it closed the connection unasked"
        case .exitedNonZero:
            return "its process ended with \(PrintableText(self.text, limit: Symptom.shownName))"
        case .logLine: return "log line \(text)"
        }
    }
}

extension Verdict {
    /// As it stands in a sentence.
    package var words: String {
        switch self {
        case .tolerated: "tolerated"
        case .recovered: "recovered"
        case .failedLoudly: "failed loudly"
        case .failedSilently: "failed silently"
        case .inconclusive: "inconclusive"
        case .defect: "a defect of Weir"
        }
    }

    /// What it means for who reads it for the first time.
    var meaning: String {
        switch self {
        case .tolerated: "nothing differs from the runs without faults"
        case .recovered: "it was disturbed for a while; at the end nothing is wrong or missing"
        case .failedLoudly: "something is wrong, and the consumer said so"
        case .failedSilently: "something is wrong, and the consumer said nothing"
        case .inconclusive: "nothing can be said"
        case .defect: "Weir itself went wrong; please report it"
        }
    }

    var style: TextStyle {
        switch self {
        case .tolerated: .green
        case .recovered, .inconclusive: .yellow
        case .failedLoudly, .failedSilently, .defect: .red
        }
    }
}
