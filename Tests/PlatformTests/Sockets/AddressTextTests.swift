import Platform
import Testing

@Suite struct AddressTextTests {
    @Test(arguments: [
        (":7000", "127.0.0.1:7000"), ("localhost:0", "127.0.0.1:0"),
        ("10.0.0.255:65535", "10.0.0.255:65535"), ("0.0.0.0:80", "0.0.0.0:80"),
        ("[::1]:7000", "[::1]:7000"), ("[2001:DB8:0:0::0:1]:443", "[2001:db8::1]:443"),
        ("[::]:0", "[::]:0"), ("[::ffff:1.2.3.4]:5", "[::ffff:102:304]:5"),
        ("[fe80::1%1]:7", "[fe80::1]:7"),
        ("unix:redis.sock", "redis.sock"), ("./redis.sock", "./redis.sock"),
        ("/run/redis.sock", "/run/redis.sock"), ("unix:/run/a:b", "/run/a:b"),
    ])
    func `an address is understood as people write it`(text: String, means: String) throws {
        #expect("\(try SocketAddress.resolve(text))" == means)
    }

    @Test func `a host's name is kept for looking up`() throws {
        #expect(try AddressText("db.example:5432") == .host("db.example", port: 5432))
        #expect(try AddressText("my-host_1:1") == .host("my-host_1", port: 1))
    }

    @Test(arguments: [
        ("", "no address; write :7000, host:7000 or a socket's path"),
        ("7000", "no port; write :7000"),
        ("localhost", "no port; write localhost:PORT"),
        ("::1", "an IPv6 address stands in brackets; write [::1]:7000"),
        ("::1:7000", "an IPv6 address stands in brackets; write [::1]:7000"),
        ("[::1]", "no port; write [::1]:PORT"),
        ("[::1:7000", "the bracket is not closed; write [::1]:7000"),
        ("[::g]:7000", "::g is no IPv6 address; write it as in [::1]:7000"),
        ("[fe80::1%none]:7", "there is no network interface none; see ip link"),
        (":70000", "the port is no number from 0 to 65535; write :7000 or host:7000"),
        (":", "the port is no number from 0 to 65535; write :7000 or host:7000"),
        (":-1", "the port is no number from 0 to 65535; write :7000 or host:7000"),
        (":+1", "the port is no number from 0 to 65535; write :7000 or host:7000"),
        ("a:http", "the port is no number from 0 to 65535; write :7000 or host:7000"),
        ("*:80", "* is no host; write 0.0.0.0:80 for all of the machine's addresses"),
        (
            "10.0.0.256:1",
            "10.0.0.256 is no IPv4 address; write four numbers up to 255: 10.0.0.1:1"
        ),
        ("10.1:1", "10.1 is no IPv4 address; write four numbers up to 255: 10.0.0.1:1"),
        ("010.0.0.1:1", "010.0.0.1 is no IPv4 address; write four numbers up to 255: 10.0.0.1:1"),
        ("http://localhost:80/x", "an address has no scheme; write localhost:80"),
        ("a b:1", "this is no host's name; write host:port"),
        ("unix:", "no path; write unix:path or ./path"),
        ("a\0b:1", "an address has no zero byte"),
    ])
    func `what is wrong with an address is said, and what to write`(
        text: String, problem: String
    ) throws {
        let error = #expect(throws: AddressError.self) { try AddressText(text) }
        #expect(error?.problem == problem)
        #expect(error.map { "\($0)" } == "address \"\(text)\": \(problem)")
    }

    @Test func `a path may have 107 bytes`() throws {
        let longest = "/" + String(repeating: "p", count: 106)
        #expect(try SocketAddress.resolve(longest) == .unix(path: longest))
        let error = #expect(throws: AddressError.self) { try AddressText(longest + "p") }
        #expect(error?.problem == "a socket's path has at most 107 bytes; use a shorter")
    }

    @Test func `a name that does not exist is told with what the resolver said`() throws {
        let error = #expect(throws: AddressError.self) {
            try SocketAddress.resolve("no-such-host.invalid:80")
        }
        #expect(error?.problem.hasPrefix("no-such-host.invalid cannot be looked up (") == true)
    }

    @Test func `loopback is 127 slash 8, one in IPv6, what is mapped, and Unix sockets`() throws {
        let loopback = [":1", "127.9.9.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1", "./socket"]
        for text in loopback { #expect(try SocketAddress.resolve(text).isLoopback, "\(text)") }
        let remote = ["10.0.0.1:1", "0.0.0.0:1", "[::]:1", "[::2]:1", "[::ffff:10.0.0.1]:1"]
        for text in remote { #expect(try !SocketAddress.resolve(text).isLoopback, "\(text)") }
    }
}
