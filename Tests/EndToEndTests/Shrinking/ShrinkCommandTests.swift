import Foundation
import Testing

/// `weir shrink` on tests that the built binary made.
@Suite struct ShrinkCommandTests {
    private static let faults = [
        "--duplicate", "5%", "--reorder", "8%", "--seed", "7",
    ]

    /// A naive ledger, tested in `run`.
    private static func naive() throws -> TestFixture {
        let fixture = try TestFixture()
        let run = try fixture.test(
            faults + fixture.probe + ["--no-blame"], fixture.ledger("naive"))
        #expect(run.exitCode == 1, "\(run.result.errors)")
        return fixture
    }

    private static func shrink(
        _ folder: TemporaryFolder, _ options: [String] = []
    ) throws -> WeirProcess.Result {
        try WeirProcess.run(["shrink", "run"] + options, in: folder.url)
    }

    /// Runs a printed command in a shell, with a folder of its own.
    private static func repeated(
        _ command: String, in folder: TemporaryFolder
    ) throws -> WeirProcess.Result {
        let options = " --no-blame --run again -- "
        return try BashRun.run(
            "cd '\(folder.url.path)'; binary=$1; weir() { \"$binary\" \"$@\"; }; "
                + command.replacing(" -- ", with: options))
    }

    @Test func `a naive ledger is broken by one strike, and the printed command shows it again`()
        throws
    {
        let fixture = try Self.naive()
        let run = try Self.shrink(fixture.folder, ["--json"])
        #expect(run.exitCode == 0, "\(run.errors)")
        let summary = try Summary(run.output)
        #expect(summary.object["ended"] as? String == "smallest")
        #expect((summary.object["strikes"] as? [String])?.count == 1)
        #expect(summary.object["shown"] as? Int == 3)
        #expect(summary.object["shown_of"] as? Int == 3)
        #expect(summary.object["messages"] as? Int ?? 99 <= 3)
        print("\(summary.object["replays"] ?? "?") replays")
        let left = try FileManager.default.contentsOfDirectory(
            atPath: fixture.folder.path("run/shrunk"))
        #expect(
            Set(left) == ["recording.weir", "schedule.jsonl", "journal.jsonl", "shrunk.json"])

        let command = try #require(summary.object["repeat"] as? String)
        let again = try Self.repeated(command, in: fixture.folder)
        #expect(again.exitCode == 1, "\(again.errors)")
        let verdict = try String(
            contentsOfFile: fixture.folder.path("again/verdict.json"), encoding: .utf8)
        #expect(try Summary(verdict).verdict == "failed-silently")
    }

    @Test func `what it leaves is a regression that a test runs first`() throws {
        let fixture = try Self.naive()
        let run = try Self.shrink(
            fixture.folder, ["--output", "regressions/001-doubled-transfer"])
        #expect(run.exitCode == 0, "\(run.errors)")
        for (edition, verdict) in [("naive", "failed-silently"), ("careful", "tolerated")] {
            let again = try WeirProcess.run(
                [
                    "test", fixture.recording, "--to", ":0", "--pacing", "asap", "--settle", "20ms",
                    "--no-blame", "--regressions", "regressions", "--run", edition,
                    "--json",
                ] + fixture.probe + fixture.ledger(edition), in: fixture.folder.url)
            let runs = try #require(Summary(again.output).object["runs"] as? [[String: Any]])
            let first = try #require(runs.first)
            #expect(first["run"] as? String == "regressions/001-doubled-transfer/seed-7")
            #expect(first["verdict"] as? String == verdict)
        }
    }

    @Test(.enabled(if: PythonConsumer.isInstalled, "needs python3"))
    func `of 500 strikes exactly the two that break it together are left`() throws {
        let recording = try ReplayFixture(
            (1...4).map { client in (1...126).map { "c\(client)n\($0)" } })
        let options = [
            "test", recording.recording, "--to", ":0", "--pacing", "causal", "--settle", "20ms",
            "--run", "run", "--fault", "duplicate messages=1-125", "--seed", "3", "--no-blame",
        ]
        let tested = try WeirProcess.run(
            options + PairConsumer.command("c2n31", "c4n7", shown: "c4n126"),
            in: recording.folder.url)
        #expect(tested.exitCode == 1, "\(tested.errors)")
        let run = try Self.shrink(recording.folder, ["--json"])
        #expect(run.exitCode == 0, "\(run.errors)")
        let summary = try Summary(run.output)
        #expect(summary.object["planned_strikes"] as? Int == 500)
        #expect(summary.object["strikes"] as? [String] == ["duplicate@2u31", "duplicate@4u7"])
        #expect(summary.object["shown"] as? Int == 3)
        #expect(summary.object["messages"] as? Int == 3)
        let replays = try #require(summary.object["replays"] as? Int)
        print("\(replays) replays")
        #expect(replays <= 80)
    }

    @Test(.enabled(if: PythonConsumer.isInstalled, "needs python3"))
    func `a part whose clean runs differ from each other is no smaller test`() throws {
        let recording = try ReplayFixture(
            (1...2).map { client in (1...20).map { "c\(client)n\($0)" } })
        let consumer = PairConsumer.command("c1n3", "c1n3", shown: "c1n5")
        let tested = try WeirProcess.run(
            [
                "test", recording.recording, "--to", ":0", "--pacing", "causal", "--settle", "20ms",
                "--run", "run", "--fault", "duplicate messages=3 connections=1", "--seed", "3",
                "--no-blame", "--probe", "[ $(cat count) -ge 30 ] && echo enough || date +%N",
            ] + consumer, in: recording.folder.url)
        #expect(tested.exitCode == 1, "\(tested.output) \(tested.errors)")
        let run = try Self.shrink(recording.folder, ["--json", "--max-runs", "16"])
        #expect(run.exitCode == 0, "\(run.errors)")
        let messages = try #require(try Summary(run.output).object["messages"] as? Int)
        #expect(messages >= 30)
    }

    @Test func `a search that was bounded goes on where it was, to the same end`() throws {
        let fixture = try Self.naive()
        let whole = try Self.shrink(fixture.folder, ["--json", "--output", "whole"])
        let part = try Self.shrink(fixture.folder, ["--json", "--max-runs", "5"])
        #expect(part.exitCode == 0, "\(part.errors)")
        let summary = try Summary(part.output)
        #expect(summary.object["ended"] as? String == "out-of-replays")
        #expect(summary.object["resume"] as? String == "weir shrink run --resume")
        let rest = try Self.shrink(fixture.folder, ["--json", "--resume"])
        #expect(rest.exitCode == 0, "\(rest.errors)")
        for key in ["ended", "strikes", "messages", "connections"] {
            let (wanted, found) = (try Summary(whole.output), try Summary(rest.output))
            #expect("\(found.object[key] ?? "")" == "\(wanted.object[key] ?? "")")
        }
    }

    @Test func `an interrupted search keeps the best so far, and says how to go on`() throws {
        let fixture = try Self.naive()
        let search = try WeirProcess.start(["shrink", "run"], in: fixture.folder.url)
        try search.wait(for: "left after")
        search.interrupt()
        let run = try search.finish()
        #expect(run.exitCode == 130)
        #expect(run.output.contains("when it was interrupted"))
        #expect(run.output.contains("weir shrink run --resume"))
        let kept = try String(
            contentsOfFile: fixture.folder.path("run/shrunk/shrunk.json"), encoding: .utf8)
        #expect(try Summary(kept).object["ended"] as? String == "interrupted")
        let command = try #require(try Summary(kept).object["repeat"] as? String)
        let again = try Self.repeated(command, in: fixture.folder)
        #expect(again.exitCode == 1, "\(again.errors)")
        let rest = try Self.shrink(fixture.folder, ["--json", "--resume"])
        #expect(try Summary(rest.output).object["ended"] as? String == "smallest")
    }

    @Test func `a symptom that does not show again says so`() throws {
        let fixture = try TestFixture()
        // Naive for the four runs of the test, careful from then on.
        let consumer = fixture.script(
            "echo x >> runs; n=$(wc -l < runs); e=naive; [ $n -gt 4 ] && e=careful; "
                + "exec '\(fixture.weir)' demo --serve $e --listen :$WEIR_LISTEN")
        let tested = try fixture.test(Self.faults + fixture.probe + ["--no-blame"], consumer)
        #expect(tested.exitCode == 1, "\(tested.result.errors)")
        let run = try Self.shrink(fixture.folder)
        #expect(run.exitCode == 3, "\(run.errors)")
        #expect(run.output.contains("not repeated: the symptom did not show again"))
        #expect(!FileManager.default.fileExists(atPath: fixture.folder.path("run/shrunk/tries")))
    }
}
