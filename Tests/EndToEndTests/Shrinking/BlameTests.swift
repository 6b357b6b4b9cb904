import Foundation
import Testing

/// What `weir test` proves of a symptom before it names a strike.
@Suite struct BlameTests {
    private static func blame(_ verdict: Summary, _ kind: String) throws -> [String: Any] {
        let symptom = try #require(verdict.symptoms.first { $0["symptom"] as? String == kind })
        return try #require(symptom["blame"] as? [String: Any])
    }

    @Test func `one strike that breaks a ledger is proved to: with it always, without it never`()
        throws
    {
        let fixture = try TestFixture()
        let run = try fixture.test(
            ["--fault", "duplicate messages=20 connections=3", "--seed", "7"]
                + fixture.probe,
            fixture.ledger("naive"))
        #expect(run.exitCode == 1, "\(run.result.errors)")
        let blame = try Self.blame(run.verdict(), "inconsistent")
        #expect(blame["strikes"] as? [String] == ["duplicate@3u20"])
        #expect(blame["with"] as? String == "3/3")
        #expect(blame["without"] as? String == "0/3")
        #expect(run.names.contains("blame"))
        #expect(run.result.output.contains("3 of 3 with it alone, 0 of 3 without it"))
    }

    @Test func `where many strikes break it, one is held against nothing, and that is said`() throws
    {
        let fixture = try TestFixture()
        let run = try fixture.test(
            ["--duplicate", "5%", "--seed", "7"] + fixture.probe,
            fixture.ledger("naive"))
        #expect(run.exitCode == 1, "\(run.result.errors)")
        let blame = try Self.blame(run.verdict(), "inconsistent")
        #expect((blame["strikes"] as? [String])?.count == 1)
        #expect(blame["with"] as? String == "3/3")
        #expect(blame["without"] as? String == "0/3")
        let notes = try #require(blame["notes"] as? [String])
        #expect(notes.contains { $0.contains("others make it too") })
    }

    @Test(.enabled(if: PythonConsumer.isInstalled, "needs python3"))
    func `a consumer that wavers by itself is not accused of what came in a disturbed run`() throws
    {
        let recording = try ReplayFixture([(1...20).map { "n\($0)" }])
        let run = try WeirProcess.run(
            [
                "test", recording.recording, "--to", ":0", "--pacing", "causal", "--settle", "20ms",
                "--run", "run", "--fault", "duplicate messages=3", "--json",
            ] + WaveringConsumer.command(shown: "n20"), in: recording.folder.url)
        #expect(run.exitCode == 3, "\(run.output) \(run.errors)")
        let verdict = try Summary(run.output)
        #expect(verdict.verdict == "inconclusive")
        #expect(run.output.contains("one more clean run shows inconsistent"))
    }

    @Test func `without blame nothing is run again`() throws {
        let fixture = try TestFixture()
        let run = try fixture.test(
            ["--duplicate", "5%", "--seed", "7", "--no-blame"] + fixture.probe,
            fixture.ledger("naive"))
        #expect(!run.names.contains("blame"))
        #expect(run.result.output.contains("not tried"))
    }

    @Test(.enabled(if: PythonConsumer.isInstalled, "needs python3"))
    func `two strikes that break it together only are proved together`() throws {
        let recording = try ReplayFixture(
            (1...2).map { client in (1...20).map { "c\(client)n\($0)" } })
        let options = [
            "test", recording.recording, "--to", ":0", "--pacing", "causal", "--settle", "20ms",
            "--run", "run", "--fault", "duplicate messages=1-19", "--seed", "3", "--json",
        ]
        let run = try WeirProcess.run(
            options + PairConsumer.command("c1n3", "c2n7", shown: "c2n20"),
            in: recording.folder.url)
        #expect(run.exitCode == 1, "\(run.errors)")
        let blame = try Self.blame(Summary(run.output), "inconsistent")
        #expect(Set(blame["strikes"] as? [String] ?? []) == ["duplicate@1u3", "duplicate@2u7"])
        #expect(blame["with"] as? String == "3/3")
        #expect(blame["without"] as? String == "0/3")
    }

    @Test(.enabled(if: PythonConsumer.isInstalled, "needs python3"))
    func `a strike that makes the consumer end is blamed for it`() throws {
        let fixture = try TestFixture()
        let run = try fixture.test(
            ["--fault", "duplicate messages=20 connections=3", "--seed", "7"],
            PythonConsumer.command(.crash))
        #expect(run.exitCode == 1, "\(run.result.errors)")
        let blame = try Self.blame(run.verdict(), "crashed")
        #expect(blame["strikes"] as? [String] == ["duplicate@3u20"])
        #expect(blame["with"] as? String == "3/3")
        #expect(blame["without"] as? String == "0/3")
    }
}
