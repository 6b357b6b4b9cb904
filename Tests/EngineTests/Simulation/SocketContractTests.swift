import Platform
import Simulation
import Testing

/// What `Network` promises of each call, one body over each network that behaves.
struct SocketContractTests {
    @Test(arguments: Ground.quiet)
    func `a connection knows both its addresses`(ground: Ground) throws {
        let bench = try ground.makeBench()
        let (client, server, listener) = try bench.connect()
        #expect(listener.address.description.hasPrefix("127.0.0.1:"))
        #expect(listener.address.description != "127.0.0.1:0")
        #expect(client.socket?.peerAddress == listener.address)
        #expect(server.socket?.localAddress == listener.address)
        #expect(client.socket?.localAddress != nil)
        #expect(client.socket?.localAddress == server.socket?.peerAddress)
    }

    @Test(arguments: Ground.quiet)
    func `an address that is listened on cannot be listened on again`(ground: Ground) throws {
        let bench = try ground.makeBench()
        let listener = try bench.network.listen(on: bench.address, handler: ProbeListener())
        let error = #expect(throws: NetworkError.self) {
            try bench.network.listen(on: listener.address, handler: ProbeListener())
        }
        #expect(error?.errno == .addressInUse)
        listener.close()
        let again = try bench.network.listen(on: listener.address, handler: ProbeListener())
        again.close()
    }

    @Test(arguments: Ground.quiet)
    func `receiving says whether the kernel had more`(ground: Ground) throws {
        let bench = try ground.makeBench()
        let (client, server, _) = try bench.connect()
        #expect(server.receive() == (.wouldBlock, ""))
        #expect(client.send("abcdef") == .bytes(6))
        try bench.run { server.told.contains(.readable) }
        #expect(server.receive(4) == (.bytes(4, isDrained: false), "abcd"))
        #expect(server.receive(4) == (.bytes(2, isDrained: true), "ef"))
        #expect(server.receive(4) == (.wouldBlock, ""))
    }

    @Test(arguments: Ground.quiet)
    func `bytes and the end that came together are never said to be all`(ground: Ground) throws {
        let bench = try ground.makeBench()
        let (client, server, _) = try bench.connect()
        #expect(client.send("bye") == .bytes(3))
        client.call { $0.close() }
        try bench.run { server.told.contains(.peerEnded) }
        #expect(server.receive() == (.bytes(3, isDrained: false), "bye"))
        #expect(server.receive() == (.finished, ""))
        #expect(server.receive() == (.finished, ""))
    }

    @Test(arguments: Ground.quiet)
    func `the error of a reset is given once, after the bytes`(ground: Ground) throws {
        let bench = try ground.makeBench()
        let (client, server, _) = try bench.connect()
        #expect(client.send("last") == .bytes(4))
        client.call { $0.reset() }
        try bench.run { server.told.contains([.readable, .writable, .peerEnded]) }
        #expect(server.receive() == (.bytes(4, isDrained: false), "last"))
        #expect(server.receive().0 == .failed(.connectionReset))
        #expect(server.send("x") == .failed(.brokenPipe))
    }

    @Test(arguments: Ground.quiet)
    func `sending tells of a reset too, and then of a broken pipe`(ground: Ground) throws {
        let bench = try ground.makeBench()
        let (client, server, _) = try bench.connect()
        client.call { $0.reset() }
        try bench.run { server.told.contains(.peerEnded) }
        #expect(server.send("x") == .failed(.connectionReset))
        #expect(server.send("x") == .failed(.brokenPipe))
    }

    @Test(arguments: Ground.quiet)
    func `after finishing, sending is a broken pipe and receiving goes on`(ground: Ground) throws {
        let bench = try ground.makeBench()
        let (client, server, _) = try bench.connect()
        client.call { $0.finish() }
        #expect(client.send("x") == .failed(.brokenPipe))
        #expect(server.send("still here") == .bytes(10))
        try bench.run { client.told.contains(.readable) && server.told.contains(.peerEnded) }
        #expect(client.receive().1 == "still here")
        #expect(server.receive().0 == .finished)
    }

    @Test(arguments: Ground.quiet)
    func `room is told after a send found none`(ground: Ground) throws {
        let bench = try ground.makeBench()
        let (client, server, _) = try bench.connect()
        let chunk = [UInt8](repeating: 1, count: 65_536)
        var sent = 0
        func fill() {
            while case .bytes(let count) = client.send(chunk) { sent += count }
        }
        // The kernels' buffers may grow while they are filled: go on until they stay full.
        var before = -1
        while before != sent {
            before = sent
            fill()
        }
        #expect(client.socket.map { $0.unacknowledgedBytes > 0 } == true)
        client.edges = []
        var received = 0
        try bench.run {
            while case .bytes(let count, _) = server.receive(1 << 20).0 { received += count }
            return client.told.contains(.writable)
        }
        #expect(client.send("more") == .bytes(4))
        try bench.run {
            while case .bytes(let count, _) = server.receive(1 << 20).0 { received += count }
            return received == sent + 4 && client.socket?.unacknowledgedBytes == 0
        }
    }

    @Test(arguments: Ground.quiet)
    func `bytes are acknowledged by the peer's kernel, read or not`(ground: Ground) throws {
        let bench = try ground.makeBench()
        let (client, server, _) = try bench.connect()
        #expect(client.send("unread") == .bytes(6))
        try bench.run { server.told.contains(.readable) && client.socket?.unacknowledgedBytes == 0 }
        #expect(server.receive().1 == "unread")
    }

    @Test(arguments: Ground.quiet)
    func `no callback comes inside a call, nor after closing`(ground: Ground) throws {
        let bench = try ground.makeBench()
        let (client, server, _) = try bench.connect()
        #expect(client.send("one") == .bytes(3))
        try bench.run { server.told.contains(.readable) }
        let other = try bench.connect()
        #expect(client.send("two") == .bytes(3))
        client.call { $0.finish() }
        server.call { $0.close() }
        server.edges = []
        // What was on its way has arrived when a later message on another connection has.
        #expect(other.client.send("later") == .bytes(5))
        try bench.run { other.server.told.contains(.readable) && client.told.contains(.peerEnded) }
        #expect(server.edges == [])
        client.call { $0.reset() }
        #expect(!client.wasCalledInside && !server.wasCalledInside)
    }

    @Test(arguments: Ground.quiet)
    func `a paused listener leaves connections waiting`(ground: Ground) throws {
        let bench = try ground.makeBench()
        let probes = ProbeListener()
        let listener = try bench.network.listen(on: bench.address, handler: probes)
        listener.isPaused = true
        let client = Probe()
        client.socket = bench.network.dial(listener.address, handler: client)
        try bench.run { client.hasConnected }
        #expect(client.send("early") == .bytes(5))
        try bench.run { client.socket?.unacknowledgedBytes == 0 }
        #expect(probes.accepted.isEmpty)
        listener.isPaused = false
        try bench.run { probes.accepted.first?.told.contains(.readable) == true }
        #expect(probes.accepted.first?.receive().1 == "early")
    }
}
