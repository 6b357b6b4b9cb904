import Foundation
import Testing

/// A recording that lacks one whole block: what is left is played, and the hole is named.
struct HoleTests {
    /// A client that talks until the recording has five blocks of events, of which the second is
    /// taken out.
    private static func recording(_ recorder: Recorder) throws -> String {
        let client = try LoopbackClient(port: recorder.port)
        let line = Data("how do you do\n".utf8)
        for _ in 0..<1_000_000 where try blocks(of: recorder.path).count < 6 {
            try client.send(line)
            _ = client.receive(line.count)
        }
        client.finish()
        _ = client.receive()
        _ = try recorder.interrupt()
        let blocks = try blocks(of: recorder.path)
        try #require(blocks.count >= 6)
        let whole = try Data(contentsOf: URL(fileURLWithPath: recorder.path))
        let path = recorder.folder.path("hole.weir")
        try (whole[..<blocks[1]] + whole[blocks[2]...]).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// Where its blocks of events begin; each has a mark at a multiple of 4,096 bytes.
    private static func blocks(of path: String) throws -> [Int] {
        guard let bytes = FileManager.default.contents(atPath: path) else { return [] }
        return stride(from: 0, to: bytes.count - 5, by: 4_096)
            .filter { Array(bytes[$0..<($0 + 5)]) == Array("WEIR\u{2}".utf8) }
    }

    @Test func `a replay and a test say where the hole is, and end with code 5`() throws {
        let server = try EchoServer()
        let recorder = try Recorder(["--protocol", "line", "--flush-every", "1ms"], server: server)
        let path = try Self.recording(recorder)
        let around = ["--to", ":\(server.port)", "--pacing", "asap", "--run"]
        let replay = try WeirProcess.run(
            ["replay", path] + around + ["run"], in: recorder.folder.url)
        #expect(replay.exitCode == 5, "\(replay.errors)")
        #expect(replay.output.contains("hole.weir has holes (byte "))
        // What is left has no message to strike: nothing can be said, by the hole's doing.
        for faults in [["--disconnect", "100%"], []] {
            let test = try WeirProcess.run(
                ["test", path] + around + ["test\(faults.count)", "--settle", "20ms"] + faults,
                in: recorder.folder.url)
            #expect(test.exitCode == 5, "\(test.output)\(test.errors)")
            #expect(test.errors.contains("the rest is played, and not what "))
            let words = test.output.split { $0.isWhitespace }.joined(separator: " ")
            #expect(words.contains("hole.weir has lost (byte "), "\(test.output)")
        }
    }
}
