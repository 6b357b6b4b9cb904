import Testing

/// `Recordings/regressions`: what broke a ledger once is found again, each by its own folder.
@Suite struct RegressionTests {
    @Test func `each kept regression still breaks the naive ledger, in silence`() throws {
        let verdicts = try verdicts(of: "naive", exitCode: 1)
        #expect(verdicts.prefix(3).allSatisfy { $0 == "failed-silently" })
    }

    @Test func `none of them breaks the careful ledger`() throws {
        let verdicts = try verdicts(of: "careful", exitCode: 0)
        #expect(verdicts.allSatisfy { $0 == "tolerated" })
    }

    /// Of the three regressions, then of the run that was asked for.
    private func verdicts(of edition: String, exitCode: Int32) throws -> [String] {
        let fixture = try TestFixture()
        let folder = fixture.recording.replacing("demo/ledger.weir", with: "regressions")
        let tested = try fixture.test(
            fixture.probe + ["--regressions", folder, "--no-blame", "--seed", "7"],
            fixture.ledger(edition))
        #expect(tested.exitCode == exitCode, "\(tested.result.output) \(tested.result.errors)")
        let runs = try #require(try tested.verdict().object["runs"] as? [[String: Any]])
        #expect(runs.count == 4)
        return runs.compactMap { $0["verdict"] as? String }
    }
}
