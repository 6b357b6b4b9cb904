import Platform

/// One end of a connection that speaks in lines: what arrives becomes whole lines, and lines that
/// are queued leave when all that had arrived was read, in one piece where the kernel takes it.
final class LineSocket: SocketHandler {
    /// A longer line ends the connection.
    static let maximumLineBytes = 512

    /// It stops reading while so many bytes wait to be sent.
    static let maximumUnsentBytes = 64 << 10

    private weak var owner: (any LineSocketOwner)?
    private var socket: (any Socket)?
    private var isConnected: Bool
    private var unfinished: [UInt8] = []
    private var unsent: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 16 << 10)
    private var isFinishing = false
    private var hasHungUp = false
    private var peerHasFinished = false

    /// An accepted connection.
    init(_ socket: any Socket, owner: any LineSocketOwner) {
        self.owner = owner
        self.socket = socket
        isConnected = true
        socket.handler = self
    }

    /// A connection to `address`; its owner hears `connected` or `ended`.
    init(to address: SocketAddress, on network: any Network, owner: any LineSocketOwner) {
        self.owner = owner
        isConnected = false
        socket = network.dial(address, handler: self)
    }

    /// Sends these lines, which have no line's end yet.
    func send(_ lines: [String]) {
        for line in lines { queue(line) }
        flush()
    }

    /// Sends this line when what has arrived is read: for answers.
    func queue(_ line: String) {
        unsent += line.utf8
        unsent.append(UInt8(ascii: "\n"))
    }

    /// Ends the sending direction when all is sent.
    func finish() {
        isFinishing = true
        flush()
    }

    /// Ends the sending direction when all is sent, and hears no more lines: what still comes is
    /// thrown away, because closing at once would take back what was said last.
    func hangUp() {
        hasHungUp = true
        finish()
    }

    /// Ends both directions; its owner hears no more of it.
    func close() {
        socket?.close()
        socket = nil
    }

    func connected(_ socket: any Socket) {
        isConnected = true
        owner?.connected(self)
        flush()
    }

    func failed(_ socket: any Socket, _ error: Errno) { end("cannot connect: \(error)") }

    func ready(_ socket: any Socket, _ readiness: Readiness) {
        flush()
        while receive() {
            flush()
            // Readiness to write sets the reading going again.
            if unsent.count >= Self.maximumUnsentBytes { return }
        }
        flush()
        if peerHasFinished, unsent.isEmpty { end(nil) }
    }

    /// Reads until the kernel has no more (false), or too much waits to be sent (true).
    private func receive() -> Bool {
        while let socket, !peerHasFinished {
            guard unsent.count < Self.maximumUnsentBytes else { return true }
            switch buffer.withUnsafeMutableBytes({ socket.receive(into: $0) }) {
            case .bytes(let count, let isDrained):
                take(count)
                if isDrained { return false }
            case .wouldBlock:
                return false
            // What it asked for is still answered. A line that it did not end is not a line.
            case .finished:
                peerHasFinished = true
            case .failed(let error):
                end("\(error)")
            }
        }
        return false
    }

    private func take(_ count: Int) {
        guard !hasHungUp else { return }
        for byte in buffer.prefix(count) {
            guard byte == UInt8(ascii: "\n") else {
                unfinished.append(byte)
                if unfinished.count > Self.maximumLineBytes {
                    return end("a line is longer than \(Self.maximumLineBytes) bytes")
                }
                continue
            }
            if unfinished.last == UInt8(ascii: "\r") { unfinished.removeLast() }
            let line = String(decoding: unfinished, as: UTF8.self)
            unfinished = []
            owner?.received(line, on: self)
            if socket == nil || hasHungUp { return }
        }
    }

    private func flush() {
        guard isConnected else { return }
        while let socket, !unsent.isEmpty {
            switch unsent.withUnsafeBytes({ socket.send($0) }) {
            case .bytes(let count): unsent.removeFirst(count)
            case .wouldBlock: return
            // The next receive tells it too, after what the peer sent before it failed.
            case .failed: unsent = []
            }
        }
        if isFinishing {
            isFinishing = false
            socket?.finish()
        }
    }

    private func end(_ failure: String?) {
        close()
        owner?.ended(self, failure: failure)
    }
}

/// Whose the lines are.
protocol LineSocketOwner: AnyObject {
    /// A connection that was dialled stands.
    func connected(_ lines: LineSocket)

    /// A line came, without its end.
    func received(_ line: String, on lines: LineSocket)

    /// The connection is over and closed: in order (nil), or with what went wrong.
    func ended(_ lines: LineSocket, failure: String?)
}

extension LineSocketOwner {
    func connected(_ lines: LineSocket) {}
}
