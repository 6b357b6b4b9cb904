import Faults
import Platform
import Recordings
import Text

/// What should go wrong, as the command line says it: the options that `plan` and `replay` share.
///
/// The rules stand in this order: those of the plan, those of `--config`, the short forms in the
/// order of the help, then each `--fault`.
struct FaultOptions: Sendable {
    /// For `plan`; a command that also replays saved schedules adds `schedule.definition`.
    static let definitions: [OptionDefinition] =
        shortForms.map(\.definition) + [
            fault.definition, plan.definition, seed.definition, protocolName.definition,
            units.definition,
        ]

    static let schedule = Option<FileArgument>.file(
        "schedule", "FILE", "a schedule that weir plan --output saved, perhaps edited")
    static let seed = Option<UInt64>.count(
        "seed", "N", "the same seed strikes the same; one is drawn and printed without it")
    static let plan = Option<FileArgument>.file("plan", "FILE", "rules from a plan file")
    static let fault = Option<Rule>(
        "fault", "RULE", "a rule, like 'duplicate chance=1% messages=10-'; see weir help faults"
    ) { try FaultText.rule($0) }.repeatable
    static let protocolName = Option<FramingChoice>(
        "protocol", "NAME",
        "how to read the bytes as messages; else as the recording or the first bytes tell",
        completion: .words(Framers.all.map(\.name) + ["none"])
    ) { try FramingChoice(parsing: $0) }
    static let units = Option<MessageUnits>.choice(
        "units", "UNITS", "what a message is; chunks: each read, for bytes that no framer knows")

    private static let shortForms = FaultText.shortForms.map { form in
        Option<Rule>(form.option, form.placeholder, form.meaning) {
            try FaultText.rule(short: form, $0)
        }
    }

    /// Those of `--config` and of the command line, each with the place where it stands.
    private var rules: [(place: String, rule: Rule)] = []
    private let planFile: FileArgument?
    private let givenSeed: UInt64?
    private let givenUnits: MessageUnits?
    let scheduleFile: FileArgument?
    /// `--protocol`.
    let framing: FramingChoice?

    /// - Parameter config: what `--config` read; the command line's seed and protocol go before.
    init(_ arguments: Arguments, _ config: ConfigFile? = nil) throws(UsageError) {
        scheduleFile = try arguments.value(of: Self.schedule)
        let planOption = try arguments.value(of: Self.plan)
        if planOption != nil, let config, config.plan != nil {
            throw UsageError(
                "--plan and the plan of \(config.file) exclude each other; write one")
        }
        planFile = planOption ?? config?.plan
        givenSeed = try arguments.value(of: Self.seed) ?? config?.seed
        givenUnits = try arguments.value(of: Self.units)
        framing = try arguments.value(of: Self.protocolName) ?? config?.framing
        if scheduleFile != nil {
            // A schedule says all of this itself.
            for option in Self.definitions {
                try arguments.atMostOne(of: [Self.schedule.definition, option])
            }
            if let config, let what = config.scheduled {
                throw UsageError(
                    "--schedule and the \(what) of \(config.file) exclude each other; leave one of "
                        + "them out")
            }
        }
        rules = config?.faults ?? []
        for option in Self.shortForms {
            guard let rule = try arguments.value(of: option) else { continue }
            rules.append(("--\(option.definition.name)", rule))
        }
        for rule in try arguments.values(of: Self.fault) {
            rules.append(("--\(Self.fault.definition.name)", rule))
        }
        var check = Plan()
        try add(to: &check)
    }

    /// Whether any fault is asked for.
    var isAsking: Bool { !rules.isEmpty || planFile != nil || scheduleFile != nil }

    /// All rules as one plan, with its seed: the option's, else the plan file's, else one that is
    /// drawn.
    func makePlan() throws(Failure) -> (plan: Plan, seed: UInt64) {
        var plan = Plan()
        if let planFile {
            let bytes = try planFile.contents(limit: PlanFile.maximumBytes)
            do throws(DocumentError) {
                plan = try PlanFile.read(bytes, file: planFile.description)
            } catch {
                throw Failure(.usage, error.description)
            }
        }
        do throws(UsageError) {
            try add(to: &plan)
        } catch {
            throw Failure(.usage, error.message)
        }
        var known = givenSeed ?? plan.seed
        if known == nil { known = try Self.drawnSeed() }
        let seed = known ?? 0
        plan.seed = seed
        plan.framing = framing ?? plan.framing
        return (plan, seed)
    }

    /// The schedule of `--schedule`; it is not checked against the recording yet.
    func readSchedule() throws(Failure) -> ScheduleFile? {
        guard let scheduleFile else { return nil }
        let bytes = try scheduleFile.contents(limit: ScheduleFile.maximumBytes)
        do throws(DocumentError) {
            return try ScheduleFile.read(bytes, file: scheduleFile.description)
        } catch {
            throw Failure(.usage, error.description)
        }
    }

    private func add(to plan: inout Plan) throws(UsageError) {
        for (place, rule) in rules {
            var rule = rule
            if let givenUnits { rule.target.units = givenUnits }
            do throws(PlanProblem) {
                try plan.add(rule)
            } catch {
                throw UsageError("\(place): \(error)")
            }
        }
    }

    /// Short enough to be typed again.
    private static func drawnSeed() throws(Failure) -> UInt64 {
        do throws(Errno) {
            return try Machine.randomSeed() % 1_000_000
        } catch {
            throw Failure(.defect, "no seed can be drawn: \(error); give one with --seed")
        }
    }
}

extension FileArgument {
    /// All bytes of a file that people write, or of standard input.
    func contents(limit: Int) throws(Failure) -> [UInt8] {
        do throws(FileError) {
            return try Folder.contents(of: description, limit: limit, takesPipes: true)
        } catch {
            throw Failure(.usage, error.description)
        }
    }
}
