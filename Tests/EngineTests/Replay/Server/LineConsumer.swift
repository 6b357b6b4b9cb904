import Platform
import Simulation

/// A client of a line service that asks its questions one after the other, or many at once, and
/// does what its kind does when the connection is cut.
final class LineConsumer: SocketHandler {
    enum Kind: CaseIterable {
        /// Dials again and asks again what was not answered.
        case retries
        /// Dials again, and goes on behind what was not answered.
        case skips
        case givesUp
        /// Asks what nobody recorded, now and then.
        case wanders
        /// Ends the connection when it likes.
        case rude
    }

    /// So often it dials in all.
    static let dials = 6

    private let network: any Network
    private let address: SocketAddress
    private let kind: Kind
    private let questions: [String]
    private let window: Int
    private var dice: SeededDice
    private var socket: (any Socket)?
    private var asked = 0
    private var answered = 0
    private var dialled = 0
    private var unsent: [UInt8] = []
    private(set) var received: [UInt8] = []

    init(
        _ kind: Kind, on network: any Network, to address: SocketAddress, _ questions: [String],
        atOnce window: Int, dice: SeededDice
    ) {
        self.kind = kind
        self.network = network
        self.address = address
        self.questions = questions
        self.window = window
        self.dice = dice
        dial()
    }

    private func dial() {
        guard dialled < Self.dials else { return }
        dialled += 1
        unsent = []
        asked = answered
        socket = network.dial(address, handler: self)
    }

    func connected(_ socket: any Socket) { ask() }
    func failed(_ socket: any Socket, _ error: Errno) { self.socket = nil }

    func ready(_ socket: any Socket, _ readiness: Readiness) {
        if readiness.contains(.readable) { read() }
        ask()
    }

    private func ask() {
        guard let socket else { return }
        while asked < questions.count, asked - answered < window {
            var question = questions[asked]
            if kind == .wanders, dice.roll(Odds(1, in: 10)) { question += "?" }
            unsent += question.utf8 + [0x0A]
            asked += 1
        }
        while !unsent.isEmpty {
            guard case .bytes(let count) = unsent.withUnsafeBytes({ socket.send($0) }) else {
                break
            }
            unsent.removeFirst(count)
        }
        if kind == .rude, dice.roll(Odds(1, in: 12)) {
            if dice.roll(Odds(1, in: 2)) { socket.reset() } else { socket.close() }
            self.socket = nil
            return dial()
        }
        if answered >= questions.count {
            socket.close()
            self.socket = nil
        }
    }

    private func read() {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while let socket {
            switch buffer.withUnsafeMutableBytes({ socket.receive(into: $0) }) {
            case .bytes(let count, let isDrained):
                received += buffer.prefix(count)
                answered += buffer.prefix(count).count { $0 == 0x0A }
                asked = max(asked, answered)
                if isDrained { return }
            case .wouldBlock: return
            case .finished, .failed:
                socket.close()
                self.socket = nil
                if kind == .skips { answered += 1 }
                if kind != .givesUp, answered < questions.count { dial() }
                return
            }
        }
    }
}
