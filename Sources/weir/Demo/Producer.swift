import Platform

/// Plays a producer's script to an address: pipelined requests on several connections at once.
///
/// Connections are opened one after the other, so that a recorder counts them as the script does.
/// One that `retries` dials again when a connection breaks, sends again what was not answered, and
/// says nothing of it.
final class Producer: TimerHandler, LineSocketOwner {
    /// What went wrong, where something did: the first of it.
    private(set) var failure: String?
    private(set) var answers = 0
    private(set) var errorAnswers = 0
    /// How often it dialled again.
    private(set) var redials = 0

    /// From a connection's break to the next dial.
    static let retryNanoseconds: Int64 = 20_000_000
    /// A connection that broke so often without an answer in between is given up.
    static let maximumRedials = 8

    private let network: any Network
    private let address: SocketAddress
    private let script: ProducerScript
    private let retries: Bool
    private var lanes: [Lane] = []
    private var start: MonotonicTime?

    /// One connection: where it stands in its script.
    private struct Lane {
        var socket: LineSocket
        var nextFlight = 0
        /// The requests of the flight that is under way, in order.
        var unanswered: ArraySlice<String> = []
        /// What it waits for, and whether that is the time to dial again.
        var timer: TimerToken?
        var isBroken = false
        var hasOpened = false
        var redials = 0
        var hasEnded = false
    }

    init(
        _ script: ProducerScript, to address: SocketAddress, retries: Bool = false,
        on network: any Network
    ) {
        self.script = script
        self.retries = retries
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
            for lane in lanes.indices where !lanes[lane].isBroken { waitForFlight(lane) }
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
        lanes[index].timer = nil
        if lanes[index].isBroken {
            lanes[index].socket = LineSocket(to: address, on: network, owner: self)
            return
        }
        let flight = script.connections[index][lanes[index].nextFlight]
        lanes[index].nextFlight += 1
        lanes[index].unanswered = flight.requests.map(\.line)[...]
        lanes[index].socket.send(Array(lanes[index].unanswered))
    }

    func connected(_ lines: LineSocket) {
        guard let index = index(of: lines) else { return }
        lanes[index].isBroken = false
        guard lanes[index].hasOpened else {
            lanes[index].hasOpened = true
            return openNext()
        }
        guard lanes[index].unanswered.isEmpty else {
            return lines.send(Array(lanes[index].unanswered))
        }
        waitForFlight(index)
    }

    func received(_ line: String, on lines: LineSocket) {
        guard let index = index(of: lines) else { return }
        guard !lanes[index].unanswered.isEmpty else {
            return fail("an answer that nobody asked for")
        }
        answers += 1
        if line.hasPrefix("ERROR") { errorAnswers += 1 }
        lanes[index].unanswered.removeFirst()
        lanes[index].redials = 0
        if lanes[index].unanswered.isEmpty { waitForFlight(index) }
    }

    func ended(_ lines: LineSocket, failure: String?) {
        guard let index = index(of: lines) else { return }
        let isComplete =
            lanes[index].unanswered.isEmpty
            && lanes[index].nextFlight == script.connections[index].count
        if !isComplete, retries, lanes[index].redials < Self.maximumRedials {
            return dialAgain(index)
        }
        lanes[index].hasEnded = true
        if let failure { return fail(failure) }
        if !isComplete { fail("connection \(index + 1) ended before its last answer") }
    }

    private func dialAgain(_ index: Int) {
        if let timer = lanes[index].timer { network.cancel(timer) }
        lanes[index].redials += 1
        redials += 1
        lanes[index].isBroken = true
        lanes[index].timer = network.schedule(
            at: network.now.advanced(byNanoseconds: Self.retryNanoseconds), self)
    }

    private func fail(_ what: String) {
        failure = failure ?? what
        for lane in lanes { lane.socket.close() }
    }

    private func index(of lines: LineSocket) -> Int? {
        lanes.firstIndex { $0.socket === lines }
    }
}
