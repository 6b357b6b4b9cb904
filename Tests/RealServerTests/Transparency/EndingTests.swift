import Foundation
import Testing

/// How a connection ends at one peer is how the other sees it end.
@Suite struct EndingTests {
    @Test(arguments: WeirMode.allCases)
    func `a half-closed connection delivers 20 MB of late answers, in either direction`(
        mode: WeirMode
    ) throws {
        let ground = try PeerGround(mode)
        for first in PeerPair.Side.allCases {
            let pair = try ground.connect()
            pair.greet()
            pair.peer(first).finish()
            let other = pair.other(than: first)
            #expect(other.receiveOrEnd() == .finished)
            let sending = BackgroundWork { PatternFlow.send(20_000_000, to: other) }
            let received = PatternFlow.receive(upTo: 20_000_000, from: pair.peer(first))
            #expect(received.count == 20_000_000)
            #expect(try sending.wait() == 0)
            other.finish()
            #expect(pair.peer(first).receiveOrEnd() == .finished)
            pair.close()
        }
        try ground.weir.finish("half-closed, 20 MB late")
    }

    @Test(arguments: WeirMode.allCases)
    func `a reset arrives as a reset and a FIN as a FIN, on an idle connection`(mode: WeirMode)
        throws
    {
        let ground = try PeerGround(mode)
        for side in PeerPair.Side.allCases {
            let reset = try ground.connect()
            reset.greet()
            reset.peer(side).reset()
            #expect(reset.other(than: side).receiveOrEnd() == .reset)
            reset.other(than: side).close()

            let closed = try ground.connect()
            closed.greet()
            closed.peer(side).close()
            #expect(closed.other(than: side).receiveOrEnd() == .finished)
            closed.other(than: side).close()
        }
        try ground.weir.finish("ends, idle")
    }

    @Test(arguments: WeirMode.allCases)
    func `a reset arrives as a reset and a FIN as a FIN, in the middle of data`(mode: WeirMode)
        throws
    {
        let ground = try PeerGround(mode)
        for side in PeerPair.Side.allCases {
            try reset(side, amidDataOn: ground)
            try finish(side, amidDataOn: ground)
        }
        try ground.weir.finish("ends, amid data")
    }

    /// The peer that sends into it is told, and has what came before.
    private func reset(_ side: PeerPair.Side, amidDataOn ground: PeerGround) throws {
        let pair = try ground.connect()
        pair.greet()
        let (peer, other) = (pair.peer(side), pair.other(than: side))
        // More than all buffers take: it goes on until the reset.
        let sending = BackgroundWork { PatternFlow.send(1 << 30, to: other) }
        #expect(PatternFlow.receive(upTo: 5_000_000, from: peer).count == 5_000_000)
        #expect(PatternFlow.send(10_000, to: peer) == 0)
        waitUntil { peer.unacknowledgedBytes == 0 }
        peer.reset()
        #expect(try sending.wait() == ECONNRESET)
        #expect(PatternFlow.receive(from: other).count == 10_000)
        other.close()
    }

    /// Both send, and one ends while the other goes on.
    private func finish(_ side: PeerPair.Side, amidDataOn ground: PeerGround) throws {
        let pair = try ground.connect()
        pair.greet()
        let (peer, other) = (pair.peer(side), pair.other(than: side))
        let late = BackgroundWork { PatternFlow.send(20_000_000, to: other) }
        let early = BackgroundWork {
            let error = PatternFlow.send(5_000_000, to: peer)
            peer.finish()
            return error
        }
        let receiving = BackgroundWork { PatternFlow.receive(from: other) }
        #expect(PatternFlow.receive(upTo: 20_000_000, from: peer).count == 20_000_000)
        let received = try receiving.wait()
        #expect(received.count == 5_000_000 && received.end == .finished)
        #expect(try late.wait() == 0)
        #expect(try early.wait() == 0)
        pair.close()
    }

    @Test(arguments: WeirMode.allCases)
    func `what was sent before a reset arrives before it`(mode: WeirMode) throws {
        let ground = try PeerGround(mode)
        for side in PeerPair.Side.allCases {
            let pair = try ground.connect()
            pair.greet()
            let peer = pair.peer(side)
            #expect(PatternFlow.send(300_000, to: peer) == 0)
            // What the sender's kernel still has goes with the reset.
            waitUntil { peer.unacknowledgedBytes == 0 }
            peer.reset()
            let received = PatternFlow.receive(from: pair.other(than: side))
            #expect(received.count == 300_000 && received.end == .reset)
            pair.other(than: side).close()
        }
        try ground.weir.finish("data before a reset")
    }
}
