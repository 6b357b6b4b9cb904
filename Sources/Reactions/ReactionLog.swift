import Faults
import Recordings

/// Works out what the consumer did, from what the recording says and the events of a replay as they
/// happen.
///
/// Feed it each event of the replay with `receive`, and take reactions with `next` until that gives
/// nil; at the end call `finish`. It is a pure function of the recording, the schedule and the
/// replay's events: over a replay that is read back it gives what it gave live.
///
/// Memory: the transcript, 4 MiB of the recording's bytes, and for each open attempt what awaits an
/// answer (at most `SentMessages.limit` messages).
package struct ReactionLog {
    private var context: ReactionContext
    private var told = 0
    private var states: [UInt32: Int] = [:]
    private var tracks: [AttemptTrack?] = []
    private var freeTracks: [Int] = []
    private var indexes: [Key: Int] = [:]
    /// The cuts of the schedule, by connection.
    private var cuts: [UInt32: [PlannedCut]] = [:]
    private var cutConnections: [String: UInt32] = [:]
    /// The strikes whose copies come on connections of their own.
    private var redelivering: Set<String> = []
    private var clock = SilenceClock()
    private var isInClock: [Bool] = []
    private var lastInstant = Instant.start

    private struct Key: Hashable {
        var connection: UInt32
        var attempt: UInt16
    }

    /// Stands in `indexes` for an attempt that has ended.
    private static let ended = -1

    /// - Parameters:
    ///   - recorded: the recording that is replayed.
    ///   - bytes: its file, as the transcript names places in it.
    /// - Throws: when there is no such framer.
    package init(
        of recorded: Transcript, bytes: any RandomAccessBytes, schedule: Schedule,
        settings: ReactionSettings
    ) throws(FramerError) {
        _ = try settings.framing.makeFramer(units: settings.units)
        context = ReactionContext(
            recorded: RecordedSide(recorded, bytes: bytes), settings: settings)
        for strike in schedule.strikes where strike.isPlanned {
            if case .duplicate(_, _, .new) = strike.effect { redelivering.insert(strike.id) }
            guard let cut = strike.effect.cut else { continue }
            cuts[strike.connection, default: []].append(
                PlannedCut(id: strike.id, then: cut.then, resend: cut.resend))
            cutConnections[strike.id] = strike.connection
        }
    }

    /// The next reaction.
    package mutating func next() -> Reaction? {
        guard told < context.reactions.count else {
            context.reactions.removeAll(keepingCapacity: context.reactions.count <= 4_096)
            told = 0
            return nil
        }
        told += 1
        return context.reactions[told - 1]
    }

    /// Takes the next event of the replay, with the bytes beside it.
    package mutating func receive(_ event: Event, _ bytes: Span<UInt8>) {
        pass(to: event.instant)
        lastInstant = max(lastInstant, event.instant)
        context.ordinal += 1
        switch event.fact {
        case .opened, .refused: attempt(event)
        case .strike(let outcome): settle(outcome)
        case .output(let source, let line): react(event, .output(source, line: line))
        case .exited(let code): react(event, .exited(code: code))
        case .command(let name, let exitCode, let took):
            var outcome = CommandOutcome(
                name: name, exitCode: exitCode, tookNanoseconds: took,
                output: Self.excerpt(bytes))
            if context.settings.keepsContent {
                outcome.content = Content()
                outcome.content?.take(bytes)
            }
            react(event, .command(outcome))
        case .mark(let label): note(label, event)
        case .dialled: break
        default:
            guard event.connection > 0, let index = index(of: event) else { return }
            receive(event, bytes, index)
        }
    }

    /// Says that the replay has come to this instant without an event: silences before it are told.
    package mutating func pass(to instant: Instant) {
        while let first = clock.first, first.instant < instant {
            clock.removeFirst()
            isInClock[first.track] = false
            guard let track = tracks[first.track], !track.hasSilenceBeenTold,
                let deadline = track.deadline(context)
            else { continue }
            if deadline <= first.instant {
                tracks[first.track]?.tellSilence(at: deadline, &context)
            } else {
                enterClock(first.track, deadline)
            }
        }
    }

    /// The replay is over: what is still owed is told.
    package mutating func finish() {
        for index in tracks.indices where tracks[index] != nil {
            tracks[index]?.settle(at: lastInstant, &context)
        }
        tracks = []
        indexes = [:]
        clock = SilenceClock()
    }

    // MARK: - Events

    private mutating func receive(_ event: Event, _ bytes: Span<UInt8>, _ index: Int) {
        let instant = event.instant
        switch event.fact {
        case .sent(let sent):
            tracks[index]?.send(sent, bytes, at: instant, &context)
        case .chunk where event.direction == .downstream:
            tracks[index]?.receive(bytes, at: instant, &context)
        case .finished(let by): end(event, .closed, by, index)
        case .reset(let by): end(event, .reset, by, index)
        case .failed(let errno, let by): end(event, .failed(errno: errno), by, index)
        case .stalled:
            tracks[index]?.stalledSince = instant
            react(event, .stalled)
        case .resumed:
            let since = tracks[index]?.stalledSince ?? instant
            react(event, .resumed(afterNanoseconds: instant.nanoseconds(since: since)))
        case .gap(let missing, _):
            guard let direction = event.direction else { return }
            tracks[index]?.conversation.gap(direction, bytes: missing)
            tracks[index]?.lose(direction, 0, "bytes are missing", at: instant, &context)
        default: break
        }
        guard index < isInClock.count, !isInClock[index], let track = tracks[index],
            !track.hasSilenceBeenTold, let deadline = track.deadline(context)
        else { return }
        enterClock(index, deadline)
    }

    private mutating func end(_ event: Event, _ how: Ending.How, _ by: Party, _ index: Int) {
        tracks[index]?.end(how, by: by, event.direction, at: event.instant, &context)
        guard tracks[index]?.hasEnded == true else { return }
        tracks[index] = nil
        freeTracks.append(index)
        indexes[Key(connection: event.connection, attempt: event.attempt)] = Self.ended
    }

    /// The attempt that comes next plays a copy alone.
    private mutating func note(_ label: String, _ event: Event) {
        guard event.connection > 0, let strike = Duplicate.redelivery(mark: label),
            redelivering.contains(strike)
        else { return }
        context.connections[state(of: event.connection)].redeliveries[event.attempt] = strike
    }

    private mutating func attempt(_ event: Event) {
        if case .refused(let reason, _, let took) = event.fact {
            react(event, .attempt(failure: reason, tookNanoseconds: took))
            return
        }
        _ = index(of: event)
        react(event, .attempt(failure: nil, tookNanoseconds: nil))
    }

    private func redelivery(_ event: Event) -> String? {
        guard event.connection > 0, let state = states[event.connection] else { return nil }
        return context.connections[state].redeliveries[event.attempt]
    }

    private mutating func settle(_ outcome: StrikeOutcome) {
        guard let connection = cutConnections.removeValue(forKey: outcome.id) else { return }
        let state = state(of: connection)
        let settled = context.connections[state].cuts.first { $0.id == outcome.id }
        context.connections[state].cuts.removeAll { $0.id == outcome.id }
        let key = Key(connection: connection, attempt: context.connections[state].attempt)
        guard let index = indexes[key], index != Self.ended else { return }
        if outcome.result == .applied {
            // One on what comes may be earlier than the first on what is sent.
            if let settled { tracks[index]?.cut = settled }
            tracks[index]?.isCut = true
        } else if tracks[index]?.cut?.id == outcome.id {
            tracks[index]?.cut = context.connections[state].cuts.first
        }
    }

    private mutating func react(_ event: Event, _ what: Reaction.What) {
        context.reactions.append(
            Reaction(
                at: event.instant, connection: event.connection, attempt: event.attempt,
                strike: redelivery(event) ?? "", what))
    }

    private mutating func enterClock(_ index: Int, _ deadline: Instant) {
        isInClock[index] = true
        clock.append(SilenceClock.Deadline(instant: deadline, track: index))
    }

    private static func excerpt(_ bytes: Span<UInt8>) -> [UInt8] {
        (0..<min(bytes.count, Difference.excerptBytes)).map { bytes[$0] }
    }

    // MARK: - Tables

    private mutating func state(of connection: UInt32) -> Int {
        if let state = states[connection] { return state }
        var state = ConnectionState(
            number: connection, recorded: context.recorded.index(of: connection))
        state.cuts = cuts.removeValue(forKey: connection) ?? []
        context.connections.append(state)
        states[connection] = context.connections.count - 1
        return context.connections.count - 1
    }

    /// The track of an event's attempt; nil once it has ended.
    private mutating func index(of event: Event) -> Int? {
        let key = Key(connection: event.connection, attempt: event.attempt)
        if let index = indexes[key] { return index == Self.ended ? nil : index }
        let state = state(of: event.connection)
        let settings = context.settings
        // The initialiser has made sure that there is such a framer.
        let framer = try? settings.framing.makeFramer(units: settings.units)
        let isRedelivery = context.connections[state].redeliveries[event.attempt] != nil
        let isCompared = (framer == nil || settings.units == .chunks) && !isRedelivery
        var track = AttemptTrack(
            event.attempt, state: state, framer: framer, isCompared: isCompared,
            keepsContent: settings.keepsContent)
        track.redelivery = context.connections[state].redeliveries[event.attempt]
        if track.redelivery == nil {
            context.connections[state].attempt = event.attempt
            track.cut = context.connections[state].cuts.first
        }
        let index = freeTracks.popLast() ?? tracks.count
        if index == tracks.count {
            tracks.append(track)
            isInClock.append(false)
        } else {
            tracks[index] = track
        }
        indexes[key] = index
        return index
    }
}
