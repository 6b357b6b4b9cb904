import Foundation
import Testing

/// Every fault of a replay against a real Redis, those too that need a connection beside their own,
/// or strike what is received.
@Suite(.enabled(if: RunningProgram.areInstalled("redis-server"), "needs redis-server"))
struct RedisStrikesTests {
    @Test(arguments: [
        "duplicate on=new chance=20%", "reorder across=connections depth=1 chance=20%",
        "stall at=50B for=50ms direction=downstream", "reset at=50B direction=downstream",
        "timeout timeout=20ms at=50B direction=downstream",
        "limit_data at=50B direction=downstream",
        "refuse", "bandwidth rate=200kB/s", "slicer size=64B delay=100us",
        "slow_close delay=20ms", "slow_reader rate=200kB/s direction=downstream",
        "corrupt chance=5%", "truncate chance=2%", "drop chance=5%", "delay by=5ms chance=20%",
        "disconnect chance=2%",
    ])
    func `what was planned is applied, and the replay comes to its end`(fault: String) throws {
        let redis = try RedisServer()
        let folder = try RecordingFolder()
        let run = try RunningProgram.run(
            "weir",
            [
                "replay", ServiceTest.recording("redis/pipelined"), "--to", ":\(redis.port)",
                "--fault", fault, "--seed", "7", "--run", folder.path("run"), "--quiet", "--json",
                "--answer-timeout", "500ms", "--strict",
            ])
        #expect(run.exitCode == 0, "\(fault): \(run.text)")
        let text = try String(contentsOfFile: folder.path("run/outcomes.jsonl"), encoding: .utf8)
        let lines = try text.split(separator: "\n").map { line in
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        }
        let outcomes = lines.compactMap { $0?["outcome"] as? String }
        let reasons = lines.compactMap { $0?["reason"] as? String }
        print("\(fault): \(outcomes.count { $0 == "applied" }) of \(outcomes.count) applied")
        // --strict: of what was planned nothing is missing.
        #expect(outcomes.isEmpty || outcomes.contains("applied"), "\(reasons)")
    }
}

extension RedisStrikesTests {
    @Test(.enabled(if: RunningProgram.areInstalled("redis-benchmark", "redis-cli"), "needs redis"))
    func `a pipeline that is cut as fast as it goes loses no SET, whatever the seed`() throws {
        let redis = try RedisServer()
        let folder = try RecordingFolder()
        let weir = try WeirRecorder(
            upstream: redis.port, to: folder.path("sets.weir"), ["--protocol", "redis"])
        // Each on a key of its own: how many there are tells whether one got lost.
        _ = try RunningProgram.run(
            "redis-benchmark",
            ["-p", "\(weir.port)"]
                + "-t set -n 400 -P 8 -c 2 -r 1000000 -q".split(separator: " ")
                .map(String.init))
        _ = try weir.finish()
        let cli = "redis-cli -p \(redis.port)"
        let test = try ServiceTest(
            folder.path("sets.weir"),
            [
                "--to", ":\(redis.port)", "--fault", "disconnect chance=5% wait=2ms", "--seed", "1",
                "--seeds", "20", "--settle", "20ms", "--no-blame", "--reset", "\(cli) flushall",
                "--probe", "\(cli) dbsize",
            ], in: folder)
        #expect(test.exitCode == 0, "\(test.text)")
        #expect(test.runs.count == 20)
        #expect(test.runs.allSatisfy { $0["verdict"] as? String == "tolerated" })
    }
}
