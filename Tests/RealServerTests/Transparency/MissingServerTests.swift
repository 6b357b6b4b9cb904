import Foundation
import Testing

/// Servers that cannot be reached, that hang, that die and that come back.
@Suite struct MissingServerTests {
    @Test(arguments: WeirMode.allCases)
    func `a refused or unreachable server shows as a reset, and is named in the log`(
        mode: WeirMode
    ) throws {
        // Nothing is sent to a group: the kernel has no connection to one.
        let servers = [
            (":\(try FreePort.find())", "connection refused"),
            ("224.0.0.1:9", "network is unreachable"),
        ]
        for (server, reason) in servers {
            let weir = try WeirBetween(mode, upstream: server)
            for _ in 0..<20 {
                let client = try PeerSocket.connect(to: .ipv4(weir.port))
                #expect(client.receiveOrEnd() == .reset)
            }
            // Once for each.
            try weir.program.wait(for: "could not be reached: \(reason)", times: 20)
            try weir.finish("server: \(reason)")
        }
    }

    @Test(arguments: WeirMode.allCases)
    func `a server that hangs is waited for, unless its client breaks off`(mode: WeirMode) throws {
        let listener = try PeerSocket.listen(backlog: 0)
        let weir = try WeirBetween(mode, upstream: ":\(listener.port)")
        // The kernel holds one connection, and answers no other until that is accepted.
        let first = try PeerSocket.connect(to: .ipv4(listener.port))
        let patient = try PeerSocket.connect(to: .ipv4(weir.port))
        #expect(patient.send(Data("hello".utf8)))
        let hasty = try PeerSocket.connect(to: .ipv4(weir.port))
        #expect(hasty.send(Data("hello".utf8)))
        // Weir has accepted both, and dials.
        let both = weir.descriptorsAtStart + 4
        waitUntil { weir.descriptors == both }
        hasty.reset()
        waitUntil { weir.descriptors == both - 2 }
        #expect(listener.accept() != nil)
        first.close()
        let server = try #require(listener.accept())
        #expect(server.receiveOrEnd() == .bytes(Data("hello".utf8)))
        #expect(server.send(Data("at last".utf8)))
        #expect(patient.receiveOrEnd() == .bytes(Data("at last".utf8)))
        server.close()
        #expect(patient.receiveOrEnd() == .finished)
        patient.close()
        try weir.finish("a server that hangs")
    }

    @Test(arguments: WeirMode.allCases)
    func `with --mirror-refusal clients are refused as long as the server refuses`(
        mode: WeirMode
    ) throws {
        let folder = try RecordingFolder()
        let front = folder.path("front")
        let ways: [(PeerAddress, listen: String)] = [
            (.ipv4(try FreePort.find()), ":0"), (.unix(folder.path("back")), front),
        ]
        for (server, listen) in ways {
            let weir = try WeirBetween(
                mode, upstream: server.text, listen: listen, options: ["--mirror-refusal"])
            let address = weir.port > 0 ? PeerAddress.ipv4(weir.port) : .unix(front)
            for round in 1...2 {
                try weir.program.wait(for: " refuses connections", times: round)
                #expect(throws: POSIXError(.ECONNREFUSED)) { try PeerSocket.connect(to: address) }
                let listener = try PeerSocket.listen(on: server)
                try weir.program.wait(for: " accepts connections again", times: round)
                let client = try PeerSocket.connect(to: address)
                #expect(client.send(Data("hello".utf8)))
                // Whoever asked has closed at once.
                var peer = try #require(listener.accept())
                while peer.receiveOrEnd() == .finished { peer = try #require(listener.accept()) }
                client.close()
                peer.close()
                listener.close()
                if case .unix(let path) = server { unlink(path) }
            }
            try weir.program.wait(for: " refuses connections", times: 3)
            #expect(throws: POSIXError(.ECONNREFUSED)) { try PeerSocket.connect(to: address) }
            try weir.finish("--mirror-refusal, \(weir.port > 0 ? "TCP" : "Unix")")
        }
    }

    @Test(
        .enabled(
            if: RunningProgram.areInstalled("redis-server", "redis-cli"),
            "needs redis-server and redis-cli"),
        arguments: WeirMode.allCases)
    func `clients of a killed server are told, and served again when it is back`(mode: WeirMode)
        throws
    {
        var server: RedisServer? = try RedisServer()
        let port = try #require(server?.port)
        let weir = try WeirBetween(mode, upstream: ":\(port)")
        let waiting = try RunningProgram("redis-cli", ["-p", "\(weir.port)", "subscribe", "news"])
        try waiting.wait(for: "subscribe\nnews\n1\n")
        let idle = try PeerSocket.connect(to: .ipv4(weir.port))
        #expect(idle.send(Data("PING\r\n".utf8)))
        #expect(idle.receiveOrEnd() == .bytes(Data("+PONG\r\n".utf8)))
        try server?.kill()
        server = nil
        #expect(idle.receiveOrEnd() == .finished)
        idle.close()
        waiting.kill()
        _ = try waiting.finish()
        let refused = try RunningProgram.run("redis-cli", ["-p", "\(weir.port)", "ping"])
        #expect(refused.text.contains("Connection reset by peer"))
        server = try RedisServer(port: port)
        let served = try RunningProgram.run("redis-cli", ["-p", "\(weir.port)", "ping"])
        #expect(served.text == "PONG\n")
        try weir.finish("a server killed, and back")
        withExtendedLifetime(server) {}
    }
}
