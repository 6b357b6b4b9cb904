import Recordings
import Text

/// What a kept replay came to, answer by answer and strike by strike, to be compared with another.
package struct ReplayFacts: Sendable {
    /// Answers and strikes beyond this are not compared.
    static let maximum = 4_000_000

    /// An answer, a push or a turn, whatever the attempt that brought it.
    struct Place: Hashable, Comparable, Sendable {
        var connection: UInt64
        /// Answers before pushes before turns.
        var type: UInt8
        var number: UInt64
        /// The how-many-eth answer to its message, from 0.
        var part: UInt64
        var copy: UInt64

        static func < (left: Place, right: Place) -> Bool {
            (left.connection, left.type, left.number, left.copy, left.part)
                < (right.connection, right.type, right.number, right.copy, right.part)
        }

        var words: String {
            let what = ["message", "push", "turn"][Int(min(type, 2))]
            return "connection \(connection), \(what) \(number)"
                + (copy > 0 ? ", copy \(copy)" : "")
                + (part > 0 ? ", its answer \(part.addingClamped(1))" : "")
        }
    }

    /// How it compared with the recording, and what it was where that was not the same.
    struct Outcome: Hashable, Sendable {
        var compared: String
        var bytes: UInt64
        var differsAt: UInt64?
        var actual: String

        /// `different ("-ERR")`
        var words: String {
            let word = "\(PrintableText(compared, limit: 40))"
            return actual.isEmpty ? word : "\(word) (\"\(PrintableText(actual, limit: 60))\")"
        }
    }

    private(set) var answers: [Place: Outcome] = [:]
    private(set) var strikes: [String: String] = [:]
    private(set) var serviceTimes = DurationHistogram()
    private(set) var tally: RunTally
    private(set) var isTooLong = false

    package init(folder: String) { tally = RunTally(folder: folder) }

    /// What is missing or cannot be read.
    package var problems: [String] { tally.problems }

    package mutating func receiveSummary(_ bytes: [UInt8]?) { tally.receiveSummary(bytes) }

    package mutating func receiveReaction(_ line: [UInt8]) {
        tally.receiveReaction(line)
        guard let facts = ReactionFacts(line), facts.isCompared else { return }
        if let time = facts.serviceNanoseconds { serviceTimes.add(nanoseconds: time) }
        // The answer that came before a cut is not the one that counts.
        guard facts.compared != "lost" else { return }
        let place = Place(
            connection: facts.connection,
            type: facts.type == "answer" ? 0 : facts.type == "push" ? 1 : 2, number: facts.number,
            part: facts.part, copy: facts.copy)
        guard answers.count < Self.maximum || answers[place] != nil else {
            return isTooLong = true
        }
        // Late is a matter of time, which is compared as such.
        let compared = facts.compared == "late" ? "same" : facts.compared ?? "not compared"
        answers[place] = Outcome(
            compared: compared, bytes: facts.bytes, differsAt: facts.differsAt,
            actual: facts.actual)
    }

    package mutating func receiveOutcome(_ line: [UInt8]) {
        tally.receiveOutcome(line)
        guard let value = try? JSONReader.read(line), let id = value["id"]?.string,
            let outcome = value["outcome"]?.string
        else { return }
        guard strikes.count < Self.maximum else { return isTooLong = true }
        strikes[id] = outcome
    }

    package mutating func note(_ problem: String) { tally.note(problem) }

    package mutating func finish() { tally.finish() }
}

/// Two replays, side by side.
extension RunComparison {
    package init(_ one: ReplayFacts, with other: ReplayFacts) {
        self.init(first: one.tally.folder, second: other.tally.folder)
        for (name, facts) in [("the first", one), ("the second", other)] {
            for problem in facts.problems { note("\(name): \(problem)") }
            if facts.isTooLong { note("\(name): what is beyond 4,000,000 answers is not compared") }
        }
        if one.tally.recording != other.tally.recording {
            note(
                "the recordings have other names: \(one.tally.recording), "
                    + other.tally.recording)
        }
        note("each answer is compared as it compared with the recording")
        compareAnswers(one, other)
        compareStrikes(one, other)
        compareTimes(one, other)
        compared = [
            UInt64(Set(one.answers.keys).union(other.answers.keys).count).counted("answer"),
            UInt64(Set(one.strikes.keys).union(other.strikes.keys).count).counted("strike"),
        ]
    }

    private mutating func compareAnswers(_ one: ReplayFacts, _ other: ReplayFacts) {
        var places: [ReplayFacts.Place] = []
        for (place, outcome) in one.answers where other.answers[place] != outcome {
            places.append(place)
        }
        for place in other.answers.keys where one.answers[place] == nil { places.append(place) }
        for place in places.sorted() {
            add(
                .answer, place.words, one.answers[place]?.words ?? "not there",
                other.answers[place]?.words ?? "not there")
        }
    }

    private mutating func compareStrikes(_ one: ReplayFacts, _ other: ReplayFacts) {
        for id in Set(one.strikes.keys).union(other.strikes.keys).sorted() {
            let (first, second) = (one.strikes[id], other.strikes[id])
            guard (first == "applied") != (second == "applied") else { continue }
            add(
                .strike, "\(PrintableText(id, limit: 80))",
                "\(PrintableText(first ?? "not planned", limit: 40))",
                "\(PrintableText(second ?? "not planned", limit: 40))")
        }
    }

    /// By the rule by which an answer is late: three times as long, and by 20 ms.
    private mutating func compareTimes(_ one: ReplayFacts, _ other: ReplayFacts) {
        guard let first = one.serviceTimes.percentile99,
            let second = other.serviceTimes.percentile99
        else { return note("times are not compared: too few answers to say") }
        let (short, long) = (min(first, second), max(first, second))
        guard long / 3 > short, long - short > 20_000_000 else { return }
        func text(_ time: Int64) -> String { TimeAmount(nanoseconds: time).forPeople }
        add(.time, "p99 of the service time", text(first), text(second))
    }
}
