/// Where a socket listens or connects to.
package enum SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// An IPv4 address, its four bytes in network order.
    case ipv4(bytes: [UInt8], port: UInt16)
    /// An IPv6 address, its sixteen bytes in network order, and the scope (interface) or 0.
    case ipv6(bytes: [UInt8], port: UInt16, scope: UInt32)
    /// A Unix socket's path.
    case unix(path: String)

    /// `127.0.0.1:7000`, `[::1]:7000`, or the path.
    package var description: String {
        switch self {
        case .ipv4(let bytes, let port):
            return bytes.map { String($0) }.joined(separator: ".") + ":\(port)"
        case .ipv6(let bytes, let port, _):
            return "[\(Self.text(ofIPv6: bytes))]:\(port)"
        case .unix(let path):
            return path
        }
    }

    /// The canonical text of RFC 5952: lower case, the longest run of zeros shortened once.
    static func text(ofIPv6 bytes: [UInt8]) -> String {
        let groups = stride(from: 0, to: 16, by: 2).map {
            UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
        }
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(best.count, 1) { best = start..<end }
            start = max(end, start + 1)
        }
        func hex(_ range: Range<Int>) -> String {
            range.map { String(groups[$0], radix: 16) }.joined(separator: ":")
        }
        return best.isEmpty
            ? hex(0..<8) : hex(0..<best.lowerBound) + "::" + hex(best.upperBound..<8)
    }
}
