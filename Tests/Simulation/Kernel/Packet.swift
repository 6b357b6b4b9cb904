import Platform

/// Something that arrives at a kernel at a time: a TCP segment, or a delay that is over.
enum Packet: CustomStringConvertible {
    typealias Side = SimulatedConnection.Side

    case synchronize(SimulatedConnection)
    case answer(SimulatedConnection)
    case established(SimulatedConnection, SimulatedListener)
    case failed(SimulatedConnection, Errno)
    case segment(SimulatedConnection, from: Side, [UInt8])
    case acknowledgement(SimulatedConnection, from: Side, bytes: Int)
    case window(SimulatedConnection, from: Side, bytes: Int)
    case finish(SimulatedConnection, from: Side)
    case finishAcknowledgement(SimulatedConnection, from: Side)
    case reset(SimulatedConnection, from: Side)
    /// The edge that follows a `wouldBlock` which was none.
    case edge(SimulatedSocket, Readiness)
    case acceptRetry(SimulatedListener)

    func arrive() {
        switch self {
        case .synchronize(let connection): connection.synchronizeArrived()
        case .answer(let connection): connection.answerArrived()
        case .established(let connection, let listener): connection.handshakeEnded(at: listener)
        case .failed(let connection, let error): connection.dialFailed(error)
        case .segment(let connection, let side, let bytes):
            connection.segmentArrived(bytes, from: side)
        case .acknowledgement(let connection, let side, let bytes):
            connection.acknowledgementArrived(bytes, from: side)
        case .window(let connection, let side, let bytes):
            connection.windowOpened(bytes, from: side)
        case .finish(let connection, let side): connection.finishArrived(from: side)
        case .finishAcknowledgement(let connection, let side):
            connection.finishAcknowledged(from: side)
        case .reset(let connection, let side): connection.resetArrived(from: side)
        case .edge(let socket, let readiness): socket.becameReady(readiness)
        case .acceptRetry(let listener): listener.retry()
        }
    }

    var description: String {
        switch self {
        case .synchronize(let connection): "SYN of \(connection)"
        case .answer(let connection): "SYN-ACK of \(connection)"
        case .established(let connection, _): "handshake of \(connection)"
        case .failed(let connection, let error): "failing of \(connection): \(error)"
        case .segment(let connection, let side, let bytes):
            "\(bytes.count) bytes from \(connection) \(side)"
        case .acknowledgement(let connection, let side, let bytes):
            "ACK of \(bytes) bytes from \(connection) \(side)"
        case .window(let connection, let side, let bytes):
            "window update of \(bytes) bytes from \(connection) \(side)"
        case .finish(let connection, let side): "FIN from \(connection) \(side)"
        case .finishAcknowledgement(let connection, let side):
            "ACK of FIN from \(connection) \(side)"
        case .reset(let connection, let side): "RST from \(connection) \(side)"
        case .edge(let socket, _): "late edge of \(socket)"
        case .acceptRetry(let listener): "accepting again on \(listener.address)"
        }
    }
}
