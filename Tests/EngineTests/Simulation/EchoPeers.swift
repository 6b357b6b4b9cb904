import Platform

/// Sends back what comes; ends when the client ends.
final class EchoServer: ListenerHandler, SocketHandler {
    private var waiting: [UInt8] = []
    private var isAtEnd = false

    func accepted(_ socket: any Socket, by listener: any Listener) {
        socket.handler = self
    }

    func cannotAccept(_ error: Errno, by listener: any Listener) {}
    func connected(_ socket: any Socket) {}
    func failed(_ socket: any Socket, _ error: Errno) {}

    func ready(_ socket: any Socket, _ readiness: Readiness) {
        if readiness.contains(.readable) {
            let (bytes, ending) = socket.receiveAll()
            waiting += bytes
            isAtEnd = isAtEnd || ending != nil
        }
        socket.sendWhatFits(of: &waiting)
        if isAtEnd, waiting.isEmpty { socket.close() }
    }
}

/// Sends its bytes, finishes, and collects what comes until the end.
final class Sender: SocketHandler {
    private var waiting: [UInt8]
    private(set) var received: [UInt8] = []
    private(set) var hasEnded = false

    init(_ bytes: [UInt8]) { waiting = bytes }

    func connected(_ socket: any Socket) { send(on: socket) }
    func failed(_ socket: any Socket, _ error: Errno) { hasEnded = true }

    func ready(_ socket: any Socket, _ readiness: Readiness) {
        if readiness.contains(.writable), !waiting.isEmpty { send(on: socket) }
        guard readiness.contains(.readable) else { return }
        let (bytes, ending) = socket.receiveAll()
        received += bytes
        if ending != nil {
            hasEnded = true
            socket.close()
        }
    }

    private func send(on socket: any Socket) {
        socket.sendWhatFits(of: &waiting)
        if waiting.isEmpty { socket.finish() }
    }
}

extension Socket {
    /// Receives until it would block or has ended.
    fileprivate func receiveAll() -> (bytes: [UInt8], ending: Received?) {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 100)
        while true {
            let received = buffer.withUnsafeMutableBytes { receive(into: $0) }
            switch received {
            case .bytes(let count, let isDrained):
                all += buffer.prefix(count)
                if isDrained { return (all, nil) }
            case .wouldBlock: return (all, nil)
            case .finished, .failed: return (all, received)
            }
        }
    }

    /// Sends until nothing is left or it would block.
    fileprivate func sendWhatFits(of bytes: inout [UInt8]) {
        while !bytes.isEmpty {
            guard case .bytes(let count) = bytes.withUnsafeBytes({ send($0) }) else { return }
            bytes.removeFirst(count)
        }
    }
}
