import Recordings

/// How a second clean run teaches a baseline what varies by itself.
extension Baseline {
    mutating func learn(_ second: Observation) {
        learnAnswers(second)
        learnConnections(second)
        learnProbes(second)
        learnRequests(second)
    }

    // MARK: - What a consumer that dials asks for

    private mutating func learnRequests(_ second: Observation) {
        habits = Set((run.retries + second.retries).map(RepeatedRequest.init))
        if let one = run.asked, let other = second.asked {
            asked = min(one, other)...max(one, other)
        }
    }

    mutating func learn(thirdCleanRun judgement: Judgement) {
        if let asked {
            let third = judgement.coverage.requests
            self.asked = min(asked.lowerBound, third)...max(asked.upperBound, third)
        }
        for symptom in judgement.symptoms where symptom.kind == .silentRetry {
            guard case .connection(let connection, let message?) = symptom.place else { continue }
            for wasAnswered in [true, false] {
                habits.insert(
                    RepeatedRequest(
                        connection: connection, message: message, wasAnswered: wasAnswered))
            }
        }
    }

    /// Fewer than this are not what it does without faults: as many as the fewest of the clean
    /// runs, and so many less as these differ by. One that asks until some time is over never asks
    /// equally often, and three runs do not show how seldom it may.
    var fewestAsked: UInt64? {
        asked.map { $0.lowerBound - min($0.lowerBound, $0.upperBound - $0.lowerBound) }
    }

    /// What differs is masked only where every run begins alike: a counter that goes on counting
    /// would hide a doubled increment.
    private static let resetAdvice =
        "give --reset CMD, or --reset true where the command begins afresh each time"

    // MARK: - Answers

    private mutating func learnAnswers(_ second: Observation) {
        for pair in AnswerPairs(run, second) {
            switch pair {
            case .both(let first, let other):
                learn(run.answers[first], second.answers[other], second)
            case .expected(let index):
                differ(run.answers[index], "was answered in the first clean run only")
            case .actual(let index):
                differ(second.answers[index], "was answered in the second clean run only")
            }
        }
    }

    private mutating func learn(
        _ first: ObservedAnswer, _ other: ObservedAnswer, _ second: Observation
    ) {
        guard first.state == other.state else {
            return differ(first, "was answered in one clean run only")
        }
        guard first.isError == other.isError else {
            return differ(first, "was answered with an error in one clean run only")
        }
        guard first.state != .missing, !first.content.isSame(as: other.content) else { return }
        let kind = run.maskKind(of: first)
        learn(
            first.content, other.content, second, kind: kind,
            at: "an answer to \(run.kinds[Int(first.kind)]) (connection \(first.connection), "
                + "message \(first.message))"
        ) { baseline in
            guard baseline.uncomparable.count < Self.maximumUncomparable else { return }
            baseline.uncomparable.insert(first.key)
        }
    }

    private mutating func differ(_ answer: ObservedAnswer, _ how: String) {
        guard !answer.isExtra else {
            if unsteadyExtras.count < Self.maximumUncomparable { unsteadyExtras.insert(answer.key) }
            return
        }
        addReason("connection \(answer.connection), message \(answer.message) \(how)")
    }

    /// Masks what differs between two contents, or says that they do.
    private mutating func learn(
        _ first: StoredContent, _ other: StoredContent, _ second: Observation, kind: String,
        at place: String, isUncomparable: (inout Baseline) -> Void
    ) {
        let outcome = comparison.compare(
            first, in: run.contents, other, in: second.contents, kind: kind)
        switch outcome {
        case .same: return
        case .notComparable: return isUncomparable(&self)
        case .different: break
        }
        guard settings.hasReset else {
            addReason("\(place) differs between clean runs; \(Self.resetAdvice)")
            return
        }
        guard first.isKept, other.isKept else { return isUncomparable(&self) }
        let tokens = run.contents.withBytes(first) { expected in
            second.contents.withBytes(other) { actual in
                TokenComparison(expected, actual, ignoring: comparison.ignored)
            }
        }
        comparison.masks.learn(tokens, kind: kind)
        let again = comparison.compare(
            first, in: run.contents, other, in: second.contents, kind: kind)
        // What differs behind the kept bytes cannot be masked.
        if again != .same { isUncomparable(&self) }
    }

    // MARK: - Connections

    private mutating func learnConnections(_ second: Observation) {
        var others: [UInt32: Int] = [:]
        for (index, connection) in second.connections.enumerated() {
            others[connection.number] = index
        }
        for first in run.connections {
            guard let index = others.removeValue(forKey: first.number) else {
                addReason("connection \(first.number) was played in the first clean run only")
                continue
            }
            learn(first, second.connections[index], second)
        }
        for number in others.keys.sorted().prefix(Self.maximumReasons) {
            addReason("connection \(number) was played in the second clean run only")
        }
    }

    private mutating func learn(
        _ first: ObservedConnection, _ other: ObservedConnection, _ second: Observation
    ) {
        if (first.endedUnasked == nil) != (other.endedUnasked == nil) {
            addReason("the consumer ended connection \(first.number) in one clean run only")
        }
        if (first.lostSync == nil) != (other.lostSync == nil) {
            addReason("connection \(first.number) could not be read in one clean run")
        }
        learnTurns(first, other)
        guard first.pushes.count == other.pushes.count else {
            unsteadyPushes.insert(first.number)
            return
        }
        for (push, otherPush) in zip(first.pushes, other.pushes) {
            learn(
                push.content, otherPush.content, second, kind: run.maskKind(of: push),
                at: "a push on connection \(first.number)"
            ) { $0.unsteadyPushes.insert(first.number) }
        }
    }

    private mutating func learnTurns(_ first: ObservedConnection, _ other: ObservedConnection) {
        guard let turns = first.turns, let otherTurns = other.turns else {
            if (first.turns == nil) != (other.turns == nil) {
                addReason("something came on connection \(first.number) in one clean run only")
            }
            return
        }
        guard case .different = compare(turns, otherTurns) else { return }
        guard settings.hasReset else {
            addReason(
                "what came on connection \(first.number) differs between clean runs; "
                    + Self.resetAdvice)
            return
        }
        comparison.masks.learn(
            TokenComparison(
                turns.content.head.span, otherTurns.content.head.span,
                ignoring: comparison.ignored), kind: Observation.turnKind)
    }

    /// All that came on a connection, compared.
    func compare(_ expected: ObservedTurns, _ actual: ObservedTurns) -> ContentComparison.Outcome {
        let (content, other) = (expected.content, actual.content)
        if content == other { return .same }
        return comparison.compare(
            content.head.span, other.head.span, length: content.bytes,
            isWhole: content.isWhole && other.isWhole,
            isTailSame: content.bytes == other.bytes && content.tailHash == other.tailHash,
            kind: Observation.turnKind)
    }

    // MARK: - Probes

    private mutating func learnProbes(_ second: Observation) {
        for probe in run.probes {
            guard let other = second.probe(probe.name) else {
                addReason("the probe \(probe.name) ran in one clean run only")
                continue
            }
            if probe.output != other.output {
                let advice =
                    settings.hasReset
                    ? "let it print only what is to be the same"
                    : "\(Self.resetAdvice), or let it print only what is to be the same"
                addReason("the probe \(probe.name) differs between clean runs; \(advice)")
            }
        }
    }

    // MARK: - How much is masked

    mutating func countTokens() {
        for answer in run.answers where answer.state != .missing && answer.content.isKept {
            let fields = comparison.masks[run.maskKind(of: answer)]
            run.contents.withBytes(answer.content) { bytes in
                let cut = Tokens(bytes, ignoring: comparison.ignored.ranges(in: bytes))
                tokens += UInt64(cut.count)
                guard let fields, !fields.isEmpty else {
                    maskedTokens += UInt64(cut.all.count { $0.isIgnored })
                    return
                }
                var walk = FieldWalk()
                for token in cut.all {
                    let field = walk.next(token, in: bytes)
                    maskedTokens += token.isIgnored || fields.masks(field) ? 1 : 0
                }
            }
        }
    }
}

extension Observation {
    /// What all that comes without messages is masked under.
    static let turnKind = "bytes"

    /// What an answer is masked under: `GET → $`.
    func maskKind(of answer: ObservedAnswer) -> String {
        "\(kinds[Int(answer.kind)]) → \(kinds[Int(answer.answerKind)])"
    }

    func maskKind(of push: ObservedPush) -> String { "push \(kinds[Int(push.kind)])" }

    /// How many answers stand before this one; nil: all.
    func place(of key: ObservedAnswer.Key?) -> Int {
        guard let key else { return answers.count }
        var (low, high) = (0, answers.count)
        while low < high {
            let middle = low + (high - low) / 2
            if answers[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Whether this answer is an error.
    func isError(_ key: ObservedAnswer.Key) -> Bool {
        let place = place(of: key)
        return place < answers.count && answers[place].key == key && answers[place].isError
    }

    /// The last result of a probe.
    func probe(_ name: String) -> ObservedProbe? { probes.last { $0.name == name } }
}

/// The answers of two runs side by side, in order, up to the first that either could not keep.
struct AnswerPairs: Sequence, IteratorProtocol {
    enum Pair {
        case both(Int, Int)
        case expected(Int)
        case actual(Int)
    }

    private let expected: ArraySlice<ObservedAnswer>
    private let actual: ArraySlice<ObservedAnswer>
    private var left = 0
    private var right = 0

    /// How many answers of either run lie behind that, at most.
    let leftOut: UInt64

    init(_ expected: Observation, _ actual: Observation) {
        let end = [expected.firstLost, actual.firstLost].compactMap { $0 }.min()
        self.expected = expected.answers[..<expected.place(of: end)]
        self.actual = actual.answers[..<actual.place(of: end)]
        let left = [
            expected.answers.count - self.expected.count,
            actual.answers.count - self.actual.count,
        ]
        leftOut = UInt64(left.max() ?? 0)
    }

    mutating func next() -> Pair? {
        guard left < expected.count else {
            guard right < actual.count else { return nil }
            right += 1
            return .actual(right - 1)
        }
        guard right < actual.count else {
            left += 1
            return .expected(left - 1)
        }
        let (key, other) = (expected[left].key, actual[right].key)
        if key < other {
            left += 1
            return .expected(left - 1)
        }
        right += 1
        guard key == other else { return .actual(right - 1) }
        left += 1
        return .both(left - 1, right - 1)
    }
}
