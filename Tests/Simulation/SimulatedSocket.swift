import Platform

/// One end of a simulated connection, as a program holds it.
package final class SimulatedSocket: Socket, CustomStringConvertible {
    enum DialOutcome { case connected, failed(Errno) }

    package var handler: (any SocketHandler)?

    let connection: SimulatedConnection
    let side: SimulatedConnection.Side
    let isOutside: Bool
    private var network: SimulatedNetwork { connection.network }
    private var pending: Readiness = []
    private var outcome: DialOutcome?
    private var isQueued = false

    init(
        _ connection: SimulatedConnection, _ side: SimulatedConnection.Side, isOutside: Bool
    ) {
        self.connection = connection
        self.side = side
        self.isOutside = isOutside
    }

    var id: Int { connection.number * 2 + side.rawValue }

    package var localAddress: SocketAddress? { address(of: side) }

    package var peerAddress: SocketAddress? { address(of: side.other) }

    package func receive(into buffer: UnsafeMutableRawBufferPointer) -> Received {
        guard mayBeUsed("receive"), !isEmpty(buffer.count, "receive") else {
            return .failed(.badDescriptor)
        }
        guard !end.received.isEmpty else { return receiveEnd() }
        if roll(\.blockedReceives) {
            tellLater(.readable)
            return .wouldBlock
        }
        var count = min(buffer.count, end.received.count)
        if roll(\.shortReads) { count = 1 + network.dice.draw(below: count) }
        buffer.copyBytes(from: connection[side].received.removeFirst(count))
        connection.transmit(.window(connection, from: side, bytes: count), from: side)
        // A full buffer leaves open whether there is more, as it does with the kernel.
        let isDrained = count < buffer.count && !end.isReadable
        return .bytes(count, isDrained: isDrained)
    }

    package func send(_ buffer: UnsafeRawBufferPointer) -> SendOutcome {
        guard mayBeUsed("send"), !isEmpty(buffer.count, "send") else {
            return .failed(.badDescriptor)
        }
        if let error = takeHeldError() { return .failed(error) }
        if end.isReset || end.isFinished { return .failed(.brokenPipe) }
        guard connection.phase == .established else { return .wouldBlock }
        let room = connection.path.sendBufferBytes - end.unacknowledged
        guard room > 0 else {
            connection[side].wantsRoom = true
            return .wouldBlock
        }
        if roll(\.blockedSends) {
            tellLater(.writable)
            return .wouldBlock
        }
        var count = min(buffer.count, room)
        connection[side].wantsRoom = count < buffer.count
        if roll(\.shortSends) {
            count = 1 + network.dice.draw(below: count)
            tellLater(.writable)
        }
        connection[side].unsent.append(Array(buffer.prefix(count)))
        connection[side].unacknowledged += count
        connection.pump(side)
        return .bytes(count)
    }

    /// As `SIOCOUTQ` counts: a FIN that is not acknowledged is one more, and a RST stops the count
    /// where it was.
    package var unacknowledgedBytes: Int {
        guard mayBeUsed("ask for unacknowledged bytes of") else { return 0 }
        return end.unacknowledged + (end.isFinished && !end.isFinishAcknowledged ? 1 : 0)
    }

    package func takeError() -> Errno? {
        guard mayBeUsed("ask for the error of") else { return nil }
        return takeHeldError()
    }

    package func finish() {
        guard mayBeUsed("finish") else { return }
        guard connection.phase == .established else {
            network.violated("finish of \(self), which is not connected")
            return
        }
        connection.finish(side)
    }

    package func reset() { close(withReset: true) }

    package func close() { close(withReset: false) }

    private func close(withReset: Bool) {
        guard !end.isClosed else { return }
        connection.close(side, withReset: withReset)
        handler = nil
        network.sockets[id] = nil
    }

    package var description: String {
        let facts = [
            "\(end.received.count) unread", "\(end.unacknowledged) unacknowledged",
            end.isFinished ? "finished" : nil, end.hasReceivedFinish ? "peer finished" : nil,
            end.isReset ? "reset by peer" : nil,
            connection.phase == .dialling ? "dialling" : nil,
        ].compactMap { $0 }
        let ends = side == .client ? "\(side) to" : "\(side) on"
        return "\(connection) \(ends) \(connection.addresses[1]): "
            + facts.joined(separator: ", ")
    }
}

/// What the kernel has to tell, and when the program hears it.
extension SimulatedSocket {
    /// An edge: told in the next turn, together with what else happens until then.
    func becameReady(_ readiness: Readiness) {
        guard !end.isClosed else { return }
        pending.formUnion(readiness)
        queue()
    }

    func dialEnded(_ outcome: DialOutcome) {
        guard !end.isClosed else { return }
        self.outcome = outcome
        queue()
    }

    /// A connection that was just accepted may have bytes, a FIN or a RST already.
    func tellWhatArrivedBefore() {
        if end.isReadable { becameReady(end.isReset || end.hasReceivedFinish ? mask : .readable) }
        if roll(\.extraReadiness) { becameReady(.writable) }
    }

    func tellReadiness() {
        isQueued = false
        switch outcome {
        case .connected:
            outcome = nil
            if roll(\.extraReadiness) { becameReady(.writable) }
            handler?.connected(self)
        case .failed(let error):
            outcome = nil
            let handler = handler
            close()
            handler?.failed(self, error)
        case nil:
            break
        }
        guard !end.isClosed, !pending.isEmpty else { return }
        if roll(\.extraReadiness) { pending.formUnion(mask) }
        let readiness = pending
        pending = []
        handler?.ready(self, readiness)
    }

    /// All that may be done now, as epoll reports it with every edge.
    private var mask: Readiness {
        var mask: Readiness = []
        if end.isReadable { mask.insert(.readable) }
        if end.isReset || end.unacknowledged < connection.path.sendBufferBytes {
            mask.insert(.writable)
        }
        if end.isReset || end.hasReceivedFinish { mask.insert(.peerEnded) }
        return mask
    }

    private func queue() {
        guard !isQueued else { return }
        isQueued = true
        network.readySockets.append(self)
    }

    private func tellLater(_ readiness: Readiness) {
        let late = network.dice.draw(below: max(1, network.misbehaviour.lateness))
        let time = network.clock.advanced(byNanoseconds: late)
        network.packets.push(.edge(self, readiness), at: time)
    }
}

extension SimulatedSocket {
    private var end: SimulatedEnd { connection[side] }

    private func receiveEnd() -> Received {
        if end.hasReceivedFinish { return .finished }
        if let error = takeHeldError() { return .failed(error) }
        return end.isReset ? .finished : .wouldBlock
    }

    private func takeHeldError() -> Errno? {
        let error = end.error
        connection[side].error = nil
        return error
    }

    /// The program under test may meet this misbehaviour, and now it does.
    private func roll(_ kind: KeyPath<Misbehaviour, Odds>) -> Bool {
        !isOutside && network.dice.roll(network.misbehaviour[keyPath: kind])
    }

    private func mayBeUsed(_ verb: String) -> Bool {
        if end.isClosed { network.violated("\(verb) \(self), which is closed") }
        return !end.isClosed
    }

    private func isEmpty(_ count: Int, _ verb: String) -> Bool {
        if count == 0 { network.violated("\(verb) on \(self) with an empty buffer") }
        return count == 0
    }

    /// The end's address; nil of a client's Unix socket, which has no name.
    private func address(of side: SimulatedConnection.Side) -> SocketAddress? {
        let address = connection.addresses[side.rawValue]
        return address.port == nil && side == .client ? nil : address
    }
}

extension Errno {
    /// `EBADF`: what a closed descriptor gives.
    static let badDescriptor = Errno(code: 9)
}
