import CLinux
import Glibc

/// The kernel's socket, registered once with the poller for everything, by edges.
final class SystemSocket: Socket, Pollable {
    /// What the poller watches a socket for.
    static let interests =
        Poller.Flags.readable | Poller.Flags.writable | Poller.Flags.peerFinished
        | Poller.Flags.urgent

    var handler: (any SocketHandler)?

    private var descriptor: FileDescriptor
    private let poller: Poller
    private var peer: weir_address
    private var local: SocketAddress?
    private var isDialling: Bool
    /// A send found no room, or not enough: the handler wants to hear of some.
    private var wantsRoom = false
    /// The peer's FIN or RST is in what there is to receive.
    private var hasPeerEnded = false
    /// `receive` has given the end: there is nothing more to tell of.
    private var hasReceivedEnd = false
    /// Urgent data came once: a short read may then have stopped at its mark, with more behind it.
    private var hasUrgent = false
    /// A reset that came together with the connection, and that asking how the dial went took away.
    private var heldError: Errno?

    /// A connection that was accepted from `peer`. `local` is where it was accepted if that is one
    /// address.
    init(
        accepted descriptor: consuming FileDescriptor, from peer: weir_address,
        at local: SocketAddress?, poller: Poller
    ) {
        self.descriptor = descriptor
        self.peer = peer
        self.local = local
        self.poller = poller
        isDialling = false
    }

    /// A connection that is being made to `peer`.
    init(dialling descriptor: consuming FileDescriptor, to peer: weir_address, poller: Poller) {
        self.descriptor = descriptor
        self.peer = peer
        self.poller = poller
        isDialling = true
    }

    /// The kernel's number; -1 once closed.
    var rawDescriptor: Int32 { descriptor.raw }

    /// Has the poller watch it.
    func register() throws(Errno) { try poller.add(descriptor.raw, self, for: Self.interests) }

    var localAddress: SocketAddress? {
        if local == nil, descriptor.isOpen { local = SocketAddress.local(of: descriptor.raw) }
        return local
    }

    var peerAddress: SocketAddress? { SocketAddress(peer) }

    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Received {
        guard let start = buffer.baseAddress, !buffer.isEmpty else {
            preconditionFailure("receiving into an empty buffer")
        }
        let count = weir_receive(descriptor.raw, start, buffer.count)
        if count > 0 {
            let isShort = count < buffer.count
            return .bytes(count, isDrained: isShort && !hasPeerEnded && !hasUrgent)
        }
        if count == 0 {
            hasReceivedEnd = true
            if let error = takeHeldError() { return .failed(error) }
            return .finished
        }
        let error = Errno(code: Int32(truncatingIfNeeded: -count))
        return error == .wouldBlock ? .wouldBlock : .failed(error)
    }

    func send(_ buffer: UnsafeRawBufferPointer) -> SendOutcome {
        guard let start = buffer.baseAddress, !buffer.isEmpty else {
            preconditionFailure("sending from an empty buffer")
        }
        if let error = takeHeldError() { return .failed(error) }
        let count = weir_send(descriptor.raw, start, buffer.count)
        // The kernel tells of room by an edge when a send met the buffer's end, partial ones too.
        wantsRoom = count < buffer.count
        if count > 0 { return .bytes(count) }
        let error = Errno(code: Int32(truncatingIfNeeded: -count))
        // A dial that has not ended says EAGAIN too.
        return error == .wouldBlock ? .wouldBlock : .failed(error)
    }

    var unacknowledgedBytes: Int {
        descriptor.isOpen ? max(0, Int(weir_unacknowledged_bytes(descriptor.raw))) : 0
    }

    func takeError() -> Errno? {
        if let error = takeHeldError() { return error }
        guard descriptor.isOpen else { return nil }
        let code = weir_socket_error(descriptor.raw)
        return code == 0 ? nil : Errno(code: code)
    }

    func finish() {
        if descriptor.isOpen { _ = weir_shutdown_sending(descriptor.raw) }
    }

    func reset() {
        // Refused by Unix sockets, which have no RST: their peer sees the end.
        if descriptor.isOpen { _ = weir_reset_at_close(descriptor.raw) }
        close()
    }

    func close() {
        guard descriptor.isOpen else { return }
        poller.remove(descriptor.raw)
        descriptor.close()
        handler = nil
    }

    func polled(_ events: UInt32) {
        if isDialling { return dialEnded(events) }
        tell(events, alsoWritable: wantsRoom)
    }

    private func tell(_ events: UInt32, alsoWritable: Bool) {
        let isBroken = events & Poller.Flags.broken != 0
        let hasEnded = isBroken || events & Poller.Flags.peerFinished != 0
        var readiness: Readiness = []
        if hasEnded || events & (Poller.Flags.readable | Poller.Flags.urgent) != 0 {
            if isBroken || !hasReceivedEnd { readiness.insert(.readable) }
        }
        if isBroken || alsoWritable && events & Poller.Flags.writable != 0 {
            wantsRoom = false
            readiness.insert(.writable)
        }
        if hasEnded {
            hasPeerEnded = true
            if !readiness.isEmpty { readiness.insert(.peerEnded) }
        }
        if events & Poller.Flags.urgent != 0 { hasUrgent = true }
        if !readiness.isEmpty { handler?.ready(self, readiness) }
    }

    private func dialEnded(_ events: UInt32) {
        guard events & (Poller.Flags.writable | Poller.Flags.broken) != 0 else { return }
        isDialling = false
        if events & Poller.Flags.broken != 0 {
            let code = weir_socket_error(descriptor.raw)
            // The connection stood, and the peer ended it before this was told.
            let hasStood = code == 0 || code == ECONNRESET || code == EPIPE
            guard hasStood else { return fail(Errno(code: code)) }
            if code != 0 { heldError = Errno(code: code) }
        }
        handler?.connected(self)
        if descriptor.isOpen { tell(events, alsoWritable: wantsRoom) }
    }

    /// The dial failed: closes, and then says so.
    func fail(_ error: Errno) {
        let handler = handler
        close()
        handler?.failed(self, error)
    }

    private func takeHeldError() -> Errno? {
        guard let error = heldError else { return nil }
        heldError = nil
        return error
    }
}
