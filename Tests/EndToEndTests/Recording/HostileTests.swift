import Foundation
import Testing

/// What goes wrong around a recorder: its log is not read, its files are closed, its terminal goes,
/// its recording is taken away.
struct HostileTests {
    @Test func `a log that nobody reads holds up neither traffic nor the end`() throws {
        let server = try EchoServer()
        let folder = try TemporaryFolder()
        let port = try freePort()
        // Standard error is a pipe that is full, and whose reader is asleep.
        let run = try BashRun.run(
            """
            mkfifo "$4.log"
            exec 9<> "$4.log"
            dd if=/dev/zero of="$4.log" bs=4096 count=1024 oflag=nonblock 2> /dev/null
            "$1" record --listen ":$2" --upstream ":$3" --output "$4" 2>&9 &
            recorder=$!
            for attempt in 1 2 3 4 5 6 7 8 9 10; do
              exec 8<> "/dev/tcp/127.0.0.1/$2" && break
              sleep 0.1
            done
            echo hello >&8
            timeout 10 head -n 1 <&8
            exec 8>&-
            kill -INT $recorder
            timeout 20 tail --pid=$recorder -f /dev/null
            wait $recorder
            echo "ended with $?"
            """, ["\(port)", "\(server.port)", folder.path("r.weir")])
        #expect(run.output.contains("hello"))
        #expect(run.output.contains("ended with 130"))
        #expect(try WeirProcess.run(["check", folder.path("r.weir")]).exitCode == 0)
    }

    @Test func `a closed standard error is not the number of a socket or of the recording`() throws
    {
        let server = try EchoServer()
        let folder = try TemporaryFolder()
        let port = try freePort()
        let run = try BashRun.run(
            """
            "$1" record --listen ":$2" --upstream ":$3" --output "$4" 0<&- 1>&- 2>&- &
            recorder=$!
            for attempt in 1 2 3 4 5 6 7 8 9 10; do
              exec 8<> "/dev/tcp/127.0.0.1/$2" && break
              sleep 0.1
            done 2> /dev/null
            ls -l "/proc/$recorder/fd" | grep -o ' [012] -> .*'
            kill -INT $recorder
            wait $recorder
            """, ["\(port)", "\(server.port)", folder.path("r.weir")])
        #expect(
            run.output == " 0 -> /dev/null\n 1 -> /dev/null\n 2 -> /dev/null\n")
        #expect(try WeirProcess.run(["check", folder.path("r.weir")]).exitCode == 0)
    }

    @Test func `a terminal that is closed ends a recording in order`() throws {
        let recorder = try Recorder()
        kill(recorder.weir.processIdentifier, SIGHUP)
        #expect(try recorder.weir.finish().exitCode == 143)
        #expect(try WeirProcess.run(["check", recorder.path]).exitCode == 0)
    }

    @Test func `a recording that is removed while it is written is said at once`() throws {
        let recorder = try Recorder(["--flush-every", "1ms"])
        let client = try LoopbackClient(port: recorder.port)
        #expect(try client.exchange(Data("one".utf8)) == Data("one".utf8))
        try recorder.waitUntilOnDisk(3)
        try FileManager.default.removeItem(atPath: recorder.path)
        #expect(try client.exchange(Data("two".utf8)) == Data("two".utf8))
        try recorder.weir.wait(for: "it was removed or moved while it was being written")
        #expect(try recorder.interrupt().exitCode == 6)
    }

    @Test func `a recording is not overwritten by what is made of it, by whatever name`() throws {
        let recorder = try Recorder()
        let client = try LoopbackClient(port: recorder.port)
        #expect(try client.exchange(Data("one".utf8)) == Data("one".utf8))
        _ = try recorder.interrupt()
        let before = try Data(contentsOf: URL(fileURLWithPath: recorder.path))
        let link = recorder.folder.path("link.weir")
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: recorder.path)
        let repair = try WeirProcess.run(["check", recorder.path, "--repair", link, "--force"])
        #expect(repair.exitCode == 2)
        #expect(repair.errors.contains("is the recording itself; name another file"))
        let export = try WeirProcess.run([
            "export", recorder.path, "--raw", "upstream", "--connection", "1", "--output", link,
            "--force",
        ])
        #expect(export.exitCode == 2)
        #expect(try Data(contentsOf: URL(fileURLWithPath: recorder.path)) == before)
    }

    @Test func `with few descriptors further clients wait, and none is reset`() throws {
        let server = try EchoServer()
        let folder = try TemporaryFolder()
        let port = try freePort()
        let run = try BashRun.run(
            """
            (ulimit -n 24; exec "$1" record --listen ":$2" --upstream ":$3" --output "$4") &
            recorder=$!
            for attempt in 1 2 3 4 5 6 7 8 9 10; do
              exec 8<> "/dev/tcp/127.0.0.1/$2" && break
              sleep 0.1
            done 2> /dev/null
            exec 8>&-
            for client in 1 2 3 4 5 6 7 8 9 10 11 12; do
              (exec 7<> "/dev/tcp/127.0.0.1/$2"; echo $client >&7
               timeout 20 head -n 1 <&7) &
              clients="$clients $!"
            done
            wait $clients
            kill -INT $recorder
            wait $recorder
            """, ["\(port)", "\(server.port)", folder.path("r.weir")])
        let answers = run.output.split(separator: "\n").compactMap { Int($0) }.sorted()
        #expect(answers == Array(1...12))
        #expect(!run.errors.contains("could not be reached"))
    }

    @Test(arguments: [
        (["--upstream", ":0"], "no server listens on port 0"),
        (["--upstream", ":99999"], "write :7000 or host:7000"),
        (["--upstream", String(repeating: "x", count: 100_000)], "no port; write"),
        (
            ["--upstream", ":1", "--protocol", String(repeating: "x", count: 100_000)],
            "no protocol"
        ),
    ])
    func `a wrong value is one short message`(options: [String], message: String) throws {
        let run = try WeirProcess.run(
            ["record", "--listen", ":0", "--output", "/no/r.weir"] + options)
        #expect(run.exitCode == 2)
        #expect(run.errors.contains(message))
        #expect(run.errors.utf8.count < 400)
    }

    /// A port that nobody listened on a moment ago.
    private func freePort() throws -> UInt16 {
        try EchoServer().port
    }
}
