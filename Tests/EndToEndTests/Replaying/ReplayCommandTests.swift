import Foundation
import Testing

/// `weir replay` as a user runs it.
@Suite struct ReplayCommandTests {
    @Test(arguments: ["recorded", "hybrid", "causal", "asap"])
    func `a clean replay has the recorded answers, on every pacing`(pacing: String) throws {
        let fixture = try ReplayFixture(clients: 3, lines: 20)
        let run = try fixture.replay(["--pacing", pacing, "--run", "run", "--json"])
        #expect(run.exitCode == 0, "\(run.errors)")
        let summary = try Summary(run.output)
        #expect(summary["answers", "same"] == 60)
        #expect(summary["answers", "total"] == 60)
        #expect(summary["sent", "originals"] == 60)
        #expect(summary.object["warnings"] as? [String] == [])
        #expect(try fixture.files("run") == ReplayFixture.allFiles)
        let check = try WeirProcess.run(["check", fixture.folder.path("run/replay.weir")])
        #expect(check.exitCode == 0)
        let answers = try fixture.lines("run", "reactions.jsonl").filter {
            $0["type"] as? String == "answer" && $0["compared"] as? String == "same"
        }
        #expect(answers.count == 60)
    }

    @Test func `the summary on the terminal ends with the command that repeats it`() throws {
        let fixture = try ReplayFixture(clients: 1, lines: 3)
        let run = try fixture.replay(["--run", "first run", "--seed", "5"])
        let words = "weir replay \(fixture.recording) --to :\(fixture.server.port) --seed 5"
        #expect(run.output.hasSuffix("kept in    first run\nrepeat it  \(words)\n"))
        #expect(run.output.contains("answers    3 same\n"))
        #expect(run.errors.contains("sending 3 messages"))
    }

    @Test func `without a name the folder is in runs, and runs/latest is it`() throws {
        let fixture = try ReplayFixture(clients: 1, lines: 3)
        let first = try fixture.replay(["--seed", "9"])
        let second = try fixture.replay(["--seed", "9"])
        #expect(first.exitCode == 0 && second.exitCode == 0)
        let latest = try FileManager.default.destinationOfSymbolicLink(
            atPath: fixture.folder.path("runs/latest"))
        #expect(second.output.contains("kept in    runs/\(latest)\n"))
        #expect(!first.output.contains("kept in    runs/\(latest)\n"))
        #expect(try fixture.files("runs/latest") == ReplayFixture.allFiles)
    }

    @Test func `the same seed strikes the same, and a saved schedule repeats it`() throws {
        let fixture = try ReplayFixture(clients: 4, lines: 50)
        let faults = ["--duplicate", "10%", "--disconnect", "2%", "--seed", "3"]
        let first = try fixture.replay(faults + ["--run", "a"])
        let second = try fixture.replay(faults + ["--run", "b", "--pacing", "asap"])
        #expect(first.exitCode == 0 && second.exitCode == 0, "\(first.errors)\(second.errors)")
        let schedule = try fixture.text("a", "schedule.jsonl")
        #expect(try fixture.text("b", "schedule.jsonl") == schedule)
        let third = try fixture.replay(["--schedule", "a/schedule.jsonl", "--run", "c"])
        #expect(third.exitCode == 0, "\(third.errors)")
        #expect(try fixture.text("c", "schedule.jsonl") == schedule)
        #expect(try !fixture.files("c").contains("plan.json"))
        for run in ["a", "b", "c"] { try expectAllAccountedFor(fixture, run) }
    }

    private func expectAllAccountedFor(_ fixture: ReplayFixture, _ run: String) throws {
        func ids(_ file: String, _ type: String) throws -> [String] {
            try fixture.lines(run, file).filter { $0["type"] as? String == type }
                .compactMap { $0["id"] as? String }.sorted()
        }
        let planned = try ids("schedule.jsonl", "strike")
        #expect(!planned.isEmpty)
        #expect(try ids("outcomes.jsonl", "outcome") == planned)
    }

    @Test func `a strike that could not be applied is a warning, and fails a strict replay`()
        throws
    {
        let fixture = try ReplayFixture(clients: 1, lines: 40)
        // It closes the connection long before the message that is to be struck.
        let closing = try EchoServer(closingAfter: 100)
        let faults = ["--fault", "drop messages=30", "--seed", "1"]
        let lax = try fixture.replay(faults + ["--run", "lax"], to: closing.port)
        #expect(lax.exitCode == 0, "\(lax.errors)")
        #expect(lax.output.contains("warning: 1 of 1 planned strike was not applied"))
        let strict = try fixture.replay(faults + ["--run", "strict", "--strict"], to: closing.port)
        #expect(strict.exitCode == 3)
        let summary = try Summary(try fixture.text("strict", "summary.json"))
        #expect(summary["strikes", "planned"] == 1 && summary["strikes", "preempted"] == 1)
        #expect(summary.object["unasked_ends"] as? Int == 1)
    }

    @Test func `chances that hit nothing are said`() throws {
        let fixture = try ReplayFixture(clients: 1, lines: 1)
        let run = try fixture.replay(["--drop", "0.0001%", "--seed", "1", "--run", "run"])
        #expect(run.exitCode == 0)
        #expect(run.output.contains("\n  drop "))
        #expect(run.output.contains("warning: no strike was planned: the chances hit nothing"))
    }

    @Test func `a consumer that is not there ends with 4, and is said`() throws {
        let fixture = try ReplayFixture(clients: 2, lines: 3)
        let run = try fixture.replay(["--run", "run"], to: 1)
        #expect(run.exitCode == 4)
        #expect(run.output.contains("no connection to 127.0.0.1:1 came to stand; start the"))
        #expect(try fixture.files("run") == ReplayFixture.allFiles)
    }

    @Test func `another machine needs --allow-remote, and nothing is written without it`() throws {
        let fixture = try ReplayFixture(clients: 1, lines: 1)
        let run = try WeirProcess.run(
            ["replay", fixture.recording, "--to", "192.0.2.1:6379", "--run", "run"],
            in: fixture.folder.url)
        #expect(run.exitCode == 2)
        #expect(run.errors.contains("192.0.2.1:6379 is not this machine"))
        #expect(run.errors.contains("add --allow-remote"))
        #expect(!FileManager.default.fileExists(atPath: fixture.folder.path("run")))
    }

    @Test func `a folder that holds a run is not overwritten without --force`() throws {
        let fixture = try ReplayFixture(clients: 1, lines: 1)
        #expect(try fixture.replay(["--run", "run", "--seed", "1"]).exitCode == 0)
        let before = try fixture.text("run", "summary.json")
        let refused = try fixture.replay(["--run", "run", "--seed", "2"])
        #expect(refused.exitCode == 2)
        #expect(refused.errors.contains("run/summary.json exists"))
        #expect(try fixture.text("run", "summary.json") == before)
        #expect(try fixture.replay(["--run", "run", "--force", "--seed", "2"]).exitCode == 0)
        let after = try Summary(try fixture.text("run", "summary.json"))
        #expect(after.object["seed"] as? Int == 2)
    }

    @Test func `Ctrl-C ends it in order, with a complete folder`() throws {
        let fixture = try ReplayFixture(clients: 1, lines: 200)
        // At this speed it would go on for hours.
        let weir = try WeirProcess.start(
            fixture.arguments(["--run", "run", "--speed", "0.0001x", "--pacing", "recorded"]),
            in: fixture.folder.url)
        try weir.wait(for: "sending 200 messages")
        weir.interrupt()
        let run = try weir.finish()
        #expect(run.exitCode == 130, "\(run.errors)")
        #expect(run.output.hasPrefix("replayed a part of "))
        #expect(try fixture.files("run") == ReplayFixture.allFiles)
        let summary = try Summary(try fixture.text("run", "summary.json"))
        #expect(summary.object["ending"] as? String == "interrupted")
        let check = try WeirProcess.run(["check", fixture.folder.path("run/replay.weir")])
        #expect(check.exitCode == 0)
    }

    @Test func `a disk that takes no more ends it with 6, and what was recorded can be read`()
        throws
    {
        let fixture = try ReplayFixture(clients: 1, lines: 400)
        // A file may have 64 KiB: the reactions have more, the recording has less.
        let run = try BashRun.run(
            "cd \"$2\" && ulimit -f 64 && exec \"$1\" \"${@:3}\"",
            [fixture.folder.url.path] + fixture.arguments(["--run", "run"]))
        #expect(run.exitCode == 6, "\(run.errors)")
        #expect(run.errors.contains("run/reactions.jsonl"))
        #expect(try !fixture.files("run").contains("summary.json"))
        let shown = try WeirProcess.run(["show", fixture.folder.path("run/replay.weir")])
        #expect(shown.exitCode == 0)
    }

    @Test func `a disk that takes no block of the recording ends it with 6, and no crash`() throws {
        // The recording has more than the 1 MiB that a file may have, the reactions have less.
        let line = String(repeating: "twenty bytes of text", count: 1_000)
        let fixture = try ReplayFixture([Array(repeating: line, count: 150)])
        let run = try BashRun.run(
            "cd \"$2\" && ulimit -f 1024 && exec \"$1\" \"${@:3}\"",
            [fixture.folder.url.path] + fixture.arguments(["--run", "run"]))
        #expect(run.exitCode == 6, "\(run.errors)")
        #expect(run.errors.contains("run/replay.weir could not be written to its end"))
        #expect(try !fixture.files("run").contains("summary.json"))
        let shown = try WeirProcess.run(["show", fixture.folder.path("run/replay.weir")])
        #expect(shown.exitCode == 5 || shown.exitCode == 0)
    }

    @Test func `only the connections that are asked for are played and struck`() throws {
        let fixture = try ReplayFixture(clients: 3, lines: 10)
        let run = try fixture.replay([
            "--only", "2", "--duplicate", "100%", "--seed", "1", "--run", "run", "--json",
        ])
        #expect(run.exitCode == 0)
        let summary = try Summary(run.output)
        #expect(summary["answers", "same"] == 10 && summary["answers", "extra"] == 10)
        #expect(summary["strikes", "planned"] == 10)
        #expect(summary["sent", "connections_not_asked_for"] == 2)
    }

    @Test(arguments: [
        (["--to", ":1", "--to", ":2"], "--to is given twice"),
        (["--to", "cache=:1"], "the recording has no route \"cache\"; it has default"),
        (["--to", ":1", "--force"], "--force needs --run"),
        (["--to", ":1", "--speed", "2"], "--speed: \"2\" has no unit; write \"2x\""),
        (["--to", ":1", "--pacing", "hybird"], "did you mean \"hybrid\"?"),
        (["--to", "7000"], "write :7000"),
        (["--to", ":1", "--schedule", "none.jsonl"], "none.jsonl"),
        ([], "--to ADDRESS or --listen ADDRESS or --config FILE is missing"),
    ])
    func `a mistake is said with its place and the next step`(
        options: [String], message: String
    ) throws {
        let fixture = try ReplayFixture(clients: 1, lines: 1)
        let run = try WeirProcess.run(
            ["replay", fixture.recording] + options, in: fixture.folder.url)
        #expect(run.exitCode == 2)
        #expect(run.errors.contains(message), "\(run.errors)")
        #expect(!FileManager.default.fileExists(atPath: fixture.folder.path("runs")))
    }
}
