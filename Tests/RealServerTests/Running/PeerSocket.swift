import CLinux
import Foundation

/// Where a peer of a test listens or connects.
enum PeerAddress: Sendable {
    /// A port of `127.0.0.1`; 0: a free one.
    case ipv4(UInt16)
    /// A port of `::1`; 0: a free one.
    case ipv6(UInt16)
    case unix(String)

    /// As `--upstream` takes it.
    var text: String {
        switch self {
        case .ipv4(let port): "127.0.0.1:\(port)"
        case .ipv6(let port): "[::1]:\(port)"
        case .unix(let path): path
        }
    }

    var port: UInt16 {
        switch self {
        case .ipv4(let port), .ipv6(let port): port
        case .unix: 0
        }
    }
}

/// A socket whose calls wait, at most `timeLimit`; closed when nobody holds it any more.
final class PeerSocket: Sendable {
    /// A peer that waits longer for a byte or for room hangs.
    static let timeLimit = 60

    /// What a receive came to.
    enum Received: Equatable {
        case bytes(Data)
        case finished
        case reset
        case failed(Int32)
    }

    private let descriptor: Int32
    // Closed by one thread, when no other has a call under way.
    nonisolated(unsafe) private var isClosed = false
    let address: PeerAddress
    var port: UInt16 { address.port }

    private init(_ descriptor: Int32, _ address: PeerAddress) {
        self.descriptor = descriptor
        self.address = address
        var limit = timeval(tv_sec: Self.timeLimit, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, size)
        }
        setOption(SOL_SOCKET, SO_OOBINLINE, 1)
        setOption(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    }

    deinit { if !isClosed { Foundation.close(descriptor) } }

    /// nil where nobody listens.
    convenience init?(connectingTo port: UInt16) {
        guard let socket = try? PeerSocket.connect(to: .ipv4(port)) else { return nil }
        self.init(dup(socket.descriptor), .ipv4(port))
    }

    /// Connects.
    /// - Parameter receiveBuffer: how much the kernel takes for it before it reads; nil: what the
    ///   kernel thinks right.
    /// - Throws: `POSIXError`: what the kernel says.
    static func connect(
        to address: PeerAddress, receiveBuffer: Int32? = nil
    ) throws -> PeerSocket {
        let socket = PeerSocket(Foundation.socket(address.family, streamType, 0), address)
        if let receiveBuffer { socket.setOption(SOL_SOCKET, SO_RCVBUF, receiveBuffer) }
        guard socket.withAddress({ Foundation.connect(socket.descriptor, $0, $1) }) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        return socket
    }

    /// Listens; on a free port where it is 0.
    static func listen(
        on address: PeerAddress = .ipv4(0), backlog: Int32 = 4_096, receiveBuffer: Int32? = nil
    ) throws -> PeerSocket {
        let socket = PeerSocket(Foundation.socket(address.family, streamType, 0), address)
        socket.setOption(SOL_SOCKET, SO_REUSEADDR, 1)
        // What it accepts inherits it.
        if let receiveBuffer { socket.setOption(SOL_SOCKET, SO_RCVBUF, receiveBuffer) }
        guard socket.withAddress({ bind(socket.descriptor, $0, $1) }) == 0,
            Foundation.listen(socket.descriptor, backlog) == 0
        else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return PeerSocket(dup(socket.descriptor), socket.actualAddress)
    }

    func accept() -> PeerSocket? {
        let accepted = Foundation.accept(descriptor, nil, nil)
        return accepted < 0 ? nil : PeerSocket(accepted, address)
    }

    /// Sends all of it; false when that failed.
    func send(_ bytes: Data) -> Bool { sendOrError(bytes) == 0 }

    /// Sends all of it: 0, or why not.
    func sendOrError(_ bytes: Data) -> Int32 {
        bytes.withUnsafeBytes { all in
            var sent = 0
            while sent < all.count {
                let rest = UnsafeRawBufferPointer(rebasing: all[sent...])
                let count = Foundation.send(
                    descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                guard count > 0 else { return errno }
                sent += count
            }
            return 0
        }
    }

    /// Sends what there is room for now: how many bytes, 0 for none; nil when that failed.
    func sendNow(_ bytes: Data) -> Int? {
        bytes.withUnsafeBytes { all in
            let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
            let count = Foundation.send(descriptor, all.baseAddress, all.count, flags)
            return count >= 0 ? count : errno == EAGAIN ? 0 : nil
        }
    }

    /// Sends one byte out of band.
    func sendUrgent(_ byte: UInt8) -> Bool {
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_OOB)
        return Foundation.send(descriptor, [byte], 1, flags) == 1
    }

    /// Bytes that the peer's kernel has not acknowledged.
    var unacknowledgedBytes: Int { Int(weir_unacknowledged_bytes(descriptor)) }

    /// What there is, at least one byte, or the end.
    func receiveOrEnd(atMost size: Int = 65_536) -> Received {
        var buffer = [UInt8](repeating: 0, count: size)
        let count = read(descriptor, &buffer, buffer.count)
        if count > 0 { return .bytes(Data(bytes: buffer, count: count)) }
        if count == 0 { return .finished }
        return errno == ECONNRESET ? .reset : .failed(errno)
    }

    /// What there is, at least one byte; nil at the end.
    func receive() -> Data? {
        if case .bytes(let bytes) = receiveOrEnd() { bytes } else { nil }
    }

    func receiveAll() -> Data {
        var all = Data()
        while let piece = receive() { all += piece }
        return all
    }

    /// So many bytes; fewer where it ends before.
    func receive(exactly count: Int) -> Data {
        var all = Data()
        var buffer = [UInt8](repeating: 0, count: min(count, 65_536))
        while all.count < count {
            let got = read(descriptor, &buffer, min(buffer.count, count - all.count))
            guard got > 0 else { break }
            all += buffer.prefix(got)
        }
        return all
    }

    /// All there is until its end, and whether that is a reset.
    func receiveUntilEnd() -> (bytes: Data, isReset: Bool) {
        var all = Data()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let got = read(descriptor, &buffer, buffer.count)
            if got < 0 { return (all, errno == ECONNRESET) }
            guard got > 0 else { return (all, false) }
            all += buffer.prefix(got)
        }
    }

    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    func close() {
        isClosed = true
        Foundation.close(descriptor)
    }

    /// Closes it with a reset.
    func reset() {
        _ = weir_reset_at_close(descriptor)
        close()
    }

    private static let streamType = Int32(SOCK_STREAM.rawValue)

    private func setOption(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}

/// Addresses as the kernel knows them.
extension PeerSocket {
    private func withAddress(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        func call<Kind>(_ address: Kind) -> Int32 {
            withUnsafePointer(to: address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<Kind>.size))
                }
            }
        }
        switch address {
        case .ipv4(let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            return call(address)
        case .ipv6(let port):
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_addr = in6addr_loopback
            return call(address)
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            return call(address)
        }
    }

    /// The port that the kernel chose.
    private var actualAddress: PeerAddress {
        var storage = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let isKnown = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length) == 0
            }
        }
        // The port is in the same place for both families.
        let port = isKnown ? UInt16(bigEndian: storage.sin6_port) : 0
        switch address {
        case .ipv4: return .ipv4(port)
        case .ipv6: return .ipv6(port)
        case .unix: return address
        }
    }
}

extension PeerAddress {
    fileprivate var family: Int32 {
        switch self {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }
}
