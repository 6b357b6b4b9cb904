import Foundation
import Testing

/// Redis and its own clients cannot tell that Weir is between them.
@Suite(
    .enabled(
        if: RunningProgram.areInstalled("redis-server", "redis-cli", "redis-benchmark", "bash"),
        "needs redis-server, redis-cli, redis-benchmark and bash"))
struct RedisTests {
    @Test(arguments: WeirMode.allCases)
    func `redis-benchmark runs, data comes back as it was set, subscribers hear all`(
        mode: WeirMode
    ) throws {
        let server = try RedisServer()
        let weir = try WeirBetween(mode, upstream: ":\(server.port)")
        for pipeline in ["1", "16"] {
            let benchmark = try RunningProgram.run(
                "redis-benchmark",
                [
                    "-p", "\(weir.port)", "-n", "10000", "-c", "50", "-P", pipeline, "-q", "-t",
                    "ping,set,get,lpush,lrange_100",
                ])
            #expect(benchmark.exitCode == 0)
            #expect(benchmark.text.contains("LRANGE_100 (first 100 elements): "))
            #expect(!benchmark.text.contains("rror"))
        }
        try data(server, weir)
        try subscribers(weir)
        try weir.finish("Redis")
    }

    /// A large value goes in and comes out, and many small ones are there when asked for direct.
    private func data(_ server: RedisServer, _ weir: WeirBetween) throws {
        let (large, fetched) = (server.path("large"), server.path("fetched"))
        try Pattern.write(20_000_000, to: large)
        let client = "redis-cli -p \(weir.port)"
        let run = try RunningProgram.run(
            "bash",
            [
                "-c",
                "\(client) -x set large < \(large) && \(client) get large > \(fetched) && "
                    // The client adds a line's end.
                    + "truncate --size=-1 \(fetched) && cmp \(large) \(fetched) && "
                    + "for i in {1..5000}; do echo \"set k$i v$i\"; done | \(client) | sort -u",
            ])
        #expect(run.text == "OK\nOK\n")
        let direct = try RunningProgram.run(
            "bash",
            [
                "-c",
                "for i in {1..5000}; do echo \"get k$i\"; done | redis-cli -p \(server.port)",
            ])
        #expect(direct.text == (1...5_000).map { "v\($0)\n" }.joined())
    }

    private func subscribers(_ weir: WeirBetween) throws {
        let subscribers = try (1...5).map { _ in
            try RunningProgram("redis-cli", ["-p", "\(weir.port)", "subscribe", "news"])
        }
        for subscriber in subscribers { try subscriber.wait(for: "subscribe\nnews\n1\n") }
        let published = try RunningProgram.run(
            "bash",
            [
                "-c",
                "for i in {1..1000}; do echo \"publish news n$i\"; done "
                    + "| redis-cli -p \(weir.port) | sort -u",
            ])
        #expect(published.text == "5\n")
        let heard =
            "subscribe\nnews\n1\n" + (1...1_000).map { "message\nnews\nn\($0)\n" }.joined()
        for subscriber in subscribers {
            try subscriber.wait(for: "n1000\n")
            #expect(subscriber.text == heard)
            subscriber.kill()
            #expect(try subscriber.finish() == 128 + SIGKILL)
        }
    }
}
