import Platform

/// Where a replay as the server listens. It takes the address at once, so that one in use is known
/// before anything else is begun; who connects waits in the kernel until the replay has begun.
package final class Door {
    /// Lets them in.
    protocol Visited: AnyObject {
        func entered(_ socket: any Socket)
    }

    private var listener: (any Listener)?
    /// Where it really listens: port 0 has become a port.
    package private(set) var address: SocketAddress

    weak var visited: (any Visited)? {
        didSet { listener?.isPaused = visited == nil || isFull }
    }
    var isFull = false {
        didSet {
            if isFull != oldValue { listener?.isPaused = isFull || visited == nil }
        }
    }

    package init(on address: SocketAddress, network: any Network) throws(NetworkError) {
        self.address = address
        let listener = try network.listen(on: address, handler: self)
        listener.isPaused = true
        self.listener = listener
        self.address = listener.address
    }

    /// Nobody is let in any more.
    package func close() {
        listener?.close()
        listener = nil
    }
}

extension Door: ListenerHandler {
    package func accepted(_ socket: any Socket, by listener: any Listener) {
        guard let visited else { return socket.reset() }
        visited.entered(socket)
    }

    /// The network tries again by itself.
    package func cannotAccept(_ error: Errno, by listener: any Listener) {}
}
