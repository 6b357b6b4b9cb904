import Foundation
import Testing

/// A client and a server of a test's own, with Weir between them.
final class PeerGround {
    let weir: WeirBetween
    private let listener: PeerSocket

    /// - Parameters:
    ///   - server: where the server listens.
    ///   - listen: where Weir does, if not on a free port of the loopback.
    ///   - receiveBuffer: how much the kernel takes for the server before it reads.
    init(
        _ mode: WeirMode, server: PeerAddress = .ipv4(0), listen: String = ":0",
        receiveBuffer: Int32? = nil
    ) throws {
        listener = try PeerSocket.listen(on: server, receiveBuffer: receiveBuffer)
        weir = try WeirBetween(mode, upstream: listener.address.text, listen: listen)
    }

    /// Connects once.
    /// - Parameter receiveBuffer: how much the kernel takes for the client before it reads.
    func connect(
        to address: PeerAddress? = nil, receiveBuffer: Int32? = nil
    ) throws -> PeerPair {
        let client = try PeerSocket.connect(
            to: address ?? .ipv4(weir.port), receiveBuffer: receiveBuffer)
        return PeerPair(client: client, server: try #require(listener.accept()))
    }
}

/// Both peers of one connection.
struct PeerPair {
    enum Side: String, CaseIterable {
        case client, server
    }

    let client: PeerSocket
    let server: PeerSocket

    func peer(_ side: Side) -> PeerSocket { side == .client ? client : server }

    func other(than side: Side) -> PeerSocket { side == .client ? server : client }

    /// Sends a byte each way and receives it: the connection stands from end to end.
    func greet() {
        for side in Side.allCases {
            #expect(peer(side).send(Data([7])))
            #expect(other(than: side).receive() == Data([7]))
        }
    }

    func close() {
        client.close()
        server.close()
    }
}

/// Sends the pattern, and checks it.
enum PatternFlow {
    /// The first so many bytes of the pattern: 0, or why the kernel did not take them all.
    static func send(_ count: Int, to peer: PeerSocket) -> Int32 {
        var offset = 0
        while offset < count {
            let piece = Pattern.bytes(from: offset, count: min(count - offset, 1 << 18))
            let error = peer.sendOrError(piece)
            guard error == 0 else { return error }
            offset += piece.count
        }
        return 0
    }

    /// Receives until so many bytes of the pattern have come, or all until the end.
    /// - Returns: how many came as they should, and how it ended; nil: it did not.
    static func receive(
        upTo limit: Int = .max, from peer: PeerSocket
    ) -> (count: Int, end: PeerSocket.Received?) {
        var count = 0
        while count < limit {
            let received = peer.receiveOrEnd(atMost: min(limit - count, 1 << 18))
            guard case .bytes(let bytes) = received else { return (count, received) }
            guard bytes == Pattern.bytes(from: count, count: bytes.count) else {
                Issue.record("other bytes than were sent came after \(count)")
                return (count, nil)
            }
            count += bytes.count
        }
        return (count, nil)
    }
}

/// Work on a thread of its own, beside the test that waits for its result.
final class BackgroundWork<Result: Sendable>: Sendable {
    private let done = DispatchSemaphore(value: 0)
    // Written before `done` is signalled, read after it.
    nonisolated(unsafe) private var result: Result?

    init(_ body: @escaping @Sendable () -> Result) {
        Thread.detachNewThread { [self] in
            result = body()
            done.signal()
        }
    }

    func wait() throws -> Result {
        done.wait()
        return try #require(result)
    }
}
