import Foundation
import Testing
import Text

@testable import weir

/// `--config weir.json`, for `record`, `proxy` and `replay`.
@Suite struct ConfigTests {
    /// A config of two routes to two echo servers, in a folder of its own.
    private struct Fixture {
        let folder: TemporaryFolder
        let server: EchoServer
        let other: EchoServer

        /// - Parameter rest: members behind the routes.
        init(_ rest: String) throws {
            folder = try TemporaryFolder()
            server = try EchoServer()
            other = try EchoServer()
            try write(
                """
                {
                  "routes": [
                    { "name": "orders", "listen": ":0", "upstream": ":\(server.port)",
                      "to": ":\(server.port)" },
                    { "name": "users", "listen": ":0", "upstream": ":\(other.port)",
                      "to": ":\(other.port)" }
                  ],
                  \(rest)
                }
                """)
        }

        func write(_ text: String) throws {
            try Data(text.utf8).write(to: folder.url.appendingPathComponent("weir.json"))
        }

        func start(_ words: [String]) throws -> WeirProcess {
            try WeirProcess.start(words, in: folder.url)
        }

        func run(_ words: [String]) throws -> WeirProcess.Result {
            try WeirProcess.run(words, in: folder.url)
        }

        /// The ports that it says it listens on, in the routes' order.
        func ports(of weir: WeirProcess) throws -> [UInt16] {
            // The last route's line.
            try weir.wait(for: "passing on to 127.0.0.1:\(other.port)")
            let parts = weir.errorsSoFar.components(separatedBy: "listening on 127.0.0.1:")
            return parts.dropFirst().compactMap { UInt16($0.prefix { $0.isNumber }) }
        }
    }

    private static func talk(to port: UInt16, _ text: String) throws -> String {
        let client = try LoopbackClient(port: port)
        try client.send(Data(text.utf8))
        client.finish()
        return String(decoding: client.receive(), as: UTF8.self)
    }

    @Test func `a proxy has routes, faults, seed, protocol and recording from it`() throws {
        let fixture = try Fixture(
            """
            "protocol": "line", "seed": 7, "record": "passed.weir",
            "faults": ["drop direction=upstream messages=2 route=users"]
            """)
        let weir = try fixture.start(["proxy", "--config", "weir.json"])
        let ports = try fixture.ports(of: weir)
        try #require(ports.count == 2)
        #expect(try Self.talk(to: ports[0], "a\nb\nc\n") == "a\nb\nc\n")
        #expect(try Self.talk(to: ports[1], "a\nb\nc\n") == "a\n")
        weir.interrupt()
        let run = try weir.finish()
        #expect(run.output.contains("drop: 1 applied"), "\(run.output)")
        #expect(run.errors.contains("drop@2u2: drop applied"))
        #expect(run.errors.contains("seed 7; repeat with: weir proxy --config weir.json"))
        #expect(try fixture.run(["check", "passed.weir"]).exitCode == 0)
    }

    @Test func `what was recorded with it is planned and replayed with it, route by route`() throws
    {
        let fixture = try Fixture(
            """
            "protocol": "line", "record": "r.weir", "seed": 7,
            "faults": ["duplicate messages=2 route=users", "latency latency=1ms route=orders"]
            """)
        let recorder = try fixture.start(["record", "--config", "weir.json"])
        let ports = try fixture.ports(of: recorder)
        try #require(ports.count == 2)
        for port in ports { #expect(try Self.talk(to: port, "a\nb\nc\n") == "a\nb\nc\n") }
        recorder.interrupt()
        _ = try recorder.finish()
        let rules = [
            "--fault", "duplicate messages=2 route=users", "--fault",
            "latency latency=1ms route=orders", "--seed", "7",
        ]
        let plan = try fixture.run(["plan", "r.weir", "--output", "s.jsonl"] + rules)
        #expect(plan.output.contains("duplicate@2u2"))
        #expect(!plan.output.contains("duplicate@1u2"))
        #expect(plan.output.contains("all, route orders"), "\(plan.output)")
        let replay = try fixture.run(["replay", "r.weir", "--config", "weir.json", "--json"])
        let summary = try Summary(replay.output)
        #expect(summary["strikes", "applied"] == 1, "\(replay.output)\n\(replay.errors)")
        #expect(summary["answers", "same"] == 6)
        #expect(summary["answers", "extra"] == 1)
        #expect(summary["applied_delay", "n"] == 3, "the three messages of orders were held")
        let saved = try fixture.run([
            "replay", "r.weir", "--to", ":\(fixture.server.port)", "--schedule", "s.jsonl",
            "--json",
        ])
        #expect(try Summary(saved.output)["applied_delay", "n"] == 3)
        let unknown = try fixture.run(["plan", "r.weir", "--fault", "drop route=order"])
        #expect(unknown.exitCode == 2)
        #expect(
            unknown.errors.contains(
                "the rule drop is about the route \"order\", which is not there; write one of "
                    + "orders, users"))
    }

    @Test func `the command line goes before it, and adds faults behind its own`() throws {
        let fixture = try Fixture(
            #""protocol": "none", "seed": 7, "record": "r.weir", "faults": ["latency latency=1ms"]"#
        )
        let weir = try fixture.start([
            "proxy", "--config", "weir.json", "--protocol", "line", "--seed", "8", "--record",
            "other.weir", "--fault", "drop direction=upstream messages=2 route=orders",
        ])
        let ports = try fixture.ports(of: weir)
        #expect(try Self.talk(to: try #require(ports.first), "a\nb\n") == "a\n")
        weir.interrupt()
        let run = try weir.finish()
        #expect(run.errors.contains("seed 8; repeat with: "))
        #expect(run.output.contains("drop: 1 applied"))
        #expect(try fixture.run(["check", "other.weir"]).exitCode == 0)
        #expect(!FileManager.default.fileExists(atPath: fixture.folder.path("r.weir")))
    }

    @Test(arguments: [
        (["proxy", "--listen", ":0"], "--config and --listen exclude each other"),
        (["proxy", "--upstream", ":1"], "--config and --upstream exclude each other"),
        (["record", "--route", "a=:0,:1"], "--config and --route exclude each other"),
        (["replay", "r.weir", "--to", ":1"], "--to and --config exclude each other"),
        (["proxy", "--plan", "p.json"], "--plan and the plan of weir.json exclude each other"),
        (
            ["replay", "r.weir", "--schedule", "s.jsonl"],
            "--schedule and the faults of weir.json exclude each other"
        ),
        (["record"], "--output FILE is missing; add it"),
        (
            ["proxy", "--fault", "latency latency=1ms"],
            "--fault: a second rule named \"latency\""
        ),
    ])
    func `what contradicts it is refused`(words: [String], message: String) throws {
        let fixture = try Fixture(#""plan": "q.json", "faults": ["latency latency=1ms"]"#)
        let run = try fixture.run(words + ["--config", "weir.json"])
        #expect(run.exitCode == 2)
        #expect(run.errors.contains(message), "\(run.errors)")
    }

    @Test func `a config that does not say where a replay goes is refused by it`() throws {
        let fixture = try Fixture("")
        try fixture.write(
            #"{"routes": [{"name": "a", "listen": ":0", "upstream": ":1"}]}"#)
        let run = try fixture.run(["replay", "r.weir", "--config", "weir.json"])
        #expect(run.exitCode == 2)
        #expect(
            run.errors.contains("weir.json: no route says where a replay of it goes; add \"to\""))
    }

    @Test func `a mistake in it is said with its place`() throws {
        let route = #"{"name": "a", "listen": ":0", "upstream": ":1"}"#
        let inputs = [
            "", "[]", "{}", #"{"routes": []}"#, #"{"routes": {}}"#, #"{"routes": [1]}"#,
            #"{"routes": [{"name": "a"}]}"#,
            #"{"routes": [{"nam": "a", "listen": ":0", "upstream": ":1"}]}"#,
            #"{"routes": [{"name": "", "listen": ":0", "upstream": ":1"}]}"#,
            #"{"routes": [{"name": "a=b", "listen": ":0", "upstream": ":1"}]}"#,
            "{\"routes\": [\(route),\n\(route)]}",
            "{\"routes\": [\n\(route),\n"
                + #"{"name": "b", "listen": "7000", "upstream": ":1"}]}"#,
            #"{"routes": [{"name": "b", "listen": 7000, "upstream": ":1"}]}"#,
            #"{"routes": [{"name": "b", "listen": ":0", "upstream": ":0"}]}"#,
            #"{"routes": [{"name": "b", "listen": ":0", "upstream": ":1", "to": "x"}]}"#,
            #"{"routes": [{"name": "b", "listen": ":0", "upstream": ":1", "protocol": "http1"}]}"#,
            "{\"routes\": [\(route)],\n\"fault\": []}",
            "{\"routes\": [\(route)],\n\"faults\": \"drop\"}",
            "{\"routes\": [\(route)],\n\"faults\": [\n\"drop\",\n\"dropp\"]}",
            "{\"routes\": [\(route)],\n\"faults\": [\"drop chance=1\"]}",
            "{\"routes\": [\(route)],\n\"protocol\": \"redsi\"}",
            "{\"routes\": [\(route)],\n\"seed\": \"7\"}",
            "{\"routes\": [\(route)],\n\"record\": \"-\"}",
            "{\"routes\": [\(route)],\n\"plan\": \"\"}",
            "{\"routes\": [\(route)],\n\"seed\": 7, \"seed\": 8}",
            "{\"routes\": [\(route)],\n}",
        ]
        var text = ""
        for input in inputs {
            text += input + "\n"
            do throws(DocumentError) {
                _ = try ConfigFile(reading: Array(input.utf8), file: "weir.json")
                text += "    (no mistake)\n\n"
            } catch {
                text += "    \(error)\n\n"
            }
        }
        try Golden.expect(text, equals: "config-mistakes.txt")
    }

    @Test func `two rules of one name are said with the place of the second`() throws {
        let fixture = try Fixture(#""faults": ["drop",\#n"drop"]"#)
        let run = try fixture.run(["proxy", "--config", "weir.json"])
        #expect(run.exitCode == 2)
        #expect(
            run.errors.contains("weir.json:9: faults[1]: a second rule named \"drop\""),
            "\(run.errors)")
    }
}
