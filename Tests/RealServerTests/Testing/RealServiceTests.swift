import Foundation
import Testing

/// Services as people write them, over a real database: what goes wrong behind right answers is
/// found through the probe.
@Suite struct RealServiceTests {
    static let ledger = ServiceTest.recording("demo/ledger")

    @Test(.enabled(if: RunningProgram.areInstalled("redis-server", "redis-cli"), "needs redis"))
    func `a Redis tolerates a SET that comes twice, and not an INCR`() throws {
        let redis = try RedisServer()
        let folder = try RecordingFolder()
        let cli = "redis-cli -p \(redis.port)"
        let around = [
            "--to", ":\(redis.port)", "--seed", "1", "--settle", "20ms", "--no-blame",
            "--reset", "\(cli) flushall", "--probe", "visits=\(cli) get visits",
            "--probe", "keys=\(cli) dbsize",
        ]
        let recording = ServiceTest.recording("redis/commands")
        // Behind what redis-cli asks by itself: PING, SET greeting, …; the eighth is INCR visits.
        let set = try ServiceTest(
            recording, around + ["--fault", "duplicate messages=4"], in: folder, named: "set")
        #expect(set.exitCode == 0, "\(set.text)")
        #expect(set.name == "tolerated")
        let count = try ServiceTest(
            recording, around + ["--fault", "duplicate messages=8"], in: folder, named: "count")
        #expect(count.exitCode == 1, "\(count.text)")
        #expect(count.name == "failed-silently")
        #expect(count.symptoms.contains { $0["probe"] as? String == "visits" })
        #expect(!count.symptoms.contains { $0["probe"] as? String == "keys" })
        #expect(count.symptoms.allSatisfy { $0["strikes"] as? [String] == ["duplicate@1u8"] })
        // The answer to INCRBY, behind it, is one too many as well.
        #expect(count.symptoms.contains { $0["message"] as? Int == 9 })
    }

    @Test(
        .enabled(
            if: PostgreSQLServer.isInstalled && RunningProgram.areInstalled("python3"),
            "needs postgresql and python3"),
        arguments: [
            (fault: "--duplicate=3%", isKeyed: false), (fault: "--disconnect=2%", isKeyed: false),
            (fault: "--duplicate=3%", isKeyed: true), (fault: "--disconnect=2%", isKeyed: true),
        ])
    func
        `a consumer that inserts each line doubles what comes twice, one with a key does not`(
            fault: String, isKeyed: Bool
        ) throws
    {
        let server = try PostgreSQLServer(authentication: "trust")
        let folder = try RecordingFolder()
        let table = "create table lines (line text \(isKeyed ? "primary key" : ""))"
        let test = try ServiceTest(
            Self.ledger,
            [
                "--to", ":0", "--seed", "7", fault, "--settle", "50ms", "--no-blame",
                "--reset",
                "\(server.psql) --command 'drop table if exists lines' --command '\(table)'",
                "--probe", "rows=\(server.count("lines"))",
            ],
            consumer: [
                "python3", "-c", Self.inserter, server.psql,
                isKeyed ? "on conflict do nothing" : "",
            ],
            in: folder)
        #expect(test.exitCode == (isKeyed ? 0 : 1), "\(test.text)")
        #expect(test.name == (isKeyed ? "tolerated" : "failed-silently"))
        let strikes = test.verdict["strikes"] as? [String: Any]
        #expect(strikes?["applied"] as? Int ?? 0 > 2)
        #expect(test.symptoms.map { $0["probe"] as? String } == (isKeyed ? [] : ["rows"]))
    }

    /// Inserts each line that it gets, through one `psql`, and answers `ok`.
    static let inserter = """
        import os, shlex, socket, subprocess, sys, threading
        psql = subprocess.Popen(shlex.split(sys.argv[1]), stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True, bufsize=1)
        lock = threading.Lock()
        def insert(line):
            with lock:
                text = line.replace("'", "''")
                psql.stdin.write(f"insert into lines values ('{text}') {sys.argv[2]};\\n")
                psql.stdin.write("\\\\echo done\\n")
                psql.stdin.flush()
                assert psql.stdout.readline() == "done\\n"
        def serve(connection):
            with connection, connection.makefile("rwb", buffering=0) as lines:
                try:
                    for line in lines:
                        if not line.endswith(b"\\n"):
                            break
                        insert(line.decode().strip())
                        lines.write(b"ok\\n")
                except ConnectionError:
                    pass
        listener = socket.create_server(("127.0.0.1", int(os.environ["WEIR_LISTEN"])))
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection,), daemon=True).start()
        """
}
