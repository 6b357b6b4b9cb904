import Foundation
import Reactions
import Recordings
import Reports
import Testing
import Text

#if canImport(FoundationXML)
import FoundationXML
#endif

/// `weir report` and `weir compare`, from the folders that runs leave.
@Suite struct ReportCommandTests {
    @Test func `a replay's folder is shown in every form, and the last one without being named`()
        throws
    {
        let fixture = try ReplayFixture(clients: 2, lines: 20)
        _ = try fixture.replay(["--duplicate", "10%", "--seed", "7"])
        let text = try Self.weir(["report"], fixture)
        #expect(text.exitCode == 0)
        #expect(text.output.hasPrefix("NOT JUDGED: "))
        #expect(text.output.contains("answers       40 same, "))
        #expect(text.output.contains("repeat it     weir replay "))
        #expect(text.output.contains("all of it     runs/latest/reactions.jsonl"))
        let json = try JSONReader.read(try Self.weir(["report", "--json"], fixture).output)
        #expect(json["judged"] == false && json["compared"]?["same"] == 40)
        let junit = try Self.weir(["report", "--junit"], fixture).output
        #expect(XMLParser(data: Data(junit.utf8)).parse())
        #expect(try Self.weir(["report", "--markdown"], fixture).output.hasPrefix("### "))
    }

    @Test func `a test's folder is shown with the evidence of its run`() throws {
        let fixture = try ReplayFixture(clients: 1, lines: 5)
        _ = try fixture.replay([
            "--fault", "duplicate messages=2", "--seed", "7", "--run", "t/seed-7",
        ])
        try Self.write(Self.result, to: "t", fixture)
        let report = try Self.weir(["report", "t/"], fixture)
        #expect(report.exitCode == 0, "\(report.errors)")
        for part in [
            "FAILED SILENTLY: ", "expected 65 63 68 6f", "seconds  who       conn  what",
            "sends message 2 again (copy 1): client 1 says line", "applies duplicate@1u2",
            ">>>             here: wrong result",
            "all of it: weir show t/seed-7/replay.weir --messages --connection 1",
        ] {
            #expect(report.output.contains(part), "\(part)\n\(report.output)")
        }
        #expect(!report.output.contains("\u{1b}"))
        #expect(try Self.weir(["report", "t", "--json"], fixture).output == Self.result.json())
        #expect(try Self.weir(["report", "t/verdict.json"], fixture).output == report.output)
    }

    @Test func `what a folder lacks is said, and is exit code 5`() throws {
        let fixture = try ReplayFixture(clients: 1, lines: 5)
        _ = try fixture.replay(["--seed", "7", "--run", "r"])
        try FileManager.default.removeItem(atPath: fixture.folder.path("r/summary.json"))
        let cut = try Self.weir(["report", "r"], fixture)
        #expect(cut.exitCode == 5)
        #expect(cut.output.contains("incomplete    summary.json is missing"))
        // A test whose run folder is gone, and one that did not end.
        try Self.write(Self.result, to: "t", fixture)
        let gone = try Self.weir(["report", "t"], fixture)
        #expect(gone.exitCode == 5)
        #expect(gone.output.contains("timeline      cannot be shown: "))
        try Self.write("{}", to: "u", "test.json", fixture)
        let unfinished = try Self.weir(["report", "u"], fixture)
        #expect(unfinished.exitCode == 5)
        #expect(unfinished.output.hasPrefix("UNFINISHED: verdict.json is missing"))
    }

    @Test func `a verdict that is damaged or newer is named with its place`() throws {
        let fixture = try ReplayFixture(clients: 1, lines: 1)
        let text = Self.result.json()
        for (wrong, said) in [
            (String(text.dropLast(9)), "t/verdict.json:1:"),
            (
                text.replacing("\"version\":1", with: "\"version\":9"),
                "t/verdict.json:1: version: version 9 is newer than what is known here (1); use "
                    + "the weir that wrote it, or a newer one"
            ),
        ] {
            try Self.write(wrong, to: "t", "verdict.json", fixture)
            let report = try Self.weir(["report", "t"], fixture)
            #expect(report.exitCode == 5 && report.output == "")
            #expect(report.errors.hasPrefix("weir: error: \(said)"), "\(report.errors)")
        }
    }

    @Test func `what is no run is a mistake that says so`() throws {
        let fixture = try ReplayFixture(clients: 1, lines: 1)
        for (words, said) in [
            (["report"], "runs/latest is not there; nothing was run here yet"),
            (["report", "nowhere"], "nowhere is not there; name the folder of a run"),
            (["report", "."], ". holds no run: "),
            (["report", "--json", "--junit"], "--json and --junit"),
            (["report", "--all", "--json"], "--all goes with the text only"),
            (["compare", "a"], "OTHER is missing"),
        ] {
            let run = try Self.weir(words, fixture)
            #expect(run.exitCode == 2 && run.output == "")
            #expect(run.errors.contains(said), "\(run.errors)")
        }
    }

    @Test func `two runs are compared: 0 where they are alike, 1 where they differ`() throws {
        let fixture = try ReplayFixture(clients: 2, lines: 20)
        for (name, options) in [("a", []), ("b", []), ("c", ["--duplicate", "20%"])] {
            _ = try fixture.replay(options + ["--seed", "7", "--run", name])
        }
        let alike = try Self.weir(["compare", "a", "b"], fixture)
        #expect(alike.exitCode == 0 && alike.output.hasPrefix("ALIKE: "), "\(alike.output)")
        let different = try Self.weir(["compare", "a", "c"], fixture)
        #expect(different.exitCode == 1 && different.output.hasPrefix("DIFFERENT: "))
        #expect(different.output.contains("strikes that were applied in one only: "))
        let json = try JSONReader.read(
            try Self.weir(["compare", "a", "c", "--json"], fixture).output)
        #expect(json["different"] == true)
        try Self.write(Self.result, to: "t", fixture)
        #expect(try Self.weir(["compare", "t", "t"], fixture).exitCode == 0)
        let mixed = try Self.weir(["compare", "t", "a"], fixture)
        #expect(mixed.exitCode == 2 && mixed.errors.contains("cannot be compared with a replay"))
    }

    // MARK: - Folders

    private static func weir(
        _ words: [String], _ fixture: ReplayFixture
    ) throws -> WeirProcess.Result {
        try WeirProcess.run(words, in: fixture.folder.url)
    }

    private static func write(
        _ result: TestResult, to folder: String, _ fixture: ReplayFixture
    ) throws {
        try write(result.json(.pretty), to: folder, "verdict.json", fixture)
    }

    private static func write(
        _ text: String, to folder: String, _ name: String, _ fixture: ReplayFixture
    ) throws {
        let path = fixture.folder.path(folder)
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
    }

    private static var result: TestResult {
        var judgement = Judgement(.failedSilently)
        judgement.symptoms = [
            Symptom(
                .inconsistent, .answer(connection: 1, attempt: 1, message: 3),
                at: Instant(nanoseconds: 500_000_000), isEffect: true,
                suspects: ["duplicate@1u2"],
                evidence: .bytes(
                    Difference(
                        offset: 4, excerptOffset: 0, expected: Array("echo 3\n".utf8),
                        actual: Array("echo 4\n".utf8), expectedBytes: 7)))
        ]
        judgement.symptomCounts = [.inconsistent: 1]
        let run = TestResult.JudgedRun(
            seed: 7, folder: "seed-7", nanoseconds: 1_000_000_000, judgement: judgement)
        return TestResult(
            verdict: .failedSilently,
            test: TestResult.About(
                recording: "orders.weir", identity: "crc32c:1f0a2b3c", framing: .none,
                consumer: "127.0.0.1:6379", started: Timestamp(nanoseconds: 0), folder: "t",
                repeating: "weir test orders.weir --to :6379 --seed 7"),
            baseline: BaselineAccount(cleanRuns: 3), runs: [run], expectations: [])
    }
}
