import CLinux
import Glibc

/// The kernel's listening socket: accepts all that wait, up to a limit a turn.
final class SystemListener: Listener, Pollable, TurnHandler, TimerHandler {
    /// Connections that the kernel holds for accepting; it may be set to hold fewer (`somaxconn`).
    static let backlog: Int32 = 4_096
    /// The most accepted in one turn, so that a flood of clients leaves time for those there are.
    static let acceptsPerTurn = 64
    /// How long to wait after the kernel had no descriptor or memory left.
    static let retryNanoseconds: Int64 = 100_000_000

    let address: SocketAddress

    private var descriptor: FileDescriptor
    private var socketFile: SocketFile?
    private var handler: (any ListenerHandler)?
    private weak var network: SystemNetwork?
    private var mayHaveMore = false
    private var isCalledNextTurn = false
    private var isRetrying = false
    private var hasSaidCannot = false
    private var isRefusing = false

    init(
        _ descriptor: consuming FileDescriptor, at address: SocketAddress,
        socketFile: SocketFile?, handler: any ListenerHandler, network: SystemNetwork
    ) throws(Errno) {
        self.descriptor = descriptor
        self.address = address
        self.socketFile = socketFile
        self.handler = handler
        self.network = network
        try network.poller.add(self.descriptor.raw, self, for: Poller.Flags.readable)
    }

    var isPaused = false {
        didSet { if !isPaused, mayHaveMore { goOnNextTurn() } }
    }

    func refuse() {
        guard descriptor.isOpen, !isRefusing else { return }
        isRefusing = true
        mayHaveMore = false
        if case .unix = address {
            // The file stays, and refuses as that of a dead server does.
            network?.poller.remove(descriptor.raw)
            descriptor.close()
        } else {
            // The kernel lets go of those that wait, and keeps the port for who has bound it.
            _ = weir_shutdown_listening(descriptor.raw)
        }
    }

    func listenAgain() throws(Errno) {
        guard isRefusing, let network else { return }
        if case .unix = address {
            descriptor = try network.makeListeningSocket(on: address, &socketFile)
            try network.poller.add(descriptor.raw, self, for: Poller.Flags.readable)
        } else {
            try Errno.check(weir_listen(descriptor.raw, Self.backlog))
        }
        isRefusing = false
    }

    func close() {
        if isRefusing, !descriptor.isOpen { socketFile?.remove() }
        guard descriptor.isOpen else { return }
        network?.poller.remove(descriptor.raw)
        socketFile?.remove()
        // A child that is being started holds a copy for a moment; this ends the listening itself.
        _ = weir_shutdown_listening(descriptor.raw)
        descriptor.close()
        handler = nil
    }

    func polled(_ events: UInt32) {
        // That it has stopped listening is an event too.
        guard !isRefusing else { return }
        mayHaveMore = true
        accept()
    }

    func nextTurn() {
        isCalledNextTurn = false
        accept()
    }

    func timerFired(_ timer: TimerToken) {
        isRetrying = false
        accept()
    }

    private func accept() {
        var count = 0
        while descriptor.isOpen, mayHaveMore, !isPaused, !isRetrying, let network {
            guard count < Self.acceptsPerTurn else { return goOnNextTurn() }
            count += 1
            var peer = weir_address()
            let result = weir_accept(descriptor.raw, &peer)
            if result >= 0 {
                accepted(FileDescriptor(owning: result), from: peer, network)
            } else {
                failed(Errno(code: -result), network)
            }
        }
    }

    private func accepted(
        _ accepted: consuming FileDescriptor, from peer: weir_address, _ network: SystemNetwork
    ) {
        let local = address.isWildcard ? nil : address
        let socket = SystemSocket(
            accepted: accepted, from: peer, at: local, poller: network.poller)
        do throws(Errno) { try socket.register() } catch { return failed(error, network) }
        hasSaidCannot = false
        handler?.accepted(socket, by: self)
    }

    private func failed(_ error: Errno, _ network: SystemNetwork) {
        switch error.code {
        case EAGAIN:
            mayHaveMore = false
        case EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC:
            isRetrying = true
            let time = network.now.advanced(byNanoseconds: Self.retryNanoseconds)
            network.schedule(at: time, self)
            let isNews = !hasSaidCannot
            hasSaidCannot = true
            if isNews { handler?.cannotAccept(error, by: self) }
        default:
            // That one connection failed before it was accepted (accept(2)); the next may stand.
            break
        }
    }

    private func goOnNextTurn() {
        guard !isCalledNextTurn, descriptor.isOpen else { return }
        isCalledNextTurn = true
        network?.callNextTurn(self)
    }
}
