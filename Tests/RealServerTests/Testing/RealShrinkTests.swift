import Foundation
import Testing

/// Failures of real services: proved, made small, and shown again by the command that is printed.
@Suite struct RealShrinkTests {
    /// `weir shrink` on a test's folder, and `shrunk.json`.
    private static func shrink(_ test: ServiceTest) throws -> [String: Any] {
        let run = try RunningProgram.run("weir", ["shrink", test.folder.path, "--quiet"])
        #expect(run.exitCode == 0, "\(run.text)")
        let file = test.folder.appendingPathComponent("shrunk/shrunk.json")
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
        return try #require(object as? [String: Any])
    }

    /// Runs a printed command in a shell, with a folder of its own.
    private static func repeated(
        _ command: String, in folder: RecordingFolder
    ) throws -> (exitCode: Int32, text: String) {
        let weir = try #require(RunningProgram.path(of: "weir"))
        let options = "weir test --quiet --no-blame --run '\(folder.path("again"))' "
        return try RunningProgram.run(
            "bash",
            [
                "-c",
                "weir() { '\(weir)' \"$@\"; }; "
                    + command.replacingOccurrences(of: "weir test ", with: options),
            ])
    }

    @Test(.enabled(if: RunningProgram.areInstalled("redis-server", "redis-cli"), "needs redis"))
    func `a counter in Redis is broken by one message that comes twice, and by that message alone`()
        throws
    {
        let redis = try RedisServer()
        let folder = try RecordingFolder()
        let cli = "redis-cli -p \(redis.port)"
        let test = try ServiceTest(
            ServiceTest.recording("redis/commands"),
            [
                "--to", ":\(redis.port)", "--seed", "1", "--settle", "20ms", "--reset",
                "\(cli) flushall", "--probe", "visits=\(cli) get visits", "--duplicate", "100%",
            ], in: folder)
        #expect(test.exitCode == 1, "\(test.text)")
        let symptom = try #require(test.symptoms.first { $0["probe"] as? String == "visits" })
        let blame = try #require(symptom["blame"] as? [String: Any])
        #expect(blame["with"] as? String == "3/3")
        #expect(blame["without"] as? String == "0/3")

        let shrunk = try Self.shrink(test)
        #expect(shrunk["ended"] as? String == "smallest")
        #expect((shrunk["strikes"] as? [String])?.count == 1)
        #expect(shrunk["planned_strikes"] as? Int == 23)
        #expect(shrunk["messages"] as? Int == 1)
        #expect(shrunk["shown"] as? Int == 3)
        let again = try Self.repeated(try #require(shrunk["repeat"] as? String), in: folder)
        #expect(again.exitCode == 1, "\(again.text)")
        #expect(again.text.contains("probe visits"))
    }

    @Test(
        .enabled(
            if: PostgreSQLServer.isInstalled && RunningProgram.areInstalled("python3"),
            "needs postgresql and python3"),
        arguments: ["duplicate", "disconnect"])
    func `rows in PostgreSQL that come of one strike are proved, shrunk to it and made again`(
        fault: String
    ) throws {
        let server = try PostgreSQLServer(authentication: "trust")
        let folder = try RecordingFolder()
        let test = try ServiceTest(
            RealServiceTests.ledger,
            [
                "--to", ":0", "--seed", "7", "--\(fault)", "2%", "--settle", "50ms",
                "--reset",
                "\(server.psql) --command 'drop table if exists lines' "
                    + "--command 'create table lines (line text)'",
                "--probe", "rows=\(server.count("lines"))",
            ],
            consumer: ["python3", "-c", RealServiceTests.inserter, server.psql, ""],
            pacing: "causal", in: folder)
        #expect(test.exitCode == 1, "\(test.text)")
        let symptom = try #require(test.symptoms.first { $0["probe"] as? String == "rows" })
        let blame = try #require(symptom["blame"] as? [String: Any])
        #expect(blame["with"] as? String == "3/3")
        #expect(blame["without"] as? String == "0/3")

        let shrunk = try Self.shrink(test)
        #expect(shrunk["ended"] as? String == "smallest")
        #expect((shrunk["strikes"] as? [String])?.count == 1)
        print(
            "\(fault): 1 of \(shrunk["planned_strikes"] ?? 0) strikes, "
                + "\(shrunk["messages"] ?? 0) messages, in \(shrunk["replays"] ?? 0) replays")
        let again = try Self.repeated(try #require(shrunk["repeat"] as? String), in: folder)
        #expect(again.exitCode == 1, "\(again.text)")
        #expect(again.text.contains("probe rows"))
    }
}
