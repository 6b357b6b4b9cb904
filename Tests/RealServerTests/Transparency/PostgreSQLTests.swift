import Foundation
import Testing

/// PostgreSQL and its own clients cannot tell that Weir is between them.
@Suite(.enabled(if: PostgreSQLServer.isInstalled, "needs PostgreSQL's server and clients"))
struct PostgreSQLTests {
    /// 100 MB of lines, each of another content.
    private static let rows =
        "SELECT i, repeat(md5(i::text), 31) FROM generate_series(1, 100000) AS i"

    @Test(arguments: WeirMode.allCases)
    func `pgbench runs, 100 MB are copied out and in, a query is cancelled`(mode: WeirMode)
        throws
    {
        let server = try PostgreSQLServer()
        let weir = try WeirBetween(mode, upstream: ":\(server.port)")
        let refused = try PostgreSQLServer.psql(
            on: weir.port, "SELECT 1", options: ["--username", "nobody"])
        #expect(refused.exitCode == 2)
        #expect(refused.text.contains("password authentication failed for user \"nobody\""))
        try bench(weir)
        try copy(server, weir)
        try cancel(weir)
        try weir.finish("PostgreSQL")
    }

    private func bench(_ weir: WeirBetween) throws {
        let made = try PostgreSQLServer.pgbench(
            on: weir.port, ["--initialize", "--scale", "1", "--quiet"])
        #expect(made.exitCode == 0, "\(made.text)")
        // A connection and a password for each transaction, then one for all of a client's.
        for options in [["--connect", "--transactions", "10"], ["--transactions", "100"]] {
            let run = try PostgreSQLServer.pgbench(
                on: weir.port,
                ["--client", "8", "--no-vacuum", "--protocol", "prepared"] + options)
            #expect(run.exitCode == 0, "\(run.text)")
            #expect(run.text.contains("failed transactions: 0"))
        }
        let sums = try PostgreSQLServer.psql(
            on: weir.port,
            """
            SELECT (SELECT sum(abalance) FROM pgbench_accounts)
                = (SELECT sum(delta) FROM pgbench_history), count(*) FROM pgbench_history
            """)
        #expect(sums.text == "t|880\n")
    }

    /// What comes out through Weir is what comes out without, and what goes in as well.
    private func copy(_ server: PostgreSQLServer, _ weir: WeirBetween) throws {
        let folder = try RecordingFolder()
        let (out, direct) = (folder.path("out"), folder.path("direct"))
        for (port, path) in [(weir.port, out), (server.port, direct)] {
            let run = try PostgreSQLServer.psql(on: port, "\\copy (\(Self.rows)) to '\(path)'")
            #expect(run.exitCode == 0, "\(run.text)")
        }
        let size = try FileManager.default.attributesOfItem(atPath: out)[.size] as? Int ?? 0
        #expect(size > 99_000_000)
        #expect(try RunningProgram.run("cmp", [out, direct]).exitCode == 0)
        let run = try PostgreSQLServer.psql(
            on: weir.port, "CREATE UNLOGGED TABLE copied (i int, line text)",
            "\\copy copied from '\(out)'")
        #expect(run.exitCode == 0, "\(run.text)")
        let differing = try PostgreSQLServer.psql(
            on: server.port,
            """
            SELECT count(*), count(*) FILTER (WHERE line <> repeat(md5(i::text), 31)), sum(i)
            FROM copied
            """)
        #expect(differing.text == "100000|0|5000050000\n")
    }

    /// Ctrl-C in psql opens a second connection that says which query to cancel.
    private func cancel(_ weir: WeirBetween) throws {
        let psql = try PostgreSQLServer.startPsql(
            on: weir.port, ["SELECT pg_advisory_lock(7)", "SELECT pg_sleep(600)"])
        try waitUntil {
            let asleep = try PostgreSQLServer.psql(
                on: weir.port,
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
            return asleep.text == "1\n"
        }
        psql.interrupt()
        #expect(try psql.finish() != 0)
        #expect(psql.text.contains("canceling statement due to user request"))
    }
}
