import Foundation
import Testing

/// `weir proxy` as a user runs it.
@Suite struct ProxyTests {
    private static func port(of weir: WeirProcess, after text: String = "listening on ") throws
        -> UInt16
    {
        try weir.wait(for: text)
        let words = weir.errorsSoFar.components(separatedBy: text + "127.0.0.1:")
        let digits = try #require(words.last).prefix { $0.isNumber }
        return try #require(UInt16(digits))
    }

    @Test func `without faults everything passes, and nothing is recorded`() throws {
        let server = try EchoServer()
        let weir = try WeirProcess.start(
            ["proxy", "--listen", ":0", "--upstream", ":\(server.port)"])
        let client = try LoopbackClient(port: try Self.port(of: weir))
        let bytes = Recorder.bytes(1_000_000)
        #expect(try client.exchange(bytes) == bytes)
        client.finish()
        #expect(client.receive().isEmpty)
        weir.interrupt()
        let run = try weir.finish()
        #expect(run.exitCode == 130)
        #expect(run.output.hasPrefix("passed on: 1 connection in "))
        #expect(run.output.contains("977 KiB"))
    }

    @Test func `strikes are logged, recorded and summed up`() throws {
        let server = try EchoServer()
        let folder = try TemporaryFolder()
        let path = folder.path("proxied.weir")
        let weir = try WeirProcess.start([
            "proxy", "--listen", ":0", "--upstream", ":\(server.port)", "--protocol", "line",
            "--fault", "duplicate messages=2 direction=upstream", "--record", path, "--seed", "7",
        ])
        let client = try LoopbackClient(port: try Self.port(of: weir))
        try client.send(Data("a\nb\nc\n".utf8))
        #expect(client.receive(6) == Data("a\nb\nc\n".utf8))
        client.finish()
        #expect(client.receive().isEmpty)
        try weir.wait(for: "duplicate@1u2: duplicate applied")
        weir.interrupt()
        let run = try weir.finish()
        #expect(run.output.contains("duplicate: 1 applied; chance 100% of 1 messages, 1 struck"))
        #expect(run.output.contains("1 answers to copies were swallowed"))
        #expect(run.errors.contains("seed 7; repeat with: weir proxy "))
        #expect(try WeirProcess.run(["check", path]).exitCode == 0)
    }

    @Test func `several routes stand in front of several servers`() throws {
        let server = try EchoServer()
        let weir = try WeirProcess.start([
            "proxy", "--route", "one=:0,:\(server.port)", "--route", "two=:0,:\(server.port)",
            "--latency", "1ms",
        ])
        try weir.wait(for: "Ctrl-C")
        let client = try LoopbackClient(port: try Self.port(of: weir))
        #expect(try client.exchange(Data("hello".utf8)) == Data("hello".utf8))
        weir.interrupt()
        #expect(try weir.finish().output.contains("held 2 sends"))
    }

    @Test(arguments: [
        (["--route", "a=:1,:2", "--route", "a=:3,:4"], "two are named \"a\""),
        (["--route", "a=:1"], "is not a route"),
        (["--route", "a=:1,:2", "--listen", ":3"], "exclude each other"),
        (["--listen", ":0", "--upstream", ":1", "--must-record"], "needs --record"),
        (["--upstream", ":1"], "--listen ADDRESS is missing"),
        (
            ["--listen", ":0", "--upstream", ":1", "--drop", "1%", "--protocol", "none"],
            "drop strikes messages"
        ),
        (
            [
                "--listen", ":0", "--upstream", ":1", "--fault",
                "duplicate on=new direction=downstream",
            ],
            "the rule duplicate asks for on=new with direction=downstream, for which the client "
                + "would have to be dialled; write direction=upstream"
        ),
        (
            ["--listen", ":0", "--upstream", ":1", "--fault", "duplicate on=new answers=raw"],
            "answers=raw with on=new"
        ),
        (
            [
                "--listen", ":0", "--upstream", ":1", "--fault",
                "reorder across=connections answers=raw",
            ],
            "answers=raw with across=connections"
        ),
    ])
    func `what cannot be meant is refused`(words: [String], text: String) throws {
        let run = try WeirProcess.run(["proxy"] + words)
        #expect(run.exitCode == 2)
        #expect(run.errors.contains(text), "\(run.errors)")
    }
}
