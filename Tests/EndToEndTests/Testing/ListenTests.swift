import Foundation
import Testing

/// `weir test --listen`: the service dials, and Weir stands in for what it depends on.
@Suite struct ListenTests {
    private func test(
        _ fixture: TestFixture, _ options: [String], _ consumer: [String]
    ) throws -> TestFixture.Tested {
        let result = try WeirProcess.run(
            [
                "test", fixture.recording, "--listen", ":0", "--pacing", "causal", "--settle",
                "20ms", "--run", "run", "--no-blame", "--seed", "7",
            ] + options + ["--"] + consumer, in: fixture.folder.url)
        return TestFixture.Tested(
            result: result, folder: fixture.folder.url.appendingPathComponent("run"))
    }

    /// The demo's producer, which dials the ledger that Weir plays.
    private func producer(_ fixture: TestFixture, _ options: String...) -> [String] {
        [fixture.weir, "demo", "--drive", ":{upstream}"] + options
    }

    @Test func `a service that nothing is done to is not accused`() throws {
        let fixture = try TestFixture()
        let run = try test(fixture, [], producer(fixture))
        #expect(run.exitCode == 0, "\(run.result.errors)")
        #expect(try run.verdict().verdict == "tolerated")
    }

    @Test func `a service that dials again and says nothing is found out`() throws {
        let fixture = try TestFixture()
        let run = try test(fixture, ["--disconnect", "2%"], producer(fixture, "--retry"))
        #expect(run.exitCode == 0, "\(run.result.output)\(run.result.errors)")
        let verdict = try run.verdict()
        #expect(verdict.verdict == "recovered")
        #expect(verdict.kinds == ["silent-retry"])
        #expect(verdict.symptoms.allSatisfy { $0["loud"] as? Bool == false })
        #expect(verdict.object["not_observable"] as? [String] == [])
    }

    @Test func `an expectation makes a failure of what it does again`() throws {
        let fixture = try TestFixture()
        let run = try test(
            fixture, ["--disconnect", "2%", "--expect", "retries <= 2"],
            producer(fixture, "--retry"))
        #expect(run.exitCode == 1, "\(run.result.output)\(run.result.errors)")
    }

    @Test func `a service that never dials again does not reconnect in time`() throws {
        let fixture = try TestFixture()
        let faults = ["--disconnect", "2%", "--expect", "reconnects within 60s"]
        let never = try test(fixture, faults, producer(fixture))
        #expect(never.exitCode == 1, "\(never.result.output)\(never.result.errors)")
        #expect(never.result.output.contains("it never dialled again for "))
        let again = try test(fixture, faults + ["--force"], producer(fixture, "--retry"))
        #expect(again.exitCode == 0, "\(again.result.output)\(again.result.errors)")
    }

    @Test func `a service that gives up has failed`() throws {
        let fixture = try TestFixture()
        let run = try test(fixture, ["--disconnect", "2%"], producer(fixture))
        #expect(run.exitCode == 1, "\(run.result.output)\(run.result.errors)")
        #expect(try run.verdict().kinds.contains("partial"))
    }

    @Test func `a command that never dials is named`() throws {
        let fixture = try TestFixture()
        let run = try test(
            fixture, ["--start-timeout", "100ms"], ["sh", "-c", "echo no upstream; sleep 1000"])
        #expect(run.exitCode == 4)
        #expect(run.result.errors.contains("never dialled 127.0.0.1:"))
        #expect(run.result.errors.contains("\"no upstream\""))
    }
}
