import Foundation
import Testing

/// `weir shrink` on folders that hold no whole test: each gets its own error, and none a crash.
@Suite struct HostileTestFolderTests {
    private struct Kept {
        let fixture: TestFixture

        init() throws {
            fixture = try TestFixture()
            let run = try fixture.test(
                ["--duplicate", "3%", "--seed", "7", "--no-blame"] + fixture.probe,
                fixture.ledger("naive"))
            #expect(run.exitCode == 1, "\(run.result.errors)")
        }

        func path(_ name: String) -> String { fixture.folder.path(name) }

        func write(_ text: String, to name: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
        }

        func text(_ name: String) throws -> String {
            try String(contentsOfFile: path(name), encoding: .utf8)
        }

        /// What it says, and that it ends as a mistake in what was asked for does.
        func errors(_ options: [String] = [], code: Int32 = 2) throws -> String {
            let run = try WeirProcess.run(["shrink", "run"] + options, in: fixture.folder.url)
            #expect(run.exitCode == code, "\(run.errors)")
            return run.errors
        }
    }

    @Test func `what is no test's folder is said`() throws {
        let folder = try TemporaryFolder()
        func errors(_ name: String) throws -> String {
            let run = try WeirProcess.run(["shrink", name], in: folder.url)
            #expect(run.exitCode == 2)
            return run.errors
        }
        #expect(try errors("nothing").contains("nothing is not a folder; name the folder of"))
        try FileManager.default.createDirectory(
            atPath: folder.path("empty"), withIntermediateDirectories: true)
        #expect(try errors("empty").contains("holds no test: there is no test.json in it"))
        try Data("{}".utf8).write(to: URL(fileURLWithPath: folder.path("empty/test.json")))
        #expect(try errors("empty").contains("did not come to its end: there is no verdict.json"))
        try Data("{}".utf8).write(to: URL(fileURLWithPath: folder.path("empty/verdict.json")))
        #expect(try errors("empty").contains("\"type\" is missing"))
        try Data("\u{0}\u{ff}{[".utf8).write(
            to: URL(fileURLWithPath: folder.path("empty/test.json")))
        #expect(try errors("empty").contains("empty/test.json:1:"))
    }

    @Test func `each damage to a kept test has its own error`() throws {
        let kept = try Kept()
        let asked = try kept.text("run/test.json")
        let verdict = try kept.text("run/verdict.json")

        let newer = asked.replacing("\"version\": 1", with: "\"version\": 9")
        try kept.write(newer, to: "run/test.json")
        #expect(try kept.errors().contains("version: version 9 is not known here"))
        try kept.write(asked.replacing("--seed", with: "--sede"), to: "run/test.json")
        #expect(try kept.errors().contains("did you mean --seed?"))
        try kept.write(asked.replacing("crc32c:", with: "crc32c:f"), to: "run/test.json")
        #expect(try kept.errors().contains("is not the recording that was tested"))
        try kept.write(String(asked.prefix(asked.count / 2)), to: "run/test.json")
        #expect(try kept.errors().contains("run/test.json:"))
        try kept.write(asked, to: "run/test.json")

        try kept.write(String(verdict.prefix(verdict.count / 2)), to: "run/verdict.json")
        #expect(try kept.errors().contains("run/verdict.json:"))
        try kept.write(verdict, to: "run/verdict.json")

        #expect(try kept.errors(["--seed", "8"]).contains("has no run of this seed; it has 7"))
        #expect(try kept.errors(["--symptom", "999"]).contains("write a number from 1 to"))
        #expect(try kept.errors(["--resume"]).contains("there is nothing to go on with"))

        let schedule = try kept.text("run/seed-7/schedule.jsonl")
        try FileManager.default.removeItem(atPath: kept.path("run/seed-7/schedule.jsonl"))
        #expect(try kept.errors().contains("run/seed-7/schedule.jsonl"))
        try kept.write(schedule, to: "run/seed-7/schedule.jsonl")
    }

    @Test func `a journal of another search is not gone on with`() throws {
        let kept = try Kept()
        let part = try WeirProcess.run(
            ["shrink", "run", "--max-runs", "6"], in: kept.fixture.folder.url)
        #expect(part.exitCode == 0, "\(part.errors)")
        #expect(try kept.errors().contains("holds a search already; go on with it by --resume"))
        let journal = try kept.text("run/shrunk/journal.jsonl")
        try kept.write(
            journal.replacing("\"candidate\":\"", with: "\"candidate\":\"f"),
            to: "run/shrunk/journal.jsonl")
        #expect(try kept.errors(["--resume"]).contains("this is not what the search tries there"))
        try kept.write("junk\n", to: "run/shrunk/journal.jsonl")
        #expect(try kept.errors(["--resume"]).contains("journal.jsonl:1:"))
        try kept.write(
            journal.replacing("\"version\":1", with: "\"version\":2"),
            to: "run/shrunk/journal.jsonl")
        #expect(try kept.errors(["--resume"]).contains("version 2 is not known here"))
        // A last line that was not written to its end is left out.
        try kept.write(String(journal.dropLast(4)), to: "run/shrunk/journal.jsonl")
        let rest = try WeirProcess.run(["shrink", "run", "--resume"], in: kept.fixture.folder.url)
        #expect(rest.exitCode == 0, "\(rest.errors)")
    }
}
