import Platform

/// The whole network in memory, with virtual time and a seed, so that the shipped engine runs in
/// tests unchanged.
///
/// Both ends of every connection live here. The program under test takes the network itself; the
/// peers around it take `outside`, which is the same network without misbehaviour and without a
/// limit of descriptors. What happens follows Linux's TCP as far as it can be seen through
/// `Network`; the order of everything depends on the seed and the calls alone.
package final class SimulatedNetwork: Network {
    /// Draws all that is left to chance. The same seed and the same calls give the same run.
    package let seed: UInt64

    /// How the network treats the program under test beyond what TCP makes it do.
    package var misbehaviour: Misbehaviour

    /// The way to addresses that `paths` does not list.
    package var path = NetworkPath()

    /// The way to an address: delays, buffers, and how dialling goes. Read when a dial begins.
    package var paths: [SocketAddress: NetworkPath] = [:]

    /// How many sockets and listeners the program under test may have open.
    package var descriptorLimit = Int.max

    /// After how long a network that could not accept tries again.
    package var acceptRetryNanoseconds: Int64 = 100_000_000

    /// What the program under test did that `Network` does not allow, in order. Running throws
    /// when there is something in it.
    package internal(set) var violations: [String] = []

    /// The network as the peers around the program under test see it.
    package private(set) lazy var outside: any Network = OutsideNetwork(of: self)

    package internal(set) var now = MonotonicTime(nanoseconds: 0)

    var clock = MonotonicTime(nanoseconds: 0)
    var dice: SeededDice
    var packets = EventQueue<Packet>()
    var timers = EventQueue<TimerToken>()
    var timerHandlers: [TimerToken: any TimerHandler] = [:]
    var nextTurnHandlers: [any TurnHandler] = []
    var readySockets: [SimulatedSocket] = []
    var listeners: [SimulatedListener] = []
    var sockets: [Int: SimulatedSocket] = [:]
    var isRunning = false
    var timerLateness: Int64 = 0
    private var lastConnection = 0
    private var lastTimer: UInt64 = 0
    private var lastPort: UInt16 = 39_999

    package init(seed: UInt64 = 1, misbehaviour: Misbehaviour = .none) {
        self.seed = seed
        self.misbehaviour = misbehaviour
        self.dice = SeededDice(seed: seed)
    }

    package func readClock() -> MonotonicTime { clock }

    package func listen(
        on address: SocketAddress, handler: any ListenerHandler
    ) throws(NetworkError) -> any Listener {
        try listen(on: address, handler: handler, isOutside: false)
    }

    package func dial(_ address: SocketAddress, handler: any SocketHandler) -> any Socket {
        dial(address, handler: handler, isOutside: false)
    }

    @discardableResult
    package func schedule(at time: MonotonicTime, _ handler: any TimerHandler) -> TimerToken {
        lastTimer += 1
        let token = TimerToken(id: lastTimer)
        timerHandlers[token] = handler
        timers.push(token, at: time)
        return token
    }

    package func cancel(_ timer: TimerToken) {
        timerHandlers[timer] = nil
    }

    package func callNextTurn(_ handler: any TurnHandler) {
        nextTurnHandlers.append(handler)
    }

    /// Lets time go by inside a callback, as if the program had computed for so long: `readClock`
    /// sees it at once, `now` from the next turn on.
    package func spend(nanoseconds: Int64) {
        clock = clock.advanced(byNanoseconds: max(0, nanoseconds))
    }

    /// Open sockets and listeners of the program under test: what it has not closed.
    package var openDescriptors: Int {
        sockets.values.count { !$0.isOutside } + listeners.count { !$0.isOutside }
    }

    var isOutOfDescriptors: Bool {
        descriptorLimit < Int.max && openDescriptors >= descriptorLimit
    }

    /// Descriptions of the sockets that are open, those outside included.
    package var openSockets: [String] {
        sockets.keys.sorted().compactMap { sockets[$0]?.description }
    }
}

extension SimulatedNetwork {
    func listen(
        on address: SocketAddress, handler: any ListenerHandler, isOutside: Bool
    ) throws(NetworkError) -> SimulatedListener {
        let free = address.port == 0 ? address.replacingPort(freePort()) : address
        if listeners.contains(where: { $0.address == free }) {
            throw NetworkError(address: "\(free)", doing: "listen", errno: .addressInUse)
        }
        if !isOutside, isOutOfDescriptors {
            throw NetworkError(address: "\(free)", doing: "listen", errno: .tooManyDescriptors)
        }
        let listener = SimulatedListener(
            address: free, handler: handler, network: self, isOutside: isOutside)
        listeners.append(listener)
        return listener
    }

    func dial(
        _ address: SocketAddress, handler: any SocketHandler, isOutside: Bool
    ) -> SimulatedSocket {
        let path = paths[address] ?? path
        let isStarved = !isOutside && isOutOfDescriptors
        lastConnection += 1
        let connection = SimulatedConnection(
            number: lastConnection, network: self, path: path,
            client: address.replacingPort(freePort()), server: address)
        let socket = SimulatedSocket(connection, .client, isOutside: isOutside)
        socket.handler = handler
        open(socket)
        if isStarved {
            packets.push(.failed(connection, .tooManyDescriptors), at: clock)
        } else {
            connection.dial()
        }
        return socket
    }

    /// The listener that a connection to `address` reaches: one on just this address, or on all.
    func listener(for address: SocketAddress) -> SimulatedListener? {
        let listening = listeners.filter { !$0.isRefusing }
        return listening.first { $0.address == address }
            ?? listening.first { $0.address.isWildcard && $0.address.port == address.port }
    }

    /// Keeps the socket alive until it is closed, as the kernel keeps a descriptor.
    func open(_ socket: SimulatedSocket) {
        socket.connection[socket.side].socket = socket
        sockets[socket.id] = socket
    }

    func violated(_ what: String) {
        violations.append("\(clock.inMilliseconds) \(what)")
    }

    private func freePort() -> UInt16 {
        repeat {
            lastPort = lastPort == .max ? 40_000 : lastPort + 1
        } while listeners.contains { $0.address.port == lastPort }
        return lastPort
    }
}

extension SocketAddress {
    /// `127.0.0.1` and this port.
    package static func simulated(_ port: UInt16) -> SocketAddress {
        .ipv4(bytes: [127, 0, 0, 1], port: port)
    }
}
