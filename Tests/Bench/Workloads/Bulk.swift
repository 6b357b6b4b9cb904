import Foundation
import Glibc

/// Bytes from client to server, as fast as they go, on one connection or many.
struct Bulk: Workload {
    var connections: Int
    var bytes: Int

    var title: String {
        "bulk, \(connections) connection\(connections == 1 ? "" : "s")"
    }
    let measures = [Measure(name: "throughput", unit: "GB/s", isBetterWhenHigher: true)]

    func startServer(_ ground: Ground) throws(BenchError) -> any BenchServer { try Sink() }

    func run(through port: UInt16, to server: any BenchServer) throws(BenchError) -> [Double] {
        guard let sink = server as? Sink else { throw BenchError("bulk needs its own server") }
        var sockets: [LoopbackSocket] = []
        for _ in 0..<connections {
            let socket = try LoopbackSocket.connected(to: port)
            socket.setNonBlocking()
            sockets.append(socket)
        }
        let each = bytes / connections
        let receiving = sink.expect(connections: connections, bytes: each)
        let start = secondsNow()
        try send(each, on: sockets)
        try receiving.waitUntilDone()
        return [Double(each * connections) / 1e9 / (secondsNow() - start)]
    }

    private func send(_ each: Int, on sockets: [LoopbackSocket]) throws(BenchError) {
        var sent = [Int](repeating: 0, count: sockets.count)
        var waiting = sockets.map { pollfd(fd: $0.descriptor, events: Int16(POLLOUT), revents: 0) }
        var left = sockets.count
        while left > 0 {
            guard poll(&waiting, nfds_t(waiting.count), 20_000) > 0 else {
                throw BenchError("the bytes are not taken any more")
            }
            for index in sockets.indices where waiting[index].revents != 0 {
                let count = Pattern.send(from: sent[index], limit: each, on: sockets[index])
                if count < 0, errno != EAGAIN { throw BenchError(call: "send") }
                sent[index] += max(count, 0)
                guard sent[index] == each else { continue }
                sockets[index].finish()
                waiting[index].fd = -1
                left -= 1
            }
        }
    }
}

/// Bytes that tell their own place: each eight of them count up, and begin again after a megabyte.
enum Pattern {
    static let bytes = 1 << 20
    private static let words = [UInt64](0..<UInt64(bytes / 8))

    /// Sends once, from this place of the link.
    static func send(from place: Int, limit: Int, on socket: LoopbackSocket) -> Int {
        words.withUnsafeBytes { words in
            let start = place % bytes
            let count = min(256 << 10, bytes - start, limit - place)
            return socket.send(UnsafeRawBufferPointer(rebasing: words[start..<start + count]))
        }
    }

    /// Whether what was received at this place of the link is right: its first and its last whole
    /// word. Reading all of it would make the receiver the slowest of all.
    static func holds(_ received: UnsafeRawBufferPointer, at place: Int) -> Bool {
        let first = (8 - place % 8) % 8
        guard received.count >= first + 8 else { return true }
        let last = received.count - 8 - (place + received.count) % 8
        return [first, max(last, first)].allSatisfy { offset in
            let word = received.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            return word == UInt64((place + offset) % bytes / 8)
        }
    }
}

/// Receives what the bulk workload sends, and looks whether it is right.
final class Sink: BenchServer {
    private let listener: LoopbackSocket
    let port: UInt16

    init() throws(BenchError) {
        listener = try .listening()
        port = listener.port
    }

    func stop() { listener.shutDown() }

    /// Receives in the background: so many connections, so many bytes on each.
    func expect(connections: Int, bytes: Int) -> Background {
        Background { [listener] in
            var sockets: [LoopbackSocket] = []
            while sockets.count < connections {
                guard let socket = try listener.accepted(withinMilliseconds: 10_000) else {
                    throw BenchError("\(sockets.count) of \(connections) connections arrived")
                }
                socket.setNonBlocking()
                sockets.append(socket)
            }
            try Self.receive(bytes, on: sockets)
        }
    }

    private static func receive(
        _ expected: Int, on sockets: [LoopbackSocket]
    ) throws(BenchError) {
        var received = [Int](repeating: 0, count: sockets.count)
        var waiting = sockets.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
        defer { buffer.deallocate() }
        var left = sockets.count
        while left > 0 {
            guard poll(&waiting, nfds_t(waiting.count), 20_000) > 0 else {
                throw BenchError("\(left) connections stand still")
            }
            for index in sockets.indices where waiting[index].revents != 0 {
                let count = sockets[index].receive(buffer)
                if count < 0 {
                    if errno == EAGAIN { continue }
                    throw BenchError(call: "receive")
                }
                let bytes = UnsafeRawBufferPointer(rebasing: buffer[0..<count])
                guard Pattern.holds(bytes, at: received[index]) else {
                    throw BenchError("other bytes arrived than were sent")
                }
                received[index] += count
                guard count == 0 else { continue }
                guard received[index] == expected else {
                    throw BenchError("\(received[index]) of \(expected) bytes arrived")
                }
                waiting[index].fd = -1
                left -= 1
            }
        }
    }
}

/// Work on a thread of its own, and waiting for it.
final class Background: @unchecked Sendable {
    private let done = DispatchSemaphore(value: 0)
    // Written before the semaphore is signalled, read after it was waited for.
    private var failure: BenchError?

    init(_ work: @escaping @Sendable () throws -> Void) {
        Thread.detachNewThread { [self] in
            do {
                try work()
            } catch {
                failure = error as? BenchError ?? BenchError("\(error)")
            }
            done.signal()
        }
    }

    func waitUntilDone() throws(BenchError) {
        guard done.wait(timeout: .now() + 60) == .success else {
            throw BenchError("not done after 60 seconds")
        }
        if let failure { throw failure }
    }
}
