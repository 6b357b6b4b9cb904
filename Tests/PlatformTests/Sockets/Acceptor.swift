import Platform
import Testing

/// Accepts, connects and remembers what it was told.
final class Acceptor: ListenerHandler, SocketHandler {
    var sockets: [any Socket] = []
    var errors: [Errno] = []
    var connected = 0
    var failures: [Errno] = []
    var told: Readiness = []
    /// Receives, as is right: until it would block, or was drained.
    var bytes: [UInt8] = []
    var ending: Received?

    func accepted(_ socket: any Socket, by listener: any Listener) {
        socket.handler = self
        sockets.append(socket)
    }

    func cannotAccept(_ error: Errno, by listener: any Listener) { errors.append(error) }

    func connected(_ socket: any Socket) { connected += 1 }

    func failed(_ socket: any Socket, _ error: Errno) { failures.append(error) }

    func ready(_ socket: any Socket, _ readiness: Readiness) {
        told.formUnion(readiness)
        guard readiness.contains(.readable) else { return }
        var buffer = [UInt8](repeating: 0, count: 1_024)
        while true {
            let received = buffer.withUnsafeMutableBytes { socket.receive(into: $0) }
            guard case .bytes(let count, let isDrained) = received else {
                if received != .wouldBlock { ending = received }
                return
            }
            bytes += buffer.prefix(count)
            if isDrained { return }
        }
    }
}
