import Foundation
import Testing

/// `weir test` runs again what was late, and counts what is late again.
@Suite(.enabled(if: PythonConsumer.isInstalled, "needs python3"))
struct LatenessTests {
    /// Answers each line, by the plan: in run 4 (the first behind the clean ones) something may
    /// take a second, the process may end, or a result be wrong. The runs are counted in a file.
    private static func consumer(_ plan: [Int: String]) -> [String] {
        let steps = plan.map { "\($0.key)=\($0.value)" }
        return ["--", "python3", "-c", script] + steps
    }

    /// The places are lines of the recording: the second client's second transfer, and its third.
    private static let script = """
        import os, signal, socket, sys, threading, time
        steps = dict(step.split("=", 1) for step in sys.argv[1:])
        count = int(open("count").read()) + 1 if os.path.exists("count") else 1
        open("count", "w").write(str(count))
        step = steps.get(str(count), "")
        listener = socket.create_server(("127.0.0.1", int(os.environ["WEIR_LISTEN"])))
        def serve(connection):
            with connection, connection.makefile("rwb", buffering=0) as lines:
                for line in lines:
                    here = b"id=p2-1-1 " in line
                    if step == "late" and here or step == "elsewhere" and b"id=p2-3-1 " in line:
                        time.sleep(1)
                    if step == "crash" and here:
                        os._exit(7)
                    if step == "interrupt" and here:
                        os.kill(os.getppid(), signal.SIGINT)
                    lines.write(b"wrong\\n" if step == "wrong" and here else b"ok\\n")
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection,), daemon=True).start()
        """

    /// The strike comes on another connection. A run that is late by itself would be repeated, and
    /// the runs' numbers be others: half a second is more than a busy machine's hiccup.
    private static let faults = [
        "--fault", "duplicate messages=50 connections=5", "--seed", "7", "--no-blame",
        "--pacing", "asap", "--late", "400ms",
    ]

    /// What `verdict.json` says of the run that earned the verdict.
    private func repeats(_ verdict: [String: Any]) -> [String: Int]? {
        verdict["repeats"] as? [String: Int]
    }

    /// A test that was run, with the folder that it lies in.
    private struct Ran {
        let fixture: TestFixture
        let tested: TestFixture.Tested

        var exitCode: Int32 { tested.exitCode }
        var text: String { tested.result.output + tested.result.errors }

        /// The repeats of a run.
        func inner(_ run: String) -> [String] {
            let path = tested.folder.appendingPathComponent(run).path
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            return names.filter { $0.hasPrefix("again-") }.sorted()
        }
    }

    private func test(_ plan: [Int: String], _ options: [String] = []) throws -> Ran {
        let fixture = try TestFixture()
        let tested = try fixture.test(
            ["test", fixture.recording, "--to", ":0", "--settle", "20ms", "--run", "run"]
                + Self.faults + options + Self.consumer(plan))
        return Ran(fixture: fixture, tested: tested)
    }

    @Test func `what is late once is repeated, and not counted`() throws {
        let ran = try test([4: "late", 5: "late"])
        #expect(ran.tested.exitCode == 0, "\(ran.text)")
        let verdict = try ran.tested.verdict()
        #expect(verdict.verdict == "tolerated")
        let repeats = try #require(self.repeats(verdict.object))
        #expect(repeats["runs"] == 2 && repeats["alike"] == 3)
        #expect(repeats["late_again"] == 0)
        #expect(repeats["not_late_again"] ?? 0 >= 1)
        #expect(ran.inner("seed-7") == ["again-1", "again-2"])
        #expect(ran.text.contains("not late each time in 2 repeats"))
        #expect(ran.text.contains("the same again, to see whether"))
    }

    @Test func `what is late again at its place is counted`() throws {
        let ran = try test([4: "late", 5: "late", 6: "late"])
        #expect(ran.tested.exitCode == 0, "\(ran.text)")
        let verdict = try ran.tested.verdict()
        #expect(verdict.verdict == "recovered")
        #expect(verdict.kinds == ["delayed"])
        #expect(verdict.symptoms.contains { $0["connection"] as? Int == 2 })
        #expect(repeats(verdict.object)?["late_again"] ?? 0 >= 1)
        // Everything that reads the folder does so with repeats in it.
        let report = try WeirProcess.run(["report", "run"], in: ran.fixture.folder.url)
        #expect(report.exitCode == 0, "\(report.errors)")
        #expect(report.output.contains("late again"))
        let compared = try WeirProcess.run(["compare", "run", "run"], in: ran.fixture.folder.url)
        #expect(compared.exitCode == 0, "\(compared.errors)")
    }

    @Test func `what is late elsewhere each time, behind the only strike, is counted`() throws {
        let ran = try test([4: "late", 5: "elsewhere", 6: "elsewhere"])
        let verdict = try ran.tested.verdict()
        #expect(verdict.verdict == "recovered", "\(ran.text)")
        #expect(verdict.symptoms.first?["message"] as? Int == 1)
    }

    @Test func `a clean run that is late once is repeated, and the baseline stands`() throws {
        let ran = try test([3: "late"])
        #expect(ran.tested.exitCode == 0, "\(ran.text)")
        let verdict = try ran.tested.verdict()
        #expect(verdict.verdict == "tolerated")
        let baseline = try #require(verdict.object["baseline"] as? [String: Any])
        #expect(baseline["unstable"] as? [String] == [])
        #expect(repeats(baseline)?["not_late_again"] ?? 0 >= 1)
        #expect(ran.inner("clean-3") == ["again-1"])
    }

    @Test func `a clean run that is late again is no baseline`() throws {
        let ran = try test([3: "late", 4: "late", 5: "late"])
        #expect(ran.tested.exitCode == 3, "\(ran.text)")
        let baseline = try ran.tested.verdict().object["baseline"] as? [String: Any]
        let reasons = baseline?["unstable"] as? [String] ?? []
        #expect(reasons.first?.contains("shows delayed at connection 2, message 1 ") == true)
    }

    @Test func `what breaks in a repeat only is the verdict, with its folder`() throws {
        let ran = try test([4: "late", 5: "wrong"])
        #expect(ran.tested.exitCode == 1, "\(ran.text)")
        let verdict = try ran.tested.verdict()
        #expect(verdict.verdict == "failed-silently")
        #expect(verdict.object["run"] as? String == "seed-7/again-1")
        #expect(repeats(verdict.object)?["alike"] == 1)
        #expect(ran.text.contains("1 of 2 runs of the same schedule came to this"))
        let report = try WeirProcess.run(["report", "run"], in: ran.fixture.folder.url)
        #expect(report.output.contains("run/seed-7/again-1/replay.weir"), "\(report.output)")
        // It is looked for, and not found again.
        let shrink = try WeirProcess.run(["shrink", "run"], in: ran.fixture.folder.url)
        #expect(shrink.exitCode == 3, "\(shrink.output)\(shrink.errors)")
        let crashed = try test([4: "late", 5: "late", 6: "crash"])
        #expect(crashed.exitCode == 1)
        #expect(try crashed.tested.verdict().object["run"] as? String == "seed-7/again-2")
    }

    @Test func `an expectation of times judges the run itself`() throws {
        let ran = try test([4: "late"], ["--expect", "max < 900ms"])
        #expect(ran.tested.exitCode == 1, "\(ran.text)")
        #expect(try ran.tested.verdict().verdict == "tolerated")
    }

    @Test func `an interruption of a repeat ends with what is known`() throws {
        let ran = try test([4: "late", 5: "interrupt"])
        #expect(ran.tested.exitCode == 130, "\(ran.text)")
        let verdict = try ran.tested.verdict()
        #expect(verdict.verdict == "inconclusive")
        #expect(verdict.object["run"] as? String == "seed-7")
        let reasons = verdict.object["reasons"] as? [String] ?? []
        #expect(reasons.first?.contains("interrupted before it showed whether") == true)
        let runs = verdict.object["runs"] as? [[String: Any]]
        #expect(runs?.count == 1)
        #expect(ran.inner("seed-7") == ["again-1"])
    }
}
