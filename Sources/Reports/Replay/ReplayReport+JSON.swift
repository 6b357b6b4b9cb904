import Faults
import Reactions
import Recordings
import Text

/// The summary for machines: `summary.json`.
extension ReplayReport {
    package static let version = 1

    /// One object, with its line's end.
    package func json(_ style: JSONWriter.Style = .compact) -> String {
        JSONWriter.document(version: Self.version, style) { object in
            write(run, to: &object)
            object.member("sent", object: { write(sent, to: &$0) })
            if run.role == .server {
                object.member("consumer", object: { writeConsumer(to: &$0) })
            }
            object.member("strikes", object: { writeStrikes(to: &$0) })
            object.member("rules", objects: rules, write)
            object.member("conditions", objects: conditions, write)
            write(reactions, to: &object)
            object.member("lateness", object: { write(delays.lateness, to: &$0) })
            object.member("drawn_delay", object: { write(delays.drawn, to: &$0) })
            object.member("applied_delay", object: { write(delays.applied, to: &$0) })
            object.member("examples", objects: reactions.examples) { reaction, object in
                ReactionLine.write(reaction, time: nil, to: &object)
            }
            object.member("warnings", warnings)
        }
    }

    private func write(_ run: Run, to object: inout JSONWriter) {
        object.member("recording", run.recording)
        object.member("identity", run.identity)
        object.member("protocol", run.framing.description)
        object.member("seed", run.seed)
        if run.role == .server { object.member("as", run.role.rawValue) }
        object.member(run.role == .client ? "to" : "listen", run.consumer)
        object.member("pacing", run.pacing)
        object.member("speed", run.speed)
        object.member("ending", run.ending.rawValue)
        object.member("duration_ns", run.nanoseconds)
        object.member("run", run.folder)
        object.member("repeat", run.repeating)
    }

    private func write(_ sent: Sent, to object: inout JSONWriter) {
        object.member("connections", sent.connections)
        object.member("connections_unopened", sent.unopened)
        object.member("connections_partial", sent.partial)
        object.member("connections_not_asked_for", sent.notAskedFor)
        object.member("connections_reattempted", sent.reattempted)
        object.member("connections_refused_in_recording", sent.refusedInRecording)
        object.member("connections_ended_by_consumer", sent.endedByConsumer)
        object.member("connections_uncoupled", sent.uncoupled)
        object.member("reconnects", sent.reconnects)
        object.member("ends_missing", sent.missingEnds)
        object.member("cuts_before_answers", sent.endsInVain)
        object.member("messages", sent.messages)
        object.member("originals", sent.originals)
        object.member("copies", sent.copies)
        object.member("resent", sent.resent)
        object.member("unsent", sent.unsent)
        object.member("bytes", sent.bytes)
        object.member("bytes_received", sent.bytesReceived)
    }

    /// What a consumer that dialled did.
    private func writeConsumer(to object: inout JSONWriter) {
        object.member("connections_played", served.connectionsPlayed)
        object.member("attempts", reactions.accepted)
        object.member("redials", reactions.redials)
        object.member("unassigned", reactions.unassigned)
        object.member("requests", served.requests)
        object.member("expected", served.expected)
        object.member("elsewhere", reactions.elsewhere)
        object.member("resent", reactions.resent)
        object.member("resent_answered", reactions.resentAnswered)
        object.member("resent_state", reactions.resentState)
        object.member("reused", reactions.reused)
        object.member("unknown", reactions.unknown)
        object.member("answered", served.answered)
        object.member("pushes", served.pushes)
        object.member("not_judged", Self.notJudged)
    }

    private func writeStrikes(to object: inout JSONWriter) {
        object.member("planned", plannedStrikes)
        object.member("applied", appliedStrikes)
        object.member("preempted", rules.reduce(0) { $0 + $1.preempted })
        object.member("skipped", rules.reduce(0) { $0 + $1.skipped })
        object.member("ruled_out", rules.reduce(0) { $0 + $1.ruledOut })
    }

    private func write(_ rule: OutcomeLedger.RuleCounts, to object: inout JSONWriter) {
        object.member("rule", rule.rule)
        object.member("label", rule.label.rawValue)
        object.member("planned", rule.planned)
        object.member("applied", rule.applied)
        object.member("preempted", rule.preempted)
        object.member("skipped", rule.skipped)
        object.member("ruled_out", rule.ruledOut)
        object.member("reasons", objects: rule.reasons) { reason, object in
            object.member("reason", reason.text)
            object.member("count", reason.count)
        }
    }

    private func write(_ condition: Condition, to object: inout JSONWriter) {
        object.member("id", condition.id)
        object.member("fault", condition.effect.kind.name)
        object.member("settings", condition.effect.settingsText)
        object.member("direction", condition.direction.name)
        object.member("route", ifPresent: condition.route?.name)
        object.member("label", condition.effect.kind.label.rawValue)
    }

    private func write(_ reactions: ReactionSummary, to object: inout JSONWriter) {
        object.member("answers", object: { write(reactions.answers, to: &$0) })
        object.member("pushes", object: { write(reactions.pushes, to: &$0) })
        object.member("turns", object: { write(reactions.turns, to: &$0) })
        object.member(
            "error_answers",
            object: { errors in
                errors.member("now", reactions.errorAnswers)
                errors.member("new", reactions.newErrorAnswers)
                errors.member("recorded", reactions.recordedErrorAnswers)
            })
        object.member("attempts", reactions.attemptsOpened)
        object.member("refused", reactions.attemptsRefused)
        object.member("closes", reactions.closes)
        object.member("resets", reactions.resets)
        object.member("failures", reactions.failures)
        object.member("unasked_ends", reactions.unaskedEnds)
        object.member("silences", reactions.silences)
        object.member("stalls", reactions.stalls)
        object.member("lost_syncs", reactions.lostSyncs)
        object.member(
            "service_time",
            object: { times in
                write(reactions.serviceTimes.all, to: &times)
                times.member("kinds", objects: reactions.serviceTimes.sortedKinds) { kind, object in
                    object.member("kind", kind.0)
                    write(kind.1, to: &object)
                }
            })
    }

    private func write(_ counts: ComparedCounts, to object: inout JSONWriter) {
        object.member("total", counts.total)
        for compared in Compared.allCases {
            object.member(compared == .cutShort ? "cut_short" : compared.rawValue, counts[compared])
        }
        object.member("not_compared", counts.notCompared)
    }

    /// A p99 of too few is null; so is all of none.
    private func write(_ times: DurationHistogram, to object: inout JSONWriter) {
        let isEmpty = times.count == 0
        object.member("n", times.count)
        object.member("p50_ns", isEmpty ? nil : times.percentile(50))
        object.member("p90_ns", isEmpty ? nil : times.percentile(90))
        object.member("p99_ns", times.percentile99)
        object.member("max_ns", isEmpty ? nil : times.maximum)
    }
}
