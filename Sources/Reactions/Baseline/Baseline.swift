import Faults
import Recordings
import Text

/// What the consumer does without faults, and how much that varies by itself.
///
/// It is made of two clean runs. The first is what other runs are compared with; where the second
/// differs, that is noise: masked where every run begins with a reset, and otherwise a reason to
/// judge nothing. A third clean run is judged like a faulted one, by whoever ran it:
///
///     let baseline = try Baseline(first, second, settings)
///     let third = baseline.judge(observation)
package struct Baseline: Sendable {
    let settings: JudgeSettings
    let run: Observation
    var comparison: ContentComparison
    var limits: LatencyLimits
    /// Lines of the clean runs that match the loud pattern, without their numbers.
    var lines: Set<String> = []
    /// Connections whose pushes differ in number between clean runs.
    var unsteadyPushes: Set<UInt32> = []
    /// Answers that are longer than what is kept and differ behind it.
    var uncomparable: Set<ObservedAnswer.Key> = []
    /// Answers that the recording does not have and that came in one clean run only.
    var unsteadyExtras: Set<ObservedAnswer.Key> = []
    /// Requests that it sends again without faults.
    var habits: Set<RepeatedRequest> = []
    /// How many of the recorded messages a consumer that dials sends: the fewest and the most.
    var asked: ClosedRange<UInt64>?
    package internal(set) var account: BaselineAccount
    /// Tokens of what is compared, and those of them that are masked.
    var tokens: UInt64 = 0
    var maskedTokens: UInt64 = 0

    /// Reasons against a baseline beyond this many are not told.
    static let maximumReasons = 8
    /// Answers that cannot be compared because clean runs differ behind what is kept, or because
    /// the recording does not have them and clean runs only sometimes; of each.
    static let maximumUncomparable = 1 << 20

    /// - Throws: where the clean runs say that nothing can come of it: a probe that fails.
    package init(
        _ first: Observation, _ second: Observation, _ settings: JudgeSettings
    ) throws(BaselineError) {
        for (number, run) in [first, second].enumerated() {
            try BaselineError.check(run, number: number + 1)
        }
        self.settings = settings
        run = first
        comparison = ContentComparison(settings)
        limits = LatencyLimits(
            [first.measures.serviceTimes, second.measures.serviceTimes],
            least: settings.latenessNanoseconds)
        account = BaselineAccount(cleanRuns: 2, limits: limits.sorted)
        lines = Set((first.signs.lines + second.signs.lines).map { LogLine.form(of: $0.text) })
        learn(second)
        account.masked = maskedFields
        countTokens()
    }

    /// Whether runs can be judged against it.
    package var isStable: Bool { account.unstable.isEmpty }

    /// Takes the judgement of the third clean run: with a symptom it makes the baseline unstable.
    /// What was late there counts if it was late again, as in any run. A request that is sent
    /// again there is no symptom: it is a habit of the consumer's.
    package mutating func take(thirdCleanRun judgement: Judgement) {
        account.cleanRuns = 3
        account.repeats = judgement.repeats
        learn(thirdCleanRun: judgement)
        let symptom = judgement.symptoms.first { $0.kind != .silentRetry }
        guard let symptom else { return }
        addReason(
            "a third clean run shows \(symptom.kind.rawValue) at \(symptom.place.text) without any "
                + "fault")
    }

    mutating func addReason(_ reason: String) {
        guard account.unstable.count < Self.maximumReasons else { return }
        account.unstable.append(reason)
    }

    private var maskedFields: [Coverage.Reason] {
        var reasons: [Coverage.Reason] = []
        for (kind, fields) in comparison.masks.kinds.sorted(by: { $0.key < $1.key }) {
            reasons += fields.texts.map { Coverage.Reason("\(kind): \($0)", 1) }
        }
        return Array(reasons.prefix(Judgement.maximumSymptoms))
    }
}

/// Why no baseline could be made of clean runs, with what to do.
package struct BaselineError: Error, Hashable, Sendable, CustomStringConvertible {
    package var message: String
    package var description: String { message }

    fileprivate static func check(_ run: Observation, number: Int) throws(BaselineError) {
        if let probe = run.probes.first(where: { $0.exitCode != 0 }) {
            let head = Array(probe.output.head.prefix(Difference.excerptBytes))
            let said = head.isEmpty ? "" : ": \"\(EscapedText(head.span))\""
            throw BaselineError(
                message: "the probe \(EscapedText(probe.name)) failed without any fault, in clean "
                    + "run \(number), with exit code \(probe.exitCode)\(said); try its command by "
                    + "hand, and give one that exits with 0")
        }
        if let crash = run.crash {
            throw BaselineError(
                message: "the consumer exited with code \(crash.code) without any fault, in clean "
                    + "run \(number); look at its output in the run's log")
        }
    }
}

/// A line of a log without what differs each time.
enum LogLine {
    /// Digits, and the letters that stand with them in one word, become `#`.
    static func form(of line: String) -> String {
        var form: [UInt8] = []
        let bytes = Array(line.utf8.prefix(ObservedSigns.lineLimit))
        for token in Tokens(bytes.span).all {
            let word = bytes[Int(token.start)..<Int(token.end)]
            let hasDigit = word.contains { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            form += hasDigit ? [UInt8(ascii: "#")][...] : word
        }
        return String(decoding: form, as: UTF8.self)
    }
}

extension Symptom.Place {
    /// For people: `connection 3, message 17`.
    package var text: String {
        switch self {
        case .answer(let connection, _, let message): "connection \(connection), message \(message)"
        case .push(let connection, _, let number): "connection \(connection), push \(number)"
        case .turn(let connection, _, let number): "connection \(connection), turn \(number)"
        case .connection(let connection, let message):
            message.map { "connection \(connection), from message \($0) on" }
                ?? "connection \(connection)"
        case .probe(let name): "probe \(name)"
        case .process: "the consumer's process"
        }
    }
}
