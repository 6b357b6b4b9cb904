import Foundation
import Testing

/// What stands in a run folder, or in its place, and is no file of Weir's: an error, at once.
struct HostileRunFolderTests {
    @Test(arguments: ["verdict.json", "summary.json", "reactions.jsonl", "outcomes.jsonl"])
    func `a pipe, a folder or a device in place of a run's file is not waited for`(
        name: String
    ) throws {
        let folder = try TemporaryFolder()
        for place in ["pipe", "folder", "device"] {
            let run = folder.url.appendingPathComponent(place)
            try FileManager.default.createDirectory(
                at: run, withIntermediateDirectories: true)
            let path = run.appendingPathComponent(name).path
            switch place {
            case "pipe": #expect(mkfifo(path, 0o600) == 0)
            case "folder": #expect(mkdir(path, 0o700) == 0)
            default: #expect(symlink("/dev/zero", path) == 0)
            }
            // A plain run is known by its reactions.
            if name == "summary.json" || name == "outcomes.jsonl" {
                let reactions = run.appendingPathComponent("reactions.jsonl")
                try Data("{\"type\":\"reactions\",\"version\":1}\n".utf8).write(to: reactions)
            }
            for command in [["report", place], ["compare", place, place]] {
                let result = try WeirProcess.run(command, in: folder.url, timeLimit: 20)
                #expect(result.exitCode == 2, "\(command): \(result.errors)")
                #expect(result.errors.contains("cannot read \(place)/\(name): "))
            }
        }
    }

    @Test func `shrink does not wait for a pipe either`() throws {
        let folder = try TemporaryFolder()
        for pipe in ["test.json", "verdict.json"] {
            let run = folder.path(pipe)
            #expect(mkdir(run, 0o700) == 0)
            for name in ["test.json", "verdict.json"] {
                if name == pipe {
                    #expect(mkfifo("\(run)/\(name)", 0o600) == 0)
                } else {
                    try Data("{}".utf8).write(to: URL(fileURLWithPath: "\(run)/\(name)"))
                }
            }
            let result = try WeirProcess.run(["shrink", pipe], in: folder.url, timeLimit: 20)
            #expect(result.exitCode == 2)
            #expect(result.errors.contains("cannot read \(pipe)/\(pipe): "), "\(result.errors)")
        }
    }

    @Test func `a result that is larger than any of Weir's is not read, and the limit is named`()
        throws
    {
        let folder = try TemporaryFolder()
        #expect(mkdir(folder.path("run"), 0o700) == 0)
        let path = folder.path("run/verdict.json")
        try Data().write(to: URL(fileURLWithPath: path))
        #expect(truncate(path, 300 << 20) == 0)
        let result = try WeirProcess.run(["report", "run"], in: folder.url)
        #expect(result.exitCode == 2)
        #expect(
            result.errors.hasSuffix(
                "cannot read run/verdict.json: file too large; at most 134217728 bytes of it are "
                    + "read: it is none of Weir's, name another\n"))
    }

    @Test func `a file in the place of a run's folder is named, and --force is no way out`() throws
    {
        let fixture = try TestFixture()
        try Data("mine".utf8).write(to: fixture.folder.url.appendingPathComponent("notes"))
        for verb in ["replay", "test"] {
            let result = try WeirProcess.run(
                [verb, fixture.recording, "--to", ":1", "--run", "notes", "--force"],
                in: fixture.folder.url)
            #expect(result.exitCode == 6)
            #expect(
                result.errors.hasSuffix(
                    "cannot make the folder notes: file exists; a file stands in its place: name "
                        + "another folder\n"))
        }
        #expect(try String(contentsOfFile: fixture.folder.path("notes"), encoding: .utf8) == "mine")
    }
}
