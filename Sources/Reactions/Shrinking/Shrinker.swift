import Faults
import Recordings

/// Looks for the smallest test that still shows a symptom: asks for candidates to be run, and takes
/// what they showed.
///
/// ```
/// does it repeat? ─► as fast as it goes ─► ended after the last strike ─► fewer strikes
///   ─► fewer conditions ─► shorter stretches, weaker settings
///   ─► ended earlier ─► fewer connections ─► fewer messages ─► does it repeat?
/// ```
/// It is a function of its subject and the answers alone: given the same answers again it is where
/// it was, and that is how an interrupted search goes on.
package struct Shrinker: Sendable {
    /// What is asked of it.
    package struct Limits: Hashable, Sendable {
        /// A candidate that did not show the symptom in so many runs is held to be without it.
        package var repeats: Int
        /// So many replays, clean ones too, and it ends with the best so far.
        package var mostReplays: Int

        package init(repeats: Int = 1, mostReplays: Int = 500) {
            self.repeats = repeats
            self.mostReplays = mostReplays
        }
    }

    /// Why it has ended.
    package enum Ending: String, Hashable, Sendable, CaseIterable {
        /// Nothing can be taken away any more.
        case smallest
        /// The whole did not show the symptom again.
        case notRepeated = "not-repeated"
        /// The best so far is not known to be the smallest.
        case outOfReplays = "out-of-replays"
    }

    /// What is being made smaller.
    package enum Phase: String, Hashable, Sendable, CaseIterable {
        case repeating, pacing, ending, strikes, conditions, stretches, settings, connections
        case messages, confirming
    }

    /// Runs of the whole in which a symptom has to show itself once, and of the smallest one.
    package static let confirmations = 3
    /// Accepted candidates to which it goes back when the smallest one does not show it again.
    private static let mostTrail = 16

    private let subject: ShrinkSubject
    private let limits: Limits
    private var agenda: [ShrinkStep]
    private var search: ShrinkSearch?
    private var trial: RepeatedTrial
    private var asked: ShrinkCandidate?
    private var trail: [ShrinkCandidate] = []
    /// The smallest one that showed the symptom.
    package private(set) var best: ShrinkCandidate
    /// How often the smallest one showed it in the end; nothing before.
    package private(set) var confirmation = Blame.Count(0, of: 0)
    package private(set) var phase = Phase.repeating
    package private(set) var replays = 0
    package private(set) var candidates = 0
    package private(set) var ending: Ending?

    /// Whether the symptom showed again at all.
    package var hasShown: Bool { phase != .repeating && ending != .notRepeated }
    /// Where it ends, in replays.
    package var mostReplays: Int { limits.mostReplays }

    package init(_ subject: ShrinkSubject, limits: Limits) {
        self.subject = subject
        self.limits = limits
        best = ShrinkCandidate(subject.schedule)
        trial = RepeatedTrial(repeats: max(limits.repeats, Self.confirmations))
        agenda = [.pacing, .firstEnding, .strikes, .conditions, .details, .ending, .connections]
        agenda += [.messages]
    }

    /// The candidate to run next, the same one again where it is not settled; nil at the end.
    package mutating func next() -> ShrinkCandidate? {
        guard ending == nil else { return nil }
        guard replays < limits.mostReplays else {
            ending = .outOfReplays
            return nil
        }
        if let asked { return asked }
        let candidate = upcoming()
        asked = candidate
        if candidate != nil { candidates += 1 }
        return candidate
    }

    /// Takes whether the last run of the candidate showed the symptom.
    /// - Parameter cost: how many replays that took, clean ones too.
    package mutating func receive(_ shown: Bool, cost: Int = 1) {
        guard let candidate = asked, ending == nil else { return }
        replays += max(0, cost)
        if phase == .confirming { return confirm(shown) }
        guard let settled = trial.receive(shown) else { return }
        asked = nil
        trial = RepeatedTrial(repeats: limits.repeats)
        if phase == .repeating {
            if settled { trail = [best] } else { ending = .notRepeated }
            phase = .pacing
            return
        }
        search?.receive(settled)
        guard settled else { return }
        best = candidate
        trail.append(candidate)
        if trail.count > Self.mostTrail { trail.removeFirst() }
    }

    // MARK: - Steps

    private mutating func upcoming() -> ShrinkCandidate? {
        if phase == .repeating || phase == .confirming { return best }
        while true {
            if let candidate = search?.next(best) { return candidate }
            search = nil
            guard !agenda.isEmpty else {
                phase = .confirming
                return best
            }
            let step = agenda.removeFirst()
            phase = step.phase
            if step == .details {
                agenda = ShrinkStep.details(of: best) + agenda
            } else {
                search = subject.search(step, from: best)
            }
        }
    }

    /// The smallest one has to show it again; one that never does is taken back.
    private mutating func confirm(_ shown: Bool) {
        confirmation = Blame.Count(
            confirmation.shown + (shown ? 1 : 0), of: confirmation.runs + 1)
        guard confirmation.runs == Self.confirmations else { return }
        asked = nil
        guard confirmation.shown == 0, trail.count > 1 else {
            ending = .smallest
            return
        }
        trail.removeLast()
        best = trail[trail.count - 1]
        confirmation = Blame.Count(0, of: 0)
    }
}

/// One thing that is made smaller.
enum ShrinkStep: Hashable, Sendable {
    case pacing
    case firstEnding
    case strikes
    case conditions
    /// Stands for the steps of what is left: see `details`.
    case details
    /// Of the condition with this place in the candidate.
    case connectionsOf(condition: Int)
    case endOf(condition: Int)
    case startOf(condition: Int)
    case weaker(condition: Int)
    case weakerStrike(Int)
    case ending
    case connections
    case messages

    var phase: Shrinker.Phase {
        switch self {
        case .pacing: .pacing
        case .firstEnding, .ending: .ending
        case .strikes: .strikes
        case .conditions: .conditions
        case .connectionsOf, .endOf, .startOf: .stretches
        case .details, .weaker, .weakerStrike: .settings
        case .connections: .connections
        case .messages: .messages
        }
    }

    /// Whether it changes what is played of the recording, and how.
    var isOfRecording: Bool {
        switch self {
        case .pacing, .firstEnding, .ending, .connections, .messages: true
        case .strikes, .conditions, .details, .connectionsOf, .endOf, .startOf, .weaker,
            .weakerStrike:
            false
        }
    }

    /// Details of more conditions and strikes than this are left as they are.
    static let mostDetails = 8

    static func details(of candidate: ShrinkCandidate) -> [ShrinkStep] {
        candidate.conditions.indices.prefix(mostDetails).flatMap { index in
            [
                .connectionsOf(condition: index), .endOf(condition: index),
                .startOf(condition: index), .weaker(condition: index),
            ]
        } + candidate.strikes.indices.prefix(mostDetails).map { .weakerStrike($0) }
    }
}
