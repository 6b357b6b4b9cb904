import Foundation
import Testing

/// Each fault in front of Redis, PostgreSQL and nginx, with their own clients: what these see.
///
/// The rules are about the first connection; the same client is run again on the next one, which
/// must be as if nobody stood between. What was seen is printed as one table.
@Suite(
    .enabled(
        if: RunningProgram.areInstalled("redis-server", "redis-cli", "timeout")
            && PostgreSQLServer.isInstalled && NginxServer.isInstalled,
        "needs redis-server, redis-cli, postgresql, nginx, curl and timeout"))
struct FaultTableTests {
    /// A fault, and what each client must see of it.
    struct Case: CustomTestStringConvertible, Sendable {
        var fault: String
        var redis: Sight = .any
        var postgresql: Sight = .any
        var nginx: Sight = .any
        /// The rule is about the first connection, unless it is said to be about all.
        var isAboutAll = false

        var testDescription: String { fault }

        /// It is a strike, and no dice are asked.
        var mustStrike: Bool {
            let conditions = ["latency", "bandwidth", "slicer", "slow_reader", "slow_close"]
            return !fault.contains("chance=") && !conditions.contains { fault.hasPrefix($0 + " ") }
        }

        init(_ fault: String, all sight: Sight) {
            self.fault = fault
            (redis, postgresql, nginx) = (sight, sight, sight)
        }

        init(
            _ fault: String, redis: Sight, postgresql: Sight, nginx: Sight,
            isAboutAll: Bool = false
        ) {
            self.fault = fault
            self.isAboutAll = isAboutAll
            (self.redis, self.postgresql, self.nginx) = (redis, postgresql, nginx)
        }
    }

    /// What is certain of what a client sees.
    enum Sight: Sendable {
        case any
        /// The same as without a fault.
        case same
        /// It ends by itself with one of these exit codes, and says this.
        case ends([Int32], saying: String)
        /// Other text than without the fault, and a good end.
        case different
        /// It waits for what never comes, until it is ended.
        case waits

        /// After how many seconds it is ended.
        var patience: String {
            switch self {
            case .any, .waits: "2"
            case .same, .ends, .different: FaultTableTests.long
            }
        }
    }

    static let silence: Int32 = 124

    /// psql's connection broke.
    private static let broken = Sight.ends([2], saying: "server closed the connection unexpectedly")
    /// And where it was reset, perhaps in other words.
    private static let dead = Sight.ends([2], saying: "")

    /// redis-cli says what befell its connection.
    private static let error = Sight.ends([1], saying: "Error: ")

    static let cases: [Case] = [
        Case("latency latency=10ms", all: .same),
        Case("latency latency=5ms jitter=5ms distribution=pareto correlation=50%", all: .same),
        Case("bandwidth rate=200kB/s burst=1kB", all: .same),
        Case("slicer size=7B variation=5B", all: .same),
        Case("slow_reader rate=500kB/s", all: .same),
        Case("slow_close delay=100ms", all: .same),
        Case("delay by=50ms chance=20%", all: .same),
        Case("stall for=200ms messages=2 state=include", all: .same),
        Case("stall for=200ms at=2kB direction=downstream", all: .same),
        Case("duplicate direction=upstream", all: .same),
        Case("reorder direction=upstream chance=30%", all: .same),
        Case("duplicate on=new chance=50%", all: .same),
        Case("reorder across=connections within=20ms chance=30%", all: .same),
        // The reset may come before the client knows that it is connected. redis-cli may dial again
        // before it says so, and the next connection is not struck.
        Case(
            "refuse", redis: .any, postgresql: dead,
            nginx: .ends([7, 52, 55, 56], saying: "curl: ")),
        Case(
            "refuse", redis: .ends([1], saying: "Error: "), postgresql: dead,
            nginx: .ends([7, 52, 55, 56], saying: "curl: "), isAboutAll: true),
        Case(
            "reset at=2kB direction=downstream",
            redis: error, postgresql: dead, nginx: .ends([56], saying: "reset by peer")),
        Case(
            "timeout timeout=100ms at=2kB direction=downstream",
            redis: error, postgresql: broken, nginx: .ends([18], saying: "bytes remaining")),
        Case(
            "limit_data at=2kB direction=downstream",
            redis: error, postgresql: broken, nginx: .ends([18], saying: "bytes remaining")),
        Case(
            "truncate messages=2 direction=downstream state=include",
            redis: error, postgresql: dead, nginx: .ends([18, 52, 56], saying: "curl: ")),
        Case(
            "truncate messages=1 how=fin direction=downstream state=include",
            redis: error, postgresql: dead, nginx: .ends([18], saying: "bytes remaining")),
        Case(
            "disconnect messages=1 direction=upstream state=include",
            redis: error, postgresql: dead, nginx: .ends([52, 55, 56], saying: "curl: ")),
        Case(
            "disconnect messages=2 how=fin direction=downstream state=include",
            redis: error, postgresql: dead, nginx: .ends([18, 52, 56], saying: "curl: ")),
        Case("stall at=2kB direction=downstream", all: .waits),
        Case("drop messages=1 direction=upstream state=include", all: .waits),
        Case(
            "corrupt at=1kB direction=downstream",
            redis: .different, postgresql: .any, nginx: .different),
        Case("corrupt chance=50% direction=downstream", all: .any),
    ]

    /// A server, and how its own client talks to it.
    struct Peer {
        var name: String
        var port: UInt16
        /// Started on a port: the server's, or Weir's.
        var client: (_ port: UInt16, _ patience: String) throws -> RunningProgram
        var clean: String = ""
    }

    struct Seen {
        var exitCode: Int32
        var text: String

        /// In a few words, for the table.
        var inShort: String {
            if exitCode == FaultTableTests.silence { return "nothing more, until it was ended" }
            if exitCode == 0 { return "exit 0, other text" }
            let lines = text.split(separator: "\n")
            let line =
                lines.first { line in
                    ["rror", "closed", "reset", "curl:", "lost"].contains { line.contains($0) }
                } ?? lines.last ?? ""
            let short = line.filter { $0.isASCII && $0 != "|" }
            let reason = short.components(separatedBy: "failed: ").last ?? short
            return "exit \(exitCode): \(reason.prefix(70))"
        }
    }

    @Test func `clients see what each fault says, and nothing of it on the next connection`() throws
    {
        let redis = try RedisServer()
        let postgresql = try PostgreSQLServer()
        let nginx = try NginxServer()
        try String(repeating: "a page of text 0123456789\n", count: 1_000)
            .write(toFile: nginx.path("page.txt"), atomically: true, encoding: .utf8)
        var peers = [
            Peer(name: "Redis", port: redis.port, client: Self.redisClient),
            Peer(name: "PostgreSQL", port: postgresql.port, client: Self.postgresqlClient),
            Peer(name: "nginx", port: nginx.port, client: Self.nginxClient),
        ]
        for index in peers.indices {
            let clean = try Self.finish(peers[index].client(peers[index].port, Self.long))
            #expect(clean.exitCode == 0, "\(peers[index].name): \(clean.text)")
            peers[index].clean = clean.text
        }
        var rows: [String] = []
        for one in Self.cases {
            let weirs = try peers.map { peer in
                try WeirBetween(
                    .proxy, upstream: ":\(peer.port)",
                    options: [
                        "--seed", "7", "--fault",
                        one.fault + (one.isAboutAll ? "" : " connections=1"),
                    ])
            }
            let sights = [one.redis, one.postgresql, one.nginx]
            // All three at once: they wait more than they work.
            let clients = try peers.indices.map { index in
                try peers[index].client(weirs[index].port, sights[index].patience)
            }
            let seen = try clients.map(Self.finish)
            for (index, peer) in peers.enumerated() {
                Self.expect(seen[index], sights[index], peer, one.fault)
            }
            rows.append(
                "\(one.fault)\(one.isAboutAll ? ", always" : "") | "
                    + zip(peers, seen).map(Self.cell).joined(separator: " | "))
            if !one.isAboutAll {
                let again = try zip(peers, weirs).map { try $0.client($1.port, Self.long) }
                for (peer, client) in zip(peers, again) {
                    let next = try Self.finish(client)
                    #expect(
                        next.exitCode == 0 && next.text == peer.clean,
                        "\(one.fault), \(peer.name), the next one: \(next.text.prefix(300))")
                }
            }
            for (peer, weir) in zip(peers, weirs) {
                weir.program.interrupt()
                #expect(try weir.program.finish() == 130, "\(weir.program.text.suffix(1_000))")
                guard one.mustStrike else { continue }
                #expect(
                    weir.program.text.contains(#/: [1-9][0-9,]* applied/#),
                    "\(one.fault), \(peer.name): \(weir.program.text.suffix(600))")
            }
        }
        print("TABLE fault | " + peers.map(\.name).joined(separator: " | "))
        for row in rows { print("TABLE \(row)") }
    }

    private static func cell(_ peer: Peer, _ seen: Seen) -> String {
        seen.exitCode == 0 && seen.text == peer.clean ? "all as without it" : seen.inShort
    }

    private static func expect(_ seen: Seen, _ sight: Sight, _ peer: Peer, _ fault: String) {
        let isSame = seen.exitCode == 0 && seen.text == peer.clean
        let holds: Bool =
            switch sight {
            case .any: true
            case .same: isSame
            case .different: seen.exitCode == 0 && !isSame
            case .waits: seen.exitCode == silence
            case .ends(let codes, let words):
                codes.contains(seen.exitCode) && (words.isEmpty || seen.text.contains(words))
            }
        #expect(holds, "\(fault), \(peer.name): exit \(seen.exitCode), \(seen.text.prefix(400))")
    }

    private static func finish(_ program: RunningProgram) throws -> Seen {
        Seen(exitCode: try program.finish(), text: program.text)
    }

    /// No client takes so many seconds, unless it waits for what never comes.
    static let long = "60"

    /// Twenty requests on one connection. Where its input is not a terminal but a pipe, redis-cli
    /// asks for the server's documentation first, so the request is an argument.
    private static func redisClient(
        _ port: UInt16, _ patience: String
    ) throws -> RunningProgram {
        let text = String(repeating: "answer-", count: 30)
        return try RunningProgram(
            "timeout",
            [patience, "redis-cli", "-e", "-h", "127.0.0.1", "-p", "\(port)", "-r", "20"]
                + ["echo", text])
    }

    private static func postgresqlClient(
        _ port: UInt16, _ patience: String
    ) throws -> RunningProgram {
        try RunningProgram(
            "timeout",
            [
                patience, "psql", "--host", "127.0.0.1", "--port", "\(port)", "--username",
                PostgreSQLServer.user, "--dbname", "postgres", "--no-psqlrc", "--tuples-only",
                "--no-align", "--set", "ON_ERROR_STOP=1",
                "--command", "select 'one'", "--command", "select n from generate_series(1, 50) n",
                "--command", "select repeat('x', 2000)",
            ],
            environment: ["PGPASSWORD": PostgreSQLServer.password, "PGSSLMODE": "disable"])
    }

    private static func nginxClient(
        _ port: UInt16, _ patience: String
    ) throws -> RunningProgram {
        let page = "http://127.0.0.1:\(port)/page.txt"
        return try RunningProgram(
            "timeout", [patience, "curl", "--silent", "--show-error", "--fail-early", page, page])
    }
}
