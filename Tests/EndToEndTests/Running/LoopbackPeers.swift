import Foundation

/// A TCP server on the loopback that sends back what comes, in threads of its own.
///
/// It may close each connection once it has sent back so many bytes.
final class EchoServer: Sendable {
    let port: UInt16
    private let descriptor: Int32

    init(closingAfter limit: Int = .max) throws {
        let descriptor = try loopbackSocket()
        self.descriptor = descriptor
        var address = loopbackAddress(0)
        let isBound = withSockaddr(&address) { bind(descriptor, $0, $1) == 0 }
        guard isBound, listen(descriptor, 128) == 0 else {
            throw WeirProcess.RunFailure(description: "no port can be listened on: \(errno)")
        }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length)
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread {
            while true {
                let accepted = accept(descriptor, nil, nil)
                guard accepted >= 0 else { return }
                Thread.detachNewThread { Self.echo(accepted, limit) }
            }
        }
    }

    /// Accepts no more.
    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    private static func echo(_ descriptor: Int32, _ limit: Int) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var echoed = 0
        while echoed < limit {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0, sendAll(Data(bytes: buffer, count: count), on: descriptor) else {
                break
            }
            echoed += count
        }
        close(descriptor)
    }
}

/// A TCP client on the loopback whose calls wait.
final class LoopbackClient {
    private let descriptor: Int32

    init(port: UInt16) throws {
        let descriptor = try loopbackSocket()
        self.descriptor = descriptor
        var address = loopbackAddress(port)
        let isConnected = withSockaddr(&address) { connect(descriptor, $0, $1) == 0 }
        guard isConnected else {
            throw WeirProcess.RunFailure(description: "nothing listens on \(port): \(errno)")
        }
    }

    deinit { close(descriptor) }

    func send(_ bytes: Data) throws {
        guard sendAll(bytes, on: descriptor) else {
            throw WeirProcess.RunFailure(description: "sending failed: \(errno)")
        }
    }

    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// So many bytes, or what came before the end.
    func receive(_ count: Int = .max) -> Data {
        var received = Data()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while received.count < count {
            let got = read(descriptor, &buffer, min(buffer.count, count - received.count))
            guard got > 0 else { break }
            received.append(buffer, count: got)
        }
        return received
    }

    /// Sends all of it and receives as much, at the same time.
    func exchange(_ bytes: Data) throws -> Data {
        let descriptor = descriptor
        Thread.detachNewThread { _ = sendAll(bytes, on: descriptor) }
        return receive(bytes.count)
    }
}

private func loopbackSocket() throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | 0o2000000, 0)
    guard descriptor >= 0 else {
        throw WeirProcess.RunFailure(description: "no socket can be made: \(errno)")
    }
    return descriptor
}

private func loopbackAddress(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
}

private func withSockaddr<Result>(
    _ address: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
    withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}

private func sendAll(_ bytes: Data, on descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { all in
        var sent = 0
        while sent < all.count {
            let rest = UnsafeRawBufferPointer(rebasing: all[sent...])
            let count = Foundation.send(
                descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
