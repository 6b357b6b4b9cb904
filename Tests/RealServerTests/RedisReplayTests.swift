import Foundation
import Recordings
import Testing

/// Replays to a real Redis are answered as recorded, and under disturbance as a model of Redis
/// says, over what was really sent.
@Suite(
    .enabled(
        if: RunningProgram.areInstalled("redis-server", "redis-benchmark"),
        "needs redis-server and redis-benchmark"))
struct RedisReplayTests {
    private static let clients = 50

    /// Fifty pipelined clients, each on its own keys, recorded in front of a Redis of its own.
    private static func record(to path: String) throws {
        let redis = try RedisServer()
        let weir = try WeirRecorder(upstream: redis.port, to: path, ["--protocol", "redis"])
        let port = weir.port
        let group = DispatchGroup()
        for client in 1...clients {
            group.enter()
            Thread.detachNewThread {
                defer { group.leave() }
                guard let socket = PeerSocket(connectingTo: port) else { return }
                for batch in RedisTalk(client: client, seed: 7).batches {
                    var answers = batch.count
                    guard socket.send(Data(batch.joined().utf8)) else { return }
                    while answers > 0, let piece = socket.receive() {
                        answers -= RedisTalk.answers(in: piece)
                    }
                }
                socket.finish()
                _ = socket.receiveAll()
            }
        }
        group.wait()
        let (exitCode, check) = try weir.finish()
        guard exitCode == 130, check.contains(": whole; ") else {
            throw RunningProgram.RunFailure(description: check)
        }
    }

    private struct Run {
        var summary: [String: Any]
        var folder: URL

        func number(_ part: String, _ key: String) -> Int? {
            (summary[part] as? [String: Any])?[key] as? Int
        }

        func objects(_ file: String, _ type: String) throws -> [[String: Any]] {
            let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            return try text.split(separator: "\n").compactMap { line in
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
                return object as? [String: Any]
            }.filter { $0["type"] as? String == type }
        }
    }

    private func replay(
        _ recording: String, _ options: [String], in name: String
    ) throws -> Run {
        let redis = try RedisServer()
        let folder = URL(fileURLWithPath: recording).deletingLastPathComponent()
            .appendingPathComponent(name)
        let run = try RunningProgram.run(
            "weir",
            ["replay", recording, "--to", ":\(redis.port)", "--run", folder.path, "--quiet"]
                + options)
        #expect(run.exitCode == 0, "\(run.text)")
        let data = try Data(contentsOf: folder.appendingPathComponent("summary.json"))
        let summary = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        return Run(summary: summary ?? [:], folder: folder)
    }

    @Test func `fifty pipelined clients are replayed clean with every answer as recorded`() throws {
        let folder = try RecordingFolder()
        let recording = folder.path("fifty.weir")
        try Self.record(to: recording)
        for pacing in ["recorded", "hybrid", "asap"] {
            let run = try replay(recording, ["--pacing", pacing, "--seed", "1"], in: pacing)
            let messages = try #require(run.number("sent", "messages"))
            #expect(messages == Self.clients * RedisTalk.requests)
            #expect(run.number("answers", "same") == messages)
            #expect(run.number("answers", "total") == messages)
            #expect(run.summary["warnings"] as? [String] == [])
        }
    }

    @Test func `disturbed, the schedule is the same twice and every strike is accounted for`()
        throws
    {
        let folder = try RecordingFolder()
        let recording = folder.path("fifty.weir")
        try Self.record(to: recording)
        let faults = [
            "--duplicate", "2%", "--reorder", "2%", "--disconnect", "0.2%", "--jitter", "5ms",
            "--seed", "7",
        ]
        var schedules: [Data] = []
        for name in ["first", "second"] {
            let run = try replay(recording, faults, in: name)
            schedules.append(
                try Data(contentsOf: run.folder.appendingPathComponent("schedule.jsonl")))
            let planned = try run.objects("schedule.jsonl", "strike").map { $0["id"] as? String }
            let outcomes = try run.objects("outcomes.jsonl", "outcome")
            #expect(planned.count > 50)
            #expect(Set(outcomes.map { $0["id"] as? String }) == Set(planned))
            #expect(outcomes.count == planned.count)
            #expect(run.number("lateness", "n") ?? 0 > 0)
            #expect(run.number("answers", "extra") ?? 0 > 0)
            #expect(run.number("sent", "reconnects") ?? 0 > 0)
            try expectRightlyPaired(run, recording)
        }
        #expect(schedules[0] == schedules[1])
    }

    /// What Weir says of each answer is what follows from the bytes that were sent and came.
    private func expectRightlyPaired(_ run: Run, _ recording: String) throws {
        let recorded = try Dialogue.read(recording, isReplay: false)
        let replayed = try Dialogue.read(
            run.folder.appendingPathComponent("replay.weir").path, isReplay: true)
        var counters: [String: ClosedRange<Int>] = [:]
        var expected: [Dialogue.Identity: (compared: String, bytes: Int)] = [:]
        for dialogue in replayed {
            let original = try #require(recorded.first { $0.connection == dialogue.connection })
            for (index, request) in dialogue.requests.enumerated() {
                guard index < dialogue.answers.count else {
                    RedisModel.widen(&counters, by: request.text)
                    continue
                }
                let answer = dialogue.answers[index]
                let isRight = RedisModel.allows(answer, to: request.text, &counters)
                #expect(isRight, "\(request.text) was answered \(answer)")
                let message = Int(request.identity.message)
                let was = original.answers[message - 1]
                let compared =
                    request.identity.copy > 0 ? "extra" : was == answer ? "same" : "different"
                expected[request.identity] = (compared, answer.utf8.count)
            }
        }
        let answers = try run.objects("reactions.jsonl", "answer")
        var told = 0
        for answer in answers {
            let compared = answer["compared"] as? String
            guard compared != "missing" else { continue }
            let identity = Dialogue.Identity(
                connection: UInt32(answer["connection"] as? Int ?? 0),
                attempt: UInt16(answer["attempt"] as? Int ?? 0),
                message: UInt64(answer["message"] as? Int ?? 0),
                copy: UInt16(answer["copy"] as? Int ?? 0))
            let right = try #require(expected[identity], "\(identity) was never answered")
            if compared != "lost" { #expect(compared == right.compared, "\(identity)") }
            #expect(answer["bytes"] as? Int == right.bytes, "\(identity)")
            told += 1
        }
        #expect(told == expected.count)
    }

    @Test func `redis-benchmark's recording is answered whole, and what is fixed is equal`() throws
    {
        let folder = try RecordingFolder()
        let recording = folder.path("benchmark.weir")
        do {
            let redis = try RedisServer()
            let weir = try WeirRecorder(upstream: redis.port, to: recording)
            let benchmark = try RunningProgram.run(
                "redis-benchmark",
                [
                    "-p", "\(weir.port)", "-n", "1600", "-c", "50", "-P", "16", "-q", "-t",
                    "ping,set,get,incr,lpush,mset",
                ])
            #expect(benchmark.exitCode == 0)
            _ = try weir.finish()
        }
        let run = try replay(recording, ["--pacing", "hybrid"], in: "run")
        let messages = try #require(run.number("sent", "messages"))
        #expect(messages >= 6 * 1_600)
        let answers = try run.objects("reactions.jsonl", "answer")
        #expect(answers.count == messages)
        for answer in answers {
            let compared = answer["compared"] as? String
            let isFixed = ["PING", "SET", "MSET"].contains(answer["kind"] as? String)
            #expect(compared == "same" || !isFixed && compared == "different", "\(answer)")
        }
    }
}
