import Foundation
import Testing

/// A client and a server of our own with many pipelined connections: what both logged is what was
/// recorded.
@Suite struct PipelinedPeersTests {
    @Test func `for 50 pipelined connections the export is what both peers logged`() throws {
        let seed: UInt64 = 20_261_124
        print("seed \(seed)")
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("weir-peers-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let server = try LoggingServer(seed: seed)
        let weir = try WeirRecorder(
            upstream: server.port, to: folder.appendingPathComponent("peers.weir").path)
        let clients = LoggingClients(count: 50, port: weir.port, seed: seed)
        clients.run()
        let (exitCode, check) = try weir.finish()
        #expect(exitCode == 130)
        #expect(check.contains(": whole; "))
        // A connection is known by what its client sent first: its own number.
        var seen = Set<UInt8>()
        for connection in 1...50 {
            let upstream = try weir.exported("upstream", connection: connection)
            let downstream = try weir.exported("downstream", connection: connection)
            let number = try #require(upstream.first)
            seen.insert(number)
            let log = try #require(clients.logs[number])
            let other = try #require(server.logs[number])
            let areSame = [
                upstream == log.sent, upstream == other.received, downstream == log.received,
                downstream == other.sent,
            ]
            #expect(areSame == [true, true, true, true], "connection \(connection)")
        }
        #expect(seen.count == 50)
    }
}

/// What a peer sent and received on one connection.
private struct PeerLog: Sendable {
    var sent = Data()
    var received = Data()
}

/// Logs of several threads, by the connection's number.
private final class PeerLogs: Sendable {
    private let lock = NSLock()
    nonisolated(unsafe) private var logs: [UInt8: PeerLog] = [:]

    func add(_ number: UInt8, _ log: PeerLog) { lock.withLock { logs[number] = log } }

    subscript(number: UInt8) -> PeerLog? { lock.withLock { logs[number] } }
}

/// Sizes and bytes from a seed.
private struct PeerDice {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func draw(below bound: UInt64) -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 33) % bound
    }

    mutating func bytes(_ count: Int) -> Data {
        Data((0..<count).map { _ in UInt8(draw(below: 256)) })
    }
}

/// Fifty clients that send on while answers come, in pieces of any size.
private final class LoggingClients: Sendable {
    let logs = PeerLogs()
    private let count: Int
    private let port: UInt16
    private let seed: UInt64

    init(count: Int, port: UInt16, seed: UInt64) {
        self.count = count
        self.port = port
        self.seed = seed
    }

    func run() {
        DispatchQueue.concurrentPerform(iterations: count) { index in
            guard let peer = PeerSocket(connectingTo: port) else { return }
            let number = UInt8(index)
            let isRead = DispatchSemaphore(value: 0)
            let received = PeerLogs()
            Thread.detachNewThread {
                received.add(number, PeerLog(received: peer.receiveAll()))
                isRead.signal()
            }
            var dice = PeerDice(seed &+ UInt64(number))
            var log = PeerLog()
            log.sent.append(number)
            for _ in 0..<10 { log.sent += dice.bytes(Int(1 + dice.draw(below: 700))) }
            var start = 0
            while start < log.sent.count {
                let size = Int(1 + dice.draw(below: 3_000))
                let piece = log.sent[start..<min(start + size, log.sent.count)]
                guard peer.send(piece) else { break }
                start += piece.count
            }
            peer.finish()
            isRead.wait()
            log.received = received[number]?.received ?? Data()
            logs.add(number, log)
        }
    }
}

/// Answers each piece with as many drawn bytes, and some more at the end.
private final class LoggingServer: Sendable {
    let logs = PeerLogs()
    let port: UInt16

    init(seed: UInt64) throws {
        let listener = try PeerSocket.listen()
        port = listener.port
        let logs = logs
        Thread.detachNewThread {
            while let peer = listener.accept() {
                Thread.detachNewThread { Self.serve(peer, seed, logs) }
            }
        }
    }

    private static func serve(_ peer: PeerSocket, _ seed: UInt64, _ logs: PeerLogs) {
        var log = PeerLog()
        var dice = PeerDice(seed)
        while let piece = peer.receive() {
            if log.received.isEmpty { dice = PeerDice(seed &* 3 &+ UInt64(piece[0])) }
            log.received += piece
            let answer = dice.bytes(piece.count)
            guard peer.send(answer) else { break }
            log.sent += answer
        }
        let last = dice.bytes(100)
        if peer.send(last) { log.sent += last }
        peer.finish()
        if let number = log.received.first { logs.add(number, log) }
    }
}
