import Foundation
import Testing

/// How long a consumer lives that Weir started.
struct ConsumerLifeTests {
    /// Whether a child of this process is the shell that watches it.
    private static func isWatched(by parent: Int32) -> Bool {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.contains { process in
            guard Int32(process) != nil,
                let words = try? String(
                    contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8),
                words.contains("weir-watch"),
                let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
            else { return false }
            return status.contains("\nPPid:\t\(parent)\n")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a consumer ends with Weir, and so does what it started, even if SIGKILL ends Weir`()
        throws
    {
        let fixture = try TestFixture()
        let folder = fixture.folder
        let pipe = folder.path("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        // It never accepts: Weir waits for it. Whoever runs holds the pipe open.
        let script = """
            exec 3>"$0"; (trap '' TERM HUP INT; echo child >&3; sleep 50; sleep 1) &
            trap '' TERM HUP INT; echo consumer >&3; wait; wait
            """
        let weir = try WeirProcess.start([
            "replay", fixture.recording, "--to", ":0", "--run", folder.path("run"),
            "--start-timeout", "50s", "--", "sh", "-c", script, pipe,
        ])
        let reading = try #require(FileHandle(forReadingAtPath: pipe))
        var text = ""
        while !(text.contains("child\n") && text.contains("consumer\n")) {
            let piece = reading.availableData
            guard !piece.isEmpty else { break }
            text += String(decoding: piece, as: UTF8.self)
        }
        // The consumer may run, and say so, before the shell does that watches for Weir's end.
        while !Self.isWatched(by: weir.processIdentifier) {}
        weir.killAtOnce()
        let killed = ContinuousClock.now
        // Its end: nobody has the pipe open any more.
        #expect(reading.availableData.isEmpty)
        #expect(killed.duration(to: .now) < .seconds(30))
        #expect(text.split(separator: "\n").sorted() == ["child", "consumer"])
        _ = try weir.finish()
    }
}
