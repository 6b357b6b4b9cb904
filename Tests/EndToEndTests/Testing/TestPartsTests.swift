import Faults
import Platform
import Recordings
import Testing
import Text

@testable import weir

/// The parts of a test that are values.
@Suite struct TestPartsTests {
    @Test func `a probe's name stands before the first equals sign, if it is one`() throws {
        #expect(try Probe(parsing: "rows=psql -c 'x=1'").name == "rows")
        #expect(try Probe(parsing: "rows=psql -c 'x=1'").command == "psql -c 'x=1'")
        #expect(try Probe(parsing: "PGUSER=me psql").name == "")
        #expect(try Probe(parsing: "PGUSER=me psql").command == "PGUSER=me psql")
        #expect(try Probe(parsing: "redis-cli dbsize").command == "redis-cli dbsize")
        #expect(throws: UsageError.self) { try Probe(parsing: "rows= ") }
        #expect(throws: UsageError.self) { try Probe(parsing: "reset=true") }
        #expect(throws: UsageError.self) { try Probe(parsing: "health=true") }
    }

    @Test func `probes without a name are numbered, and two names alike are refused`() throws {
        let probes = try ["a", "rows=b", "c"].map { try Probe(parsing: $0) }
        #expect(try Probe.named(probes).map(\.name) == ["probe", "rows", "probe-3"])
        #expect(throws: UsageError.self) {
            try Probe.named([Probe(parsing: "rows=a"), Probe(parsing: "rows=b")])
        }
    }

    @Test func `a health check is an address where it can be one, else a command`() throws {
        #expect(try HealthOption(parsing: ":8080") == .accepts(":8080"))
        #expect(try HealthOption(parsing: "db.example:5432") == .accepts("db.example:5432"))
        #expect(try HealthOption(parsing: "unix:/run/db") == .accepts("unix:/run/db"))
        #expect(try HealthOption(parsing: ":{listen}") == .accepts(":{listen}"))
        #expect(
            try HealthOption(parsing: "127.0.0.1:{upstream}") == .accepts("127.0.0.1:{upstream}"))
        #expect(try HealthOption(parsing: "unix:{listen}") == .accepts("unix:{listen}"))
        #expect(try HealthOption(parsing: "check {listen}") == .command("check {listen}"))
        #expect(try HealthOption(parsing: "./check.sh") == .command("./check.sh"))
        let curl = "curl -f http://localhost:80/health"
        #expect(try HealthOption(parsing: curl) == .command(curl))
        #expect(throws: UsageError.self) { try HealthOption(parsing: "") }
    }

    @Test func `ports are filled in wherever their word stands`() throws {
        let words = PortWords(
            listen: .ipv4(bytes: [127, 0, 0, 1], port: 7_411), upstream: .unix(path: "/tmp/s"))
        #expect(
            words.filled("a {listen} :{listen} {upstream} {other}") == "a 7411 :7411 /tmp/s {other}"
        )
        #expect(words.environment.map(\.name) == ["WEIR_LISTEN", "WEIR_UPSTREAM"])
        #expect(words.environment.map(\.value) == ["7411", "/tmp/s"])
    }

    @Test(arguments: [1, 2, 3, 7, 4_096, 10_000])
    func `lines are the same however the bytes are cut`(size: Int) {
        let long = String(repeating: "x", count: LineSplitter.maximumLineBytes)
        let text = "one\r\n\n\(long)\n\(long)y\ntwo ä\nthe end"
        var splitter = LineSplitter()
        var lines: [String] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            bytes[start..<min(start + size, bytes.count)].withUnsafeBytes {
                splitter.receive($0) { lines.append($0) }
            }
        }
        splitter.end { lines.append($0) }
        #expect(lines == ["one", "", long, long + "…", "two ä", "the end"])
    }
}
