import Platform
import Simulation

/// Sends, receives, finishes, closes and resets at random moments.
final class RandomPeer: SocketHandler, ListenerHandler, TimerHandler {
    enum Ending { case none, finished, reset }

    private(set) var sent: [UInt8] = []
    private(set) var received: [UInt8] = []
    private(set) var ending = Ending.none
    private(set) var hasFinished = false
    private(set) var sawReset = false
    private(set) var heardAfterClosing = false
    private let network: any Network
    private var dice: SeededDice
    private var socket: (any Socket)?
    private var isClosed = false

    init(on network: any Network, seed: UInt64) {
        self.network = network
        dice = SeededDice(seed: seed)
    }

    func accepted(_ socket: any Socket, by listener: any Listener) {
        socket.handler = self
        connected(socket)
    }

    func cannotAccept(_ error: Errno, by listener: any Listener) {}

    func connected(_ socket: any Socket) {
        self.socket = socket
        timerFired(TimerToken(id: 0))
    }

    func failed(_ socket: any Socket, _ error: Errno) { isClosed = true }

    func ready(_ socket: any Socket, _ readiness: Readiness) {
        heardAfterClosing = heardAfterClosing || isClosed
        if dice.roll(Odds(3, in: 4)) { receive() }
    }

    func timerFired(_ timer: TimerToken) {
        guard !isClosed else { return }
        switch dice.draw(below: 24) {
        case 0: close { $0.reset() }
        case 1: close { $0.close() }
        case 2...3: finish()
        case 4...14: send()
        default: receive()
        }
        let time = network.now.advanced(byNanoseconds: dice.draw(below: 400_000))
        network.schedule(at: time, self)
    }

    /// Closes as a program does that ends.
    func giveUp() {
        if !isClosed { close { $0.close() } }
    }

    private func close(_ how: (any Socket) -> Void) {
        isClosed = true
        hasFinished = true
        if let socket { how(socket) }
    }

    private func finish() {
        hasFinished = true
        socket?.finish()
    }

    private func send() {
        guard !hasFinished, let socket else { return }
        let bytes = (0...dice.draw(below: 60)).map { _ in UInt8(dice.draw(below: 256)) }
        switch bytes.withUnsafeBytes({ socket.send($0) }) {
        case .bytes(let count): sent += bytes.prefix(count)
        case .wouldBlock: break
        case .failed:
            ending = .reset
            sawReset = true
        }
    }

    private func receive() {
        guard let socket else { return }
        var buffer = [UInt8](repeating: 0, count: 1 + dice.draw(below: 50))
        while true {
            switch buffer.withUnsafeMutableBytes({ socket.receive(into: $0) }) {
            case .bytes(let count, _): received += buffer.prefix(count)
            case .wouldBlock: return
            case .finished:
                if ending == .none { ending = .finished }
                return
            case .failed:
                ending = .reset
                sawReset = true
                return
            }
        }
    }
}
