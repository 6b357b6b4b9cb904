import Platform

/// A server whose connections each follow a script, or which serves: answers what comes.
package final class ScriptedServer: ListenerHandler {
    package let name: String

    /// The server's ends of its connections, in the order of accepting.
    package private(set) var connections: [ScriptedPeer] = []

    /// How fast connections that are accepted from now on receive.
    package var pace = ReadingPace.atOnce

    private let network: any Network
    private let log: TimeDiagram
    private let service: Service?
    private let stepsAtEnd: [ScriptStep]
    private let script: (Int) -> [ScriptStep]
    private var listener: (any Listener)?

    /// Each connection follows the script that it is given by its number, from 1.
    package init(
        _ name: String = "server", on network: any Network, at address: SocketAddress,
        log: TimeDiagram, script: @escaping (Int) -> [ScriptStep]
    ) throws(NetworkError) {
        self.name = name
        self.network = network
        self.log = log
        self.script = script
        service = nil
        stepsAtEnd = []
        listener = try network.listen(on: address, handler: self)
    }

    /// Each connection follows the same script.
    package convenience init(
        _ name: String = "server", on network: any Network, at address: SocketAddress,
        log: TimeDiagram, _ steps: [ScriptStep]
    ) throws(NetworkError) {
        try self.init(name, on: network, at: address, log: log) { _ in steps }
    }

    /// Each connection begins with `greeting`, then answers as the service says; `atEnd` follows
    /// when the client has ended.
    package init(
        _ name: String = "server", on network: any Network, at address: SocketAddress,
        log: TimeDiagram, serving service: Service, greeting: [ScriptStep] = [],
        atEnd: [ScriptStep] = [.close]
    ) throws(NetworkError) {
        self.name = name
        self.network = network
        self.log = log
        self.service = service
        script = { _ in greeting }
        stepsAtEnd = atEnd
        listener = try network.listen(on: address, handler: self)
    }

    /// Where it listens.
    package var address: SocketAddress? { listener?.address }

    /// Stops listening; connections go on.
    package func stopListening() {
        listener?.close()
        listener = nil
    }

    /// Stops or goes on accepting; connections then wait in the backlog.
    package var isPaused: Bool {
        get { listener?.isPaused ?? false }
        set { listener?.isPaused = newValue }
    }

    /// Stops listening and closes all connections.
    package func close() {
        stopListening()
        for connection in connections { connection.close() }
    }

    /// The first failure of a connection's script.
    package var failure: String? { connections.lazy.compactMap(\.failure).first }

    package func accepted(_ socket: any Socket, by listener: any Listener) {
        let number = connections.count + 1
        let peer = ScriptedPeer(
            number == 1 ? name : "\(name)-\(number)", accepted: socket, on: network, log: log,
            steps: script(number), service: service, stepsAtEnd: stepsAtEnd)
        peer.pace = pace
        connections.append(peer)
    }

    package func cannotAccept(_ error: Errno, by listener: any Listener) {
        log.note(name, "cannot accept: \(error)")
    }
}
