import Foundation
import Testing

/// What stands around a test's replays, and what goes wrong with it.
@Suite struct BenchTests {
    @Test func `a consumer that never accepts is named, with its exit code and last lines`() throws
    {
        let fixture = try TestFixture()
        let run = try fixture.test(
            [], fixture.script("echo starting; echo no such database >&2; exit 9"))
        #expect(run.exitCode == 4)
        #expect(run.result.errors.contains("never accepted on 127.0.0.1:"))
        #expect(run.result.errors.contains("it ended with exit code 9; its last lines: "))
        #expect(run.result.errors.contains("\"no such database\""))
        let slow = try fixture.test(
            ["--start-timeout", "100ms", "--force"],
            fixture.script("echo waiting; sleep 1000"))
        #expect(slow.exitCode == 4)
        #expect(slow.result.errors.contains("within 100ms (--start-timeout)"))
        #expect(slow.result.errors.contains("its last lines: \"waiting\""))
        let missing = try fixture.test(["--force"], ["--", "weir-no-such-program"])
        #expect(missing.exitCode == 4)
        #expect(missing.result.errors.contains("weir-no-such-program cannot be started: no such"))
    }

    @Test func `a reset that fails ends the test, and says what it printed`() throws {
        let fixture = try TestFixture()
        let run = try fixture.test(
            ["--reset", "echo is the database up? >&2; exit 3"], fixture.ledger("naive"))
        #expect(run.exitCode == 3)
        #expect(
            run.result.errors.contains("its exit code is 3; it printed \"is the database up?\""))
        let late = try fixture.test(
            ["--reset", "sleep 1000", "--command-timeout", "50ms", "--force"],
            fixture.ledger("naive"))
        #expect(late.exitCode == 3)
        #expect(late.result.errors.contains("it took too long and was ended (--command-timeout)"))
    }

    @Test func `a probe that fails without faults ends the test, and says so`() throws {
        let fixture = try TestFixture()
        let run = try fixture.test(
            ["--probe", "rows=echo no such table >&2; exit 2"], fixture.ledger("naive"))
        #expect(run.exitCode == 3)
        #expect(
            run.result.errors.contains(
                "--probe rows fails without faults (run/clean-1), so that nothing can be compared: "
                    + "its exit code is 2; it printed \"no such table\""))
    }

    @Test func `resets, probes and the consumer are told the port`() throws {
        let fixture = try TestFixture()
        let run = try fixture.test(
            [
                "--reset", "echo reset for {listen} $WEIR_LISTEN > told",
                "--probe", "test \"$(cat told)\" = \"reset for $WEIR_LISTEN {listen}\"",
            ], fixture.ledger("naive"))
        #expect(run.exitCode == 0, "\(run.result.errors)")
        let commands = try run.reactions("clean-3", "command").map { $0["name"] as? String }
        #expect(commands == ["reset", "probe", "health"])
    }

    @Test func `each line that the consumer writes is an event, cut where it is too long`() throws {
        let fixture = try TestFixture()
        let run = try fixture.test(
            [],
            fixture.script(
                "echo first; printf '%05000d\\n' 7; printf 'no end' >&2; exec 1>&- 2>&-; $LEDGER"))
        #expect(run.exitCode == 0, "\(run.result.errors)")
        let output = try run.reactions("clean-1", "output")
        let lines = output.map { ($0["source"] as? String, $0["line"] as? String ?? "") }
        #expect(lines.count == 3)
        #expect(lines.contains { $0 == ("stdout", "first") })
        #expect(lines.contains { $0 == ("stdout", String(repeating: "0", count: 4_096) + "…") })
        #expect(lines.contains { $0 == ("stderr", "no end") })
    }

    @Test func `a consumer that writes without end does not fill memory or disk`() throws {
        let fixture = try TestFixture()
        let run = try fixture.test(
            [], fixture.script("(yes | head -c 100000000 | tr -d '\\n' | fold -w 1000)& $LEDGER"))
        #expect(run.exitCode == 0, "\(run.result.errors)")
        let attributes = try FileManager.default.attributesOfItem(
            atPath: run.folder.appendingPathComponent("clean-1/replay.weir").path)
        #expect(attributes[.size] as? Int ?? .max < 8 << 20)
    }

    @Test func `beyond what is kept of its output a consumer's loud lines are heard all the same`()
        throws
    {
        let fixture = try TestFixture()
        let run = try fixture.test(
            ["--late", "10s"],
            fixture.script(
                "yes $(printf '%0999d' 0) | head -c 6000000; echo 'error: no room'; "
                    + "exec $LEDGER > /dev/null 2>&1"))
        #expect(run.exitCode == 0, "\(run.result.errors)")
        let lines = try run.reactions("clean-1", "output").compactMap { $0["line"] as? String }
        #expect(lines.last == "error: no room")
        // A thousand bytes each with their ends.
        #expect(lines.count == (4 << 20) / 1_000 + 1)
        let runs = try #require(try run.verdict().object["runs"] as? [[String: Any]])
        let missed = try #require(runs.first?["not_compared"] as? [[String: Any]])
        let of = "bytes of the consumer's output beyond what is kept"
        let count = missed.first { $0["reason"] as? String == of }?["count"] as? Int
        #expect(count == 6_000_000 - (lines.count - 1) * 1_000)
    }

    @Test func `the consumer's own port can be the health check's`() throws {
        let fixture = try TestFixture()
        let run = try fixture.test(
            ["--health", ":{listen}", "--late", "10s"], fixture.ledger("naive"))
        #expect(run.exitCode == 0, "\(run.result.errors)")
        let health = try run.reactions("clean-3", "command")
        #expect(health.map { $0["code"] as? Int } == [0])
    }

    @Test func `a health check that can look at nothing ends the test`() throws {
        let fixture = try TestFixture()
        // Where the consumer is dialled, nobody dials Weir.
        let run = try fixture.test(["--health", ":{upstream}"], fixture.ledger("naive"))
        #expect(run.exitCode == 4)
        #expect(run.result.errors.contains("--health :{upstream}: "), "\(run.result.errors)")
        let host = try fixture.test(
            ["--health", "weir-no-such-host.invalid:80", "--force"], fixture.ledger("naive"))
        #expect(host.exitCode == 4)
        #expect(host.result.errors.contains("weir-no-such-host.invalid cannot be looked up"))
    }

    @Test func `what ignores SIGTERM is killed, with what it started`() throws {
        let fixture = try TestFixture()
        let mark = "weir-test-orphan-\(UInt32.random(in: 0...UInt32.max))"
        print("mark \(mark)")
        let run = try fixture.test(
            ["--late", "10s"],
            fixture.script(
                "trap '' TERM; sh -c 'while :; do sleep 1; done' \(mark) & $LEDGER; "
                    + "while :; do sleep 1; done"))
        #expect(run.exitCode == 0, "\(run.result.errors)")
        #expect(try !isRunning(mark))
    }

    @Test func `Ctrl-C ends the consumer and leaves what is there, with 130`() throws {
        let fixture = try TestFixture()
        let mark = "weir-test-orphan-\(UInt32.random(in: 0...UInt32.max))"
        print("mark \(mark)")
        // The probe presses it.
        let run = try fixture.test(
            ["--probe", "kill -INT $PPID; sleep 1000"],
            fixture.script("sh -c 'while :; do sleep 1; done' \(mark) & $LEDGER"))
        let result = run.result
        #expect(result.exitCode == 130, "\(result.errors)")
        #expect(try !isRunning(mark))
        let check = try WeirProcess.run(
            ["check", fixture.folder.path("run/clean-1/replay.weir")])
        #expect(check.exitCode == 0)
        #expect(FileManager.default.fileExists(atPath: fixture.folder.path("run/verdict.json")))
    }

    @Test func `seeds that an interruption left out are not tolerated`() throws {
        let fixture = try TestFixture()
        // The probe presses Ctrl-C in the fifth run: three clean ones and one seed are through.
        let tested = try fixture.test(
            [
                "--duplicate", "3%", "--seed", "7", "--seeds", "3", "--no-blame", "--late", "10s",
                "--probe",
                "count=n=$(($(cat n 2>/dev/null || echo 0) + 1)); echo $n > n; "
                    + "[ $n -ne 5 ] || { kill -INT $PPID; sleep 1000; }; echo ok",
            ], fixture.ledger("careful"))
        #expect(tested.exitCode == 130, "\(tested.result.errors)")
        let verdict = try tested.verdict()
        #expect(verdict.object["verdict"] as? String == "inconclusive")
        let runs = try #require(verdict.object["runs"] as? [[String: Any]])
        #expect(
            runs.map { $0["verdict"] as? String } == ["tolerated", "inconclusive", "inconclusive"])
        #expect(tested.result.output.contains("interrupted before this run was judged"))
        let report = try WeirProcess.run(["report", "run", "--junit"], in: fixture.folder.url)
        #expect(report.output.contains("errors=\"3\""), "\(report.output)")
    }

    /// Naive until its first four runs are through; does not start from then on.
    private static func shortLived(_ fixture: TestFixture, _ edition: String) -> [String] {
        fixture.script(
            "n=$(($(cat n 2>/dev/null || echo 0) + 1)); echo $n > n; "
                + "[ $n -lt 5 ] || { echo no data; exit 9; }; "
                + "exec '\(fixture.weir)' demo --serve \(edition) --listen :$WEIR_LISTEN")
    }

    private static let threeSeeds = [
        "--duplicate", "3%", "--seed", "7", "--seeds", "3", "--no-blame", "--late", "10s",
    ]

    @Test func `a run that cannot be made takes nothing away from what was found before it`() throws
    {
        let fixture = try TestFixture()
        let tested = try fixture.test(
            Self.threeSeeds + fixture.probe, Self.shortLived(fixture, "naive"))
        #expect(tested.exitCode == 1, "\(tested.result.errors)")
        #expect(tested.result.errors.contains("never accepted on 127.0.0.1:"))
        let runs = try #require(try tested.verdict().object["runs"] as? [[String: Any]])
        #expect(
            runs.map { $0["verdict"] as? String }
                == ["failed-silently", "inconclusive", "inconclusive"])
        for run in runs.dropFirst() {
            let reasons = run["reasons"] as? [String] ?? []
            #expect(reasons.first?.hasPrefix("this run was not judged: ") == true)
            #expect(reasons.first?.contains("it ended with exit code 9") == true)
        }
        #expect(tested.result.output.contains("FAILED SILENTLY"))
    }

    @Test func `where nothing was found, a run that cannot be made ends with its own code`() throws
    {
        let fixture = try TestFixture()
        let tested = try fixture.test(
            Self.threeSeeds + fixture.probe, Self.shortLived(fixture, "careful"))
        #expect(tested.exitCode == 4, "\(tested.result.errors)")
        #expect(try tested.verdict().verdict == "inconclusive")
        #expect(tested.result.output.contains("this run was not judged"))
    }

    @Test func `a blame run that cannot be made is a note on the symptom`() throws {
        let fixture = try TestFixture()
        let tested = try fixture.test(
            [
                "--fault", "duplicate messages=20 connections=3", "--seed", "7", "--late", "10s",
                "--reset",
                "n=$(($(cat n 2>/dev/null || echo 0) + 1)); echo $n > n; [ $n -ne 6 ]",
            ] + fixture.probe, fixture.ledger("naive"))
        #expect(tested.exitCode == 1, "\(tested.result.errors)")
        #expect(tested.result.errors.contains("not settled: --reset"))
        let symptom = try #require(try tested.verdict().symptoms.first)
        let blame = try #require(symptom["blame"] as? [String: Any])
        #expect(blame["strikes"] as? [String] == ["duplicate@3u20"])
        #expect(blame["with"] as? String == "1/1")
        #expect(blame["settled"] as? Bool == false)
        let notes = try #require(blame["notes"] as? [String])
        #expect(notes.first?.hasPrefix("not settled: --reset ") == true)
        #expect(notes.count == 1)
    }

    @Test func `a clean run that blame cannot make ends no test`() throws {
        let fixture = try TestFixture()
        // Naive for the four runs of the test, careful for the four of blame; no ninth one.
        let counted = "n=$(($(cat n 2>/dev/null || echo 0) + 1)); echo $n > n; [ $n -ne 9 ]"
        let consumer = fixture.script(
            "e=naive; [ $(cat n) -gt 4 ] && e=careful; "
                + "exec '\(fixture.weir)' demo --serve $e --listen :$WEIR_LISTEN")
        let tested = try fixture.test(
            [
                "--fault", "duplicate messages=20 connections=3", "--seed", "7", "--late", "10s",
                "--reset", counted,
            ] + fixture.probe, consumer)
        #expect(tested.exitCode == 1, "\(tested.result.errors)")
        #expect(tested.result.errors.contains("is not settled: --reset"), "\(tested.result.errors)")
        #expect(try tested.verdict().verdict == "failed-silently")
    }

    @Test func `a port that somebody listens on is not taken for the consumer's`() throws {
        let fixture = try TestFixture()
        let server = try EchoServer()
        let run = try WeirProcess.run(
            ["test", fixture.recording, "--to", ":\(server.port)", "--run", "run"]
                + fixture.ledger("naive"), in: fixture.folder.url)
        #expect(run.exitCode == 4)
        #expect(run.errors.contains("somebody accepts on 127.0.0.1:\(server.port) already"))
    }

    @Test func `a consumer that was started elsewhere is tested, and its log followed`() throws {
        let fixture = try TestFixture()
        let server = try EchoServer()
        let tested = try fixture.test([
            "test", fixture.recording, "--to", ":\(server.port)", "--pacing", "asap",
            "--wait-for", ":\(server.port)", "--consumer-log", "log", "--run", "run",
            "--settle", "200ms", "--probe", "echo hello >> log",
        ])
        #expect(tested.exitCode == 0, "\(tested.result.errors)")
        let lines = try tested.reactions("clean-3", "output").map { $0["line"] as? String }
        #expect(lines == ["hello"])
        let nobody = try WeirProcess.run(
            [
                "test", fixture.recording, "--to", ":1", "--wait-for", ":1", "--start-timeout",
                "50ms", "--run", "nobody",
            ], in: fixture.folder.url)
        #expect(nobody.exitCode == 4)
        #expect(nobody.errors.contains("nobody accepts on 127.0.0.1:1 within 50ms"))
    }

    @Test func `a folder that holds a test is replaced by --force alone, and nothing else in it`()
        throws
    {
        let fixture = try TestFixture()
        let many = ["--duplicate", "1%", "--seed", "1", "--seeds", "2"]
        #expect(try fixture.test(many, fixture.ledger("careful")).exitCode == 0)
        let kept = fixture.folder.path("run/notes")
        try "mine".write(toFile: kept, atomically: true, encoding: .utf8)
        let refused = try fixture.test([], fixture.ledger("careful"))
        #expect(refused.exitCode == 2)
        #expect(refused.result.errors.contains("run holds a test"))
        let replaced = try fixture.test(["--force"], fixture.ledger("careful"))
        #expect(replaced.exitCode == 0, "\(replaced.result.errors)")
        #expect(
            replaced.names
                == ["clean-1", "clean-2", "clean-3", "log", "notes", "test.json", "verdict.json"])
    }

    @Test func `another machine needs --allow-remote, also for a reset`() throws {
        let fixture = try TestFixture()
        let run = try WeirProcess.run(
            [
                "test", fixture.recording, "--to", "192.0.2.1:6379", "--reset", "touch emptied",
                "--run", "run",
            ], in: fixture.folder.url)
        #expect(run.exitCode == 2)
        #expect(run.errors.contains("add --allow-remote"))
        #expect(!FileManager.default.fileExists(atPath: fixture.folder.path("emptied")))
        #expect(!FileManager.default.fileExists(atPath: fixture.folder.path("run")))
    }
}
