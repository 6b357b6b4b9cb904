import CLinux
import Glibc

extension SocketAddress {
    /// The most bytes of a Unix socket's path (`sun_path` with its terminating zero is 108).
    package static let pathLimit = 107

    /// As the kernel gave it; nil of a Unix socket without a name, and of other families. An IPv4
    /// address that an IPv6 socket sees (`::ffff:10.0.0.1`) is the IPv4 address that it is.
    init?(_ kernel: weir_address) {
        let bytes = withUnsafeBytes(of: kernel.bytes) { Array($0.prefix(Int(kernel.length))) }
        switch Int32(kernel.family) {
        case AF_INET: self = .ipv4(bytes: bytes, port: kernel.port)
        case AF_INET6
        where bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10...11] == [255, 255]:
            self = .ipv4(bytes: Array(bytes[12...]), port: kernel.port)
        case AF_INET6: self = .ipv6(bytes: bytes, port: kernel.port, scope: kernel.scope)
        case AF_UNIX where !bytes.isEmpty:
            self = .unix(path: String(decoding: bytes, as: UTF8.self))
        default: return nil
        }
    }

    /// As the kernel takes it; nil when the path is empty or too long, or the bytes are too few.
    var kernel: weir_address? {
        var address = weir_address()
        let bytes: [UInt8]
        switch self {
        case .ipv4(let four, let port):
            guard four.count == 4 else { return nil }
            (address.family, address.port, bytes) = (UInt16(AF_INET), port, four)
        case .ipv6(let sixteen, let port, let scope):
            guard sixteen.count == 16 else { return nil }
            (address.family, address.port, bytes) = (UInt16(AF_INET6), port, sixteen)
            address.scope = scope
        case .unix(let path):
            bytes = Array(path.utf8)
            guard 1...Self.pathLimit ~= bytes.count else { return nil }
            address.family = UInt16(AF_UNIX)
        }
        address.length = UInt32(bytes.count)
        withUnsafeMutableBytes(of: &address.bytes) { $0.copyBytes(from: bytes) }
        return address
    }

    /// Where a socket stands; nil when the kernel does not say.
    static func local(of descriptor: Int32) -> SocketAddress? {
        var address = weir_address()
        guard weir_local_address(descriptor, &address) >= 0 else { return nil }
        return SocketAddress(address)
    }
}

extension SocketAddress {
    /// The port; nil of a Unix socket's path.
    package var port: UInt16? {
        switch self {
        case .ipv4(_, let port), .ipv6(_, let port, _): port
        case .unix: nil
        }
    }

    /// The same with another port; a Unix socket's path stays as it is.
    package func replacingPort(_ port: UInt16) -> SocketAddress {
        switch self {
        case .ipv4(let bytes, _): .ipv4(bytes: bytes, port: port)
        case .ipv6(let bytes, _, let scope): .ipv6(bytes: bytes, port: port, scope: scope)
        case .unix: self
        }
    }

    /// All addresses of the machine: `0.0.0.0` or `::`.
    package var isWildcard: Bool {
        switch self {
        case .ipv4(let bytes, _), .ipv6(let bytes, _, _): bytes.allSatisfy { $0 == 0 }
        case .unix: false
        }
    }

    /// It cannot lead to another machine: `127.0.0.0/8`, `::1`, those mapped, and Unix sockets.
    package var isLoopback: Bool {
        switch self {
        case .ipv4(let bytes, _): bytes.first == 127
        case .ipv6(let bytes, _, _):
            bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
                || bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10...12] == [255, 255, 127]
        case .unix: true
        }
    }
}
