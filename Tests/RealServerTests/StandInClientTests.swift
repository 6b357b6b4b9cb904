import Foundation
import Testing

/// Real clients, talking to a recording in place of the server that it was made of: each scenario
/// that was recorded is run again, and every request is answered.
struct StandInClientTests {
    private static let recordings = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Recordings").path

    /// Functions that scenarios call, as `Scripts/record` has them.
    private static let functions = """
        cli() { redis-cli -p "$port" "$@"; }
        client() {
            PGSSLMODE=${PGSSLMODE:-disable} PGGSSENCMODE=disable \\
                psql --no-psqlrc --quiet --tuples-only --no-align --host 127.0.0.1 \\
                --port "$port" --username weir --dbname postgres "$@"
        }
        """

    private struct Run {
        var summary: [String: Any]
        /// What the client wrote.
        var said: String
        var folder: String

        subscript(key: String) -> Int? {
            (summary["consumer"] as? [String: Any])?[key] as? Int
        }
    }

    /// Plays a kept recording as the server to its own scenario.
    private func play(_ scenario: String, _ options: [String] = []) throws -> Run {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("weir-\(UUID().uuidString)").path
        let weir = try RunningProgram(
            "weir",
            [
                "replay", "\(Self.recordings)/\(scenario).weir", "--listen", ":0", "--run", folder,
                "--idle-timeout", "3s", "--json",
            ] + options)
        try weir.wait(for: " in place of the recorded server")
        let words = weir.text.components(separatedBy: "listening on 127.0.0.1:")
        let port = words.count > 1 ? String(words[1].prefix { $0.isNumber }) : ""
        let script =
            "\(Self.recordings)/"
            + scenario.replacingOccurrences(
                of: "/", with: "/scenarios/")
        let client = try RunningProgram(
            "bash", ["-c", Self.functions + "\n. \(script).sh"], environment: ["port": port])
        _ = try client.finish()
        let exitCode = try weir.finish()
        #expect(exitCode == 0, "\(weir.text)")
        let object = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(fileURLWithPath: folder + "/summary.json")))
        return Run(
            summary: object as? [String: Any] ?? [:], said: client.text, folder: folder)
    }

    private func expectAnswered(_ run: Run) {
        #expect(run["unknown"] == 0)
        #expect(run["resent"] == 0)
        #expect(run["reused"] == 0)
        #expect(run["requests"] == run["expected"])
        #expect(run["connections_played"] == 1)
        #expect(run.summary["warnings"] as? [String] == [])
        try? FileManager.default.removeItem(atPath: run.folder)
    }

    @Test(.enabled(if: RunningProgram.areInstalled("redis-cli"), "needs redis-cli"))
    func `redis-cli gets from a recording what it got from Redis`() throws {
        let run = try play("redis/commands")
        expectAnswered(run)
        #expect(run.said.contains("hello, world\n"))
        #expect(run.said.contains("third\nsecond\nfirst\n"))
    }

    @Test(.enabled(if: RunningProgram.areInstalled("redis-cli"), "needs redis-cli"))
    func `redis-cli dials again after each cut`() throws {
        let run = try play("redis/commands", ["--disconnect", "20%", "--seed", "5"])
        let strikes = run.summary["strikes"] as? [String: Any]
        #expect(strikes?["applied"] as? Int == 3)
        #expect(run["unknown"] == 0)
        #expect((run["redials"] ?? 0) >= 2)
        try? FileManager.default.removeItem(atPath: run.folder)
    }

    @Test(
        .enabled(if: RunningProgram.areInstalled("curl"), "needs curl"),
        arguments: ["http1/keep-alive", "http1/until-close"])
    func `curl gets from a recording what it got from nginx, on another port`(
        scenario: String
    ) throws {
        let run = try play(scenario)
        expectAnswered(run)
        #expect(run.said.contains("<p>line 300</p>"))
    }

    @Test(.enabled(if: RunningProgram.areInstalled("psql"), "needs psql"))
    func `psql logs into a recording that was made without a password`() throws {
        let run = try play("postgresql/simple")
        expectAnswered(run)
        #expect(run.said.contains("20|item 20\n"))
    }

    @Test(.enabled(if: RunningProgram.areInstalled("psql"), "needs psql"))
    func `a handshake with a nonce cannot be answered, and that is said`() throws {
        let run = try play("postgresql/scram")
        #expect((run["unknown"] ?? 0) >= 1)
        let warnings = run.summary["warnings"] as? [String] ?? []
        #expect(warnings.contains { $0.contains("what varies between runs") })
        try? FileManager.default.removeItem(atPath: run.folder)
    }
}
