import Engine
import Faults
import Platform
import Reactions
import Recordings
import Text

/// What a test is, for its folder and its reports.
extension TestCommand {
    /// The version of `test.json`.
    static let askedVersion = 1

    /// What Weir sends.
    var sends: Direction { serving == nil ? .upstream : .downstream }

    var servedAs: Bench.ServedAs? {
        serving.map { Bench.ServedAs(options: $0, playback: playback) }
    }

    /// How the recording is played; where the consumer dials, the address comes with each run.
    func settings(_ source: ReplaySource) throws(Failure) -> ReplaySettings {
        guard let serving else { return try playback.settings(source) }
        let address = try playback.resolve(serving.target.address, for: "--listen")
        return playback.settings(source, at: address)
    }

    func judging(_ source: ReplaySource) -> JudgeSettings {
        var judging = JudgeSettings(
            framing: source.framing,
            hasReset: setup.reset != nil,
            consumer: serving == nil ? .server : .client, ignored: ignored,
            loudLog: loudLogPattern,
            hasConsumerLog: setup.consumer != nil || setup.consumerLog != nil)
        judging.latenessNanoseconds = lateness.nanoseconds
        judging.lost = source.lost ?? ""
        return judging
    }

    func about(
        _ plan: TestPlan, _ settings: ReplaySettings, _ folder: TestFolder, _ started: Timestamp
    ) -> TestResult.About {
        TestResult.About(
            recording: plan.source.path, identity: plan.source.identity,
            framing: plan.source.framing,
            consumer: setup.consumer.map(ConsumerProcess.shown) ?? playback.consumer(settings),
            started: started, folder: folder.path,
            repeating: RepeatedCommand.line(
                arguments, faults, seed: plan.seed,
                schedule: "\(folder.path)/seed-\(plan.seed)/schedule.jsonl"))
    }

    /// `test.json`: how it was asked for. `arguments` are as they were typed, with the seed, so
    /// that what looks into the folder later can do the same again.
    func asked(_ about: TestResult.About, _ plan: TestPlan) -> [UInt8] {
        var words = arguments.words
        if !arguments.isGiven(FaultOptions.seed.definition), faults.scheduleFile == nil {
            let end = words.firstIndex(of: "--") ?? words.endIndex
            words.insert(contentsOf: ["--seed", "\(plan.seed)"], at: end)
        }
        var writer = JSONWriter(.pretty)
        writer.object { object in
            object.member("type", "test")
            object.member("version", Self.askedVersion)
            object.member("tool_version", Version.text)
            object.member("started", about.started)
            object.member("recording", about.recording)
            object.member("identity", about.identity)
            object.member("protocol", about.framing.description)
            object.member("consumer", about.consumer)
            object.member("arguments", array: { list in for word in words { list.value(word) } })
            object.member(
                "seeds", array: { list in for one in plan.cases { list.value(one.seed) } })
            object.member("repeat", about.repeating)
        }
        writer.endLine()
        return writer.bytes
    }

    /// Says what will be sent where, and what else will be done.
    func announce(_ plan: TestPlan, _ settings: ReplaySettings, _ log: RunLog) {
        let prepared = ReplaySource.Prepared(
            source: plan.source,
            schedule: plan.cases.first?.schedule ?? Schedule(seed: plan.seed), plan: nil)
        if let serving {
            log.log(
                .info, "listening",
                "standing in for the recorded service on \(serving.target.address)")
        } else {
            playback.announce(prepared, settings, log)
        }
        if let lost = plan.source.lost {
            log.log(.warning, "damaged", "the rest is played, and not \(lost)")
        }
        let isRemote = ([settings.address] + settings.addresses.values).contains { !$0.isLoopback }
        if isRemote, let reset = setup.reset {
            log.log(
                .warning, "reset",
                "\"\(EscapedText(reset, limit: 100))\" is run before each replay to it")
        }
    }
}
