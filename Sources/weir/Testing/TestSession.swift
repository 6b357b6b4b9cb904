import Engine
import Faults
import Platform
import Reactions
import Recordings
import Reports
import Text

/// `weir test` from its recording to its verdict.
final class TestSession {
    private let command: TestCommand
    private let console: Console
    private let loop: TestLoop
    private var runs: [TestResult.JudgedRun] = []
    /// What expectations look at, of each of the runs.
    private var measured: [Expectation.Run] = []
    /// What each of the runs was made of, for blame.
    private var played: [(trial: Trial, take: Take)] = []

    init(_ command: TestCommand, _ console: Console) throws(Failure) {
        self.command = command
        self.console = console
        loop = try TestLoop()
    }

    func run() throws(Failure) -> ExitCode {
        let started = Timestamp(nanoseconds: WallClock.read())
        let plan = try TestPlan(command)
        let settings = try command.settings(plan.source)
        loop.network.spinsBeforeDeadlines = command.playback.meetsDeadlines
        let folder = try makeFolder(seed: plan.seed, at: started)
        let log = try RunLog(console, creating: folder.log)
        log.log(.info, "framing", plan.source.why)
        command.announce(plan, settings, log)
        let about = command.about(plan, settings, folder, started)
        try folder.write(command.asked(about, plan), to: folder.asked)
        let trial = Trial(
            on: Bench(command.setup, on: loop), plan.source, settings,
            command.judging(plan.source), serving: command.servedAs,
            speed: "\(command.playback.speed)",
            repeating: about.repeating, in: folder)
        let regressions = try regressions(trial, about, folder)
        let progress = TestProgress(
            console, log, loop, runs: 3 + plan.cases.count + 4 * regressions.count)
        for (_, trial) in regressions { progress.watch(trial) }
        progress.watch(trial)
        console.isLive = true
        defer { console.isLive = false }
        do throws(Failure) {
            for (regression, trial) in regressions { try run(regression, trial) }
            try runAll(trial, plan, progress)
            if command.blames, trial.baseline?.isStable == true { try blame(progress, log) }
        } catch {
            console.endProgress()
            return try end(error, regressions.map(\.0), trial, plan, about, log)
        }
        console.endProgress()
        console.isLive = false
        loop.network.stopHearing()
        let result = try finish(trial, about, log)
        // What the rest shows counts; that nothing can be said of it is the hole's doing.
        let isUndecided = result.exitCode == .done || result.exitCode == .inconclusive
        if isUndecided, plan.source.lost != nil { return .damaged }
        return command.isStrict && !result.isAllApplied && result.exitCode == .done
            ? .inconclusive : result.exitCode
    }

    /// The test was interrupted, or a run could not be made: what is known by now is kept.
    /// - Throws: why a run could not be made; with the exit code of a failure, if one was found.
    private func end(
        _ error: Failure, _ regressions: [Regression], _ trial: Trial, _ plan: TestPlan,
        _ about: TestResult.About, _ log: RunLog
    ) throws(Failure) -> ExitCode {
        if let interruption = loop.interruption {
            addMissing(
                regressions, plan,
                "the test was interrupted before this run was judged; run it again to its end")
            try finish(trial, about, log)
            return interruption
        }
        guard !runs.isEmpty else { throw error }
        addMissing(regressions, plan, "this run was not judged: \(error)")
        log.note(.error, "run", error.message)
        let result = try finish(trial, about, log)
        let isFailed = result.exitCode == .failed && error.code != .defect
        throw Failure(isFailed ? .failed : error.code, error.message)
    }

    /// What broke the service once, each on its own recording.
    private func regressions(
        _ trial: Trial, _ about: TestResult.About, _ folder: TestFolder
    ) throws(Failure) -> [(Regression, Trial)] {
        guard let path = command.regressions else { return [] }
        var trials: [(Regression, Trial)] = []
        for regression in try Regression.all(in: path) {
            var settings = try command.settings(regression.source)
            if regression.isAsap { settings.pacing = .asap }
            trials.append(
                (
                    regression,
                    Trial(
                        on: trial.bench, regression.source, settings,
                        command.judging(regression.source), serving: command.servedAs,
                        speed: trial.speed,
                        repeating: about.repeating, in: folder)
                ))
        }
        return trials
    }

    private func run(_ regression: Regression, _ trial: Trial) throws(Failure) {
        let folder = Self.folder(of: regression)
        _ = try trial.learn(
            Schedule(regression.schedule.header, conditions: [], strikes: []),
            named: "\(folder)/clean")
        let series = try trial.begin(regression.schedule, named: Self.run(of: regression))
        try settle(series, seed: regression.schedule.seed, trial)
    }

    private static func folder(of regression: Regression) -> String {
        "\(TestFolder.regressions)/\(regression.name)"
    }

    /// The folder of its disturbed run.
    private static func run(of regression: Regression) -> String {
        "\(folder(of: regression))/seed-\(regression.schedule.seed)"
    }

    /// Adds a run, made again where it was late.
    private func settle(
        _ series: TrialSeries, seed: UInt64, _ trial: Trial
    ) throws(Failure) {
        var series = series
        // What is known by then is kept, whatever ends the repeats.
        defer { add(series.judged, seed: seed, trial) }
        try trial.settle(&series)
    }

    private func runAll(
        _ trial: Trial, _ plan: TestPlan, _ progress: TestProgress
    ) throws(Failure) {
        let clean = try trial.learn(plan.undisturbed)
        progress.total += plan.cases.map { trial.runs(for: $0.schedule) - 1 }.reduce(0, +)
        if plan.cases.isEmpty {
            add(clean, seed: plan.seed, trial)
        }
        for next in plan.cases {
            let series = try trial.begin(next.schedule, of: next.plan, named: next.folder)
            try settle(series, seed: next.seed, trial)
        }
    }

    /// Proves what stands behind the failures: first behind the one that is the verdict. Where
    /// nothing failed, what stands behind the first run that recovered.
    private func blame(_ progress: TestProgress, _ log: RunLog) throws(Failure) {
        let verdicts = runs.map(\.judgement.verdict)
        let worst = Verdict.worst(of: verdicts)
        var shown = runs.indices.filter {
            verdicts[$0] == .failedSilently || verdicts[$0] == .failedLoudly
        }
        if shown.isEmpty, worst == .recovered,
            let first = runs.firstIndex(where: {
                $0.judgement.verdict == .recovered && !$0.judgement.symptoms.isEmpty
            })
        {
            shown = [first]
        }
        let blaming = Blaming()
        blaming.broke = { [console] reason in
            console.endProgress()
            log.log(.warning, "blame", "what stands behind a symptom is not settled: \(reason)")
        }
        for index in shown.sorted(by: { verdicts[$0] == worst && verdicts[$1] != worst }) {
            guard blaming.goesOn else { return }
            // So many runs where the first suspect is it.
            progress.total += 2 * BlameInquiry.repeats
            let name = runs[index].folder.replacing("/", with: "-")
            defer { measured[index].judgement = runs[index].judgement }
            try blaming.prove(
                &runs[index].judgement, of: played[index].take, in: played[index].trial,
                named: name)
        }
    }

    private func add(_ judged: Trial.Judged, seed: UInt64, _ trial: Trial) {
        played.append((trial, judged.take))
        runs.append(
            TestResult.JudgedRun(
                seed: seed, folder: judged.name, nanoseconds: judged.take.nanoseconds,
                judgement: judged.judgement))
        measured.append(
            Expectation.Run(
                seed: seed, judgement: judged.judgement, measures: judged.measures))
    }

    /// What was never judged is not tolerated: nothing can be said of it, and why is said.
    private func addMissing(_ regressions: [Regression], _ plan: TestPlan, _ reason: String) {
        let missing =
            regressions.map { (seed: $0.schedule.seed, folder: Self.run(of: $0)) }
            + (plan.cases.isEmpty
                ? [(seed: plan.seed, folder: "clean-3")]
                : plan.cases.map { (seed: $0.seed, folder: $0.folder) })
        let known = runs.map(\.folder)
        for next in missing
        where !known.contains(where: { "\($0)/".hasPrefix("\(next.folder)/") }) {
            var judgement = Judgement(.inconclusive)
            judgement.reasons = [reason]
            runs.append(
                TestResult.JudgedRun(
                    seed: next.seed, folder: next.folder, nanoseconds: 0, judgement: judgement))
            measured.append(
                Expectation.Run(seed: next.seed, judgement: judgement, measures: Measures()))
        }
    }

    /// Writes and prints what is known by now.
    @discardableResult
    private func finish(
        _ trial: Trial, _ about: TestResult.About, _ log: RunLog
    ) throws(Failure) -> TestResult {
        let account = trial.baseline?.account ?? BaselineAccount(cleanRuns: trial.cleanRuns)
        let worst = Verdict.worst(of: runs.map(\.judgement.verdict)) ?? .inconclusive
        let isJudged = account.unstable.isEmpty || worst == .defect
        let expectations =
            command.expectations.isEmpty ? [Expectation.standard] : command.expectations
        let result = TestResult(
            verdict: isJudged ? worst : .inconclusive, test: about, baseline: account, runs: runs,
            expectations: expectations.map { $0.result(of: measured) })
        // What a full disk does not keep is said all the same.
        let writing = Result { () throws(Failure) in
            try trial.folder.write(Array(result.json(.pretty).utf8), to: trial.folder.verdict)
        }
        try console.write(
            command.isJSON ? result.json() : VerdictText(result, on: console.page).firstScreen)
        try writing.get()
        if let failure = log.failure { throw Failure(.unwritable, "\(failure)") }
        return result
    }

    private func makeFolder(seed: UInt64, at time: Timestamp) throws(Failure) -> TestFolder {
        if let path = command.runPath {
            return try TestFolder.make(path, replacing: command.replaces)
        }
        return try TestFolder.make(seed: seed, at: time)
    }
}
