import Faults
import Recordings
import Text

/// Reduces the reactions of one run to an `Observation`, as they come or as they are read back.
///
/// The reactions must carry their contents (`ReactionSettings.keepsContent`). Feed it all of them
/// in order with `receive`, tell it of the health checks and of the moment at which Weir ends the
/// consumer, and `finish`.
package struct ObservationBuilder: Sendable {
    /// The command of this name is no probe.
    package static let resetName = "reset"
    /// A command of this name is a health check, which passed where its exit code is 0.
    package static let healthName = "health"

    private let schedule: Schedule
    private let settings: JudgeSettings
    private let asksForFaults: Bool
    private let limits: Observation.Limits
    private var run = Observation()
    private var kinds: [String: UInt16] = [:]
    private var places: [UInt32: Int] = [:]
    private var strikes: [String: UInt32] = [:]
    private var isEnding = false
    private var lost: [String: UInt64] = [:]
    private var pushes = 0

    /// - Parameter asksForFaults: whether this run was to be disturbed, even where the schedule
    ///   came out without strikes and conditions.
    package init(
        schedule: Schedule, settings: JudgeSettings, asksForFaults: Bool,
        limits: Observation.Limits = Observation.Limits()
    ) {
        self.schedule = schedule
        self.settings = settings
        self.asksForFaults = asksForFaults
        self.limits = limits
        for (index, strike) in schedule.strikes.enumerated() {
            strikes[strike.id] = UInt32(clamping: index + 1)
        }
    }

    /// Takes the next reaction.
    package mutating func receive(_ reaction: Reaction) {
        switch reaction.what {
        case .answer(let answer): receive(answer, reaction)
        case .push(let push): receive(push, reaction)
        case .turn(let turn): receive(turn, reaction)
        case .attempt(let failure, _): attempt(failure, reaction)
        case .ended(let ending): receive(ending, reaction)
        case .lostSync(.downstream, _, let reason): loseSync(reason, reaction)
        case .output(_, let line): receive(line: line, at: reaction.instant)
        case .exited(let code): exit(code, at: reaction.instant)
        case .command(let command): receive(command, at: reaction.instant)
        case .silence, .stalled, .resumed, .lostSync, .accepted, .resent, .elsewhere, .unknown:
            break
        }
    }

    /// A health check ended.
    package mutating func check(_ check: HealthCheck) {
        guard run.health.count < limits.signs else { return }
        run.health.append(check)
    }

    /// From now on Weir itself ends the consumer's process: its exit is no crash.
    package mutating func endConsumer() { isEnding = true }

    /// What a consumer that dials did, and did again.
    /// - Parameters:
    ///   - asked: how many of the recorded messages it sent, each counted once.
    ///   - retryCount: all retries, those too that are not among `retries`.
    ///   - reconnectNanoseconds: the longest time from a cut until it dialled again.
    ///   - notReconnected: connections that it did not dial again, though more was to be played.
    package mutating func receive(
        asked: UInt64?, retries: [ObservedRetry], retryCount: UInt64,
        reconnectNanoseconds: Int64?, notReconnected: UInt64
    ) {
        run.asked = asked
        run.retries = Array(retries.prefix(limits.signs))
        run.measures.retries = retryCount
        run.measures.reconnectNanoseconds = reconnectNanoseconds
        run.measures.notReconnected = notReconnected
    }

    /// Takes how much of the consumer's output was not kept, so that only loud lines of it count.
    package mutating func receive(missedOutputBytes count: UInt64) {
        if count > 0 { lost["bytes of the consumer's output", default: 0] += count }
    }

    /// The run is over.
    /// - Parameter recorded: what was played; of nothing, no condition covers anything.
    package mutating func finish(
        _ outcomes: OutcomeLedger, of recorded: Transcript = Transcript(),
        ending: RunEnding = .completed
    ) -> Observation {
        run.limits = limits
        run.ending = ending
        run.asksForFaults = asksForFaults
        let covering = CoveringConditions(
            of: recorded, schedule, for: settings.consumer, run.connections)
        run.conditions = covering.ids
        run.counts.conditions = UInt64(run.conditions.count)
        run.idleConditions = UInt64(schedule.conditions.count - run.conditions.count)
        run.strikes = Array(outcomes.entries)
        run.isReadSlowly =
            schedule.conditions.contains { $0.effect.isSlowReading }
            || run.strikes.contains {
                $0.outcome.result == .applied && $0.strike.direction == .downstream
                    && $0.strike.effect.isStall
            }
        // What the schedule itself rules out was not planned.
        for entry in run.strikes {
            let isPlanned = entry.strike.isPlanned
            if isPlanned { run.counts.planned += 1 }
            switch entry.outcome.result {
            case .applied: run.counts.applied += 1
            case .preempted where isPlanned: run.counts.preempted += 1
            case .preempted: run.counts.preemptedBefore += 1
            case .skipped where isPlanned: run.counts.skipped += 1
            case .skipped: run.counts.skippedBefore += 1
            }
        }
        run.connections.sort { $0.number < $1.number }
        if settings.consumer == .server { run.findCuts(recorded) }
        sortAnswers()
        if run.contents.notKept > 0 {
            lost["bytes of a content", default: 0] = run.contents.notKept
        }
        run.notKept = lost.sorted { $0.key < $1.key }.map { Coverage.Reason($0.key, $0.value) }
        return run
    }

    /// Of several answers to one message the last counts: those before were lost with a cut.
    private mutating func sortAnswers() {
        let order = run.answers.indices.sorted {
            let (left, right) = (run.answers[$0].key, run.answers[$1].key)
            return left == right ? $0 < $1 : left < right
        }
        var sorted: [ObservedAnswer] = []
        sorted.reserveCapacity(order.count)
        for index in order {
            let answer = run.answers[index]
            if let last = sorted.last, last.key == answer.key {
                // What came counts more than that nothing came on another attempt.
                if answer.state == .whole || last.state != .whole {
                    sorted[sorted.count - 1] = answer
                }
            } else {
                sorted.append(answer)
            }
        }
        run.answers = sorted
    }
}

// MARK: - Reactions

extension ObservationBuilder {
    private mutating func receive(_ answer: Answer, _ reaction: Reaction) {
        let place = place(of: reaction)
        if let place {
            run.connections[place].furthest = max(run.connections[place].furthest, answer.message)
        }
        if answer.compared != .missing, let service = answer.serviceNanoseconds {
            run.measures.serviceTimes.add(service, kind: answer.kind)
        }
        if answer.isError { receiveError(answer, reaction) }
        guard answer.copy == 0, answer.message > 0, answer.compared != .lost else { return }
        guard run.answers.count < limits.answers else {
            lost["answer", default: 0] += 1
            let key = ObservedAnswer.Key(
                connection: reaction.connection, message: answer.message, part: answer.part)
            run.firstLost = min(run.firstLost ?? key, key)
            return
        }
        let state: ObservedAnswer.State =
            switch answer.compared {
            case .missing: .missing
            case .cutShort: .cutShort
            default: .whole
            }
        run.answers.append(
            ObservedAnswer(
                connection: reaction.connection, attempt: reaction.attempt,
                kind: kind(answer.kind), answerKind: kind(answer.answerKind),
                message: answer.message, part: answer.part, state: state,
                isError: answer.isError, isExtra: answer.compared == .extra,
                strike: strikes[reaction.strike] ?? 0, instant: reaction.instant,
                service: answer.serviceNanoseconds ?? -1, content: store(answer.content)))
    }

    private mutating func receiveError(_ answer: Answer, _ reaction: Reaction) {
        run.measures.errorAnswers += 1
        guard run.signs.errorAnswers.count < limits.signs else {
            lost["error answer as a sign", default: 0] += 1
            return
        }
        let head = answer.content?.head.prefix(Difference.excerptBytes) ?? []
        let text = EscapedText(Array(head).span).description
        run.signs.errorAnswers.append(
            ObservedSigns.ErrorAnswer(
                key: ObservedAnswer.Key(
                    connection: reaction.connection, message: answer.message, part: answer.part),
                copy: answer.copy, instant: reaction.instant, text: text))
    }

    private mutating func receive(_ push: Push, _ reaction: Reaction) {
        guard push.compared != .missing, let place = place(of: reaction) else { return }
        guard pushes < limits.pushes else {
            lost["push", default: 0] += 1
            return
        }
        pushes += 1
        run.connections[place].pushes.append(
            ObservedPush(
                attempt: reaction.attempt, instant: reaction.instant, kind: kind(push.kind),
                isCutShort: push.compared == .cutShort, content: store(push.content)))
    }

    private mutating func receive(_ turn: Turn, _ reaction: Reaction) {
        guard let content = turn.content, let place = place(of: reaction) else { return }
        var turns = run.connections[place].turns ?? ObservedTurns()
        turns.attempt = reaction.attempt
        turns.content = content
        turns.instant = reaction.instant
        if turns.ends.count < ObservedTurns.keptEnds { turns.ends.append(content.bytes) }
        run.connections[place].turns = turns
    }

    private mutating func attempt(_ failure: Event.Refusal?, _ reaction: Reaction) {
        guard let place = place(of: reaction) else { return }
        run.connections[place].attempts = max(run.connections[place].attempts, reaction.attempt)
        if failure != nil {
            run.connections[place].refused = reaction.instant
        } else if run.connections[place].refused != nil {
            run.connections[place].refused = nil
            run.connections[place].reopened = reaction.instant
        }
    }

    private mutating func receive(_ ending: Ending, _ reaction: Reaction) {
        guard let place = place(of: reaction) else { return }
        run.connections[place].furthest = max(run.connections[place].furthest, ending.furthest)
        guard ending.isUnasked, ending.by == settings.consumer else { return }
        run.connections[place].endedUnasked =
            run.connections[place].endedUnasked ?? reaction.instant
        run.measures.unaskedEnds += 1
        guard run.signs.unaskedEnds.count < limits.signs else { return }
        let how = ending.how == .closed ? "closed" : "reset"
        run.signs.unaskedEnds.append(
            ObservedSigns.Occurrence(
                connection: reaction.connection, instant: reaction.instant,
                text: "connection \(reaction.connection) \(how) by the consumer"))
    }

    private mutating func loseSync(_ reason: String, _ reaction: Reaction) {
        guard let place = place(of: reaction), run.connections[place].lostSync == nil else {
            return
        }
        run.connections[place].lostSync = reaction.instant
        run.connections[place].lostSyncReason = reason
    }

    private mutating func receive(line: String, at instant: Instant) {
        let bytes = Array(line.utf8)
        guard settings.loudLog.matches(in: bytes.span) else { return }
        guard run.signs.lines.count < limits.signs else {
            lost["line of the consumer as a sign", default: 0] += 1
            return
        }
        run.signs.lines.append(
            ObservedSigns.Occurrence(
                connection: 0, instant: instant,
                text: String(line.prefix(ObservedSigns.lineLimit))))
    }

    private mutating func exit(_ code: Int32, at instant: Instant) {
        guard !isEnding else { return }
        if run.crash == nil { run.crash = Observation.Crash(code: code, instant: instant) }
        guard code != 0, run.signs.exits.count < limits.signs else { return }
        run.signs.exits.append(
            ObservedSigns.Occurrence(connection: 0, instant: instant, text: "exit code \(code)"))
    }

    private mutating func receive(_ command: CommandOutcome, at instant: Instant) {
        if command.name == Self.healthName {
            return check(HealthCheck(at: instant, passed: command.exitCode == 0))
        }
        guard command.name != Self.resetName, run.probes.count < limits.signs else { return }
        run.probes.append(
            ObservedProbe(
                name: command.name, exitCode: command.exitCode, instant: instant,
                output: command.content ?? Content(command.output)))
    }

    // MARK: - Tables

    private mutating func store(_ content: Content?) -> StoredContent {
        guard let content else { return .none }
        return run.contents.add(content, limit: limits.contentBytes)
    }

    private mutating func kind(_ name: String) -> UInt16 {
        if let index = kinds[name] { return index }
        // Framers have a bounded set of kinds; whatever comes beyond is one kind.
        guard kinds.count < Int(UInt16.max) else { return UInt16.max - 1 }
        let index = UInt16(kinds.count)
        kinds[name] = index
        run.kinds.append(name)
        return index
    }

    private mutating func place(of reaction: Reaction) -> Int? {
        guard reaction.connection > 0 else { return nil }
        if let place = places[reaction.connection] {
            run.connections[place].lastInstant = reaction.instant
            return place
        }
        guard run.connections.count < limits.connections else {
            lost["connection", default: 0] += 1
            return nil
        }
        var connection = ObservedConnection(number: reaction.connection)
        connection.lastInstant = reaction.instant
        run.connections.append(connection)
        places[reaction.connection] = run.connections.count - 1
        return run.connections.count - 1
    }
}

extension ConditionEffect {
    /// Whether it makes Weir itself read slowly.
    var isSlowReading: Bool { if case .slowReader = self { true } else { false } }
}
