import Foundation
import Testing

/// nginx and curl cannot tell that Weir is between them.
@Suite(.enabled(if: NginxServer.isInstalled, "needs nginx and curl"))
struct NginxTests {
    @Test(arguments: WeirMode.allCases)
    func `200 MB, ranges, kept connections, chunks and uploads arrive as they were sent`(
        mode: WeirMode
    ) throws {
        let server = try NginxServer()
        let weir = try WeirBetween(mode, upstream: ":\(server.port)")
        let file = server.path("large")
        try Pattern.write(200_000_000, to: file)
        let checksum = try Self.checksum(file)

        let fetched = server.scratch("fetched")
        #expect(try NginxServer.curl(weir.port, "/large", "--output", fetched).exitCode == 0)
        #expect(try Self.checksum(fetched) == checksum)

        let range = try NginxServer.curl(
            weir.port, "/large", "--range", "123456789-123556788", "--output", fetched,
            "--write-out", "%{http_code} %{size_download}")
        #expect(range.text == "206 100000")
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: fetched))
                == Pattern.bytes(
                    from: 123_456_789, count: 100_000))

        let put = try NginxServer.curl(
            weir.port, "/uploads/whole", "--upload-file", file, "--write-out", "%{http_code}")
        #expect(put.text == "201")
        #expect(try Self.checksum(server.path("uploads/whole")) == checksum)
        let chunked = try NginxServer.curl(
            weir.port, "/uploads/chunked", "--upload-file", fetched, "--header",
            "Transfer-Encoding: chunked", "--write-out", "%{http_code}")
        #expect(chunked.text == "201")
        #expect(try Self.checksum(server.path("uploads/chunked")) == Self.checksum(fetched))

        try keptConnections(server, weir)
        try weir.finish("nginx and curl")
    }

    /// Many requests on one connection, answered in chunks, and one file fetched in parts.
    private func keptConnections(_ server: NginxServer, _ weir: WeirBetween) throws {
        let page = (1...3_000).map { "<p>line \($0)</p>\n" }.joined()
        try page.write(toFile: server.path("page.html"), atomically: true, encoding: .utf8)
        let run = try NginxServer.curl(
            weir.port, "/page.html?[1-200]", "--compressed", "--write-out",
            "%{num_connects} %header{transfer-encoding}\n")
        #expect(run.text.components(separatedBy: page).count == 201)
        #expect(run.text.contains("\n1 chunked\n"))
        #expect(run.text.components(separatedBy: "\n0 chunked\n").count == 200)
    }

    @Test(arguments: WeirMode.allCases)
    func `a client that leaves early takes nothing with it`(mode: WeirMode) throws {
        let server = try NginxServer()
        let weir = try WeirBetween(mode, upstream: ":\(server.port)")
        try Data().write(to: URL(fileURLWithPath: server.path("large")))
        #expect(truncate(server.path("large"), 200_000_000) == 0)
        for _ in 0..<5 {
            guard let client = PeerSocket(connectingTo: weir.port) else {
                Issue.record("weir does not accept")
                return
            }
            #expect(client.send(Data("GET /large HTTP/1.1\r\nHost: weir\r\n\r\n".utf8)))
            #expect(client.receive() != nil)
        }
        weir.waitUntilIdle()
        // nginx was told at once: it logs what it could not send.
        waitUntil { server.accessLog.split(separator: "\n").count == 5 }
        for line in server.accessLog.split(separator: "\n") {
            let sent = line.split(separator: " ").dropFirst(9).first.flatMap { Int($0) }
            #expect(line.contains("\" 200 "))
            #expect(try #require(sent) < 100_000_000)
        }
        let whole = try NginxServer.curl(
            weir.port, "/large", "--output", "/dev/null", "--write-out", "%{size_download}")
        #expect(whole.text == "200000000")
        try weir.finish("nginx, clients that leave early")
    }

    private static func checksum(_ path: String) throws -> String {
        let run = try RunningProgram.run("sha256sum", [path])
        guard run.exitCode == 0 else { throw RunningProgram.RunFailure(description: run.text) }
        return String(run.text.prefix { $0 != " " })
    }
}
