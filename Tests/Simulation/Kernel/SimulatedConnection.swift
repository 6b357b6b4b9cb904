import Platform

/// One TCP connection as the two kernels at its ends see it: handshake, segments, windows,
/// acknowledgements, FIN and RST.
///
/// It does what Linux was measured to do where programs can see it: data that arrived before a RST
/// can still be received; the error of a RST is given once, by whichever call comes first; closing
/// with unread bytes sends a RST, and so does data that meets a closed socket.
final class SimulatedConnection: CustomStringConvertible {
    enum Side: Int {
        case client, server

        var other: Side { self == .client ? .server : .client }
    }

    enum Phase { case dialling, established, failed }

    let number: Int
    let network: SimulatedNetwork
    let path: NetworkPath
    let addresses: [SocketAddress]
    var phase = Phase.dialling
    private var ends: [SimulatedEnd]
    private let dialDeadline: MonotonicTime

    init(
        number: Int, network: SimulatedNetwork, path: NetworkPath, client: SocketAddress,
        server: SocketAddress
    ) {
        self.number = number
        self.network = network
        self.path = path
        addresses = [client, server]
        let end = SimulatedEnd(window: path.receiveBufferBytes)
        ends = [end, end]
        dialDeadline = network.clock.advanced(byNanoseconds: path.dialTimeoutNanoseconds)
    }

    subscript(side: Side) -> SimulatedEnd {
        get { ends[side.rawValue] }
        _modify { yield &ends[side.rawValue] }
    }

    var description: String { "connection \(number)" }

    /// Puts a packet on its way. Packets of one end never overtake each other.
    func transmit(_ packet: Packet, from side: Side) {
        var time = network.clock.advanced(byNanoseconds: path.delay(from: side))
        if network.dice.roll(network.misbehaviour.latePackets) {
            let late = network.dice.draw(below: network.misbehaviour.lateness)
            time = time.advanced(byNanoseconds: late)
        }
        time = max(time, self[side].lastArrival)
        self[side].lastArrival = time
        network.packets.push(packet, at: time)
    }
}

/// The handshake.
extension SimulatedConnection {
    func dial() {
        switch path.dialling {
        case .answered:
            transmit(.synchronize(self), from: .client)
        case .unanswered:
            network.packets.push(.failed(self, .timedOut), at: dialDeadline)
        case .failing(let error):
            let both = path.upstreamNanoseconds + path.downstreamNanoseconds
            let time = network.clock.advanced(byNanoseconds: both)
            network.packets.push(.failed(self, error), at: time)
        }
    }

    func synchronizeArrived() {
        guard !self[.client].isClosed else { return }
        guard let listener = network.listener(for: addresses[1]) else {
            let isUnix = addresses[1].port == nil
            transmit(.failed(self, isUnix ? .noEntry : .connectionRefused), from: .server)
            return
        }
        guard listener.isFull else {
            transmit(.answer(self), from: .server)
            return
        }
        // The kernel drops the SYN, and the client's sends it again after a second.
        let again = network.clock.advanced(byNanoseconds: 1_000_000_000)
        if again < dialDeadline {
            network.packets.push(.synchronize(self), at: again)
        } else {
            network.packets.push(.failed(self, .timedOut), at: dialDeadline)
        }
    }

    func answerArrived() {
        guard phase == .dialling else { return }
        phase = .established
        if let listener = network.listener(for: addresses[1]) {
            transmit(.established(self, listener), from: .client)
        } else {
            self[.server].isClosed = true
            self[.server].isSilent = true
            transmit(.reset(self, from: .server), from: .server)
        }
        self[.client].socket?.dialEnded(.connected)
    }

    func handshakeEnded(at listener: SimulatedListener) {
        guard !listener.isClosed else { return close(.server, withReset: true) }
        let socket = SimulatedSocket(self, .server, isOutside: listener.isOutside)
        self[.server].socket = socket
        listener.enqueue(socket)
    }

    func dialFailed(_ error: Errno) {
        guard phase == .dialling else { return }
        phase = .failed
        self[.client].socket?.dialEnded(.failed(error))
    }
}

/// Data and what answers it.
extension SimulatedConnection {
    /// Puts on the wire what the peer's window has room for, and the FIN after the last byte.
    func pump(_ side: Side) {
        guard phase == .established, !self[side].isReset, !self[side].isSilent else { return }
        while self[side].window > 0, !self[side].unsent.isEmpty {
            var count = min(self[side].window, path.segmentBytes, self[side].unsent.count)
            let isCut = network.dice.roll(network.misbehaviour.cutSegments)
            if isCut { count = 1 + network.dice.draw(below: count) }
            self[side].window -= count
            let bytes = Array(self[side].unsent.removeFirst(count))
            transmit(.segment(self, from: side, bytes), from: side)
            if isCut { holdBack(side) }
        }
        if self[side].unsent.isEmpty, self[side].isFinished, !self[side].hasSentFinish {
            self[side].hasSentFinish = true
            transmit(.finish(self, from: side), from: side)
        }
    }

    /// What this end sends next arrives later, so that the receiver sees the cut.
    private func holdBack(_ side: Side) {
        let late = 1 + network.dice.draw(below: network.misbehaviour.lateness)
        self[side].lastArrival = self[side].lastArrival.advanced(byNanoseconds: late)
    }

    func segmentArrived(_ bytes: [UInt8], from side: Side) {
        let receiver = side.other
        guard !self[receiver].isReset, !self[receiver].isSilent else { return }
        guard !self[receiver].isClosed else { return sendReset(from: receiver) }
        self[receiver].received.append(bytes)
        let acknowledgement = Packet.acknowledgement(self, from: receiver, bytes: bytes.count)
        transmit(acknowledgement, from: receiver)
        self[receiver].socket?.becameReady(.readable)
    }

    func acknowledgementArrived(_ bytes: Int, from side: Side) {
        let sender = side.other
        guard !self[sender].isReset else { return }
        self[sender].unacknowledged -= bytes
        // Linux tells of room when a third of the buffer is free, not at the first byte.
        let isRoomy = self[sender].unacknowledged * 3 <= path.sendBufferBytes * 2
        if self[sender].wantsRoom, isRoomy {
            self[sender].wantsRoom = false
            self[sender].socket?.becameReady(.writable)
        }
    }

    func windowOpened(_ bytes: Int, from side: Side) {
        self[side.other].window += bytes
        pump(side.other)
    }
}

/// The end, in order and not.
extension SimulatedConnection {
    func finish(_ side: Side) {
        guard !self[side].isFinished, !self[side].isReset else { return }
        self[side].isFinished = true
        pump(side)
    }

    func close(_ side: Side, withReset: Bool) {
        guard !self[side].isClosed else { return }
        self[side].isClosed = true
        if phase == .dialling { phase = .failed }
        guard phase == .established, !self[side].isReset else { return }
        if withReset {
            sendReset(from: side)
        } else if !self[side].received.isEmpty {
            sendReset(from: side)
        } else {
            finish(side)
        }
    }

    func finishArrived(from side: Side) {
        let receiver = side.other
        guard !self[receiver].isReset, !self[receiver].isSilent else { return }
        self[receiver].hasReceivedFinish = true
        transmit(.finishAcknowledgement(self, from: receiver), from: receiver)
        self[receiver].socket?.becameReady([.readable, .peerEnded])
    }

    func finishAcknowledged(from side: Side) {
        self[side.other].isFinishAcknowledged = true
    }

    func resetArrived(from side: Side) {
        let receiver = side.other
        guard !self[receiver].isReset, !self[receiver].isSilent, !self[receiver].isOver
        else { return }
        let isCloseWait = self[receiver].hasReceivedFinish && !self[receiver].isFinished
        self[receiver].isReset = true
        self[receiver].error = isCloseWait ? .brokenPipe : .connectionReset
        self[receiver].unsent.removeAll()
        self[receiver].socket?.becameReady([.readable, .writable, .peerEnded])
    }

    /// Forgets what was not sent and tells the peer, unless both ends have finished already.
    private func sendReset(from side: Side) {
        guard !self[side].isSilent else { return }
        let isOver = self[side].hasSentFinish && self[side].hasReceivedFinish
        self[side].isSilent = true
        self[side].unsent.removeAll()
        if !isOver || !self[side].received.isEmpty {
            transmit(.reset(self, from: side), from: side)
        }
    }
}

/// What one end's kernel knows of a connection.
struct SimulatedEnd {
    /// The program's socket; nil before it was accepted and after it was closed.
    weak var socket: SimulatedSocket?
    /// The program has closed it.
    var isClosed = false
    /// It has sent a RST: nothing more is sent, and what arrives is dropped.
    var isSilent = false
    /// The peer's RST has arrived.
    var isReset = false
    /// The error that the next call gives, once.
    var error: Errno?

    /// Bytes that the program sent and that are not on the wire yet.
    var unsent = ByteQueue()
    /// Those, and the ones on the wire whose acknowledgement has not come back.
    var unacknowledged = 0
    /// How many bytes the peer has room for, as far as this end knows.
    var window: Int
    /// The program was told `wouldBlock` or a part, and hears of room when there is some.
    var wantsRoom = false
    /// The program sends no more; the FIN follows the last byte.
    var isFinished = false
    var hasSentFinish = false
    var isFinishAcknowledged = false

    /// Bytes that arrived and that the program has not received.
    var received = ByteQueue()
    var hasReceivedFinish = false
    /// When the last packet sent from here arrives.
    var lastArrival = MonotonicTime(nanoseconds: 0)

    init(window: Int) { self.window = window }

    /// Both directions have ended in order.
    var isOver: Bool { isFinishAcknowledged && hasReceivedFinish }

    /// There is something for `receive` to give beside `wouldBlock`.
    var isReadable: Bool { !received.isEmpty || hasReceivedFinish || isReset }
}
