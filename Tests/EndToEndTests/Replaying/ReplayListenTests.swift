import Foundation
import Testing

/// `weir replay --listen` as a user runs it: a client dials, and Weir plays the recorded server.
@Suite struct ReplayListenTests {
    private let fixture: ReplayFixture

    init() throws { fixture = try ReplayFixture([["one", "two", "three"]]) }

    /// Started, and where it listens.
    private func start(_ options: [String] = []) throws -> (weir: WeirProcess, port: UInt16) {
        let weir = try WeirProcess.start(
            ["replay", fixture.recording, "--listen", ":0", "--run", "run"] + options,
            in: fixture.folder.url)
        try weir.wait(for: "in place of the recorded server")
        let text = weir.errorsSoFar
        let end = try #require(text.range(of: " in place of"))
        let port = text[..<end.lowerBound].split(separator: ":").last.flatMap { UInt16($0) }
        return (weir, try #require(port))
    }

    private func ask(_ client: LoopbackClient, _ line: String) throws -> String {
        let bytes = Data((line + "\n").utf8)
        try client.send(bytes)
        return String(decoding: client.receive(bytes.count), as: UTF8.self)
    }

    @Test func `a client that asks as recorded is answered as recorded, and that ends it`() throws {
        let (weir, port) = try start(["--json"])
        let client = try LoopbackClient(port: port)
        for line in ["one", "two", "three"] { #expect(try ask(client, line) == line + "\n") }
        client.finish()
        #expect(client.receive().isEmpty)
        let run = try weir.finish()
        #expect(run.exitCode == 0, "\(run.errors)")
        let summary = try Summary(run.output)
        #expect(summary.object["as"] as? String == "server")
        #expect(summary["consumer", "expected"] == 3)
        #expect(summary["consumer", "answered"] == 3)
        #expect(summary["consumer", "attempts"] == 1)
        #expect(summary.object["warnings"] as? [String] == [])
        #expect(try fixture.files("run") == ReplayFixture.allFiles)
        let check = try WeirProcess.run(["check", fixture.folder.path("run/replay.weir")])
        #expect(check.exitCode == 0)
    }

    @Test func `a cut is redialled, and what comes again is told with its strike`() throws {
        let (weir, port) = try start([
            "--fault", "disconnect messages=2 where=before", "--seed", "1", "--idle-timeout", "5s",
        ])
        let first = try LoopbackClient(port: port)
        #expect(try ask(first, "one") == "one\n")
        #expect(try ask(first, "two").isEmpty)
        let second = try LoopbackClient(port: port)
        #expect(try ask(second, "two") == "two\n")
        #expect(try ask(second, "three") == "three\n")
        second.finish()
        let run = try weir.finish()
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.output.contains("asked      4 requests: 3 as recorded, 1 sent again\n"))
        let resent = try fixture.lines("run", "reactions.jsonl").filter {
            $0["type"] as? String == "resent"
        }
        #expect(resent.map { $0["message"] as? Int } == [2])
        #expect(resent.map { $0["strike"] as? String } == ["disconnect@1d2"])
    }

    @Test func `an unknown request is a warning, and Ctrl-C ends it in order`() throws {
        let (weir, port) = try start(["--on-unknown", "wait"])
        let client = try LoopbackClient(port: port)
        #expect(try ask(client, "one") == "one\n")
        try client.send(Data("nobody\n".utf8))
        weir.interrupt()
        let run = try weir.finish()
        #expect(run.exitCode == 130)
        #expect(run.output.contains("stood in for a part of"))
        #expect(try fixture.files("run").contains("summary.json"))
    }

    @Test(arguments: [
        (["--listen", ":0", "--to", ":1"], "exclude each other"),
        (["--listen", ":0", "--on-unknown", "forward :1"], "forward cannot be done yet"),
        (["--to", ":1", "--idle-timeout", "1s"], "--idle-timeout needs --listen"),
        (["--listen", ":0", "--answer-timeout", "1s"], "--answer-timeout needs --to"),
        (["--listen", "0.0.0.0:0"], "add --allow-remote"),
        (["--listen", "other=:0"], "has no route"),
        (["--listen", ":0", "--fault", "disconnect then=stop"], "the consumer's to decide"),
    ])
    func `a mistake is said with the next step`(options: [String], message: String) throws {
        let run = try WeirProcess.run(
            ["replay", fixture.recording, "--run", "no"] + options, in: fixture.folder.url)
        #expect(run.exitCode == 2)
        #expect(run.errors.contains(message), "\(run.errors)")
    }

    @Test func `an address in use is told, and leaves no run`() throws {
        let run = try WeirProcess.run(
            ["replay", fixture.recording, "--listen", ":\(fixture.server.port)", "--run", "no"],
            in: fixture.folder.url)
        #expect(run.exitCode == 4)
        #expect(!FileManager.default.fileExists(atPath: fixture.folder.path("no")))
    }
}
