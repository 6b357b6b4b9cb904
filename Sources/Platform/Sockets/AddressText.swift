import CLinux
import Glibc

/// An address as a person writes it, understood but not looked up.
///
/// ```
/// :7000              loopback, 127.0.0.1
/// 10.0.0.1:7000      IPv4
/// [::1]:7000         IPv6; [fe80::1%eth0]:7000 with its interface
/// db.example:5432    a host by name
/// unix:name, ./path  a Unix socket: after unix:, or anything with a slash
/// ```
package enum AddressText: Hashable, Sendable {
    case address(SocketAddress)
    case host(String, port: UInt16)

    /// Understands `text`; says what is wrong with it, and what to write instead.
    package init(_ text: String) throws(AddressError) {
        func fail(_ problem: String) -> AddressError { AddressError(text, problem) }
        if text.isEmpty { throw fail("no address; write :7000, host:7000 or a socket's path") }
        if text.contains("\0") { throw fail("an address has no zero byte") }
        if let scheme = text.firstRange(of: "://") {
            let rest = text[scheme.upperBound...].prefix { $0 != "/" }
            throw fail("an address has no scheme; write \(rest.isEmpty ? "host:port" : rest)")
        }
        if text.hasPrefix("unix:") || text.contains("/") {
            self = .address(try Self.socketFile(text))
            return
        }
        let (host, port) = try Self.split(text)
        if text.hasPrefix("[") {
            self = .address(try Self.ipv6(host, port: port, in: text))
        } else if host.isEmpty {
            self = .address(.ipv4(bytes: [127, 0, 0, 1], port: port))
        } else if host == "*" {
            throw fail("* is no host; write 0.0.0.0:\(port) for all of the machine's addresses")
        } else if let bytes = Self.ipv4(host) {
            self = .address(.ipv4(bytes: bytes, port: port))
        } else if host.allSatisfy({ $0 == "." || $0.isASCII && $0.isNumber }) {
            throw fail("\(host) is no IPv4 address; write four numbers up to 255: 10.0.0.1:\(port)")
        } else {
            guard host.allSatisfy({ !$0.isWhitespace }), host.utf8.count <= 253 else {
                throw fail("this is no host's name; write host:port")
            }
            self = .host(host, port: port)
        }
    }

    private static func socketFile(_ text: String) throws(AddressError) -> SocketAddress {
        let path = text.hasPrefix("unix:") ? String(text.dropFirst(5)) : text
        if path.isEmpty { throw AddressError(text, "no path; write unix:path or ./path") }
        guard path.utf8.count <= SocketAddress.pathLimit else {
            throw AddressError(
                text, "a socket's path has at most \(SocketAddress.pathLimit) bytes; use a shorter")
        }
        return .unix(path: path)
    }

    /// The host, without brackets, and the port.
    private static func split(_ text: String) throws(AddressError) -> (String, UInt16) {
        func fail(_ problem: String) -> AddressError { AddressError(text, problem) }
        let host: Substring
        let rest: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else {
                throw fail("the bracket is not closed; write [::1]:7000")
            }
            host = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
            guard rest.first == ":" else { throw fail("no port; write [\(host)]:PORT") }
        } else {
            guard let colon = text.lastIndex(of: ":") else {
                let isNumber = text.allSatisfy { $0.isASCII && $0.isNumber }
                throw fail("no port; write \(isNumber ? ":\(text)" : "\(text):PORT")")
            }
            host = text[..<colon]
            rest = text[colon...]
            if host.contains(":") {
                throw fail("an IPv6 address stands in brackets; write [::1]:7000")
            }
        }
        let digits = rest.dropFirst()
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
            let port = UInt16(digits)
        else { throw fail("the port is no number from 0 to 65535; write :7000 or host:7000") }
        return (String(host), port)
    }

    /// Four decimal numbers, as people mean them: `010` is refused, which the C library takes for
    /// 8.
    private static func ipv4(_ host: String) -> [UInt8]? {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy({ $0.isASCII && $0.isNumber }),
                part.count == 1 || part.first != "0", let byte = UInt8(part)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func ipv6(
        _ host: String, port: UInt16, in text: String
    ) throws(AddressError) -> SocketAddress {
        let parts = host.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        var address = in6_addr()
        guard let first = parts.first, inet_pton(AF_INET6, String(first), &address) == 1 else {
            throw AddressError(text, "\(host) is no IPv6 address; write it as in [::1]:\(port)")
        }
        var scope: UInt32 = 0
        if parts.count == 2 {
            let name = String(parts[1])
            scope = UInt32(name) ?? if_nametoindex(name)
            guard scope != 0 else {
                throw AddressError(text, "there is no network interface \(name); see ip link")
            }
        }
        let bytes = withUnsafeBytes(of: address) { Array($0) }
        return .ipv6(bytes: bytes, port: port, scope: scope)
    }
}

extension SocketAddress {
    /// Understands `text` and looks up a host's name, which may take seconds: before the loop runs.
    ///
    /// `localhost` is 127.0.0.1 as `:7000` is; of another host the first address counts, in the
    /// order that the C library recommends.
    package static func resolve(_ text: String) throws(AddressError) -> SocketAddress {
        switch try AddressText(text) {
        case .address(let address): return address
        case .host("localhost", let port): return .ipv4(bytes: [127, 0, 0, 1], port: port)
        case .host(let host, let port):
            var found = weir_address()
            var count: Int32 = 0
            let error = weir_resolve(host, &found, 1, &count)
            if error == 0, let address = SocketAddress(found) { return address.replacingPort(port) }
            throw AddressError(
                text,
                "\(host) cannot be looked up (\(reason(error))); check the name, or write a number")
        }
    }

    /// What the C library says of a failed look-up, in lower case.
    private static func reason(_ error: Int32) -> String {
        guard error != 0, let text = gai_strerror(error) else { return "no address" }
        let words = String(cString: text)
        return words.prefix(1).lowercased() + words.dropFirst()
    }
}

/// What is wrong with an address that a person wrote, and what to write instead.
package struct AddressError: Error, Hashable, Sendable, CustomStringConvertible {
    package var text: String
    package var problem: String

    init(_ text: String, _ problem: String) {
        self.text = text
        self.problem = problem
    }

    package var description: String { "address \"\(text)\": \(problem)" }
}
