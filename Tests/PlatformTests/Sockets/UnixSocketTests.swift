import CLinux
import Glibc
import Testing

@testable import Platform

@Suite struct UnixSocketTests {
    private let network: SystemNetwork
    private let scratch: Scratch
    private let server = Acceptor()
    private let client = Acceptor()
    private var address: SocketAddress { .unix(path: scratch.file("socket")) }

    init() throws {
        network = try SystemNetwork()
        scratch = try Scratch()
    }

    @Test func `bytes and the end go through a Unix socket, and its file goes with it`() throws {
        let listener = try network.listen(on: address, handler: server)
        #expect(listener.address == address)
        let socket = network.dial(address, handler: client)
        try network.run { client.connected == 1 && server.sockets.count == 1 }
        #expect(socket.peerAddress == address)
        let accepted = try #require(server.sockets.first)
        #expect(accepted.localAddress == address)
        #expect(accepted.peerAddress == nil)
        #expect(Array("hello".utf8).withUnsafeBytes { socket.send($0) } == .bytes(5))
        #expect(socket.unacknowledgedBytes > 0)
        socket.finish()
        try network.run { server.ending != nil }
        #expect(server.bytes == Array("hello".utf8))
        #expect(server.ending == .finished)
        listener.close()
        #expect(!Folder.exists(scratch.file("socket")))
    }

    @Test func `a socket that somebody listens on is in use`() throws {
        let listener = try network.listen(on: address, handler: server)
        let error = #expect(throws: NetworkError.self) {
            try network.listen(on: address, handler: server)
        }
        #expect(error?.errno == .addressInUse)
        #expect(Folder.exists(scratch.file("socket")))
        listener.close()
    }

    @Test func `the file that a dead process left is replaced`() throws {
        var kernel = try #require(address.kernel)
        do {
            let left = try FileDescriptor(result: weir_socket(AF_UNIX))
            try Errno.check(weir_bind(left.raw, &kernel))
            try Errno.check(weir_listen(left.raw, 1))
        }
        #expect(Folder.exists(scratch.file("socket")))
        let listener = try network.listen(on: address, handler: server)
        _ = network.dial(address, handler: client)
        try network.run { client.connected == 1 && server.sockets.count == 1 }
        listener.close()
    }

    @Test func `what is no socket stays where it is`() throws {
        try Folder.write([1], to: scratch.file("socket"))
        let error = #expect(throws: NetworkError.self) {
            try network.listen(on: address, handler: server)
        }
        #expect(error?.errno == .addressInUse)
        #expect(try Folder.contents(of: scratch.file("socket"), limit: 9) == [1])
        _ = network.dial(address, handler: client)
        try network.run { !client.failures.isEmpty }
        #expect(client.failures == [.connectionRefused])
    }

    @Test func `a Unix socket refuses and listens again, and its file goes in the end`() throws {
        let listener = try network.listen(on: address, handler: server)
        listener.refuse()
        _ = network.dial(address, handler: client)
        try network.run { !client.failures.isEmpty }
        #expect(client.failures == [.connectionRefused])
        try listener.listenAgain()
        _ = network.dial(address, handler: client)
        try network.run { client.connected == 1 && server.sockets.count == 1 }
        listener.refuse()
        #expect(Folder.exists(scratch.file("socket")))
        listener.close()
        #expect(!Folder.exists(scratch.file("socket")))
    }

    @Test func `closing leaves alone what others put in its place`() throws {
        let listener = try network.listen(on: address, handler: server)
        try Folder.remove(scratch.file("socket"))
        let other = try network.listen(on: address, handler: server)
        listener.close()
        #expect(Folder.exists(scratch.file("socket")))
        other.close()
        #expect(!Folder.exists(scratch.file("socket")))
    }

    @Test func `a path that does not fit is refused`() {
        let long = SocketAddress.unix(path: String(repeating: "x", count: 108))
        let error = #expect(throws: NetworkError.self) {
            try network.listen(on: long, handler: server)
        }
        #expect(error?.errno == .invalidArgument)
    }
}
