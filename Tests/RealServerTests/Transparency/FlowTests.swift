import Foundation
import Testing

/// Bytes pass as they were sent, whatever the peers do with their ends of it.
@Suite struct FlowTests {
    /// What Weir may hold at its peak when one receiver takes nothing, above what it holds idle.
    private static let boundedMemory = 64 << 20

    @Test(arguments: WeirMode.allCases)
    func `a peer that stops reading holds up its own flood, and nothing else`(mode: WeirMode)
        throws
    {
        let ground = try PeerGround(mode)
        let other = try ground.connect()
        other.greet()
        for side in PeerPair.Side.allCases {
            let pair = try ground.connect()
            pair.greet()
            let sent = try flood(from: pair.peer(side), beside: other)
            let reader = pair.other(than: side)
            let receiving = BackgroundWork { PatternFlow.receive(from: reader) }
            #expect(pair.peer(side).send(Pattern.bytes(from: sent, count: 5_000_000)))
            pair.peer(side).finish()
            let received = try receiving.wait()
            #expect(received.count == sent + 5_000_000 && received.end == .finished)
            pair.close()
        }
        #expect(ground.weir.memory.peak < Self.boundedMemory)
        other.close()
        try ground.weir.finish("a flood that nobody reads")
    }

    /// Sends until nothing more is taken: not while another connection goes through Weir a hundred
    /// times, each time after Weir has seen to this one too; or for a minute, where there is time.
    private func flood(from peer: PeerSocket, beside other: PeerPair) throws -> Int {
        let end = ContinuousClock.now + (TestLength.isLong ? .seconds(60) : .zero)
        var sent = 0
        var vainAttempts = 0
        while vainAttempts < 100 || ContinuousClock.now < end {
            let count = try #require(peer.sendNow(Pattern.bytes(from: sent, count: 1 << 18)))
            sent += count
            vainAttempts = count > 0 ? 0 : vainAttempts + 1
            other.greet()
        }
        return sent
    }

    @Test(arguments: WeirMode.allCases)
    func `both directions run at full speed at once`(mode: WeirMode) throws {
        let count = 200_000_000
        let ground = try PeerGround(mode)
        let pair = try ground.connect()
        let sending = PeerPair.Side.allCases.map { side in
            BackgroundWork {
                let error = PatternFlow.send(count, to: pair.peer(side))
                pair.peer(side).finish()
                return error
            }
        }
        let receiving = BackgroundWork { PatternFlow.receive(from: pair.client) }
        let received = [PatternFlow.receive(from: pair.server), try receiving.wait()]
        #expect(received.allSatisfy { $0.count == count && $0.end == .finished })
        for work in sending { #expect(try work.wait() == 0) }
        pair.close()
        try ground.weir.finish("full duplex, 200 MB each way")
    }

    @Test(arguments: WeirMode.allCases)
    func `segments of one byte arrive in order, both ways at once`(mode: WeirMode) throws {
        let ground = try PeerGround(mode)
        let pair = try ground.connect()
        let bytes = Pattern.bytes(from: 0, count: 20_000)
        let sending = PeerPair.Side.allCases.map { side in
            BackgroundWork {
                let areSent = bytes.allSatisfy { pair.peer(side).send(Data([$0])) }
                pair.peer(side).finish()
                return areSent
            }
        }
        let receiving = BackgroundWork { pair.client.receiveAll() }
        #expect(pair.server.receiveAll() == bytes)
        #expect(try receiving.wait() == bytes)
        for work in sending { #expect(try work.wait()) }
        pair.close()
        try ground.weir.finish("segments of one byte")
    }

    @Test(arguments: WeirMode.allCases)
    func `an urgent byte is passed on in its place, and nothing stops at it`(mode: WeirMode)
        throws
    {
        let ground = try PeerGround(mode)
        for side in PeerPair.Side.allCases {
            let pair = try ground.connect()
            pair.greet()
            let peer = pair.peer(side)
            let sending = BackgroundWork {
                for number in 0..<UInt8(100) {
                    let isSent =
                        peer.send(Pattern.bytes(from: 0, count: 3_000))
                        && peer.sendUrgent(number)
                    guard isSent else { return false }
                }
                peer.finish()
                return true
            }
            let expected = (0..<UInt8(100)).reduce(into: Data()) {
                $0 += Pattern.bytes(from: 0, count: 3_000) + [$1]
            }
            #expect(pair.other(than: side).receiveAll() == expected)
            #expect(try sending.wait())
            pair.close()
        }
        try ground.weir.finish("urgent bytes")
    }

    @Test(arguments: WeirMode.allCases)
    func `IPv6 and Unix sockets carry the same, and end the same`(mode: WeirMode) throws {
        let folder = try RecordingFolder()
        let paths = (front: folder.path("front"), back: folder.path("back"))
        let ways: [(PeerAddress, listen: String)] = [
            (.ipv6(0), "[::1]:0"), (.unix(paths.back), paths.front),
        ]
        for (server, listen) in ways {
            let ground = try PeerGround(mode, server: server, listen: listen)
            let port = ground.weir.port
            let address = port > 0 ? PeerAddress.ipv6(port) : .unix(paths.front)
            let pair = try ground.connect(to: address)
            let sending = BackgroundWork { PatternFlow.send(5_000_000, to: pair.server) }
            #expect(PatternFlow.receive(upTo: 5_000_000, from: pair.client).count == 5_000_000)
            #expect(try sending.wait() == 0)
            pair.client.finish()
            #expect(pair.server.receiveOrEnd() == .finished)
            pair.server.close()
            #expect(pair.client.receiveOrEnd() == .finished)
            pair.client.close()
            try ground.weir.finish(port > 0 ? "IPv6" : "Unix sockets")
        }
        #expect(!FileManager.default.fileExists(atPath: paths.front))
    }
}
