import Foundation
import Testing

/// Redis and its own client, with `weir proxy` between them that doubles one of twenty requests.
@Suite(
    .enabled(
        if: RunningProgram.areInstalled("redis-server", "redis-cli", "bash"),
        "needs redis-server, redis-cli and bash"))
struct RedisProxyTests {
    @Test func `no answer is taken for another, and a counter shows what was doubled`() throws {
        let redis = try RedisServer()
        let weir = try RunningProgram(
            "weir",
            [
                "proxy", "--listen", ":0", "--upstream", ":\(redis.port)", "--duplicate", "5%",
                "--jitter", "1ms", "--seed", "7", "--record", redis.path("proxied.weir"),
            ])
        try weir.wait(for: "recording to ")
        let port = weir.text.components(separatedBy: "127.0.0.1:").dropFirst().first?.prefix {
            $0.isNumber
        }
        let client = "redis-cli -p \(port ?? "")"
        let echoes = try RunningProgram.run(
            "bash", ["-c", "for i in {1..2000}; do echo \"echo v$i\"; done | \(client)"])
        #expect(echoes.text == (1...2_000).map { "v\($0)\n" }.joined())
        let counted = try RunningProgram.run(
            "bash", ["-c", "for i in {1..1000}; do echo 'incr n'; done | \(client)"])
        let answers = counted.text.split(separator: "\n").compactMap { Int($0) }
        #expect(answers.count == 1_000 && answers == answers.sorted())
        let direct = try RunningProgram.run("redis-cli", ["-p", "\(redis.port)", "get", "n"])
        let total = try #require(Int(direct.text.trimmingCharacters(in: .whitespacesAndNewlines)))
        // 5% of 1,000: six standard deviations are 41.
        #expect((1_009...1_091).contains(total))
        weir.interrupt()
        #expect(try weir.finish() == 130)
        #expect(weir.text.contains(" answers to copies were swallowed"))
    }
}
