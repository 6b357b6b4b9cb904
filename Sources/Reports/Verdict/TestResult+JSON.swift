import Reactions
import Recordings
import Text

/// A test's result for machines: `verdict.json`, and what `weir test --json` prints.
///
/// ```json
/// {"version":1,"verdict":"failed-silently","seed":7,"symptoms":[…],"strikes":{…},…,"runs":[…]}
/// ```
/// What stands at the top between `seed` and `not_tried` is the run that earned the verdict, once
/// more: who asks for one seed reads no further. `runs` has all of them.
extension TestResult {
    package static let version: UInt64 = 1

    /// More symptoms of one run than this are counted, not written.
    package static let maximumListed = Judgement.maximumSymptoms
    /// Of many runs each has fewer, so that all of them together have no more than this, five a
    /// run aside.
    static let maximumListedInAll = 10_000

    /// The run that earned the verdict, the first of several; nil where there was none.
    package var decidingRun: JudgedRun? {
        runs.first { $0.judgement.verdict == verdict } ?? runs.first
    }

    /// One object, with its line's end.
    package func json(_ style: JSONWriter.Style = .compact) -> String {
        let limit = min(Self.maximumListed, max(5, Self.maximumListedInAll / max(1, runs.count)))
        return JSONWriter.document(version: Self.version, style) { object in
            object.member("verdict", verdict.rawValue)
            let deciding = decidingRun
            object.member("run", deciding?.folder)
            object.member("seed", deciding?.seed)
            (deciding?.judgement ?? Judgement(verdict)).writeMembers(to: &object, limit: limit)
            test.writeMembers(to: &object)
            object.member("baseline", object: { baseline.writeMembers(to: &$0) })
            object.member("expectations", objects: expectations) { expectation, object in
                object.member("expectation", expectation.text)
                object.member("held", expectation.held)
                object.member("found", expectation.found)
            }
            object.member("runs", objects: runs) { $0.writeMembers(to: &$1, limit: limit) }
        }
    }
}

extension TestResult.About {
    fileprivate func writeMembers(to object: inout JSONWriter) {
        object.member("recording", recording)
        object.member("identity", identity)
        object.member("protocol", framing.description)
        object.member("consumer", consumer)
        object.member("started", started)
        object.member("folder", folder)
        object.member("repeat", repeating)
    }
}

extension TestResult.JudgedRun {
    fileprivate func writeMembers(to object: inout JSONWriter, limit: Int) {
        object.member("run", folder)
        object.member("seed", seed)
        object.member("duration_ns", nanoseconds)
        object.member("verdict", judgement.verdict.rawValue)
        judgement.writeMembers(to: &object, limit: limit)
    }
}

extension BaselineAccount {
    fileprivate func writeMembers(to object: inout JSONWriter) {
        object.member("clean_runs", cleanRuns)
        object.member("unstable", unstable)
        object.member("masked", objects: masked, Coverage.write)
        object.member("limits", objects: limits) { limit, object in
            object.member("kind", limit.kind)
            object.member("n", limit.samples)
            object.member("p99_ns", limit.p99Nanoseconds)
            object.member("limit_ns", limit.limitNanoseconds)
        }
        repeats?.write(to: &object)
    }
}

extension Judgement {
    /// All but the verdict itself.
    fileprivate func writeMembers(to object: inout JSONWriter, limit: Int) {
        object.member("reasons", reasons)
        object.member("recovery_ns", recoveryNanoseconds)
        object.member("symptoms", objects: symptoms.prefix(limit)) { $0.writeMembers(to: &$1) }
        object.member(
            "symptom_counts",
            object: { counts in
                for kind in Symptom.Kind.allCases {
                    counts.member(kind.rawValue, ifPresent: symptomCounts[kind])
                }
            })
        object.member(
            "strikes",
            object: { object in
                object.member("planned", strikes.planned)
                object.member("applied", strikes.applied)
                object.member("preempted", strikes.preempted)
                object.member("skipped", strikes.skipped)
                object.member("preempted_before", strikes.preemptedBefore)
                object.member("skipped_before", strikes.skippedBefore)
                object.member("conditions", strikes.conditions)
            })
        repeats?.write(to: &object)
        coverage.writeMembers(to: &object)
    }
}

extension Repeats {
    /// Only where a run was repeated.
    fileprivate func write(to object: inout JSONWriter) {
        object.member(
            "repeats",
            object: { object in
                object.member("runs", runs)
                object.member("alike", alike)
                object.member("late_again", lateAgain)
                object.member("not_late_again", notLateAgain)
            })
    }
}

extension Coverage {
    fileprivate func writeMembers(to object: inout JSONWriter) {
        object.member(
            "compared",
            object: { object in
                object.member("answers", answers)
                object.member("pushes", pushes)
                object.member("turns", turns)
                object.member("probes", probes)
                // Only where the consumer is the one that dials.
                if requests > 0 { object.member("requests", requests) }
            })
        object.member("not_compared", objects: notCompared, Self.write)
        object.member(
            "masked",
            object: { object in
                object.member("tokens", maskedTokens)
                object.member("of", tokens)
                object.member("share", maskedShare)
            })
        object.member("too_few_to_say", objects: tooFewToSay, Self.write)
        object.member("not_observable", notObservable.map(\.rawValue))
        object.member("not_tried", notTried)
    }

    /// `0.4%`
    var maskedShare: String {
        Ratio(maskedTokens, tokens)?.percentForPeople ?? "0%"
    }

    fileprivate static func write(_ reason: Reason, to object: inout JSONWriter) {
        object.member("reason", reason.text)
        object.member("count", reason.count)
    }
}
