import Glibc

/// The kernel refused something that the bench cannot do without.
struct BenchError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }

    /// With what `errno` says now.
    init(call: String) { description = "\(call): \(String(cString: strerror(errno)))" }
}

/// A blocking TCP socket on the loopback. It closes with its last owner.
final class LoopbackSocket: Sendable {
    let descriptor: Int32

    private init(descriptor: Int32) throws(BenchError) {
        if descriptor < 0 { throw BenchError(call: "socket") }
        self.descriptor = descriptor
        var on: Int32 = 1
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { Glibc.close(descriptor) }

    /// Listens on a free port.
    static func listening() throws(BenchError) -> LoopbackSocket {
        let socket = try LoopbackSocket(
            descriptor: Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        guard call(bind, socket.descriptor, port: 0) == 0 else { throw BenchError(call: "bind") }
        guard listen(socket.descriptor, 1_024) == 0 else { throw BenchError(call: "listen") }
        return socket
    }

    static func connected(to port: UInt16) throws(BenchError) -> LoopbackSocket {
        let socket = try LoopbackSocket(
            descriptor: Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        guard call(connect, socket.descriptor, port: port) == 0 else {
            throw BenchError(call: "connect to port \(port)")
        }
        return socket
    }

    /// Waits for a client; nil when none comes in time, or the listener was shut down.
    func accepted(withinMilliseconds limit: Int32) throws(BenchError) -> LoopbackSocket? {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, limit) > 0 else { return nil }
        let client = accept(descriptor, nil, nil)
        return client < 0 ? nil : try LoopbackSocket(descriptor: client)
    }

    var port: UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = getsockname(descriptor, $0, &length)
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    /// No call on it waits any longer: those in other threads return too.
    func shutDown() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// No call on it waits longer than this.
    func limitWaiting(seconds: Int) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    }

    func setNonBlocking() {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    /// What one `send` took, or −1.
    func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// What one `recv` gave: 0 at the end, or −1.
    func receive(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        recv(descriptor, buffer.baseAddress, buffer.count, 0)
    }

    /// Sends all; false when that cannot be.
    func sendAll(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = send(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
                if count <= 0 { return false }
                sent += count
            }
            return true
        }
    }

    /// Fills the buffer; false when the peer ends before.
    func receiveAll(_ buffer: inout [UInt8]) -> Bool {
        buffer.withUnsafeMutableBytes { buffer in
            var received = 0
            while received < buffer.count {
                let count = receive(UnsafeMutableRawBufferPointer(rebasing: buffer[received...]))
                if count <= 0 { return false }
                received += count
            }
            return true
        }
    }

    private static func call(
        _ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32, _ descriptor: Int32,
        port: UInt16
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// The monotonic clock, in seconds.
func secondsNow() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
