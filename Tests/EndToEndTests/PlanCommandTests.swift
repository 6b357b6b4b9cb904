import Foundation
import Recordings
import Testing

@testable import weir

@Suite struct PlanCommandTests {
    /// A recording of the line protocol: two connections, three messages in one flight on each.
    private func recording(_ folder: TemporaryFolder, isCut: Bool = false) throws -> String {
        var writer = try RecordingWriter(
            RecordingHeader(toolVersion: "test", protocolText: "line"), session: 7,
            to: MemoryFile())
        func add(
            _ at: Int64, _ connection: UInt32, _ fact: Event.Fact, _ text: String = "",
            _ direction: Direction? = nil
        ) throws {
            let bytes = Array(text.utf8)
            let event = Event(
                at: Instant(nanoseconds: at * 1_000_000), connection: connection, attempt: 1,
                direction: direction, fact)
            try writer.append(event, bytes.span)
        }
        for connection in UInt32(1)...2 {
            let start = Int64(connection) * 1_000
            try add(start, connection, .opened(route: 0, client: "a", server: "b"))
            try add(start + 1, connection, .chunk, "one\ntwo\nthree\n", .upstream)
            try add(start + 2, connection, .chunk, "1\n2\n3\n", .downstream)
            try add(start + 3, connection, .chunk, "four\n", .upstream)
            try add(start + 4, connection, .chunk, "4\n", .downstream)
        }
        if isCut { try writer.flush() } else { try writer.finish() }
        let path = folder.path("r.weir")
        try Data(writer.sink.bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    private let faults = [
        "--latency", "5ms", "--reorder", "50%", "--fault", "drop messages=1 connections=2",
        "--seed", "7",
    ]

    @Test func `people see each strike, the sums and the command that repeats it`() throws {
        let folder = try TemporaryFolder()
        _ = try recording(folder)
        let run = try WeirProcess.run(["plan", "r.weir"] + faults, in: folder.url)
        #expect(run.exitCode == 0)
        try Golden.expect(run.output, equals: "plan.txt")
        #expect(run.errors.contains("reading line, as the recording says"))
    }

    @Test func `the same plan twice is the same JSON Lines, on standard output or in a file`()
        throws
    {
        let folder = try TemporaryFolder()
        let path = try recording(folder)
        let first = try WeirProcess.run(["plan", path, "--json"] + faults)
        #expect(first.exitCode == 0)
        let saved = folder.path("s.jsonl")
        let second = try WeirProcess.run(["plan", path, "--output", saved] + faults)
        #expect(second.exitCode == 0)
        #expect(try String(contentsOfFile: saved, encoding: .utf8) == first.output)
        #expect(
            first.output.hasPrefix(#"{"type":"schedule","version":1,"seed":7,"recording":"crc"#))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 2)
        let mode = try FileManager.default.attributesOfItem(atPath: saved)[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    @Test func `nothing is overwritten without force`() throws {
        let folder = try TemporaryFolder()
        let path = try recording(folder)
        let saved = folder.path("s.jsonl")
        try Data("mine".utf8).write(to: URL(fileURLWithPath: saved))
        let words = ["plan", path, "--drop", "1%", "--output", saved]
        let refused = try WeirProcess.run(words)
        #expect(refused.exitCode == 2)
        #expect(try String(contentsOfFile: saved, encoding: .utf8) == "mine")
        #expect(try WeirProcess.run(words + ["--force"]).exitCode == 0)
        #expect(try String(contentsOfFile: saved, encoding: .utf8).hasPrefix("{"))
        let nowhere = ["plan", path, "--drop", "1%", "--output", folder.path("no/s.jsonl")]
        #expect(try WeirProcess.run(nowhere).exitCode == 6)
    }

    @Test func `a seed that was not given is drawn, and its command repeats the schedule`() throws {
        let folder = try TemporaryFolder()
        let path = try recording(folder)
        let run = try WeirProcess.run(["plan", path, "--reorder", "50%"])
        let line = try #require(run.output.split(separator: "\n").last)
        let seed = try #require(line.split(separator: " ").last)
        let again = try WeirProcess.run(["plan", path, "--reorder", "50%", "--seed", "\(seed)"])
        #expect(again.output == run.output)
    }

    @Test func `a plan file and options stand together`() throws {
        let folder = try TemporaryFolder()
        let path = try recording(folder)
        let plan = #"{"version": 1, "seed": 9, "rules": [{"fault": "drop", "messages": "1"}]}"#
        try Data(plan.utf8).write(to: URL(fileURLWithPath: folder.path("plan.json")))
        let words = ["plan", path, "--plan", folder.path("plan.json"), "--json"]
        let both = try WeirProcess.run(words + ["--duplicate", "100%"])
        #expect(both.output.contains(#""seed":9"#))
        #expect(both.output.contains(#""id":"duplicate@1u1","#))
        #expect(both.output.contains(#""preempted_by":"drop@1u1"}"#))
        #expect(try WeirProcess.run(words + ["--seed", "1"]).output.contains(#""seed":1,"#))
        let taken = try WeirProcess.run(words + ["--drop", "1%"])
        #expect(taken.exitCode == 2)
        #expect(
            taken.errors
                == "weir: error: --drop: a second rule named \"drop\"; give it a name of its own, "
                + "like \"drop-2\"\n")
    }

    @Test(arguments: [
        (["--jitter", "20"], #"--jitter: "20" has no unit; write "20ms""#),
        (
            ["--fault", "duplicate chanc=1%"],
            "--fault: duplicate: chanc: duplicate has no setting of this name; "
                + #"did you mean "chance"?"#
        ),
        ([], "no fault is asked for; add one, like --duplicate 1%, or a plan with --plan FILE"),
        (
            ["--drop", "1%", "--protocol", "none"],
            "the rule drop needs messages (drop strikes messages), and this recording is not read "
                + "as any; name its protocol with --protocol, or let each chunk be a message: "
                + "units=chunks"
        ),
    ])
    func `a mistake is one line and exit code 2`(words: [String], message: String) throws {
        let folder = try TemporaryFolder()
        let run = try WeirProcess.run(["plan", try recording(folder)] + words)
        #expect(run.exitCode == 2)
        #expect(run.output == "")
        #expect(run.errors.hasSuffix("weir: error: \(message)\n"))
    }

    @Test func `a recording that was cut is planned for as far as it goes`() throws {
        let folder = try TemporaryFolder()
        let path = try recording(folder, isCut: true)
        let run = try WeirProcess.run(["plan", path, "--drop", "100%", "--seed", "7"])
        #expect(run.exitCode == 5)
        #expect(run.output.contains("8 planned"))
        #expect(run.errors.contains("has holes"))
    }
}
