import Faults
import Recordings

/// One run beside the baseline: every answer compared once, in order. The symptoms read from it.
struct RunComparison {
    /// An answer that is not as in the baseline.
    struct Deviation {
        enum What {
            case wrong(Difference)
            /// Its message was sent whole, and nothing came.
            case missing
            case cutShort
        }

        /// In the baseline's run.
        var expected: Int
        /// In the run at hand; nil where not even that it is missing was told.
        var actual: Int?
        var what: What
    }

    /// A connection on which messages could not be sent, or not be read, because of the consumer.
    struct ShortSession {
        var connection: UInt32
        /// The first message of the baseline that was not sent; nil: all were.
        var message: UInt64?
        /// How many answers are not there because of it.
        var answers: UInt64
        var instant: Instant
        var how: String
    }

    /// Differences of more deviations are counted, not kept.
    static let maximumDifferences = 10_000

    private static let lostWithCuts = "answers that were lost with a connection that Weir cut"
    private static let unsteadyExtras =
        "answers that the recording does not have, and clean runs have by chance"

    let baseline: Baseline
    let run: Observation
    let touched: TouchedMessages
    private(set) var deviations: [Deviation] = []
    /// Per connection, the deviations that its compared answers end with.
    private(set) var tails: [(connection: UInt32, deviations: Range<Int>)] = []
    /// Answers above their limit, as places in the run, and whether nothing came behind them.
    private(set) var late: [(answer: Int, isLast: Bool)] = []
    private(set) var shortSessions: [ShortSession] = []
    /// Messages that Weir itself did not send, though the baseline did.
    private(set) var unsentByWeir: UInt64 = 0
    /// Probes that differ, of which nobody can say why.
    private(set) var openProbes: UInt64 = 0
    private(set) var coverage = Coverage()
    private var notCompared: [String: UInt64] = [:]
    private var tooFew: [String: UInt64] = [:]

    /// - Parameter excused: where it is known that lateness does not come again.
    init(
        _ baseline: Baseline, _ run: Observation, excused: Set<LateAnswers.Place> = []
    ) {
        self.baseline = baseline
        self.run = run
        touched = TouchedMessages(of: run)
        compareAnswers()
        findLate(excused)
        findShortSessions()
        coverage.notCompared += notCompared.sorted { $0.key < $1.key }.map {
            Coverage.Reason($0.key, $0.value)
        }
        coverage.tooFewToSay = tooFew.sorted { $0.key < $1.key }.map {
            Coverage.Reason($0.key, $0.value)
        }
        coverage.tokens = baseline.tokens
        coverage.maskedTokens = baseline.maskedTokens
    }

    mutating func leaveOut(_ reason: String, _ count: UInt64 = 1) {
        if let place = coverage.notCompared.firstIndex(where: { $0.text == reason }) {
            coverage.notCompared[place].count += count
        } else {
            coverage.notCompared.append(Coverage.Reason(reason, count))
        }
    }

    mutating func countPushes(_ count: UInt64) { coverage.pushes += count }
    mutating func countTurns() { coverage.turns += 1 }
    mutating func countProbe() { coverage.probes += 1 }
    mutating func leaveProbeOpen() { openProbes += 1 }

    /// A connection of the run at hand.
    func connection(_ number: UInt32) -> ObservedConnection? {
        Self.find(number, in: run.connections)
    }

    static func find(
        _ number: UInt32, in connections: [ObservedConnection]
    ) -> ObservedConnection? {
        var (low, high) = (0, connections.count)
        while low < high {
            let middle = low + (high - low) / 2
            if connections[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < connections.count && connections[low].number == number
            ? connections[low] : nil
    }

    // MARK: - Answers

    private mutating func compareAnswers() {
        var connection: UInt32 = 0
        var tail = 0
        let pairs = AnswerPairs(baseline.run, run)
        if pairs.leftOut > 0 {
            notCompared["answers behind the first that was too much to keep"] = pairs.leftOut
        }
        for pair in pairs {
            switch pair {
            case .both(let expected, let actual):
                begin(baseline.run.answers[expected].connection, &connection, &tail)
                compare(expected, actual, &tail)
            case .expected(let expected):
                begin(baseline.run.answers[expected].connection, &connection, &tail)
                lack(expected)
            case .actual(let actual) where run.answers[actual].state == .whole:
                notCompared["answers that the baseline does not have", default: 0] += 1
            case .actual: break
            }
        }
        begin(0, &connection, &tail)
    }

    private mutating func begin(_ number: UInt32, _ connection: inout UInt32, _ tail: inout Int) {
        guard number != connection else { return }
        if connection > 0, tail < deviations.count {
            tails.append((connection, tail..<deviations.count))
        }
        connection = number
        tail = deviations.count
    }

    private mutating func compare(_ expected: Int, _ actual: Int, _ tail: inout Int) {
        let (clean, answer) = (baseline.run.answers[expected], run.answers[actual])
        let state = touched.state(connection: clean.connection, message: clean.message)
        guard state != .neverArrived else {
            notCompared["answers to messages that never arrived whole", default: 0] += 1
            return
        }
        guard !baseline.unsteadyExtras.contains(clean.key) else {
            notCompared[Self.unsteadyExtras, default: 0] += 1
            return
        }
        guard answer.state == .whole, clean.state == .whole else {
            compareCut(expected, actual, &tail)
            return
        }
        guard state == .untouched else {
            notCompared["answers to messages that a strike touched", default: 0] += 1
            return
        }
        guard !baseline.uncomparable.contains(clean.key) else {
            notCompared["answers of which clean runs differ behind what is kept", default: 0] += 1
            return
        }
        if clean.content.isSame(as: answer.content) {
            coverage.answers += 1
            tail = deviations.count
            return
        }
        let outcome = baseline.comparison.compare(
            clean.content, in: baseline.run.contents, answer.content, in: run.contents,
            kind: baseline.run.maskKind(of: clean))
        switch outcome {
        case .same:
            coverage.answers += 1
            tail = deviations.count
        case .notComparable(let why): notCompared["answers: \(why)", default: 0] += 1
        case .different(var difference):
            coverage.answers += 1
            if deviations.count >= Self.maximumDifferences {
                difference.expected = []
                difference.actual = []
            }
            deviations.append(
                Deviation(expected: expected, actual: actual, what: .wrong(difference)))
        }
    }

    /// One of the two is not whole, or not there at all.
    private mutating func compareCut(_ expected: Int, _ actual: Int, _ tail: inout Int) {
        let (clean, answer) = (baseline.run.answers[expected], run.answers[actual])
        guard answer.state != .whole else {
            notCompared["answers that the baseline does not have", default: 0] += 1
            return
        }
        guard clean.state != .missing || answer.state != .missing else {
            notCompared["answers that do not come without faults either", default: 0] += 1
            tail = deviations.count
            return
        }
        guard clean.state != answer.state else {
            coverage.answers += 1
            tail = deviations.count
            return
        }
        guard clean.state == .whole, !isCutByWeir(answer) else {
            notCompared[Self.lostWithCuts, default: 0] += 1
            return
        }
        coverage.answers += 1
        let what: Deviation.What = answer.state == .missing ? .missing : .cutShort
        deviations.append(Deviation(expected: expected, actual: actual, what: what))
    }

    /// Whether an applied strike ended the connection that owed this answer, or let Weir receive
    /// nothing more on it.
    private func isCutByWeir(_ answer: ObservedAnswer) -> Bool {
        if touched.isDeafened(connection: answer.connection) { return true }
        guard answer.strike > 0, Int(answer.strike) <= run.strikes.count else { return false }
        let entry = run.strikes[Int(answer.strike) - 1]
        return entry.outcome.result == .applied && entry.strike.effect.cut != nil
    }

    /// The run says nothing of an answer of the baseline.
    private mutating func lack(_ expected: Int) {
        let clean = baseline.run.answers[expected]
        guard clean.state != .missing else { return }
        let state = touched.state(connection: clean.connection, message: clean.message)
        guard state != .neverArrived else { return }
        guard !touched.isGarbled(connection: clean.connection, message: clean.message) else {
            notCompared["answers to messages that flipped bits joined or split", default: 0] += 1
            return
        }
        let connection = connection(clean.connection)
        if let connection, connection.lostSync != nil {
            notCompared["answers on connections that can no longer be read", default: 0] += 1
            return
        }
        guard !baseline.unsteadyExtras.contains(clean.key) else {
            notCompared[Self.unsteadyExtras, default: 0] += 1
            return
        }
        guard !touched.isDeafened(connection: clean.connection) else {
            notCompared[Self.lostWithCuts, default: 0] += 1
            return
        }
        // Of a message that the recording has no answer to, nobody says that it is missing.
        if clean.isExtra, let connection, clean.message <= connection.furthest {
            coverage.answers += 1
            deviations.append(Deviation(expected: expected, actual: nil, what: .missing))
            return
        }
        unsent(clean, connection)
    }

    /// Its message was not sent whole, and no strike wanted that.
    private mutating func unsent(_ clean: ObservedAnswer, _ connection: ObservedConnection?) {
        if let last = shortSessions.last, last.connection == clean.connection {
            shortSessions[shortSessions.count - 1].answers += 1
            return
        }
        guard let connection, let (instant, how) = reason(connection) else {
            unsentByWeir += 1
            return
        }
        shortSessions.append(
            ShortSession(
                connection: clean.connection, message: clean.message, answers: 1, instant: instant,
                how: how))
    }

    private func reason(_ connection: ObservedConnection) -> (Instant, String)? {
        if let refused = connection.refused {
            return (refused, "the consumer refused a connection")
        }
        if let ended = connection.endedUnasked { return (ended, "the consumer ended it") }
        return nil
    }

    // MARK: - Lateness

    private mutating func findLate(_ excused: Set<LateAnswers.Place>) {
        guard !run.isReadSlowly else {
            notCompared["service times, because Weir itself read slowly", default: 0] +=
                UInt64(run.answers.count)
            return
        }
        let found = LateAnswers(run, baseline)
        tooFew = found.tooFew
        for index in found.answers {
            let answer = run.answers[index]
            guard !excused.contains(LateAnswers.Place(answer)) else { continue }
            let next = index + 1
            let isLast =
                next == run.answers.count || run.answers[next].connection != answer.connection
            late.append((index, isLast))
        }
    }

    // MARK: - Sessions

    private mutating func findShortSessions() {
        // Where answers are not paired, the end alone tells; with answers they told already.
        for connection in run.connections where connection.lostSync != nil {
            guard !shortSessions.contains(where: { $0.connection == connection.number }),
                Self.find(connection.number, in: baseline.run.connections)?.lostSync == nil,
                let instant = connection.lostSync
            else { continue }
            shortSessions.append(
                ShortSession(
                    connection: connection.number, message: nil, answers: 0, instant: instant,
                    how: "it can no longer be read as messages: \(connection.lostSyncReason)"))
        }
    }
}
