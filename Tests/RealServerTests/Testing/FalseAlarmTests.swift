import Foundation
import Testing

/// Servers that nothing is done to are not accused: clean runs of real recordings, each judged as a
/// disturbed one is. `WEIR_CLEAN_RUNS` says how many in all; `Scripts/false-alarms` makes 3,000.
@Suite(.serialized) struct FalseAlarmTests {
    private static let runs =
        ProcessInfo.processInfo.environment["WEIR_CLEAN_RUNS"].flatMap(Int.init) ?? 300

    /// More are made by several tests, so that none takes too long.
    private static let runsAtOnce = 200

    /// As fast as it goes, and as it was recorded with the waiting made short. What parallel
    /// clients do to one counter depends on who comes first, whoever plays it: that is played as
    /// fast as it goes only, in recorded order.
    private static let pacings = [
        (name: "asap", options: []), (name: "hybrid", options: ["--speed", "10x"]),
    ]

    private static let racing = "redis/pipelined"

    /// Runs of some recordings, at both pacings: nothing strikes where the chance is nothing, so
    /// that each seed is one more clean run.
    private func rate(
        of recordings: [String], to port: UInt16, share: Int, _ options: [String]
    ) throws -> Rate {
        let folder = try RecordingFolder()
        var rate = Rate()
        let pacings = { (recording: String) in
            Self.pacings.filter { recording != Self.racing || $0.name == "asap" }
        }
        let parts = share * recordings.map { pacings($0).count }.reduce(0, +)
        for recording in recordings {
            for pacing in pacings(recording) {
                var left = (Self.runs + parts - 1) / parts
                while left > 0 {
                    let each = min(left, Self.runsAtOnce)
                    left -= each
                    let place = recording.replacingOccurrences(of: "/", with: "-")
                    let test = try ServiceTest(
                        ServiceTest.recording(recording),
                        [
                            "--to", ":\(port)", "--duplicate", "0%", "--seed", "1", "--seeds",
                            "\(each)", "--settle", "0ms", "--no-blame",
                        ] + pacing.options + options, pacing: pacing.name, in: folder,
                        named: "\(place)-\(pacing.name)-\(left)")
                    add(test, each, of: "\(recording), \(pacing.name)", to: &rate)
                    try FileManager.default.removeItem(at: test.folder)
                }
            }
        }
        return rate
    }

    /// However busy the machine is, no run may show anything, and no third clean run either.
    private func add(_ test: ServiceTest, _ each: Int, of recording: String, to rate: inout Rate) {
        #expect(test.exitCode == 3, "\(recording): \(test.text)")
        let baseline = test.verdict["baseline"] as? [String: Any] ?? [:]
        #expect(baseline["unstable"] as? [String] == [], "\(recording): \(test.text)")
        rate.addRepeats(of: baseline)
        #expect(test.runs.count == each, "\(recording): \(test.text)")
        for run in test.runs {
            let symptoms = run["symptoms"] as? [[String: Any]] ?? []
            rate.runs += 1
            rate.seen += symptoms.isEmpty ? 0 : 1
            rate.addRepeats(of: run)
            #expect(symptoms.isEmpty, "\(recording): \(run["run"] ?? "") \(symptoms)")
        }
    }

    @Test(.enabled(if: RunningProgram.areInstalled("redis-server", "redis-cli"), "needs redis"))
    func `Redis shows no symptom where nothing struck`() throws {
        let redis = try RedisServer()
        let cli = "redis-cli -p \(redis.port)"
        let rate = try rate(
            of: ["redis/commands", "redis/pipelined", "redis/errors", "redis/session"],
            to: redis.port, share: 3,
            ["--reset", "\(cli) flushall", "--probe", "\(cli) dbsize"])
        print("Redis: \(rate)")
    }

    @Test(.enabled(if: PostgreSQLServer.isInstalled, "needs postgresql"))
    func `PostgreSQL shows no symptom where nothing struck`() throws {
        let server = try PostgreSQLServer(authentication: "trust")
        let rate = try rate(
            of: ["postgresql/simple", "postgresql/extended"], to: server.port, share: 3,
            ["--reset", "true", "--probe", server.count("pg_tables")])
        print("PostgreSQL: \(rate)")
    }

    @Test(.enabled(if: NginxServer.isInstalled, "needs nginx and curl"))
    func `nginx shows no symptom where nothing struck`() throws {
        let server = try NginxServer()
        let page = (1...300).map { "<p>line \($0)</p>\n" }.joined()
        try page.write(toFile: server.path("page.html"), atomically: true, encoding: .utf8)
        let rate = try rate(
            of: ["http1/keep-alive", "http1/pipelined"], to: server.port, share: 3, [])
        print("nginx: \(rate)")
    }

    @Test func `a rate's bound is the rule of three where nothing was seen`() {
        #expect((Rate(runs: 300).upperBound * 10_000).rounded() == 99)
        #expect((Rate(runs: 3_000).upperBound * 100_000).rounded() == 100)
        // Known: Clopper and Pearson's one-sided bound of 2 in 100.
        #expect((Rate(seen: 2, runs: 100).upperBound * 10_000).rounded() == 616)
        #expect(Rate(seen: 3, runs: 3).upperBound == 1)
    }
}
