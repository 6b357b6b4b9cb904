import Foundation
import Testing

/// Redis and its own clients cannot tell that `weir record` is between them, and what they said is
/// recorded.
@Suite(
    .enabled(
        if: RunningProgram.areInstalled("redis-server", "redis-cli", "redis-benchmark"),
        "needs redis-server, redis-cli and redis-benchmark"))
struct RedisRecordTests {
    @Test func `redis-benchmark runs through the recorder, and its recording is whole`() throws {
        let redis = try RedisServer()
        let weir = try WeirRecorder(upstream: redis.port, to: redis.path("benchmark.weir"))
        let benchmark = try RunningProgram.run(
            "redis-benchmark",
            [
                "-p", "\(weir.port)", "-n", "100000", "-c", "50", "-P", "16", "-q", "-t",
                "ping,set,get",
            ])
        #expect(benchmark.exitCode == 0)
        #expect(benchmark.text.contains("GET: ") && !benchmark.text.contains("rror"))
        let (exitCode, check) = try weir.finish()
        #expect(exitCode == 130)
        #expect(check.contains(": whole; "))
        let connections = try weir.shown()["connections"] as? [[String: Any]] ?? []
        // Fifty clients for each kind of test, and those that ask for the configuration.
        #expect(connections.count >= 50 * 4)
        var messages = (upstream: 0, downstream: 0)
        for connection in connections {
            let upstream = connection["upstream"] as? [String: Any]
            let downstream = connection["downstream"] as? [String: Any]
            messages.upstream += upstream?["messages"] as? Int ?? 0
            messages.downstream += downstream?["messages"] as? Int ?? 0
            #expect(upstream?["opaque"] is NSNull && downstream?["opaque"] is NSNull)
        }
        #expect(messages.upstream >= 400_000 && messages.upstream == messages.downstream)
    }

    @Test func `redis-cli is answered as without the recorder, and credentials are warned of`()
        throws
    {
        let redis = try RedisServer()
        let weir = try RunningProgram(
            "weir",
            [
                "record", "--listen", ":0", "--upstream", ":\(redis.port)", "--output",
                redis.path("cli.weir"),
            ])
        try weir.wait(for: "recording to ")
        let port = weir.text.components(separatedBy: "127.0.0.1:")[1].prefix { $0.isNumber }
        let commands = [
            ["set", "greeting", "hello"], ["get", "greeting"], ["lrange", "none", "0", "-1"],
            ["incr", "greeting"], ["-3", "hello", "3"], ["auth", "user", "secret"],
        ]
        for command in commands {
            let direct = try RunningProgram.run("redis-cli", ["-p", "\(redis.port)"] + command)
            let proxied = try RunningProgram.run("redis-cli", ["-p", "\(port)"] + command)
            #expect(proxied.exitCode == direct.exitCode)
            // A connection's own number is in the answer to HELLO.
            let isNumbered = command.contains("hello") && command.count == 3 && command[0] == "-3"
            if !isNumbered { #expect(proxied.text == direct.text) }
        }
        weir.interrupt()
        #expect(try weir.finish() == 130)
        #expect(weir.text.contains("credentials passed on connection 6"))
        #expect(!weir.text.contains("secret;"))
    }

    @Test(
        .enabled(
            if: RunningProgram.areInstalled("tcpdump", "tshark") && getuid() == 0,
            "needs tcpdump and tshark, and to be root"))
    func `a redis-cli session is recorded as tshark follows it on the wire`() throws {
        let redis = try RedisServer()
        let weir = try WeirRecorder(upstream: redis.port, to: redis.path("wire.weir"))
        let capture = redis.path("wire.pcap")
        let tcpdump = try RunningProgram(
            "tcpdump",
            [
                "-i", "lo", "-U", "--immediate-mode", "-B", "65536", "-s", "0", "-Z", "root", "-w",
                capture, "tcp port \(weir.port)",
            ])
        try tcpdump.wait(for: "listening on lo")
        for number in 0..<3 {
            let value = String(repeating: "value \(number) ", count: 400)
            let run = try RunningProgram.run(
                "redis-cli", ["-p", "\(weir.port)", "set", "key", value])
            #expect(run.text == "OK\n")
        }
        tcpdump.interrupt()
        _ = try tcpdump.finish()
        #expect(tcpdump.text.contains("0 packets dropped by kernel"))
        let (_, check) = try weir.finish()
        #expect(check.contains(": whole; "))
        for (index, node) in [("upstream", "0"), ("downstream", "1")].flatMap({ pair in
            (0..<3).map { ($0, pair) }
        }) {
            let followed = try followed(capture, index, node.1)
            let exported = try weir.exported(node.0, connection: index + 1)
            #expect(followed == exported && !exported.isEmpty)
        }
    }

    /// One direction of a TCP connection (node 0 is the client) as tshark puts it together.
    private func followed(_ capture: String, _ connection: Int, _ node: String) throws -> Data {
        let run = try RunningProgram.run(
            "tshark",
            ["-r", capture, "-q", "-z", "follow,tcp,raw,\(connection)"])
        var data = Data()
        for line in run.text.split(separator: "\n") {
            // Lines of the server are indented with a tab.
            let isServers = line.hasPrefix("\t")
            let digits = line.drop { $0 == "\t" }
            guard isServers == (node == "1"), digits.count.isMultiple(of: 2), !digits.isEmpty,
                digits.allSatisfy(\.isHexDigit)
            else { continue }
            var rest = digits
            while let byte = UInt8(rest.prefix(2), radix: 16) {
                data.append(byte)
                rest = rest.dropFirst(2)
            }
        }
        return data
    }
}
