import Foundation
import Platform
import Testing

/// Many connections, one after the other and at once. One test at a time: each needs most of the
/// descriptors that a process may have.
@Suite(.serialized) struct ManyConnectionsTests {
    /// What an idle connection may cost Weir.
    private static let idleConnectionBytes = 16 << 10
    /// What Weir may hold more after the second half of the short connections: what the allocator
    /// does, and blocks of the recording that were not used before.
    private static let growthBytes = 512 << 10
    private static let blockBytes = 8 * (2 << 20)

    @Test(arguments: WeirMode.allCases)
    func `thousands of connections open, speak and close at once`(mode: WeirMode) throws {
        let count = min(5_000, (try Machine.raiseDescriptorLimit() - 1_000) / 2)
        let listener = try PeerSocket.listen()
        let weir = try WeirBetween(mode, upstream: ":\(listener.port)")
        let serving = BackgroundWork {
            let peers = (0..<count).compactMap { _ in listener.accept() }
            let areHeard = peers.allSatisfy { peer in
                peer.receive().map { peer.send($0) } ?? false
            }
            let haveEnded = peers.allSatisfy { $0.receiveOrEnd() == .finished }
            return peers.count == count && areHeard && haveEnded
        }
        let clients = try (0..<count).map { number in
            let client = try PeerSocket.connect(to: .ipv4(weir.port))
            #expect(client.send(Data("\(number)".utf8)))
            return client
        }
        #expect(weir.descriptors <= weir.descriptorsAtStart + 2 * count)
        for (number, client) in clients.enumerated() {
            #expect(client.receiveOrEnd() == .bytes(Data("\(number)".utf8)))
        }
        for client in clients { client.close() }
        #expect(try serving.wait())
        try weir.finish("\(count) connections at once")
    }

    @Test(
        .enabled(if: NginxServer.isInstalled, "needs nginx and curl"),
        arguments: WeirMode.allCases)
    func `ten thousand idle connections cost little, and live`(mode: WeirMode) throws {
        let count = min(10_000, (try Machine.raiseDescriptorLimit() - 100) / 2)
        let server = try NginxServer()
        try "<p>alive</p>".write(
            toFile: server.path("page.html"), atomically: true, encoding: .utf8)
        let weir = try WeirBetween(mode, upstream: ":\(server.port)")
        let before = weir.memory.now
        let clients = try (0..<count).map { _ in try PeerSocket.connect(to: .ipv4(weir.port)) }
        waitUntil { weir.descriptors == weir.descriptorsAtStart + 2 * count }
        let each = (weir.memory.now - before) / count
        #expect(each <= Self.idleConnectionBytes)
        for client in stride(from: 0, to: count, by: count / 100).map({ clients[$0] }) {
            #expect(client.send(Data("GET /page.html HTTP/1.0\r\n\r\n".utf8)))
            #expect(client.receiveAll().range(of: Data("<p>alive</p>".utf8)) != nil)
        }
        for client in clients { client.close() }
        try weir.finish("\(count) idle connections", "\(each) bytes each")
    }

    @Test(arguments: WeirMode.allCases)
    func `without descriptors new clients wait, open ones live, and the log says so once`(
        mode: WeirMode
    ) throws {
        let listener = try PeerSocket.listen()
        let weir = try WeirBetween(mode, upstream: ":\(listener.port)", descriptorLimit: 64)
        // Two for each, beside those that Weir keeps for itself.
        let served = (64 - 16 - 1) / 2
        for _ in 0..<3 {
            let clients = try (0..<2 * served).map { _ in
                try PeerSocket.connect(to: .ipv4(weir.port))
            }
            let pairs = try clients[..<served].map { client in
                PeerPair(client: client, server: try #require(listener.accept()))
            }
            for _ in 0..<10 { for pair in pairs { pair.greet() } }
            #expect(weir.descriptors < 64)
            // Each that ends makes room for one that waits.
            for (pair, client) in zip(pairs, clients[served...]) {
                pair.close()
                let next = PeerPair(client: client, server: try #require(listener.accept()))
                next.greet()
                next.close()
            }
            weir.waitUntilIdle()
        }
        let warnings = weir.program.text.split(separator: "\n").filter {
            $0.contains("raise ulimit -n")
        }
        #expect(warnings.count == 1)
        try weir.finish("\(2 * served) clients, 64 descriptors")
    }

    @Test(arguments: WeirMode.allCases)
    func `thousands of short connections leave nothing behind`(mode: WeirMode) throws {
        let count = TestLength.isLong ? 100_000 : 4_000
        let listener = try PeerSocket.listen()
        let weir = try WeirBetween(mode, upstream: ":\(listener.port)")
        let serving = BackgroundWork {
            for _ in 0..<count {
                guard let peer = listener.accept(), let bytes = peer.receive(), peer.send(bytes)
                else { return false }
            }
            return true
        }
        var memory: [Int] = []
        for number in 0..<count {
            let client = try PeerSocket.connect(to: .ipv4(weir.port))
            #expect(client.send(Data([9])))
            #expect(client.receiveAll() == Data([9]))
            if (number + 1).isMultiple(of: count / 4) { memory.append(weir.memory.now) }
        }
        #expect(try serving.wait())
        weir.waitUntilIdle()
        let growth = memory[3] - memory[1]
        #expect(growth <= Self.growthBytes + (mode.records ? Self.blockBytes : 0))
        try weir.finish(
            "\(count) short connections",
            "memory after each quarter: "
                + memory.map { WeirBetween.mebibytes($0) }.joined(separator: ", ") + " MiB")
    }
}
