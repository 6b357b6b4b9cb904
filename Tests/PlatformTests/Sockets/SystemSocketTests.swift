import CLinux
import Glibc
import Synchronization
import Testing

@testable import Platform

@Suite struct SystemSocketTests {
    private let network: SystemNetwork
    private let server = Acceptor()
    private let client = Acceptor()
    private let anyPort = SocketAddress.ipv4(bytes: [127, 0, 0, 1], port: 0)

    init() throws { network = try SystemNetwork() }

    @Test func `bytes after urgent ones are not left waiting, and none is lost`() throws {
        let listener = try network.listen(on: anyPort, handler: server)
        let plain = try PlainSocket(connectedTo: listener.address)
        try network.run { server.sockets.count == 1 }
        let urgent = Int32(MSG_OOB)
        for (text, flags) in [("one", 0), ("!", urgent), ("two", 0), ("!", urgent), ("3", 0)] {
            plain.send(text, flags: flags)
        }
        try network.run { server.bytes.count == 9 }
        #expect(String(decoding: server.bytes, as: UTF8.self) == "one!two!3")
        listener.close()
    }

    @Test func `a peer that resets before the dial was told has connected, and then reset`()
        throws
    {
        let plain = try PlainSocket(listening: ())
        let socket = network.dial(plain.address, handler: client)
        plain.acceptAndReset()
        try network.run { client.ending != nil }
        #expect(client.connected == 1)
        #expect(client.failures == [])
        #expect(client.ending == .failed(.connectionReset))
        #expect(socket.peerAddress == plain.address)
    }

    @Test func `a flood of clients is accepted, turn by turn`() throws {
        let listener = try network.listen(on: anyPort, handler: server)
        let count = 3 * SystemListener.acceptsPerTurn
        for _ in 0..<count { _ = network.dial(listener.address, handler: client) }
        network.turn(waitingAtMost: 1_000_000_000)
        #expect(server.sockets.count == SystemListener.acceptsPerTurn)
        try network.run { server.sockets.count == count && client.connected == count }
        listener.close()
    }

    @Test func `sockets send at once, and are closed on exec`() throws {
        let listener = try network.listen(on: anyPort, handler: server)
        let socket = network.dial(listener.address, handler: client)
        try network.run { server.sockets.count == 1 && client.connected == 1 }
        let both = try [socket, #require(server.sockets.first)]
        for socket in both {
            let raw = try #require(socket as? SystemSocket).rawDescriptor
            var value: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            #expect(getsockopt(raw, Int32(IPPROTO_TCP), TCP_NODELAY, &value, &size) == 0)
            #expect(value != 0)
            #expect(fcntl(raw, F_GETFD) == FD_CLOEXEC)
            #expect(fcntl(raw, F_GETFL) & O_NONBLOCK != 0)
        }
        listener.close()
    }

    @Test func `loopback may have a congestion control that does not pace`() throws {
        network.prefersLocalCongestionControl = true
        let listener = try network.listen(on: anyPort, handler: server)
        let socket = network.dial(listener.address, handler: client)
        try network.run { server.sockets.count == 1 }
        for socket in try [socket, #require(server.sockets.first)] {
            let raw = try #require(socket as? SystemSocket).rawDescriptor
            var name = [UInt8](repeating: 0, count: 16)
            var size = socklen_t(name.count)
            getsockopt(raw, Int32(IPPROTO_TCP), TCP_CONGESTION, &name, &size)
            let text = String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
            #expect(["cubic", "reno"].contains(text))
        }
        listener.close()
    }

    @Test func `what cannot be dialled is told later, and closing before that silences it`() throws
    {
        let missing = SocketAddress.unix(path: "/nowhere/socket")
        _ = network.dial(missing, handler: client)
        let silenced = network.dial(missing, handler: client)
        silenced.close()
        #expect(client.failures == [])
        try network.run { !client.failures.isEmpty }
        network.turn(waitingAtMost: 0)
        #expect(client.failures == [.noEntry])
    }

    @Test func `an address that is not this machine's cannot be listened on`() throws {
        let error = #expect(throws: NetworkError.self) {
            try network.listen(on: .ipv4(bytes: [192, 0, 2, 1], port: 0), handler: server)
        }
        #expect(error?.errno.code == EADDRNOTAVAIL)
        #expect(
            error.map { "\($0)" }
                == "cannot listen on 192.0.2.1:0: cannot assign requested address; it is none of "
                + "this machine's addresses; see ip address")
    }

    @Test func `no descriptors left: said once, tried again, and nobody is lost`() throws {
        // On a thread with a table of descriptors of its own, which it fills.
        let result = Mutex<String?>(nil)
        let box = Box(result)
        try SystemThread.start { box.set(exhaustDescriptors()) }
        #expect(eventually { box.value != nil })
        #expect(box.value == "accepted 0, said 1, dial EMFILE; then accepted 2, said 1")
    }
}

/// What a listener does when descriptors run out, and when there are some again.
private func exhaustDescriptors() -> String {
    guard let symbol = dlsym(nil, "unshare") else { return "no unshare" }
    let unshare = unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Int32).self)
    // CLONE_FILES
    guard unshare(0x400) == 0 else { return "unshare failed" }
    // The copies of other tests' descriptors would keep their files open.
    for raw in 3..<getdtablesize() { close(raw) }
    do {
        let network = try SystemNetwork()
        let server = Acceptor()
        let client = Acceptor()
        let listener = try network.listen(
            on: .ipv4(bytes: [127, 0, 0, 1], port: 0), handler: server)
        for _ in 0..<2 { _ = network.dial(listener.address, handler: client) }
        var filler: [Int32] = []
        while true {
            let raw = dup(0)
            guard raw >= 0 else { break }
            filler.append(raw)
        }
        try network.run { !server.errors.isEmpty }
        // Once more, after the first retry failed as well.
        let retry = network.readClock().advanced(
            byNanoseconds: SystemListener.retryNanoseconds * 3 / 2)
        try network.run { network.readClock() > retry }
        let starved = Acceptor()
        _ = network.dial(listener.address, handler: starved)
        try network.run { !starved.failures.isEmpty }
        let dial = starved.failures == [.tooManyDescriptors] ? "EMFILE" : "\(starved.failures)"
        let first = "accepted \(server.sockets.count), said \(server.errors.count), dial \(dial)"
        for raw in filler { close(raw) }
        try network.run { server.sockets.count == 2 }
        return "\(first); then accepted \(server.sockets.count), said \(server.errors.count)"
    } catch {
        return "\(error)"
    }
}

private final class Box: Sendable {
    private let text: Mutex<String?>
    init(_ text: consuming Mutex<String?>) { self.text = text }
    var value: String? { text.withLock { $0 } }
    func set(_ value: String) { text.withLock { $0 = value } }
}

/// A blocking socket, as other programs have them.
private final class PlainSocket {
    private let descriptor: FileDescriptor
    let address: SocketAddress

    init(connectedTo address: SocketAddress) throws {
        self.address = address
        descriptor = try FileDescriptor(result: socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var kernel = try #require(address.kernel)
        try Errno.check(weir_connect(descriptor.raw, &kernel))
        var on: Int32 = 1
        setsockopt(descriptor.raw, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
    }

    init(listening: ()) throws {
        descriptor = try FileDescriptor(result: socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var kernel = try #require(SocketAddress.ipv4(bytes: [127, 0, 0, 1], port: 0).kernel)
        try Errno.check(weir_bind(descriptor.raw, &kernel))
        try Errno.check(weir_listen(descriptor.raw, 1))
        address = try #require(SocketAddress.local(of: descriptor.raw))
    }

    func send(_ text: String, flags: Int32) {
        Glibc.send(descriptor.raw, text, text.utf8.count, flags)
    }

    func acceptAndReset() {
        let raw = accept(descriptor.raw, nil, nil)
        _ = weir_reset_at_close(raw)
        close(raw)
    }
}
