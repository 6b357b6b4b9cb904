import CLinux
import Glibc

/// Listening and dialling.
extension SystemNetwork {
    package func listen(
        on address: SocketAddress, handler: any ListenerHandler
    ) throws(NetworkError) -> any Listener {
        do throws(Errno) {
            return try makeListener(on: address, handler)
        } catch {
            throw NetworkError(address: "\(address)", doing: "listen", errno: error)
        }
    }

    package func dial(_ address: SocketAddress, handler: any SocketHandler) -> any Socket {
        do throws(Errno) {
            guard let kernel = address.kernel else { throw .invalidArgument }
            return try makeSocket(to: address, kernel, handler)
        } catch {
            return FailedSocket(to: address, error, handler, self)
        }
    }

    private func makeListener(
        on address: SocketAddress, _ handler: any ListenerHandler
    ) throws(Errno) -> SystemListener {
        var socketFile: SocketFile?
        let descriptor = try makeListeningSocket(on: address, &socketFile)
        do throws(Errno) {
            let actual = SocketAddress.local(of: descriptor.raw) ?? address
            return try SystemListener(
                descriptor, at: actual, socketFile: socketFile, handler: handler, network: self)
        } catch {
            socketFile?.remove()
            throw error
        }
    }

    /// - Parameter socketFile: what stands at a Unix socket's path then.
    func makeListeningSocket(
        on address: SocketAddress, _ socketFile: inout SocketFile?
    ) throws(Errno) -> FileDescriptor {
        guard var kernel = address.kernel else { throw .invalidArgument }
        let descriptor: FileDescriptor
        if case .unix(let path) = address {
            descriptor = try FileDescriptor(result: weir_socket(Int32(kernel.family)))
            try bind(descriptor.raw, toPath: path, &kernel)
            socketFile = SocketFile(at: path)
        } else {
            descriptor = try makeBoundSocket(address)
        }
        do throws(Errno) {
            try Errno.check(weir_listen(descriptor.raw, SystemListener.backlog))
        } catch {
            socketFile?.remove()
            throw error
        }
        return descriptor
    }

    private func makeBoundSocket(_ address: SocketAddress) throws(Errno) -> FileDescriptor {
        guard var kernel = address.kernel else { throw .invalidArgument }
        let descriptor = try FileDescriptor(result: weir_socket(Int32(kernel.family)))
        try setOption(descriptor.raw, SOL_SOCKET, SO_REUSEADDR)
        // What is accepted inherits these, which saves a call for each.
        try prepare(descriptor.raw, isLocal: address.isLoopback)
        try Errno.check(weir_bind(descriptor.raw, &kernel))
        guard address.port == 0, let chosen = SocketAddress.local(of: descriptor.raw) else {
            return descriptor
        }
        // The kernel takes a port that it chose back when listening stops, and leaves one that was
        // asked for: so it is asked for, while this socket holds it.
        return try makeBoundSocket(chosen)
    }

    /// A socket's file that a process left when it died is in nobody's way.
    private func bind(
        _ descriptor: Int32, toPath path: String, _ kernel: inout weir_address
    ) throws(Errno) {
        let result = weir_bind(descriptor, &kernel)
        guard result == -EADDRINUSE, let file = SocketFile(at: path), file.isStale else {
            try Errno.check(result)
            return
        }
        file.remove()
        try Errno.check(weir_bind(descriptor, &kernel))
    }

    private func makeSocket(
        to address: SocketAddress, _ kernel: weir_address, _ handler: any SocketHandler
    ) throws(Errno) -> SystemSocket {
        var kernel = kernel
        let descriptor = try FileDescriptor(result: weir_socket(Int32(kernel.family)))
        if address.port != nil { try prepare(descriptor.raw, isLocal: address.isLoopback) }
        let result = weir_connect(descriptor.raw, &kernel)
        if result != -EINPROGRESS { try Errno.check(result) }
        let socket = SystemSocket(dialling: descriptor, to: kernel, poller: poller)
        socket.handler = handler
        try socket.register()
        return socket
    }

    /// Sends at once, and keeps urgent bytes in their place among the others.
    private func prepare(_ descriptor: Int32, isLocal: Bool) throws(Errno) {
        try setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY)
        try setOption(descriptor, SOL_SOCKET, SO_OOBINLINE)
        if isLocal, prefersLocalCongestionControl {
            // Where the kernel has neither, the default stays, which works as well.
            let isSet = weir_set_congestion_control(descriptor, "cubic") == 0
            if !isSet { _ = weir_set_congestion_control(descriptor, "reno") }
        }
    }

    private func setOption(
        _ descriptor: Int32, _ level: Int32, _ option: Int32
    ) throws(Errno) {
        try Errno.check(weir_set_option(descriptor, level, option, 1))
    }
}

/// A dial that failed at once, which its handler hears in the next turn as it would a later
/// failure.
private final class FailedSocket: Socket, TurnHandler {
    var handler: (any SocketHandler)?
    let peerAddress: SocketAddress?
    private let error: Errno

    init(
        to address: SocketAddress, _ error: Errno, _ handler: any SocketHandler,
        _ network: SystemNetwork
    ) {
        peerAddress = address
        self.error = error
        self.handler = handler
        network.callNextTurn(self)
    }

    func nextTurn() {
        let handler = handler
        close()
        handler?.failed(self, error)
    }

    var localAddress: SocketAddress? { nil }
    var unacknowledgedBytes: Int { 0 }
    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Received { .wouldBlock }
    func send(_ buffer: UnsafeRawBufferPointer) -> SendOutcome { .wouldBlock }
    func takeError() -> Errno? { nil }
    func finish() {}
    func reset() { close() }
    func close() { handler = nil }
}
