import Platform

/// The ledger on the network: every connection's lines go to the one ledger, in the order in which
/// they arrive.
final class LedgerServer: ListenerHandler, LineSocketOwner {
    private(set) var ledger: Ledger
    /// Where it listens, or listened.
    private(set) var address: SocketAddress
    private var listener: (any Listener)?
    private var connections: [ObjectIdentifier: LineSocket] = [:]

    /// Listens on `address`; port 0 takes a free one.
    init(
        edition: Ledger.Edition, at address: SocketAddress, on network: any Network
    ) throws(NetworkError) {
        ledger = Ledger(edition: edition)
        self.address = address
        let listener = try network.listen(on: address, handler: self)
        self.listener = listener
        self.address = listener.address
    }

    /// Stops listening and closes what is open.
    func close() {
        listener?.close()
        listener = nil
        for connection in connections.values { connection.close() }
        connections = [:]
    }

    func accepted(_ socket: any Socket, by listener: any Listener) {
        let lines = LineSocket(socket, owner: self)
        connections[ObjectIdentifier(lines)] = lines
    }

    // The network pauses, tries again and says so itself.
    func cannotAccept(_ error: Errno, by listener: any Listener) {}

    func received(_ line: String, on lines: LineSocket) {
        let reply = ledger.reply(to: line)
        lines.queue(reply.text)
        if reply.isLast { lines.hangUp() }
    }

    func ended(_ lines: LineSocket, failure: String?) {
        connections[ObjectIdentifier(lines)] = nil
    }
}
