import Platform

/// Plays a producer's script to an address: pipelined requests on several connections at once.
///
/// Connections are opened one after the other, so that a recorder counts them as the script does.
final class Producer: TimerHandler, LineSocketOwner {
    /// What went wrong, where something did: the first of it.
    private(set) var failure: String?
    private(set) var answers = 0
    private(set) var errorAnswers = 0

    private let network: any Network
    private let address: SocketAddress
    private let script: ProducerScript
    private var lanes: [Lane] = []
    private var start: MonotonicTime?

    /// One connection: where it stands in its script.
    private struct Lane {
        var socket: LineSocket
        var nextFlight = 0
        var unanswered = 0
        var timer: TimerToken?
        var hasEnded = false
    }

    init(_ script: ProducerScript, to address: SocketAddress, on network: any Network) {
        self.script = script
        self.address = address
        self.network = network
        openNext()
    }

    /// Every connection has ended, or one has failed.
    var isDone: Bool {
        failure != nil
            || lanes.count == script.connections.count && lanes.allSatisfy(\.hasEnded)
    }

    private func openNext() {
        guard lanes.count < script.connections.count else {
            start = network.now
            for lane in lanes.indices { waitForFlight(lane) }
            return
        }
        lanes.append(Lane(socket: LineSocket(to: address, on: network, owner: self)))
    }

    private func waitForFlight(_ index: Int) {
        guard let start else { return }
        let flights = script.connections[index]
        guard lanes[index].nextFlight < flights.count else { return lanes[index].socket.finish() }
        let due = flights[lanes[index].nextFlight].dueNanoseconds
        lanes[index].timer = network.schedule(at: start.advanced(byNanoseconds: due), self)
    }

    func timerFired(_ timer: TimerToken) {
        guard failure == nil, let index = lanes.firstIndex(where: { $0.timer == timer })
        else { return }
        let flight = script.connections[index][lanes[index].nextFlight]
        lanes[index].timer = nil
        lanes[index].nextFlight += 1
        lanes[index].unanswered = flight.requests.count
        lanes[index].socket.send(flight.requests.map(\.line))
    }

    func connected(_ lines: LineSocket) { openNext() }

    func received(_ line: String, on lines: LineSocket) {
        guard let index = index(of: lines) else { return }
        guard lanes[index].unanswered > 0 else { return fail("an answer that nobody asked for") }
        answers += 1
        if line.hasPrefix("ERROR") { errorAnswers += 1 }
        lanes[index].unanswered -= 1
        if lanes[index].unanswered == 0 { waitForFlight(index) }
    }

    func ended(_ lines: LineSocket, failure: String?) {
        guard let index = index(of: lines) else { return }
        lanes[index].hasEnded = true
        if let failure { return fail(failure) }
        let isComplete =
            lanes[index].unanswered == 0
            && lanes[index].nextFlight == script.connections[index].count
        if !isComplete { fail("connection \(index + 1) ended before its last answer") }
    }

    private func fail(_ what: String) {
        failure = failure ?? what
        for lane in lanes { lane.socket.close() }
    }

    private func index(of lines: LineSocket) -> Int? {
        lanes.firstIndex { $0.socket === lines }
    }
}
