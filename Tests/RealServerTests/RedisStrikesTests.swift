import Foundation
import Recordings
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
        "refuse", "corrupt chance=5%", "truncate chance=2%", "drop chance=5%",
        "delay by=5ms chance=20%",
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

    @Test(arguments: [
        "bandwidth rate=2kB/s burst=1B", "slicer size=5B delay=2ms", "slow_close delay=20ms",
        "slow_reader rate=1kB/s direction=downstream",
    ])
    func `a condition holds what it was asked for, and its mark says so`(fault: String) throws {
        let redis = try RedisServer()
        let folder = try RecordingFolder()
        let run = try RunningProgram.run(
            "weir",
            [
                "replay", ServiceTest.recording("redis/pipelined"), "--to", ":\(redis.port)",
                "--fault", fault, "--seed", "7", "--run", folder.path("run"), "--quiet",
                "--strict",
            ])
        #expect(run.exitCode == 0, "\(fault): \(run.text)")
        let connections = try HeldConnection.read(folder.path("run/replay.weir"))
        #expect(connections.count > 5)
        for connection in connections.values {
            switch fault.prefix(while: { $0 != " " }) {
            case "bandwidth": connection.expectBandwidth(bytesPerSecond: 2_000)
            case "slicer": connection.expectPieces(of: 5, apart: 2_000_000)
            case "slow_close": connection.expectHeldEnd(milliseconds: 20)
            default: connection.expectSlowReading(bytesPerSecond: 1_000)
            }
        }
        print("\(fault): \(connections.values.map(\.mark).sorted().last ?? "")")
    }
}

/// What a replay's recording says of one connection that a condition held. Only times that are too
/// short are wrong: a busy machine makes all of them longer.
private struct HeldConnection {
    var mark = ""
    var sent: [(instant: Int64, bytes: Int)] = []
    var received: [(instant: Int64, bytes: Int)] = []
    var opened: Int64 = 0
    var finished: Int64 = 0

    static func read(_ path: String) throws -> [UInt32: HeldConnection] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var reader = try RecordingReader(MemoryFile(bytes))
        var connections: [UInt32: HeldConnection] = [:]
        try reader.forEachEvent { event, bytes, _ in
            guard event.connection > 0 else { return }
            var connection = connections[event.connection] ?? HeldConnection()
            let instant = event.instant.nanoseconds
            switch event.fact {
            case .opened: connection.opened = instant
            case .sent: connection.sent.append((instant, bytes.count))
            case .chunk: connection.received.append((instant, bytes.count))
            case .finished(by: .client): connection.finished = instant
            case .mark(let label): connection.mark = label
            default: break
            }
            connections[event.connection] = connection
        }
        return connections
    }

    private func bytes(_ list: [(instant: Int64, bytes: Int)]) -> Int {
        list.reduce(0) { $0 + $1.bytes }
    }

    /// All but the last have cost their time before the last moved.
    private func expectRate(
        _ list: [(instant: Int64, bytes: Int)], since start: Int64, bytesPerSecond: Int
    ) {
        guard let last = list.last else { return }
        let before = Int64(bytes(list) - last.bytes)
        #expect(last.instant - start >= before * 1_000_000_000 / Int64(bytesPerSecond))
    }

    func expectBandwidth(bytesPerSecond: Int) {
        // A bucket of one byte, which is full to begin with.
        let total = bytes(sent)
        expectRate(sent, since: opened, bytesPerSecond: bytesPerSecond)
        let match = mark.firstMatch(of: #/2kB/s asked for, (\d+) bytes in .* \((\d+) bytes/s\)/#)
        #expect(match.flatMap { Int($0.1) } == total, "\(mark)")
        let most = bytesPerSecond * total / (total - 1) + 1
        #expect(match.flatMap { Int($0.2) }.map { $0 <= most } == true, "\(mark)")
    }

    func expectPieces(of size: Int, apart nanoseconds: Int64) {
        #expect(sent.allSatisfy { $0.bytes <= size })
        let took = (sent.last?.instant ?? 0) - opened
        #expect(took >= Int64(sent.count - 1) * nanoseconds)
        #expect(
            mark == "slicer: pieces of \(size)B asked for, \(bytes(sent)) bytes in "
                + "\(sent.count) pieces")
    }

    func expectHeldEnd(milliseconds: Int64) {
        let match = mark.firstMatch(of: #/held for (\d+)ms, 20ms asked for/#)
        #expect(match.flatMap { Int64($0.1) }.map { $0 >= milliseconds } == true, "\(mark)")
        let last = max(sent.last?.instant ?? 0, 0)
        #expect(finished - last >= milliseconds * 1_000_000)
    }

    func expectSlowReading(bytesPerSecond: Int) {
        // A twentieth of a second's worth is read at once.
        #expect(received.allSatisfy { $0.bytes <= bytesPerSecond / 20 })
        expectRate(
            received, since: received.first?.instant ?? 0, bytesPerSecond: bytesPerSecond)
        let match = mark.firstMatch(of: #/1kB/s asked for, (\d+) bytes in .* \((\d+) bytes/s\)/#)
        #expect(match.flatMap { Int($0.1) } == bytes(received), "\(mark)")
        #expect(match.flatMap { Int($0.2) }.map { $0 <= bytesPerSecond } == true, "\(mark)")
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
