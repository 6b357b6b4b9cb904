import Foundation

/// A PostgreSQL of this test alone: a cluster in a folder of its own, on a port that was free. Who
/// connects gives a password, by SCRAM.
final class PostgreSQLServer {
    /// What has to be there to start one and to talk to it.
    static let programs = ["initdb", "postgres", "psql", "pgbench", "setpriv"]
    static var isInstalled: Bool { RunningProgram.areInstalled(programs) }
    static let user = "weir"
    static let password = "a secret of this test"

    let port: UInt16
    private let folder: RecordingFolder
    private let program: RunningProgram

    /// - Parameter authentication: `trust` lets everybody in without a password.
    init(_ settings: [String] = [], authentication: String = "scram-sha-256") throws {
        let folder = try RecordingFolder()
        let data = folder.path("data")
        try Self.own(folder.path("."))
        try Self.password.write(
            toFile: folder.path("password"), atomically: true, encoding: .utf8)
        try Self.own(folder.path("password"))
        let made = try Self.start(
            "initdb",
            [
                "--pgdata", data, "--username", Self.user, "--pwfile", folder.path("password"),
                "--auth", authentication, "--no-sync", "--no-instructions",
                "--encoding", "UTF8", "--locale", "C",
            ])
        guard try made.finish() == 0 else {
            throw RunningProgram.RunFailure(description: "initdb failed: \(made.text)")
        }
        let fixed = [
            "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off",
            "max_wal_size=2GB", "shared_buffers=64MB",
        ]
        let options = (fixed + settings).flatMap { ["-c", $0] }
        (port, program) = try FreePort.start(saying: "ready to accept connections") { port in
            try Self.start("postgres", ["-D", data, "-p", "\(port)"] + options)
        }
        self.folder = folder
    }

    deinit {
        // Fast shutdown: it does not wait for its clients.
        program.interrupt()
        _ = try? program.finish()
    }

    /// Ends it as a crash of the machine would, its clients' processes too.
    func kill() throws {
        program.signal(SIGQUIT)
        _ = try program.finish()
    }

    /// The command of a shell that runs `psql` on this server, which trusts everybody.
    var psql: String {
        "psql --host 127.0.0.1 --port \(port) --username \(Self.user) --dbname postgres "
            + "--no-psqlrc --quiet --tuples-only --no-align"
    }

    /// The command that prints how many rows a table has.
    func count(_ table: String) -> String {
        "\(psql) --command 'select count(*) from \(table)'"
    }

    /// Runs `psql` over this port: the server's own, or that of a proxy before it.
    static func psql(
        on port: UInt16, _ commands: String..., options: [String] = []
    ) throws -> (exitCode: Int32, text: String) {
        let program = try startPsql(on: port, commands, options: options)
        return (try program.finish(), program.text)
    }

    /// The same, and it goes on.
    static func startPsql(
        on port: UInt16, _ commands: [String], options: [String] = []
    ) throws -> RunningProgram {
        try RunningProgram(
            "psql",
            connection(on: port) + ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]
                + ["--dbname", "postgres", "--set", "ON_ERROR_STOP=1"] + options
                + commands.flatMap { ["--command", $0] },
            environment: environment)
    }

    /// Runs `pgbench` over this port.
    static func pgbench(
        on port: UInt16, _ options: [String]
    ) throws -> (exitCode: Int32, text: String) {
        let program = try RunningProgram(
            "pgbench", connection(on: port) + options + ["postgres"], environment: environment)
        return (try program.finish(), program.text)
    }

    private static let environment = ["PGPASSWORD": password, "PGSSLMODE": "disable"]

    private static func connection(on port: UInt16) -> [String] {
        ["--host", "127.0.0.1", "--port", "\(port)", "--username", user]
    }

    /// It refuses to run as root; the package brings a user for it.
    private static let owner = "postgres"

    private static func own(_ path: String) throws {
        guard getuid() == 0 else { return }
        try FileManager.default.setAttributes([.ownerAccountName: owner], ofItemAtPath: path)
    }

    private static func start(_ name: String, _ arguments: [String]) throws -> RunningProgram {
        guard getuid() == 0, let path = RunningProgram.path(of: name) else {
            return try RunningProgram(name, arguments, in: "/")
        }
        let identity = ["--reuid", owner, "--regid", owner, "--init-groups", path]
        return try RunningProgram("setpriv", identity + arguments, in: "/")
    }
}
