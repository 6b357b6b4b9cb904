import Foundation
import Recordings
import Testing

/// What strikes do on live traffic that need a connection beside their own, against real servers.
@Suite(
    .enabled(
        if: RunningProgram.areInstalled("redis-server", "redis-cli"),
        "needs redis-server and redis-cli"))
struct OtherConnectionsTests {
    private static func cli(_ port: UInt16, _ words: [String]) throws -> String {
        let run = try RunningProgram.run(
            "redis-cli", ["--no-auth-warning", "-e", "-h", "127.0.0.1", "-p", "\(port)"] + words)
        #expect(run.exitCode == 0, "\(words): \(run.text)")
        return run.text
    }

    @Test
    func `each request is done twice, in its session's state, and its client sees one answer`()
        throws
    {
        let redis = try RedisServer()
        let secret = ["-a", "a secret", "-n", "3"]
        _ = try Self.cli(redis.port, ["config", "set", "requirepass", "a secret"])
        let weir = try WeirBetween(
            .recordingProxy, upstream: ":\(redis.port)",
            options: ["--seed", "7", "--fault", "duplicate on=new after=1ms copies=2"])
        let answers = try Self.cli(weir.port, secret + ["-r", "20", "incr", "n"])
        // Copies may have been done in between, as another client's requests.
        let numbers = answers.split(separator: "\n").compactMap { Int($0) }
        #expect(numbers.count == 20 && numbers == numbers.sorted() && Set(numbers).count == 20)
        try waitUntil { try Self.cli(redis.port, secret + ["get", "n"]) == "60\n" }
        #expect(try Self.cli(redis.port, secret + ["get", "n"]) == "60\n")
        try weir.finish("duplicate on=new", "20 requests, done 60 times")
        let text = weir.program.text
        #expect(text.contains("duplicate: 20 applied"), "\(text.suffix(600))")
        #expect(text.contains("40 copies were sent on connections of their own"))

        let attempts = try Self.attempts(weir.recording)
        #expect(attempts.count == 41, "the client's connection, and one a copy")
        #expect(attempts.values.count { $0.mark.hasPrefix("redelivery duplicate@1u") } == 40)
        // AUTH, SELECT and INCR, in this order, each answered.
        let copies = attempts.filter { $0.key > 1 }.values
        #expect(copies.allSatisfy { $0.sent.count == 3 && $0.sent == $0.sent.sorted() })
        #expect(copies.allSatisfy { $0.answers.hasPrefix("+OK\r\n+OK\r\n:") })
        let shown = try RunningProgram.run("weir", ["show", weir.recording])
        #expect(shown.exitCode == 0 && shown.text.contains(": 41 connections,"), "\(shown.text)")
        // A replay of it plays the client's connection, and none of Weir's own.
        _ = try Self.cli(redis.port, secret + ["del", "n"])
        let replay = try RunningProgram.run(
            "weir",
            [
                "replay", weir.recording, "--to", ":\(redis.port)", "--run",
                weir.recording + ".run", "--quiet",
            ])
        #expect(replay.exitCode == 0, "\(replay.text)")
        #expect(try Self.cli(redis.port, secret + ["get", "n"]) == "20\n")
    }

    private struct Attempt {
        var mark = ""
        var sent: [UInt64] = []
        var answers = ""
    }

    private static func attempts(_ path: String) throws -> [UInt16: Attempt] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var reader = try RecordingReader(MemoryFile(bytes))
        var attempts: [UInt16: Attempt] = [:]
        try reader.forEachEvent { event, bytes, _ in
            guard event.connection == 1 else { return }
            var attempt = attempts[event.attempt] ?? Attempt()
            switch event.fact {
            case .mark(let label): attempt.mark = label
            case .sent(let sent) where event.attempt > 1: attempt.sent.append(sent.message)
            case .chunk where event.direction == .downstream:
                attempt.answers += String(
                    decoding: (0..<bytes.count).map { bytes[$0] }, as: UTF8.self)
            default: break
            }
            attempts[event.attempt] = attempt
        }
        return attempts
    }

    @Test func `a server that is gone when the copy is due skips it, with the reason`() throws {
        let redis = try RedisServer()
        let weir = try WeirBetween(
            .proxy, upstream: ":\(redis.port)",
            options: ["--seed", "7", "--fault", "duplicate on=new after=2s"])
        #expect(try Self.cli(weir.port, ["incr", "n"]) == "1\n")
        try redis.kill()
        try weir.program.wait(
            for: "duplicate@1u1: duplicate skipped: the server could not be reached: "
                + "connection refused")
        try weir.finish("duplicate on=new, without a server", "1 skipped")
    }

    @Test(
        .enabled(if: PostgreSQLServer.isInstalled, "needs postgresql"),
        arguments: ["scram-sha-256", "password", "trust"])
    func `a handshake that answers a challenge is not played again, and any other is`(
        authentication: String
    ) throws {
        let postgresql = try PostgreSQLServer(authentication: authentication)
        func psql(_ port: UInt16, _ command: String) throws -> RunningProgram {
            try RunningProgram(
                "psql",
                [
                    "--host", "127.0.0.1", "--port", "\(port)", "--username",
                    PostgreSQLServer.user, "--dbname", "postgres", "--no-psqlrc",
                    "--tuples-only", "--no-align", "--quiet", "--command", command,
                ],
                environment: ["PGPASSWORD": PostgreSQLServer.password, "PGSSLMODE": "disable"])
        }
        func done(_ program: RunningProgram) throws -> String {
            #expect(try program.finish() == 0, "\(program.text)")
            return program.text
        }
        _ = try done(psql(postgresql.port, "create table t (n int)"))
        let weir = try WeirBetween(
            .proxy, upstream: ":\(postgresql.port)",
            options: ["--seed", "7", "--fault", "duplicate on=new contains=insert"])
        _ = try done(psql(weir.port, "insert into t values (1)"))
        let isPlayed = authentication != "scram-sha-256"
        try weir.program.wait(
            for: isPlayed
                ? ": duplicate applied"
                : ": duplicate skipped: its handshake answers a challenge")
        try waitUntil {
            try done(psql(postgresql.port, "select count(*) from t")) == (isPlayed ? "2\n" : "1\n")
        }
        try weir.finish("duplicate on=new, \(authentication)", isPlayed ? "2 rows" : "1 row")
    }

    @Test func `of two clients' requests the one that came first is done last`() throws {
        let redis = try RedisServer()
        let weir = try WeirBetween(
            .recordingProxy, upstream: ":\(redis.port)",
            options: [
                "--seed", "7", "--protocol", "redis", "--fault",
                "reorder across=connections within=60s messages=2 times=1 direction=upstream",
            ])
        let clients = try ["one", "two"].map { name in
            let client = try #require(PeerSocket(connectingTo: weir.port))
            // Session state: it opens the connection, and is not struck.
            #expect(client.send(Data("SELECT 0\r\n".utf8)))
            #expect(client.receive(exactly: 5) == Data("+OK\r\n".utf8))
            return (name, client)
        }
        for (name, client) in clients {
            #expect(client.send(Data("RPUSH order \(name)\r\n".utf8)))
        }
        let answers = clients.map { String(decoding: $1.receive(exactly: 4), as: UTF8.self) }
        #expect(Set(answers) == [":1\r\n", ":2\r\n"])
        for (_, client) in clients { client.close() }
        let order = try Self.cli(redis.port, ["lrange", "order", "0", "-1"])
            .split(separator: "\n").map(String.init)
        try weir.finish("reorder across=connections", "done in the order \(order)")
        #expect(weir.program.text.contains("reorder: 1 applied"), "\(weir.program.text)")
        let dialogues = try Dialogue.arrivals(weir.recording).filter { $0.hasPrefix("RPUSH") }
        #expect(dialogues.map { String($0.split(separator: " ")[2]) } == order.reversed())
    }
}

extension Dialogue {
    /// The lines that clients sent, in the order in which they came.
    static func arrivals(_ path: String) throws -> [String] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var reader = try RecordingReader(MemoryFile(bytes))
        var lines: [String] = []
        try reader.forEachEvent { event, bytes, _ in
            guard event.direction == .upstream, event.fact == .chunk else { return }
            let text = String(decoding: (0..<bytes.count).map { bytes[$0] }, as: UTF8.self)
            lines += text.split(whereSeparator: \.isNewline).map(String.init)
        }
        return lines
    }
}
