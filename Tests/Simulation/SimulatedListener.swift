import Platform

/// A listening socket of the simulated network, with its backlog of connections to accept.
package final class SimulatedListener: Listener {
    /// Connections that wait to be accepted; beyond it a SYN goes unanswered and comes again.
    package static let backlogLimit = 4_096

    package let address: SocketAddress
    package var isPaused = false

    let isOutside: Bool
    private let network: SimulatedNetwork
    private var handler: (any ListenerHandler)?
    private var backlog: [SimulatedSocket] = []
    private var isRetrying = false
    private var hasSaidCannot = false
    private(set) var isClosed = false
    private(set) var isRefusing = false

    init(
        address: SocketAddress, handler: any ListenerHandler, network: SimulatedNetwork,
        isOutside: Bool
    ) {
        self.address = address
        self.handler = handler
        self.network = network
        self.isOutside = isOutside
    }

    package func close() {
        guard !isClosed else { return }
        isClosed = true
        handler = nil
        network.listeners.removeAll { $0 === self }
        resetWaiting()
    }

    package func refuse() {
        guard !isClosed else { return }
        isRefusing = true
        resetWaiting()
    }

    package func listenAgain() throws(Errno) { isRefusing = false }

    private func resetWaiting() {
        let waiting = backlog
        backlog = []
        for socket in waiting { socket.connection.close(.server, withReset: true) }
    }

    var isFull: Bool { backlog.count >= Self.backlogLimit }

    var isReady: Bool { !backlog.isEmpty && !isPaused && !isRetrying && !isClosed }

    func enqueue(_ socket: SimulatedSocket) { backlog.append(socket) }

    func retry() { isRetrying = false }

    /// Accepts what waits, as long as the program wants and has descriptors.
    func accept() {
        while isReady {
            if isStarved {
                isRetrying = true
                let time = network.now.advanced(byNanoseconds: network.acceptRetryNanoseconds)
                network.packets.push(.acceptRetry(self), at: time)
                let isNews = !hasSaidCannot
                hasSaidCannot = true
                if isNews { handler?.cannotAccept(.tooManyDescriptors, by: self) }
                return
            }
            hasSaidCannot = false
            let socket = backlog.removeFirst()
            network.open(socket)
            handler?.accepted(socket, by: self)
            socket.tellWhatArrivedBefore()
        }
    }

    private var isStarved: Bool {
        !isOutside
            && (network.isOutOfDescriptors
                || network.dice.roll(network.misbehaviour.starvedAccepts))
    }
}
