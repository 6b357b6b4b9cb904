import Recordings

/// Reactions, counted: how many of which, how long they took, and the first that were wrong.
package struct ReactionSummary: Hashable, Sendable {
    /// So many wrong answers are kept as examples.
    package static let maximumExamples = 5

    package var answers = ComparedCounts()
    package var pushes = ComparedCounts()
    package var turns = ComparedCounts()
    /// Error answers among the answers that came; those of them whose recorded answer is none; and
    /// recorded error answers that were compared.
    package var errorAnswers: UInt64 = 0
    package var newErrorAnswers: UInt64 = 0
    package var recordedErrorAnswers: UInt64 = 0
    package var silences: UInt64 = 0
    /// Connections that came to stand, and attempts that did not.
    package var attemptsOpened: UInt64 = 0
    package var attemptsRefused: UInt64 = 0
    /// Ends by the consumer, and those of them that nobody had asked for.
    package var closes: UInt64 = 0
    package var resets: UInt64 = 0
    package var failures: UInt64 = 0
    package var unaskedEnds: UInt64 = 0
    package var stalls: UInt64 = 0
    package var lostSyncs: UInt64 = 0
    package var outputLines: UInt64 = 0
    package var exits: [Int32] = []
    /// Where Weir plays the server: connections that the consumer dialled, those of them that play
    /// a recorded one again, and those that play none.
    package var accepted: UInt64 = 0
    package var redials: UInt64 = 0
    package var unassigned: UInt64 = 0
    /// Messages that came again, handshakes and session state apart; those of them that had been
    /// answered whole; and handshakes and session state.
    package var resent: UInt64 = 0
    package var resentAnswered: UInt64 = 0
    package var resentState: UInt64 = 0
    /// Answers that were sent once more than recorded.
    package var reused: UInt64 = 0
    /// Messages that the recording has elsewhere, and those that it does not have.
    package var elsewhere: UInt64 = 0
    package var unknown: UInt64 = 0
    package var serviceTimes = ServiceTimes()
    /// The first answers, pushes and turns that were different, missing, cut short or early.
    package var examples: [Reaction] = []

    private let consumer: Party

    package init(consumer: Party = .server) { self.consumer = consumer }

    /// Counts a reaction.
    package mutating func add(_ reaction: Reaction) {
        switch reaction.what {
        case .answer(let answer):
            add(answer)
            keepExample(reaction, answer.compared)
        case .push(let push):
            pushes.add(push.compared)
            keepExample(reaction, push.compared)
        case .turn(let turn):
            turns.add(turn.compared)
            keepExample(reaction, turn.compared)
        case .silence: silences += 1
        case .attempt(let failure, _):
            if failure == nil { attemptsOpened += 1 } else { attemptsRefused += 1 }
        case .ended(let ending): add(ending)
        case .stalled: stalls += 1
        case .resumed: break
        case .lostSync: lostSyncs += 1
        case .output: outputLines += 1
        case .exited(let code): if exits.count < Self.maximumExamples { exits.append(code) }
        case .command: break
        case .accepted(let accepted):
            self.accepted += 1
            if reaction.attempt > 1 { redials += 1 }
            if accepted.by == .none { unassigned += 1 }
        case .resent(let resent): add(resent)
        case .elsewhere: elsewhere += 1
        case .unknown: unknown += 1
        }
    }

    private mutating func add(_ resent: Resent) {
        if resent.answer == .reused { reused += 1 }
        if resent.isSessionState {
            resentState += 1
        } else {
            self.resent += 1
            if resent.answer == .reused { resentAnswered += 1 }
        }
    }

    private mutating func add(_ answer: Answer) {
        answers.add(answer.compared)
        if answer.compared != .missing, answer.isError { errorAnswers += 1 }
        if answer.isError, answer.wasError == false { newErrorAnswers += 1 }
        if answer.wasError == true, answer.compared != .lost { recordedErrorAnswers += 1 }
        if let service = answer.serviceNanoseconds {
            serviceTimes.add(service, kind: answer.kind)
        }
    }

    private mutating func add(_ ending: Ending) {
        guard ending.by == consumer else { return }
        switch ending.how {
        case .closed: closes += 1
        case .reset: resets += 1
        case .failed: failures += 1
        }
        if ending.isUnasked { unaskedEnds += 1 }
    }

    private mutating func keepExample(_ reaction: Reaction, _ compared: Compared?) {
        guard examples.count < Self.maximumExamples else { return }
        switch compared {
        case .different, .missing, .cutShort, .early: examples.append(reaction)
        case .same, .extra, .late, .lost, nil: break
        }
    }
}

/// How many compared how.
package struct ComparedCounts: Hashable, Sendable {
    private var counts: [Compared: UInt64] = [:]
    /// Those that were not compared.
    package private(set) var notCompared: UInt64 = 0

    package init() {}

    package subscript(compared: Compared) -> UInt64 { counts[compared] ?? 0 }

    package var total: UInt64 { counts.values.reduce(notCompared, +) }

    package mutating func add(_ compared: Compared?) {
        if let compared { counts[compared, default: 0] += 1 } else { notCompared += 1 }
    }
}
