import Foundation
import Testing

/// `weir replay -- command`: the program under test lives as long as its replay.
@Suite struct ReplayConsumerTests {
    private func replay(
        _ fixture: TestFixture, _ options: [String], _ consumer: [String]
    ) throws -> TestFixture.Tested {
        let result = try WeirProcess.run(
            ["replay", fixture.recording, "--run", "run", "--pacing", "asap"] + options + consumer,
            in: fixture.folder.url)
        return TestFixture.Tested(
            result: result, folder: fixture.folder.url.appendingPathComponent("run"))
    }

    @Test func `the command is started on a free port, and its lines are reactions`() throws {
        let fixture = try TestFixture()
        let run = try replay(
            fixture, ["--to", ":0"], fixture.script("echo here on $WEIR_LISTEN; $LEDGER"))
        #expect(run.exitCode == 0, "\(run.result.errors)")
        #expect(run.result.output.contains("answers    302 same\n"))
        let lines = try run.folderReactions("output").compactMap { $0["line"] as? String }
        #expect(lines.contains { $0.hasPrefix("here on ") })
        #expect(try run.folderReactions("exit").isEmpty)
        #expect(try run.folderReactions("command").isEmpty)
    }

    @Test func `a command that dials is told where`() throws {
        let fixture = try TestFixture()
        let run = try replay(
            fixture, ["--listen", ":0"],
            ["--", fixture.weir, "demo", "--drive", ":{upstream}"])
        #expect(run.exitCode == 0, "\(run.result.errors)")
        let lines = try run.folderReactions("output").compactMap { $0["line"] as? String }
        #expect(lines == ["302 requests on 5 connections, 302 answers, 0 of them errors"])
    }

    @Test func `a command that never accepts ends the replay, and is named`() throws {
        let fixture = try TestFixture()
        let run = try replay(fixture, ["--to", ":0"], fixture.script("echo no disk; exit 9"))
        #expect(run.exitCode == 4)
        #expect(
            run.result.errors.contains("it ended with exit code 9; its last lines: \"no disk\""))
    }

    @Test func `port 0 without a command is refused`() throws {
        let fixture = try TestFixture()
        let run = try replay(fixture, ["--to", ":0"], [])
        #expect(run.exitCode == 2)
        #expect(run.result.errors.contains("port 0 is a free one for the command behind --"))
    }
}

extension TestFixture.Tested {
    /// Of the replay that the folder itself is.
    fileprivate func folderReactions(_ type: String) throws -> [[String: Any]] {
        try reactions(".", type)
    }
}
