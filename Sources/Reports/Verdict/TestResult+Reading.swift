import Reactions
import Recordings
import Text

/// Reads `verdict.json` back, strictly: what is missing, not known or contradicts itself is an
/// error with its place.
extension TestResult {
    /// Larger files are refused.
    package static let maximumFileBytes = 128 << 20
    private static let maximumValues = 4_000_000

    /// - Parameter file: as it was given on the command line, for errors.
    package init(reading bytes: [UInt8], file: String) throws(DocumentError) {
        let limits = JSONLimits(bytes: Self.maximumFileBytes, values: Self.maximumValues)
        var fields = try JSONField(reading: bytes, file: file, limits: limits).object()
        try Self.checkVersion(try fields.require("version"))
        let verdict = try fields.require("verdict").name(of: Verdict.self)
        let decidingFolder = try fields.require("run")
        let decidingSeed = try fields.require("seed")
        let deciding = try Judgement(verdict, taking: &fields)
        let test = try About(taking: &fields)
        let baseline = try BaselineAccount(reading: try fields.require("baseline"))
        var expectations: [ExpectationResult] = []
        for field in try fields.require("expectations").elements() {
            expectations.append(try ExpectationResult(reading: field))
        }
        var runs: [JudgedRun] = []
        for field in try fields.require("runs").elements() {
            runs.append(try JudgedRun(reading: field))
        }
        try fields.finish()
        self.init(
            verdict: verdict, test: test, baseline: baseline, runs: runs,
            expectations: expectations)
        try checkDecidingRun(decidingFolder, decidingSeed, deciding, of: fields.whole)
    }

    /// What is said twice must be said alike.
    private func checkDecidingRun(
        _ folder: JSONField, _ seed: JSONField, _ judgement: Judgement, of whole: JSONField
    ) throws(DocumentError) {
        let run = decidingRun
        guard try folder.ifNotNull?.string() == run?.folder else {
            throw folder.error("the run that earned the verdict is another one of \"runs\"")
        }
        guard try seed.ifNotNull?.count() == run?.seed else {
            throw seed.error("the run that earned the verdict has another seed in \"runs\"")
        }
        var wanted = run?.judgement ?? Judgement(verdict)
        wanted.verdict = verdict
        guard judgement == wanted else {
            throw whole.error("what stands here is not what \"runs\" says of the same run")
        }
    }

    private static func checkVersion(_ field: JSONField) throws(DocumentError) {
        let number = try field.count()
        guard number <= version else {
            throw field.error(
                "version \(number) is newer than what is known here (\(version)); "
                    + "use the weir that wrote it, or a newer one")
        }
        guard number == version else {
            throw field.error("version \(number) is not known here; run the test again")
        }
    }
}

extension TestResult.About {
    fileprivate init(taking fields: inout JSONFields) throws(DocumentError) {
        let recording = try fields.require("recording").string()
        let identity = try fields.require("identity").string()
        let framing = try FramingChoice(reading: try fields.require("protocol"))
        let consumer = try fields.require("consumer").string()
        let started = try fields.require("started")
        guard let started = Timestamp(parsing: try started.string()) else {
            throw started.error("this is no moment; write one like 2026-11-24T03:00:00.000000000Z")
        }
        self.init(
            recording: recording, identity: identity, framing: framing, consumer: consumer,
            started: started, folder: try fields.require("folder").string(),
            repeating: try fields.require("repeat").string())
    }
}

extension FramingChoice {
    fileprivate init(reading field: JSONField) throws(DocumentError) {
        let text = try field.string()
        do throws(FramerError) {
            self = try FramingChoice(parsing: text)
        } catch {
            throw field.error("\(error)")
        }
    }
}

extension TestResult.JudgedRun {
    fileprivate init(reading field: JSONField) throws(DocumentError) {
        var fields = try field.object()
        let folder = try fields.require("run").string()
        let seed = try fields.require("seed").count()
        let nanoseconds = try fields.require("duration_ns").integer()
        let verdict = try fields.require("verdict").name(of: Verdict.self)
        let judgement = try Judgement(verdict, taking: &fields)
        try fields.finish()
        self.init(seed: seed, folder: folder, nanoseconds: nanoseconds, judgement: judgement)
    }
}

extension BaselineAccount {
    fileprivate init(reading field: JSONField) throws(DocumentError) {
        var fields = try field.object()
        let cleanRuns = try fields.require("clean_runs").int()
        let unstable = try fields.require("unstable").strings()
        let masked = try Coverage.reasons(try fields.require("masked"))
        var limits: [Limit] = []
        for element in try fields.require("limits").elements() {
            limits.append(try Limit(reading: element))
        }
        var repeats: Repeats?
        if let field = fields.take("repeats") { repeats = try Repeats(reading: field) }
        try fields.finish()
        self.init(cleanRuns: cleanRuns, unstable: unstable, masked: masked, limits: limits)
        self.repeats = repeats
    }
}

extension BaselineAccount.Limit {
    fileprivate init(reading field: JSONField) throws(DocumentError) {
        var fields = try field.object()
        self.init(
            kind: try fields.require("kind").string(), samples: try fields.require("n").count(),
            p99Nanoseconds: try fields.require("p99_ns").integer(),
            limitNanoseconds: try fields.require("limit_ns").ifNotNull?.integer())
        try fields.finish()
    }
}

extension ExpectationResult {
    fileprivate init(reading field: JSONField) throws(DocumentError) {
        var fields = try field.object()
        self.init(
            text: try fields.require("expectation").string(),
            held: try fields.require("held").ifNotNull?.bool(),
            found: try fields.require("found").string())
        try fields.finish()
    }
}

extension Judgement {
    /// Takes all but the verdict itself.
    fileprivate init(_ verdict: Verdict, taking fields: inout JSONFields) throws(DocumentError) {
        self.init(verdict)
        reasons = try fields.require("reasons").strings()
        recoveryNanoseconds = try fields.require("recovery_ns").ifNotNull?.integer()
        for field in try fields.require("symptoms").elements() {
            symptoms.append(try Symptom(reading: field))
        }
        for (name, field) in try fields.require("symptom_counts").members() {
            guard let kind = Symptom.Kind(rawValue: name) else {
                throw field.unknown(
                    name, among: Symptom.Kind.allCases.map(\.rawValue), noun: "symptom")
            }
            symptomCounts[kind] = try field.count()
        }
        var counts = try fields.require("strikes").object()
        strikes.planned = try counts.require("planned").count()
        strikes.applied = try counts.require("applied").count()
        strikes.preempted = try counts.require("preempted").count()
        strikes.skipped = try counts.require("skipped").count()
        strikes.preemptedBefore = try counts.take("preempted_before")?.count() ?? 0
        strikes.skippedBefore = try counts.take("skipped_before")?.count() ?? 0
        strikes.conditions = try counts.require("conditions").count()
        try counts.finish()
        if let field = fields.take("repeats") { repeats = try Repeats(reading: field) }
        coverage = try Coverage(taking: &fields)
    }
}

extension Repeats {
    fileprivate init(reading field: JSONField) throws(DocumentError) {
        var fields = try field.object()
        self.init(
            runs: try fields.require("runs").count(), alike: try fields.require("alike").count(),
            lateAgain: try fields.require("late_again").count(),
            notLateAgain: try fields.require("not_late_again").count())
        try fields.finish()
        guard runs > 0, (1...runs.addingClamped(1)).contains(alike) else {
            throw field.error("of \(runs) repeats and the first run \(alike) cannot be alike")
        }
    }
}

extension Coverage {
    fileprivate init(taking fields: inout JSONFields) throws(DocumentError) {
        self.init()
        var compared = try fields.require("compared").object()
        answers = try compared.require("answers").count()
        pushes = try compared.require("pushes").count()
        turns = try compared.require("turns").count()
        probes = try compared.require("probes").count()
        requests = try compared.take("requests")?.count() ?? 0
        try compared.finish()
        notCompared = try Self.reasons(try fields.require("not_compared"))
        var masked = try fields.require("masked").object()
        maskedTokens = try masked.require("tokens").count()
        tokens = try masked.require("of").count()
        let share = try masked.require("share")
        guard try share.string() == maskedShare else {
            throw share.error("\(maskedTokens) of \(tokens) are \(maskedShare)")
        }
        try masked.finish()
        tooFewToSay = try Self.reasons(try fields.require("too_few_to_say"))
        for field in try fields.require("not_observable").elements() {
            notObservable.append(try field.name())
        }
        notTried = try fields.require("not_tried").strings()
    }

    fileprivate static func reasons(_ field: JSONField) throws(DocumentError) -> [Reason] {
        var reasons: [Reason] = []
        for element in try field.elements() {
            var fields = try element.object()
            reasons.append(
                Reason(
                    try fields.require("reason").string(), try fields.require("count").count()))
            try fields.finish()
        }
        return reasons
    }
}
