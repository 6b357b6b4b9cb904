import Recordings

/// Whether what was late in a run is late again when the very same is run again: only then it is a
/// symptom.
///
/// ```
/// a run with late answers ─► again ─► some are late again ─► again ─► those that are so still
///                              │ none                          │ none
///                              └───────────────────────────────┴────► nothing was late
/// ```
/// A schedule is the same each time, so a delay that a fault or the consumer makes comes again
/// where it was, and a moment in which the machine had other things to do does not. A late answer
/// stands where each of two repeats has
///
/// - the answer to the same message of the same recorded connection late too, or
/// - another late answer of the same connection behind which the same strike (or condition) is the
///   likeliest.
///
/// One repeat is not enough: a busy machine is late twice where there is most to do, at a
/// connection's first answer, say. What else is wrong in any of the runs is no chance of the
/// machine's: the worst of them counts.
package struct LatenessInquiry: Sendable {
    /// A schedule is run again so many times at most.
    package static let maximumRepeats = 2
    /// More late answers of one run than this are no hiccup: those beyond stand as they are.
    static let maximumLate = 1 << 16
    /// Late answers of one run whose cause is looked for; of those beyond the place alone counts.
    static let maximumCauses = 4_096

    private struct Run: Sendable {
        var observation: Observation
        /// What a strike keeps from arriving may depend on the run, and with it the clean runs.
        var baseline: Baseline
        var late: [LateAnswers.Place: String?]
        var causes: Set<Cause>
        /// All its late answers.
        var count: UInt64
    }

    /// What is the likeliest behind a late answer of a connection. Behind a strike that is the
    /// likeliest on one connection, another one has any hiccup of the machine's.
    private struct Cause: Hashable, Sendable {
        var connection: UInt32
        var id: String
    }

    private var runs: [Run] = []
    /// Whether anything hangs on it: no other reason against the run or its baseline comes first.
    private let isWorthIt: Bool

    /// - Parameter first: the run as it was asked for.
    package init(_ baseline: Baseline, _ first: Observation) {
        let isWhole =
            switch first.ending {
            case .completed: true
            case .interrupted: first.crash != nil
            case .unreadable, .defect: false
            }
        isWorthIt = isWhole && baseline.isStable
        add(first, baseline)
    }

    /// Late answers of the first run of which it is not known whether they are late each time.
    package var openCount: UInt64 {
        guard asksForRepeat else { return 0 }
        let run = runs[0].observation
        return UInt64(
            LateAnswers(run, runs[0].baseline).answers.count {
                let place = LateAnswers.Place(run.answers[$0])
                return runs[0].late[place].map { isLateAgain(place, $0, besides: 0) } ?? false
            })
    }

    /// Whether the schedule is to be run again.
    package var asksForRepeat: Bool {
        isWorthIt && !isRepeated
            && runs[0].late.contains { isLateAgain($0.key, $0.value, besides: 0) }
    }

    private var isRepeated: Bool { runs.count > Self.maximumRepeats }

    /// Takes the same schedule's next run.
    /// - Parameter baseline: what it is judged against; nil: what the first is.
    package mutating func receive(_ repeated: Observation, against baseline: Baseline? = nil) {
        add(repeated, baseline ?? runs[0].baseline)
    }

    /// What the runs come to together, and which of them counts: 0 is the first. Before all that it
    /// asks for was run, nothing is called tolerated: what was late may be late again.
    package func judge() -> (run: Int, judgement: Judgement) {
        let judgements = runs.indices.map {
            runs[$0].baseline.judge(runs[$0].observation, excused(in: $0))
        }
        var worst = 0
        // What says nothing takes the place of nothing.
        for (index, judgement) in judgements.enumerated() where judgement.verdict != .inconclusive {
            if judgement.verdict.rank > judgements[worst].verdict.rank { worst = index }
        }
        var judgement = judgements[worst]
        let open = openCount
        if open > 0, [.tolerated, .recovered].contains(judgement.verdict) {
            judgement.verdict = .inconclusive
            judgement.recoveryNanoseconds = nil
            judgement.reasons = [
                "\(open.counted("answer")) came late, and it was interrupted before it showed "
                    + "whether they are late again; run it again to its end"
            ]
        }
        if runs.count > 1 {
            let late = judgement.symptomCounts[.delayed] ?? 0
            judgement.repeats = Repeats(
                runs: UInt64(runs.count - 1),
                alike: UInt64(judgements.count { $0.verdict == judgements[worst].verdict }),
                lateAgain: late, notLateAgain: runs[worst].count - late)
        }
        return (worst, judgement)
    }

    // MARK: - What is late again

    private mutating func add(_ observation: Observation, _ baseline: Baseline) {
        let found = LateAnswers(observation, baseline)
        let late = found.places(
            in: observation, atMost: Self.maximumLate, causes: Self.maximumCauses)
        runs.append(
            Run(
                observation: observation, baseline: baseline, late: late,
                causes: Set(
                    late.compactMap { place, cause in
                        cause.map { Cause(connection: place.connection, id: $0) }
                    }),
                count: UInt64(found.answers.count)))
    }

    /// The places of a run's late answers that are not late each time.
    private func excused(in index: Int) -> Set<LateAnswers.Place> {
        guard isWorthIt else { return [] }
        return Set(
            runs[index].late.lazy.filter {
                !isRepeated || !isLateAgain($0.key, $0.value, besides: index)
            }.map(\.key))
    }

    /// Whether all other runs so far have it too.
    private func isLateAgain(
        _ place: LateAnswers.Place, _ cause: String?, besides index: Int
    ) -> Bool {
        runs.indices.allSatisfy { other in
            other == index || runs[other].late[place] != nil
                || cause.map {
                    runs[other].causes.contains(Cause(connection: place.connection, id: $0))
                } ?? false
        }
    }
}
