import Faults
import Recordings

@testable import Reactions

/// A recording, two clean replays and one that is judged, as text (see `ReplayScript`), and the
/// judgement as text again: the verdict, then a symptom a line.
struct JudgedScript {
    var recorded: String
    var first: String
    /// nil: as the first.
    var second: String?
    var judged: String
    var framing: FramingChoice = .framer(FramerSettings(name: "redis"))
    var strikes: [Strike] = []
    var conditions: [Condition] = []
    var asksForFaults = true
    var hasReset = true
    var ignored: [String] = []
    var health: [HealthCheck] = []
    var ending = RunEnding.completed
    var consumer = Party.server
    var limits = Observation.Limits()
    var retries: [ObservedRetry]?

    var settings: JudgeSettings {
        get throws {
            JudgeSettings(
                framing: framing, hasReset: hasReset, consumer: consumer,
                ignored: try ignored.map { try IgnoredField(parsing: $0) }, hasConsumerLog: true)
        }
    }

    func baseline() throws -> Baseline {
        try Baseline(
            observation(of: first, isClean: true),
            observation(of: second ?? first, isClean: true), settings)
    }

    func judgement() throws -> Judgement {
        try baseline().judge(observation(of: judged, isClean: false))
    }

    func text() throws -> String {
        let judgement = try judgement()
        return ([judgement.verdict.rawValue] + judgement.symptoms.map(Self.line))
            .joined(separator: "\n")
    }

    func observation(of replayed: String, isClean: Bool) throws -> Observation {
        let strikes = isClean ? [] : strikes
        let schedule = Schedule(
            seed: 7, conditions: isClean ? [] : conditions, strikes: strikes)
        let script = ReplayScript(
            recorded: recorded, replayed: replayed, framing: framing, strikes: strikes,
            keepsContent: true)
        var (log, events) = try script.made()
        var builder = ObservationBuilder(
            schedule: schedule, settings: try settings,
            asksForFaults: isClean ? false : asksForFaults, limits: limits)
        var outcomes = OutcomeLedger(schedule)
        for (event, bytes) in events {
            log.receive(event, bytes.span)
            outcomes.receive(event)
            while let reaction = log.next() { builder.receive(reaction) }
        }
        log.finish()
        while let reaction = log.next() { builder.receive(reaction) }
        if !isClean {
            for check in health { builder.check(check) }
            if let retries {
                builder.receive(
                    asked: nil, retries: retries, retryCount: UInt64(retries.count),
                    reconnectNanoseconds: nil, notReconnected: 0)
            }
        }
        return builder.finish(
            outcomes, of: try script.transcript().transcript,
            ending: isClean ? .completed : ending)
    }

    static func line(_ symptom: Symptom) -> String {
        let effect = symptom.isEffect ? "" : " (no effect)"
        let signs = symptom.signs.map { " !\($0.how.rawValue)" }.joined()
        let suspects =
            symptom.suspects.isEmpty ? "" : " [\(symptom.suspects.joined(separator: " "))]"
        return "\(symptom.kind.rawValue) at \(symptom.place.text)\(effect)\(suspects)\(signs)"
    }
}
