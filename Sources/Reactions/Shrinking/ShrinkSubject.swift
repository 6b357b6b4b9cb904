import Faults
import Recordings

/// What is to be made smaller: a schedule that showed a symptom, and the recording it is for.
package struct ShrinkSubject: Sendable {
    package let schedule: Schedule
    package let symptom: Symptom
    package let transcript: Transcript
    /// Whether the test was paced so already.
    package let isAsap: Bool
    /// Whether the recording may be made smaller: a consumer that dials asks what it asks, however
    /// little of it is there.
    package let cutsRecording: Bool
    private let places: [UInt32: Int]

    /// A recording that takes less than this is not worth a try to replay it as fast as it goes.
    static let shortNanoseconds: Int64 = 1_000_000_000
    /// More messages (or groups) than this are not taken away one by one.
    static let mostMessages = 65_536

    package init(
        schedule: Schedule, symptom: Symptom, transcript: Transcript, isAsap: Bool = false,
        cutsRecording: Bool = true
    ) {
        self.schedule = schedule
        self.symptom = symptom
        self.transcript = transcript
        self.isAsap = isAsap
        self.cutsRecording = cutsRecording
        var places: [UInt32: Int] = [:]
        for (index, connection) in transcript.connections.enumerated()
        where places[connection.number] == nil {
            places[connection.number] = index
        }
        self.places = places
    }

    /// How to look for the smallest of one thing; nil where there is nothing to look for.
    func search(_ step: ShrinkStep, from best: ShrinkCandidate) -> ShrinkSearch? {
        if !cutsRecording, step.isOfRecording { return nil }
        return switch step {
        case .pacing: isAsap ? nil : pacing(best)
        case .firstEnding: ending(best, shares: [0], leastSaved: 4)
        case .ending: ending(best, shares: [0, 4, 2], leastSaved: .max)
        case .strikes: strikes(best)
        case .conditions:
            best.conditions.isEmpty
                ? nil
                : .parts(
                    DeltaDebugging(
                        count: best.conditions.count, mayBeEmpty: !best.strikes.isEmpty),
                    of: .conditions(best.conditions))
        case .details: nil
        case .connectionsOf(let index): connections(ofCondition: index, best)
        case .endOf(let index): end(ofCondition: index, best)
        case .startOf(let index): start(ofCondition: index, best)
        case .weaker(let index):
            .candidates(
                Ladder(
                    Weakening.steps(best.conditions[index].effect).map { effect in
                        var candidate = best
                        candidate.conditions[index].effect = effect
                        return candidate
                    }))
        case .weakerStrike(let index):
            .candidates(
                Ladder(
                    Weakening.steps(best.strikes[index].effect).map { effect in
                        var candidate = best
                        candidate.strikes[index].effect = effect
                        return candidate
                    }))
        case .connections: connections(best)
        case .messages: messages(best)
        }
    }

    private func connection(_ number: UInt32) -> TranscriptConnection? {
        places[number].map { transcript.connections[$0] }
    }

    /// When a message of a connection began; nil where there is none.
    private func began(
        _ message: UInt64, of number: UInt32, _ direction: Direction = .upstream
    ) -> Instant? {
        guard let link = connection(number)?[direction], 1...max(1, link.count) ~= message,
            link.count > 0
        else { return nil }
        return link.began(message)
    }
}

// MARK: - Strikes

extension ShrinkSubject {
    private func strikes(_ best: ShrinkCandidate) -> ShrinkSearch? {
        let ranked = best.strikes.enumerated().map { (place: $0, strike: $1) }
            .map { ($0, rank($0.strike)) }
            .sorted { left, right in
                (left.1.group, left.1.order, left.0.place)
                    < (right.1.group, right.1.order, right.0.place)
            }
        guard !ranked.isEmpty else { return nil }
        let suspects = ranked.count { $0.1.group == 0 }
        let near = ranked.count { $0.1.group <= 1 }
        return .parts(
            DeltaDebugging(
                count: ranked.count, prefixes: [1, suspects, near].uniqued,
                mayBeEmpty: !best.conditions.isEmpty),
            of: .strikes(ranked.map(\.0)))
    }

    /// How likely a strike stands behind the symptom: suspects in their order, then those before
    /// it on its connection, the nearest first, then the others before it, then the rest.
    private struct Rank {
        var group: Int
        var order: Int64
    }

    private func rank(_ strike: Strike) -> Rank {
        if let place = symptom.suspects.firstIndex(of: strike.id) {
            return Rank(group: 0, order: Int64(place))
        }
        let until = symptomBegan
        let instant = began(strike.message, of: strike.connection, strike.direction)
        let isBefore = until.map { until in instant.map { $0 <= until } ?? false } ?? true
        guard isBefore else { return Rank(group: 3, order: 0) }
        let group = strike.connection == symptom.place.connection ? 1 : 2
        // The complement falls as the instant rises, as the negative does, and there always is one.
        return Rank(group: group, order: instant.map { ~$0.nanoseconds } ?? 0)
    }

    /// When the message began on which the symptom shows; nil where no message shows it.
    private var symptomBegan: Instant? {
        guard let number = symptom.place.connection, let message = symptom.place.message,
            case .answer = symptom.place
        else { return nil }
        return began(message, of: number)
    }
}

// MARK: - The recording

extension ShrinkSubject {
    private func pacing(_ best: ShrinkCandidate) -> ShrinkSearch? {
        guard let first = transcript.connections.first?.opened ?? began(1, of: 1),
            let last = lastMessage(best),
            last.nanoseconds(since: first) >= Self.shortNanoseconds
        else { return nil }
        var candidate = best
        candidate.setting.isAsap = true
        return .candidates(Ladder([candidate]))
    }

    /// When the last message began that is kept.
    private func lastMessage(_ best: ShrinkCandidate) -> Instant? {
        let part = best.setting.part
        let last = transcript.connections.compactMap { connection -> Instant? in
            guard part.keeps(connection.number), connection.upstream.count > 0 else { return nil }
            return connection.upstream.began(connection.upstream.count)
        }.max()
        return last.map { min($0, part.until ?? $0) }
    }

    /// The recording ended with what the strikes and the symptom need, or some way behind it.
    /// - Parameters:
    ///   - shares: that way: the how-many-eth part of the rest; 0 is none.
    ///   - leastSaved: not tried where less than this part of the recording would go.
    private func ending(
        _ best: ShrinkCandidate, shares: [Int64], leastSaved: Int64
    ) -> ShrinkSearch? {
        guard let last = lastMessage(best), let needed = neededUntil(best), needed < last
        else { return nil }
        let rest = last.nanoseconds(since: needed)
        guard rest > last.nanoseconds / leastSaved else { return nil }
        let steps = shares.map { share in
            var candidate = best
            let until = needed.advanced(byNanoseconds: share == 0 ? 0 : rest / share)
            candidate.setting.part.until = until
            candidate.strikes = best.strikes.filter { strike in
                lastBegan(strike).map { $0 <= until } ?? false
            }
            return candidate
        }
        return .candidates(Ladder(steps))
    }

    /// When the last message began that the symptom needs, as far as can be said; nil: all may be
    /// needed.
    private func neededUntil(_ best: ShrinkCandidate) -> Instant? {
        if let symptomBegan { return symptomBegan }
        switch symptom.place {
        case .answer, .push, .turn, .connection: return nil
        case .probe, .process: break
        }
        return best.strikes.compactMap(lastBegan).max()
    }

    /// When the last message began that a strike needs.
    private func lastBegan(_ strike: Strike) -> Instant? {
        guard strike.direction == .upstream else {
            return began(strike.lastMessage, of: strike.connection, strike.direction)
        }
        return needs(of: strike).compactMap { began($0.messages.upperBound, of: $0.connection) }
            .max()
    }

    /// The upstream messages without which a strike cannot be done.
    private func needs(
        of strike: Strike
    ) -> [(connection: UInt32, messages: ClosedRange<UInt64>)] {
        guard strike.direction == .upstream else {
            guard let link = connection(strike.connection)?[strike.direction],
                1...max(1, link.count) ~= strike.message, link.count > 0,
                case .answer(let request, _, _) = link.message(strike.message).role
            else { return [] }
            return [(strike.connection, request...request)]
        }
        var range = strike.message...max(strike.message, strike.lastMessage)
        for resent in strike.effect.cut?.resend ?? [] {
            range = min(range.lowerBound, resent.lowerBound)...range.upperBound
        }
        switch strike.effect {
        case .reorder(let with):
            return [
                (strike.connection, range.lowerBound...max(range.upperBound, with.upperBound))
            ]
        case .overtaken(let by, let other): return [(strike.connection, range), (other, by...by)]
        default: return [(strike.connection, range)]
        }
    }

    private func connections(_ best: ShrinkCandidate) -> ShrinkSearch? {
        var kept = Set(best.strikes.map(\.connection))
        kept.formUnion(best.strikes.flatMap { needs(of: $0).map(\.connection) })
        if let number = symptom.place.connection { kept.insert(number) }
        let part = best.setting.part
        let numbers = transcript.connections.map(\.number).filter { part.keeps($0) }
        let others = numbers.uniqued.filter { !kept.contains($0) }
        guard !others.isEmpty, !(kept.isEmpty && others.count == 1) else { return nil }
        return .parts(
            DeltaDebugging(count: others.count, mayBeEmpty: !kept.isEmpty),
            of: .connections(others, kept: kept.sorted()))
    }

    private func messages(_ best: ShrinkCandidate) -> ShrinkSearch? {
        var needed: [UInt32: [ClosedRange<UInt64>]] = [:]
        for need in best.strikes.flatMap(needs) {
            needed[need.connection, default: []].append(need.messages)
        }
        if let number = symptom.place.connection, let message = symptom.place.message {
            needed[number, default: []].append(message...message)
        }
        var removable: [(connection: UInt32, messages: ClosedRange<UInt64>)] = []
        for connection in transcript.connections
        where best.setting.part.keeps(connection.number) && connection.pairsAnswers {
            for group in connection.removableGroups {
                let isNeeded = needed[connection.number]?.contains { $0.overlaps(group) } ?? false
                guard !isNeeded,
                    best.setting.part.keeps(
                        group.lowerBound, of: connection.number,
                        began: connection.upstream.began(group.lowerBound))
                else { continue }
                removable.append((connection.number, group))
                guard removable.count <= Self.mostMessages else { return nil }
            }
        }
        guard !removable.isEmpty else { return nil }
        return .parts(
            DeltaDebugging(count: removable.count, mayBeEmpty: true), of: .messages(removable))
    }
}

extension TranscriptConnection {
    /// Upstream messages that can go without others, groups as one: no handshake or session state,
    /// and none whose answers cannot be told.
    fileprivate var removableGroups: [ClosedRange<UInt64>] {
        var groups: [ClosedRange<UInt64>] = []
        var number: UInt64 = 1
        while number <= upstream.count {
            let first = number
            var isRemovable = true
            repeat {
                isRemovable =
                    isRemovable && !upstream.hasState(number) && !exchange(number).isByTurns
                number += 1
            } while number <= upstream.count && upstream.continuesGroup(number)
            if isRemovable { groups.append(first...(number - 1)) }
        }
        return groups
    }
}

// MARK: - Conditions

extension ShrinkSubject {
    /// Only on the connections that are struck, or show the symptom.
    private func connections(ofCondition index: Int, _ best: ShrinkCandidate) -> ShrinkSearch? {
        var numbers = Set(best.strikes.map(\.connection))
        if let number = symptom.place.connection { numbers.insert(number) }
        guard !numbers.isEmpty, numbers.count < transcript.connections.count else { return nil }
        var steps: [ShrinkCandidate] = []
        var candidate = best
        if let number = symptom.place.connection, numbers.count > 1 {
            candidate.conditions[index].connections = [number...number]
            steps.append(candidate)
        }
        candidate.conditions[index].connections = numbers.sorted().map { $0...$0 }
        steps.append(candidate)
        return .candidates(Ladder(steps.filter { $0 != best }))
    }

    /// The last message that it has to cover.
    private func end(ofCondition index: Int, _ best: ShrinkCandidate) -> ShrinkSearch? {
        let condition = best.conditions[index]
        let longest = transcript.connections.filter { connection in
            condition.covers(
                connection: connection.number, route: connection.route, seed: schedule.seed)
                && best.setting.part.keeps(connection.number)
        }.map { $0[condition.direction].count }.max()
        guard condition.messages.isEmpty, let longest, longest > 1,
            let count = Int(exactly: longest)
        else { return nil }
        return .stretch(Bisection(1...count), of: .last(condition: index))
    }

    /// The first one, where the last one is known.
    private func start(ofCondition index: Int, _ best: ShrinkCandidate) -> ShrinkSearch? {
        guard let range = best.conditions[index].messages.first,
            best.conditions[index].messages.count == 1, range.upperBound < UInt64(Int.max),
            range.count > 1
        else { return nil }
        return .stretch(
            Bisection(1...range.count), of: .count(condition: index, last: range.upperBound))
    }
}

extension Array where Element: Hashable {
    /// Each element where it stands first.
    fileprivate var uniqued: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
