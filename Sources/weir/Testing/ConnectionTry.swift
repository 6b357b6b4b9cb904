import Platform

/// One attempt to connect, to see whether somebody accepts; what stands is closed at once.
final class ConnectionTry: SocketHandler {
    private var socket: (any Socket)?
    /// Whether it was accepted; nil while that is not known.
    private(set) var wasAccepted: Bool?

    init(_ address: SocketAddress, on network: SystemNetwork) {
        socket = network.dial(address, handler: self)
    }

    /// Whether somebody accepts within so long.
    static func succeeds(
        _ address: SocketAddress, within nanoseconds: Int64, on loop: TestLoop
    ) throws(Failure) -> Bool {
        let attempt = ConnectionTry(address, on: loop.network)
        defer { attempt.abandon() }
        try loop.wait(atMost: nanoseconds) { attempt.wasAccepted != nil }
        return attempt.wasAccepted == true
    }

    func abandon() {
        socket?.close()
        socket = nil
        if wasAccepted == nil { wasAccepted = false }
    }

    func connected(_ socket: any Socket) {
        wasAccepted = true
        abandon()
    }

    func failed(_ socket: any Socket, _ error: Errno) {
        wasAccepted = false
        self.socket = nil
    }

    func ready(_ socket: any Socket, _ readiness: Readiness) {}
}
