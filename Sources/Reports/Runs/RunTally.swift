import Recordings
import Text

/// What a replay's kept files say. Nobody judged it: its answers are compared with the recording's,
/// and that is all.
///
/// Fed with the files' lines one by one; holds counts and a few examples, whatever their length.
package struct RunTally: Sendable {
    /// A newer `reactions.jsonl` or `outcomes.jsonl` than this is not read.
    static let version: UInt64 = 1
    /// Answers that are shown.
    static let maximumExamples = 5

    /// A count with its word, in the order of first sight.
    struct Counts: Sendable {
        private(set) var words: [(word: String, count: UInt64)] = []
        /// A file that somebody else wrote has no endless words.
        private static let maximum = 50

        mutating func add(_ word: String) {
            if let index = words.firstIndex(where: { $0.word == word }) {
                words[index].count += 1
            } else if words.count < Self.maximum {
                words.append((word, 1))
            }
        }

        /// `412 same, 3 different`
        var text: String {
            words.map { "\($0.count.grouped) \(PrintableText($0.word, limit: 40))" }
                .joined(separator: ", ")
        }

        /// `attempt: 8, close: 10`
        var list: String {
            words.map { "\(PrintableText($0.word, limit: 40)): \($0.count.grouped)" }
                .joined(separator: ", ")
        }

        var total: UInt64 { words.reduce(0) { $0 + $1.count } }
    }

    /// The folder, as it was given.
    package let folder: String
    /// From `summary.json`: empty where it is missing.
    var recording = ""
    var consumer = ""
    var repeating = ""
    var ending = ""
    var seed: UInt64?
    var nanoseconds: Int64?
    var warnings: [String] = []
    /// What is missing or cannot be read, and what that means.
    package private(set) var problems: [String] = []
    var answers = Counts()
    var others = Counts()
    var strikes = Counts()
    var newErrors: UInt64 = 0
    var unaskedEnds: UInt64 = 0
    var serviceTimes = DurationHistogram()
    var examples: [ReactionFacts] = []
    private var unreadable: [String: UInt64] = [:]
    private var isRefused: Set<String> = []

    package init(folder: String) { self.folder = folder }

    /// Whether the run's files are all there and can be read.
    package var isWhole: Bool { problems.isEmpty }

    package mutating func note(_ problem: String) { problems.append(problem) }

    /// Takes `summary.json`; nil: it is not there.
    package mutating func receiveSummary(_ bytes: [UInt8]?) {
        guard let bytes else {
            return note(
                "summary.json is missing: the replay still runs, or was stopped before its end")
        }
        guard let value = try? JSONReader.read(bytes) else {
            return note("summary.json cannot be read: it is no JSON")
        }
        if let version = value["version"]?.number?.uint64, version > ReplayReport.version {
            note("summary.json is of version \(version), which is newer than what is known here")
        }
        recording = value["recording"]?.string ?? ""
        consumer = value["to"]?.string ?? ""
        repeating = value["repeat"]?.string ?? ""
        ending = value["ending"]?.string ?? ""
        seed = value["seed"]?.number?.uint64
        nanoseconds = value["duration_ns"]?.number?.int64
        warnings = (value["warnings"]?.array ?? []).prefix(10).compactMap(\.string)
    }

    /// Takes a line of `reactions.jsonl`, the first one too.
    package mutating func receiveReaction(_ line: [UInt8]) {
        let file = "reactions.jsonl"
        guard !isRefused.contains(file) else { return }
        guard let facts = ReactionFacts(line) else { return unreadable[file, default: 0] += 1 }
        guard facts.type != "reactions" else { return checkVersion(line, file) }
        guard facts.isCompared else {
            if facts.isUnasked { unaskedEnds += 1 }
            return others.add(facts.type)
        }
        answers.add(facts.compared ?? "not compared")
        if facts.isError, !facts.wasError { newErrors += 1 }
        if let time = facts.serviceNanoseconds { serviceTimes.add(nanoseconds: time) }
        // An answer before a cut was lost on purpose; the one after it counts.
        let isOrdinary = ["same", "extra", "lost"].contains(facts.compared)
        if !isOrdinary, facts.compared != nil, examples.count < Self.maximumExamples {
            examples.append(facts)
        }
    }

    /// Takes a line of `outcomes.jsonl`, the first one too.
    package mutating func receiveOutcome(_ line: [UInt8]) {
        let file = "outcomes.jsonl"
        guard !isRefused.contains(file) else { return }
        guard let value = try? JSONReader.read(line),
            let type = value["type"]?.string
        else { return unreadable[file, default: 0] += 1 }
        guard type != "outcomes" else { return checkVersion(line, file) }
        strikes.add(value["outcome"]?.string ?? "of unknown outcome")
    }

    /// After the last line.
    package mutating func finish() {
        for (file, count) in unreadable.sorted(by: { $0.key < $1.key }) {
            let verb = count == 1 ? "is" : "are"
            note("\(count.counted("line")) of \(file) cannot be read and \(verb) left out")
        }
    }

    private mutating func checkVersion(_ line: [UInt8], _ file: String) {
        let value = try? JSONReader.read(line)
        guard let version = value?["version"]?.number?.uint64, version > Self.version else {
            return
        }
        isRefused.insert(file)
        note(
            "\(file) is of version \(version), which is newer than what is known here "
                + "(\(Self.version)); use the weir that wrote it, or a newer one")
    }
}
