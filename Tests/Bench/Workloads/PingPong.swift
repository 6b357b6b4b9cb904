import Glibc

/// 64 bytes there and back, one after the other.
struct PingPong: Workload {
    static let bytes = 64

    var exchanges: Int

    let title = "ping-pong, 64 bytes"
    let measures = [
        Measure(name: "p50", unit: "µs", isBetterWhenHigher: false),
        Measure(name: "p99", unit: "µs", isBetterWhenHigher: false),
    ]

    func startServer(_ ground: Ground) throws(BenchError) -> any BenchServer { try EchoServer() }

    func run(through port: UInt16, to server: any BenchServer) throws(BenchError) -> [Double] {
        let socket = try LoopbackSocket.connected(to: port)
        socket.limitWaiting(seconds: 10)
        var answer = [UInt8](repeating: 0, count: Self.bytes)
        var times: [Double] = []
        for number in 0..<exchanges {
            let question = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: Self.bytes)
            let start = secondsNow()
            guard socket.sendAll(question), socket.receiveAll(&answer) else {
                throw BenchError("exchange \(number + 1) was not answered")
            }
            times.append(secondsNow() - start)
            guard answer == question else { throw BenchError("another answer than was sent") }
        }
        times.sort()
        return [0.5, 0.99].map { times[Int(Double(times.count - 1) * $0)] * 1e6 }
    }
}

/// New connections: each carries one exchange of 64 bytes, then ends.
struct ConnectionRate: Workload {
    var connections: Int

    let title = "new connections, one exchange each"
    let measures = [Measure(name: "rate", unit: "/s", isBetterWhenHigher: true)]

    func startServer(_ ground: Ground) throws(BenchError) -> any BenchServer { try EchoServer() }

    func run(through port: UInt16, to server: any BenchServer) throws(BenchError) -> [Double] {
        let question = [UInt8](repeating: 7, count: PingPong.bytes)
        var answer = [UInt8](repeating: 0, count: PingPong.bytes)
        let start = secondsNow()
        for number in 1...connections {
            let socket = try LoopbackSocket.connected(to: port)
            socket.limitWaiting(seconds: 10)
            guard socket.sendAll(question), socket.receiveAll(&answer), answer == question else {
                throw BenchError("connection \(number) was not answered")
            }
        }
        return [Double(connections) / (secondsNow() - start)]
    }
}

/// Sends back what comes, one connection after the other.
final class EchoServer: BenchServer {
    private let listener: LoopbackSocket
    private let serving: Background
    let port: UInt16

    init() throws(BenchError) {
        let listener = try LoopbackSocket.listening()
        self.listener = listener
        port = listener.port
        serving = Background {
            while let client = try listener.accepted(withinMilliseconds: -1) {
                var bytes = [UInt8](repeating: 0, count: PingPong.bytes)
                while client.receiveAll(&bytes), client.sendAll(bytes) {}
            }
        }
    }

    func stop() { listener.shutDown() }
}
