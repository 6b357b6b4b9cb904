import Recordings

/// What a run has beside paired answers: pushes, links that are not read as messages, probes.
struct BesideDeviation {
    enum What {
        case wrong(Difference)
        case missing(StoredContent)
        /// Where the baseline has nothing.
        case extra(StoredContent)
        case exitCode(expected: Int32, actual: Int32)
    }

    var place: Symptom.Place
    var instant: Instant
    var what: What
}

extension RunComparison {
    static let steadyPushes = "pushes whose number differs between clean runs"

    // MARK: - Pushes

    /// Pushes of a connection belong together by a longest common subsequence: one that is missing
    /// must not accuse all behind it.
    mutating func comparePushes() -> [BesideDeviation] {
        var deviations: [BesideDeviation] = []
        for clean in baseline.run.connections where !clean.pushes.isEmpty {
            guard !baseline.unsteadyPushes.contains(clean.number) else {
                leaveOut(Self.steadyPushes, UInt64(clean.pushes.count))
                continue
            }
            guard !touched.isStopped(connection: clean.number) else {
                leaveOut("pushes of connections that a strike stopped", UInt64(clean.pushes.count))
                continue
            }
            deviations += comparePushes(clean, connection(clean.number))
        }
        for other in run.connections where !other.pushes.isEmpty {
            let clean = Self.find(other.number, in: baseline.run.connections)
            guard clean?.pushes.isEmpty ?? true else { continue }
            for (index, push) in other.pushes.enumerated() {
                deviations.append(extra(push, index, of: other))
            }
        }
        return deviations
    }

    private mutating func comparePushes(
        _ clean: ObservedConnection, _ other: ObservedConnection?
    ) -> [BesideDeviation] {
        let pushes = other?.pushes ?? []
        let hunks = Alignment(clean.pushes.count, pushes.count) { expected, actual in
            compare(clean.pushes[expected], pushes[actual]) == .same
        }.hunks
        countPushes(UInt64(clean.pushes.count))
        let attempt = other?.attempts ?? 1
        let end = other?.lastInstant ?? .start
        var deviations: [BesideDeviation] = []
        for hunk in hunks {
            let pairs = min(hunk.expected.count, hunk.actual.count)
            for offset in 0..<max(hunk.expected.count, hunk.actual.count) {
                let (expected, actual) = (
                    hunk.expected.lowerBound + offset, hunk.actual.lowerBound + offset
                )
                if offset < pairs {
                    guard
                        case .different(let difference) = compare(
                            clean.pushes[expected], pushes[actual])
                    else { continue }
                    deviations.append(
                        BesideDeviation(
                            place: .push(
                                connection: clean.number, attempt: pushes[actual].attempt,
                                number: UInt64(expected + 1)),
                            instant: pushes[actual].instant, what: .wrong(difference)))
                } else if offset < hunk.expected.count {
                    deviations.append(
                        BesideDeviation(
                            place: .push(
                                connection: clean.number, attempt: attempt,
                                number: UInt64(expected + 1)), instant: end,
                            what: .missing(clean.pushes[expected].content)))
                } else if let other {
                    deviations.append(extra(pushes[actual], actual, of: other))
                }
            }
        }
        return deviations
    }

    private func extra(
        _ push: ObservedPush, _ index: Int, of connection: ObservedConnection
    ) -> BesideDeviation {
        BesideDeviation(
            place: .push(
                connection: connection.number, attempt: push.attempt, number: UInt64(index + 1)),
            instant: push.instant, what: .extra(push.content))
    }

    private func compare(
        _ expected: ObservedPush, _ actual: ObservedPush
    ) -> ContentComparison.Outcome {
        baseline.comparison.compare(
            expected.content, in: baseline.run.contents, actual.content, in: run.contents,
            kind: baseline.run.maskKind(of: expected))
    }

    // MARK: - Links without messages

    /// Without pairs of question and answer, all that came on a connection is one content. A strike
    /// changes what comes in ways that nobody can tell from a fault of the consumer's: only
    /// connections without one are compared.
    mutating func compareTurns() -> [BesideDeviation] {
        var deviations: [BesideDeviation] = []
        for clean in baseline.run.connections {
            guard let turns = clean.turns else { continue }
            let other = connection(clean.number)
            guard !touched.isTouched(connection: clean.number), other?.attempts ?? 1 <= 1 else {
                leaveOut("connections that a strike touched, whose answers cannot be paired")
                continue
            }
            countTurns()
            let actual = other?.turns ?? ObservedTurns()
            guard case .different(let difference) = baseline.compare(turns, actual) else {
                continue
            }
            let number = turns.turn(at: difference.offset)
            let place = Symptom.Place.turn(
                connection: clean.number, attempt: max(1, actual.attempt), number: number)
            let isShort = difference.offset >= actual.content.bytes
            let missing = StoredContent(
                length: turns.content.bytes - min(turns.content.bytes, difference.offset), hash: 0,
                tailHash: 0, start: 0, count: 0)
            deviations.append(
                BesideDeviation(
                    place: place, instant: other?.lastInstant ?? .start,
                    what: isShort ? .missing(missing) : .wrong(difference)))
        }
        return deviations
    }

    // MARK: - Probes

    /// Probes are never masked: what a probe prints is what its user wants to be the same.
    mutating func compareProbes() -> [BesideDeviation] {
        var deviations: [BesideDeviation] = []
        for clean in baseline.run.probes {
            guard let probe = run.probe(clean.name) else {
                leaveOut("probes that did not run")
                continue
            }
            let isSame = probe.exitCode == clean.exitCode && probe.output == clean.output
            guard isSame || !run.hasUnreadableCut else {
                leaveProbeOpen()
                continue
            }
            countProbe()
            let place = Symptom.Place.probe(clean.name)
            if probe.exitCode != clean.exitCode {
                deviations.append(
                    BesideDeviation(
                        place: place, instant: probe.instant,
                        what: .exitCode(expected: clean.exitCode, actual: probe.exitCode)))
            } else if probe.output != clean.output {
                deviations.append(
                    BesideDeviation(
                        place: place, instant: probe.instant,
                        what: .wrong(Self.difference(clean.output, probe.output))))
            }
        }
        return deviations
    }

    private static func difference(_ expected: Content, _ actual: Content) -> Difference {
        let (left, right) = (expected.head, actual.head)
        var offset = 0
        while offset < min(left.count, right.count), left[offset] == right[offset] { offset += 1 }
        let fits = max(left.count, right.count) <= Difference.excerptBytes
        let from = fits ? 0 : max(0, offset - Difference.contextBytes)
        return Difference(
            offset: UInt64(offset), excerptOffset: UInt64(from),
            expected: Array(left.dropFirst(from).prefix(Difference.excerptBytes)),
            actual: Array(right.dropFirst(from).prefix(Difference.excerptBytes)),
            expectedBytes: expected.bytes)
    }
}
