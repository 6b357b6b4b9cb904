import Foundation
import Testing

/// `weir test` from the command line to its verdict, on the demo's ledgers.
@Suite struct VerdictTests {
    private static let faults = ["--duplicate", "5%", "--reorder", "8%", "--seed", "7"]

    @Test func `a ledger that knows what it has seen tolerates all`() throws {
        let fixture = try TestFixture()
        let run = try fixture.test(
            Self.faults + fixture.probe + ["--json"], fixture.ledger("careful"))
        #expect(run.exitCode == 0, "\(run.result.errors)")
        let verdict = try run.verdict()
        #expect(verdict.verdict == "tolerated")
        #expect(verdict.symptoms.isEmpty)
        #expect(verdict["strikes", "applied"] ?? 0 > 20)
        #expect(verdict["compared", "probes"] == 1)
        #expect(
            run.names == [
                "clean-1", "clean-2", "clean-3", "log", "seed-7", "test.json",
                "verdict.json",
            ])
        let printed = try Summary(run.result.output)
        #expect(NSDictionary(dictionary: printed.object) == verdict.object as NSDictionary)
    }

    @Test func `a ledger that believes each line comes once and in order fails in silence`() throws
    {
        let fixture = try TestFixture()
        let run = try fixture.test(
            Self.faults + fixture.probe + ["--no-blame"], fixture.ledger("naive"))
        #expect(run.exitCode == 1, "\(run.result.errors)")
        let verdict = try run.verdict()
        #expect(verdict.verdict == "failed-silently")
        let probe = try #require(verdict.symptoms.first { $0["probe"] as? String == "balances" })
        #expect(probe["symptom"] as? String == "inconsistent")
        #expect(probe["loud"] as? Bool == false)
        #expect((probe["strikes"] as? [String])?.isEmpty == false)
    }

    @Test func `without a probe its answers say nothing of it`() throws {
        let fixture = try TestFixture()
        let run = try fixture.test(["--duplicate", "5%", "--seed", "7"], fixture.ledger("naive"))
        #expect(run.exitCode == 0, "\(run.result.errors)")
        #expect(try run.verdict().verdict == "tolerated")
    }

    @Test func `an expectation takes the place of no failure`() throws {
        let fixture = try TestFixture()
        let lax = ["--expect", "p99 < 30s", "--no-blame"]
        let run = try fixture.test(
            Self.faults + fixture.probe + lax, fixture.ledger("naive"))
        #expect(run.exitCode == 0, "\(run.result.errors)")
        #expect(try run.verdict().verdict == "failed-silently")
    }

    @Test func `each seed has a run of its own, and the worst is the verdict`() throws {
        let fixture = try TestFixture()
        let run = try fixture.test(
            ["--duplicate", "1%", "--seed", "7", "--seeds", "3", "--no-blame"] + fixture.probe,
            fixture.ledger("naive"))
        let verdict = try run.verdict()
        let runs = try #require(verdict.object["runs"] as? [[String: Any]])
        #expect(runs.map { $0["seed"] as? Int } == [7, 8, 9])
        #expect(runs.map { $0["run"] as? String } == ["seed-7", "seed-8", "seed-9"])
        #expect(runs.contains { $0["verdict"] as? String == verdict.verdict })
    }

    @Test func `a plan that strikes nothing is inconclusive`() throws {
        let fixture = try TestFixture()
        let run = try fixture.test(
            ["--duplicate", "0.0001%", "--seed", "1"], fixture.ledger("careful"))
        #expect(run.exitCode == 3, "\(run.result.errors)")
        #expect(try run.verdict().verdict == "inconclusive")
    }

    @Test func `where no faults are asked for, a clean run is judged`() throws {
        let fixture = try TestFixture()
        let run = try fixture.test(fixture.probe, fixture.ledger("naive"))
        #expect(run.exitCode == 0, "\(run.result.errors)")
        let verdict = try run.verdict()
        #expect(verdict.verdict == "tolerated")
        #expect(verdict.object["run"] as? String == "clean-3")
    }

    @Test func `what a drop keeps away is kept away from the runs that it is compared with`() throws
    {
        let fixture = try TestFixture()
        let run = try fixture.test(
            ["--drop", "5%", "--seed", "7"] + fixture.probe, fixture.ledger("naive"))
        #expect(run.exitCode == 0, "\(run.result.output)\(run.result.errors)")
        #expect(try run.verdict().verdict == "tolerated")
        #expect(run.names.contains("less-seed-7-1") && run.names.contains("less-seed-7-2"))
    }

    @Test(arguments: [
        "reset direction=downstream messages=20 connections=1",
        "limit_data direction=downstream at=300B connections=2",
    ])
    func `what is not sent behind a cut where Weir receives is missed by no probe`(
        _ fault: String
    ) throws {
        let fixture = try TestFixture()
        let words = fixture.arguments(
            ["--fault", fault, "--seed", "7"] + fixture.probe, fixture.ledger("naive"))
        // As fast as it goes all would have been sent by then.
        let run = try fixture.test(words.map { $0 == "asap" ? "causal" : $0 })
        #expect(run.exitCode == 0, "\(run.result.output)\(run.result.errors)")
        let verdict = try run.verdict()
        #expect(verdict.verdict == "tolerated")
        #expect(verdict["strikes", "applied"] == 1)
        #expect(run.names.contains("less-seed-7-1") && run.names.contains("less-seed-7-2"))
    }

    @Test func `a condition that covers nothing is no fault`() throws {
        let fixture = try TestFixture()
        let run = try fixture.test(
            ["--fault", "latency latency=500ms connections=99", "--seed", "7"],
            fixture.ledger("careful"))
        #expect(run.exitCode == 3, "\(run.result.output)\(run.result.errors)")
        #expect(run.result.output.contains("1 condition was planned, covering nothing"))
    }

    @Test(.enabled(if: PythonConsumer.isInstalled, "needs python3"))
    func `what a consumer keeps between runs is masked only where it is reset`() throws {
        let fixture = try TestFixture()
        let faults = ["--duplicate", "5%", "--seed", "7", "--no-blame"]
        let kept = try fixture.test(faults, PythonConsumer.command(.remember))
        #expect(kept.exitCode == 3, "\(kept.result.errors)")
        #expect(kept.result.output.contains("give --reset CMD, or"))
        let afresh = try fixture.test(
            faults + ["--reset", "true", "--force"], PythonConsumer.command(.remember))
        #expect(afresh.exitCode == 0, "\(afresh.result.output)\(afresh.result.errors)")
    }

    @Test func `a probe that counts on is no baseline, and is said`() throws {
        let fixture = try TestFixture()
        let run = try fixture.test(
            Self.faults + ["--probe", "echo x >> count; wc -l < count"], fixture.ledger("careful"))
        #expect(run.exitCode == 3)
        #expect(try run.verdict().verdict == "inconclusive")
    }

    @Test func `what broke a service once is run first, on its own recording`() throws {
        let fixture = try TestFixture()
        let kept = fixture.folder.path("kept/one")
        try FileManager.default.createDirectory(atPath: kept, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: fixture.recording, toPath: "\(kept)/recording.weir")
        let planned = try WeirProcess.run(
            [
                "plan", fixture.recording, "--fault", "duplicate messages=1 connections=1",
                "--seed", "3", "--output", "\(kept)/schedule.jsonl",
            ])
        #expect(planned.exitCode == 0, "\(planned.errors)")
        let regressions = ["--regressions", "kept", "--no-blame", "--seed", "7"] + fixture.probe
        let careful = try fixture.test(regressions, fixture.ledger("careful"))
        #expect(careful.exitCode == 0, "\(careful.result.errors)")
        let runs = try careful.verdict().object["runs"] as? [[String: Any]] ?? []
        #expect(runs.map { $0["run"] as? String } == ["regressions/one/seed-3", "clean-3"])
        let naive = try fixture.test(regressions + ["--force"], fixture.ledger("naive"))
        #expect(naive.exitCode == 1, "\(naive.result.errors)")
        #expect(try naive.verdict().object["run"] as? String == "regressions/one/seed-3")
        let empty = try fixture.test(["--regressions", "run", "--force"], fixture.ledger("naive"))
        #expect(empty.exitCode == 2)
        #expect(empty.result.errors.contains("has no folder with recording.weir"))
    }

    @Test(.enabled(if: PythonConsumer.isInstalled, "needs python3"))
    func `a consumer that ends by itself has failed, whatever it said before`() throws {
        let fixture = try TestFixture()
        let run = try fixture.test(
            ["--duplicate", "5%", "--seed", "7", "--no-blame"], PythonConsumer.command(.crash))
        #expect(run.exitCode == 1, "\(run.result.errors)")
        let verdict = try run.verdict()
        #expect(verdict.verdict == "failed-loudly")
        #expect(verdict.symptoms.first?["symptom"] as? String == "crashed")
        let exits = try run.reactions("seed-7", "exit")
        #expect(exits.map { $0["code"] as? Int } == [7])
        #expect(run.result.errors.contains("the consumer ended: exit code 7"))
        // Being ended by Weir is no crash.
        #expect(try run.reactions("clean-1", "exit").isEmpty)
    }
}
