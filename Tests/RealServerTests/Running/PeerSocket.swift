import Foundation

/// A TCP socket on the loopback whose calls wait; closed when nobody holds it any more.
final class PeerSocket: Sendable {
    private let descriptor: Int32
    let port: UInt16

    private init(_ descriptor: Int32, port: UInt16) {
        self.descriptor = descriptor
        self.port = port
    }

    deinit { close(descriptor) }

    /// nil where nobody listens.
    convenience init?(connectingTo port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.init(descriptor, port: port)
        guard Self.withAddress(port, { connect(descriptor, $0, $1) == 0 }) else { return nil }
    }

    /// Listens on a free port.
    static func listen() throws -> PeerSocket {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let isBound = withAddress(0) { bind(descriptor, $0, $1) == 0 }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isNamed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound, isNamed, Foundation.listen(descriptor, 128) == 0 else {
            throw RunningProgram.RunFailure(description: "no port can be listened on: \(errno)")
        }
        return PeerSocket(descriptor, port: UInt16(bigEndian: address.sin_port))
    }

    func accept() -> PeerSocket? {
        let accepted = Foundation.accept(descriptor, nil, nil)
        return accepted < 0 ? nil : PeerSocket(accepted, port: port)
    }

    /// Sends all of it; false when that failed.
    func send(_ bytes: Data) -> Bool {
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

    /// What there is, at least one byte; nil at the end.
    func receive() -> Data? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &buffer, buffer.count)
        return count > 0 ? Data(bytes: buffer, count: count) : nil
    }

    func receiveAll() -> Data {
        var all = Data()
        while let piece = receive() { all += piece }
        return all
    }

    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    private static func withAddress(
        _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool
    ) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
