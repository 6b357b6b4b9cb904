import Faults
import Foundation
import Reactions
import Recordings
import Testing
import Text

/// A replay's files alone say again what was said while it ran.
@Suite struct ReadBackTests {
    @Test func `reactions worked out from replay.weir are those that were written live`() throws {
        let fixture = try ReplayFixture(clients: 5, lines: 60)
        // The consumer ends connections, too: nothing of that is lost either.
        let closing = try EchoServer(closingAfter: 1_200)
        for (name, port) in [("whole", fixture.server.port), ("closing", closing.port)] {
            let run = try fixture.replay(
                [
                    "--duplicate", "5%", "--reorder", "5%", "--disconnect", "2%", "--jitter",
                    "2ms", "--seed", "11", "--run", name,
                ], to: port)
            #expect(run.exitCode == 0, "\(run.errors)")
            let live = try fixture.text(name, "reactions.jsonl")
            let again = try readBack(fixture, name)
            #expect(live.utf8.count > 10_000)
            let isSame = live == again
            #expect(isSame, "\(firstDifference(live, again))")
        }
    }

    private func readBack(_ fixture: ReplayFixture, _ run: String) throws -> String {
        func bytes(_ path: String) throws -> [UInt8] {
            [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        }
        let file = MemoryFile(try bytes(fixture.recording))
        let schedule = try ScheduleFile.read(
            try bytes(fixture.folder.path("\(run)/schedule.jsonl")), file: "schedule.jsonl"
        ).schedule
        let framing = schedule.header.framing
        var recorded = try RecordingReader(file)
        var log = try ReactionLog(
            of: try recorded.transcript(framing).transcript, bytes: file, schedule: schedule,
            settings: ReactionSettings(framing: framing))
        var replayed = try RecordingReader(
            MemoryFile(try bytes(fixture.folder.path("\(run)/replay.weir"))))
        var writer = ReactionLine(
            started: Timestamp(nanoseconds: replayed.header.wallClockStart))
        var lines = [writer.header()]
        func drain() { while let reaction = log.next() { lines.append(writer.line(reaction)) } }
        try replayed.forEachEvent { event, bytes, _ in
            log.receive(event, bytes)
            drain()
        }
        log.finish()
        drain()
        return lines.map { String(decoding: $0, as: UTF8.self) + "\n" }.joined()
    }

    private func firstDifference(_ live: String, _ again: String) -> String {
        let pairs = zip(live.split(separator: "\n"), again.split(separator: "\n"))
        let pair = pairs.first { $0 != $1 }
        return pair.map { "live: \($0)\nagain: \($1)" } ?? "one has more lines"
    }
}
