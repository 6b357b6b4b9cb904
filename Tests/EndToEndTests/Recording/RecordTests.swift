import Foundation
import Testing

/// `weir record`, `show`, `check` and `export` as a user runs them.
@Suite struct RecordTests {
    @Test func `what passed is recorded, shown, whole, and exported byte for byte`() throws {
        let recorder = try Recorder()
        let bytes = Recorder.bytes(1_000_000)
        let client = try LoopbackClient(port: recorder.port)
        let hasEchoed = try client.exchange(bytes) == bytes
        #expect(hasEchoed)
        client.finish()
        #expect(client.receive().isEmpty)
        let result = try recorder.interrupt()
        #expect(result.exitCode == 130)
        #expect(result.output.contains(": 1 connection in "))
        #expect(result.output.hasSuffix("look into it: weir show \(recorder.path)\n"))
        #expect(result.errors.contains("finished by client"))
        // Bytes are compared before: a macro would look at each of them.
        for direction in ["upstream", "downstream"] {
            let isSame = try recorder.exported(direction) == bytes
            #expect(isSame, "\(direction)")
        }
        let check = try WeirProcess.run(["check", recorder.path])
        #expect(check.exitCode == 0)
        #expect(check.output.hasPrefix("\(recorder.path): whole; "))
        let shown = try recorder.shown()
        #expect(shown["version"] as? Int == 1 && shown["state"] as? String == "ended")
        let connections = try #require(shown["connections"] as? [[String: Any]])
        let connection = try #require(connections.first)
        #expect(connections.count == 1 && connection["connection"] as? Int == 1)
        #expect(connection["server"] as? String == "127.0.0.1:\(recorder.server.port)")
        #expect(connection["ended"] as? String == "finished by client")
        #expect((connection["upstream"] as? [String: Any])?["bytes"] as? Int == bytes.count)
        #expect(connection["gaps"] as? Int == 0)
        let mode = try FileManager.default.attributesOfItem(atPath: recorder.path)
        #expect(mode[.posixPermissions] as? Int == 0o600)
    }

    @Test func `messages are listed in order, and a reader who leaves early is no mistake`() throws
    {
        let recorder = try Recorder(["--protocol", "line"])
        let client = try LoopbackClient(port: recorder.port)
        try client.send(Data("hello\n".utf8))
        #expect(client.receive(6) == Data("hello\n".utf8))
        client.finish()
        _ = client.receive()
        _ = try recorder.interrupt()
        let run = try WeirProcess.run(["show", recorder.path, "--messages"])
        let kinds = run.output.split(separator: "\n").dropFirst().map {
            $0.split(separator: " ").dropFirst(2).joined(separator: " ")
        }
        #expect(run.exitCode == 0)
        #expect(kinds.count == 6)
        #expect(kinds.filter { $0.hasSuffix("6 B hello\\n") }.map(\.first) == [">", "<"])
        let piped = try BashRun.run(
            "\"$1\" show \"$2\" --messages | true; echo \"${PIPESTATUS[0]}\"", [recorder.path])
        #expect(piped.output == "0\n" && piped.errors == "")
    }

    @Test func `a quiet session that is killed has all but the last second`() throws {
        let recorder = try Recorder()
        let client = try LoopbackClient(port: recorder.port)
        let bytes = Recorder.bytes(300)
        let hasEchoed = try client.exchange(bytes) == bytes
        #expect(hasEchoed)
        try recorder.waitUntilOnDisk(300)
        recorder.weir.killAtOnce()
        _ = try recorder.weir.finish()
        #expect(try recorder.exported("upstream") == bytes)
        let check = try WeirProcess.run(["check", recorder.path])
        #expect(check.exitCode == 5)
        #expect(check.output.contains("cut: its recorder was stopped"))
        let repaired = recorder.folder.path("repaired.weir")
        let repair = try WeirProcess.run(["check", recorder.path, "--repair", repaired])
        #expect(repair.exitCode == 5 && repair.output.contains("repaired.weir"))
        let run = try WeirProcess.run([
            "export", repaired, "--raw", "upstream", "--connection", "1",
        ])
        #expect(run.outputBytes == bytes)
    }

    @Test func `a session that is killed in the middle of traffic is read up to there`() throws {
        let recorder = try Recorder()
        let client = try LoopbackClient(port: recorder.port)
        let bytes = Recorder.bytes(5_000_000)
        let hasEchoed = try client.exchange(bytes) == bytes
        #expect(hasEchoed)
        recorder.weir.killAtOnce()
        _ = try recorder.weir.finish()
        let exported = try recorder.exported("upstream")
        // Whole blocks of both directions: all but the two that were open or on their way.
        let isBeginning = bytes.prefix(exported.count) == exported
        #expect(exported.count > 0 && isBeginning)
        #expect(try WeirProcess.run(["show", recorder.path]).exitCode == 5)
    }

    @Test func `a recording is read while it is written, and nobody else may write it`() throws {
        let recorder = try Recorder()
        let client = try LoopbackClient(port: recorder.port)
        #expect(try client.exchange(Data([1, 2, 3])) == Data([1, 2, 3]))
        try recorder.waitUntilOnDisk(3)
        for verb in ["show", "check"] {
            let run = try WeirProcess.run([verb, recorder.path])
            #expect(run.exitCode == 0 && run.output.contains("still being written"))
        }
        let second = [
            "record", "--listen", ":0", "--upstream", ":\(recorder.server.port)", "--output",
            recorder.path,
        ]
        let refused = try WeirProcess.run(second + ["--force"])
        #expect(refused.exitCode == 6)
        #expect(refused.errors.contains("another process is writing it"))
        #expect(try recorder.interrupt().exitCode == 130)
        let exists = try WeirProcess.run(second)
        #expect(exists.exitCode == 2)
        #expect(exists.errors.contains("give --force to replace it"))
        #expect(try recorder.exported("upstream") == Data([1, 2, 3]))
    }

    @Test func `a full disk lets traffic go on, is said, and is exit code 6`() throws {
        let server = try EchoServer()
        let folder = try TemporaryFolder()
        // In units of 1,024 bytes.
        let weir = try WeirProcess(
            URL(fileURLWithPath: "/bin/bash"),
            [
                "-c", "ulimit -f 3000; exec \"$@\"", "bash", try WeirProcess.binary().path,
                "record", "--listen", ":0", "--upstream", ":\(server.port)", "--output",
                folder.path("r.weir"),
            ])
        let client = try LoopbackClient(port: try Recorder.port(of: weir))
        let bytes = Recorder.bytes(5_000_000)
        let hasEchoed = try client.exchange(bytes) == bytes
        #expect(hasEchoed)
        try weir.wait(for: "traffic goes on unrecorded")
        weir.interrupt()
        let result = try weir.finish()
        #expect(result.exitCode == 6)
        #expect(result.output.contains("NOT WHOLE"))
        let check = try WeirProcess.run(["check", folder.path("r.weir")])
        #expect(check.exitCode == 5)
        let (exported, code) = try Recorder.exported(
            folder.path("r.weir"), "upstream", in: folder)
        #expect(code == 5)
        let isBeginning = bytes.prefix(exported.count) == exported
        #expect(exported.count > 0 && isBeginning)
    }

    @Test func `it ends by itself after its duration, and in order on SIGTERM`() throws {
        let timed = try Recorder(["--duration", "50ms"])
        #expect(try timed.weir.finish().exitCode == 0)
        let recorder = try Recorder()
        recorder.weir.terminate()
        #expect(try recorder.weir.finish().exitCode == 143)
        #expect(try WeirProcess.run(["check", recorder.path]).exitCode == 0)
    }

    @Test func `an address in use is exit code 4, and leaves no file`() throws {
        let server = try EchoServer()
        let folder = try TemporaryFolder()
        let run = try WeirProcess.run([
            "record", "--listen", ":\(server.port)", "--upstream", ":1", "--output",
            folder.path("r.weir"),
        ])
        #expect(run.exitCode == 4)
        #expect(run.errors.contains("127.0.0.1:\(server.port): address already in use"))
        #expect(!FileManager.default.fileExists(atPath: folder.path("r.weir")))
    }

    @Test func `the log for machines is one JSON object a line`() throws {
        let recorder = try Recorder(["--log-format", "json"])
        let client = try LoopbackClient(port: recorder.port)
        #expect(try client.exchange(Data([1, 2, 3])) == Data([1, 2, 3]))
        client.finish()
        _ = client.receive()
        let result = try recorder.interrupt()
        #expect(result.output == "")
        let types = try result.errors.split(separator: "\n").map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            return (object as? [String: Any])?["type"] as? String
        }
        #expect(types == ["listening", "connection", "recorded"])
    }

    @Test func `a server that cannot be reached is said, with the connection`() throws {
        let folder = try TemporaryFolder()
        let weir = try WeirProcess.start([
            "record", "--listen", ":0", "--upstream", ":1", "--output", folder.path("r.weir"),
        ])
        let client = try LoopbackClient(port: try Recorder.port(of: weir))
        #expect(client.receive().isEmpty)
        try weir.wait(for: "127.0.0.1:1 could not be reached: connection refused")
        weir.interrupt()
        #expect(try weir.finish().output.contains("1 connection did not reach the server"))
    }

    @Test(arguments: [
        (["record", "--listen", ":0", "--upstream", ":1", "--output", "-"], 2, "name a file"),
        (["record", "--listen", "7000", "--upstream", ":1", "--output", "x"], 2, "write :7000"),
        (["record", "--listen", ":0", "--upstream", ":1"], 2, "--output FILE is missing"),
        (
            [
                "record", "--listen", ":0", "--upstream", ":1", "--output", "x", "--protocol",
                "redsi",
            ], 2, "did you mean \"redis\"?"
        ),
        (["record", "--listen", ":0", "--upstream", ":1", "--output", "/no/x"], 6, "/no/x"),
        (["show", "/no/such.weir"], 2, "/no/such.weir"),
        (["show", "/etc/passwd"], 5, "this is not a recording"),
        (["check", "/dev/null"], 2, "it is no file on a disk"),
        (["export", "x", "--raw", "up", "--connection", "1"], 2, "write upstream or downstream"),
    ])
    func `bad input is one clear message and the right exit code`(
        words: [String], code: Int, message: String
    ) throws {
        let folder = try TemporaryFolder()
        let run = try WeirProcess.run(words, in: folder.url)
        #expect(Int(run.exitCode) == code)
        #expect(run.errors.contains(message))
        #expect(run.errors.split(separator: "\n").count == 1)
    }
}
