import Foundation

/// A client of a protocol of lines and counted bytes, as NATS and memcached speak it.
final class TextTalk {
    private let socket: PeerSocket
    private var received = Data()

    /// What was waited for never came; the connection is over, or the limit of time is.
    struct Silence: Error, CustomStringConvertible {
        var description: String
    }

    init(port: UInt16) throws {
        socket = try PeerSocket.connect(to: .ipv4(port))
    }

    func say(_ text: String) { say(Data(text.utf8)) }

    func say(_ bytes: Data) { _ = socket.send(bytes) }

    /// The next line, without its end.
    func line() throws -> String {
        while true {
            if let end = received.range(of: Data("\r\n".utf8)) {
                let line = String(decoding: received[..<end.lowerBound], as: UTF8.self)
                received = Data(received[end.upperBound...])
                return line
            }
            try receiveMore("a line")
        }
    }

    /// So many bytes, and the line's end behind them.
    func block(_ count: Int) throws -> Data {
        while received.count < count + 2 { try receiveMore("\(count) bytes") }
        let block = Data(received.prefix(count))
        received = Data(received.dropFirst(count + 2))
        return block
    }

    private func receiveMore(_ wanted: String) throws {
        guard let more = socket.receive() else {
            throw Silence(
                description: "\(wanted) never came, but: "
                    + String(decoding: received.prefix(200), as: UTF8.self))
        }
        received += more
    }
}
