import CLinux
import Testing

@testable import Platform

@Suite struct KernelAddressTests {
    @Test(arguments: [
        SocketAddress.ipv4(bytes: [10, 0, 0, 1], port: 65_535),
        .ipv4(bytes: [0, 0, 0, 0], port: 0),
        .ipv6(bytes: [0xfe, 0x80] + [UInt8](repeating: 0, count: 13) + [1], port: 7, scope: 3),
        .unix(path: "/run/é.sock"),
    ])
    func `an address goes to the kernel and comes back`(address: SocketAddress) throws {
        #expect(try SocketAddress(#require(address.kernel)) == address)
    }

    @Test func `an IPv4 peer of an IPv6 socket has its IPv4 address`() throws {
        let mapped = SocketAddress.ipv6(
            bytes: [UInt8](repeating: 0, count: 10) + [255, 255, 10, 0, 0, 1], port: 7, scope: 0)
        let peer = try SocketAddress(#require(mapped.kernel))
        #expect(peer == .ipv4(bytes: [10, 0, 0, 1], port: 7))
    }

    @Test func `what the kernel does not name has no address`() {
        #expect(SocketAddress(weir_address()) == nil)
        var unnamed = weir_address()
        unnamed.family = 1
        #expect(SocketAddress(unnamed) == nil)
    }

    @Test func `an address that cannot be is not given to the kernel`() {
        #expect(SocketAddress.ipv4(bytes: [1, 2, 3], port: 1).kernel == nil)
        #expect(SocketAddress.ipv6(bytes: [], port: 1, scope: 0).kernel == nil)
        #expect(SocketAddress.unix(path: "").kernel == nil)
    }
}
