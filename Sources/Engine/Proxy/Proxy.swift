import Faults
import Platform
import Recordings

/// Stands between clients and servers: accepts on every route, dials the server behind it, and lets
/// the two talk as if nobody stood there.
package final class Proxy {
    /// So many connections are open at once; further clients wait in the kernel's backlog.
    package static let maximumConnections = 65_536

    /// How long to wait after there was no descriptor left for dialling.
    static let retryNanoseconds: Int64 = 100_000_000

    /// nil before it begins: clients then wait in the kernel's backlog.
    private var begun: Session?
    package private(set) var routes: [Route]

    /// What goes wrong on the traffic; nil: nothing does.
    package private(set) var rules: LiveRules?

    /// Clients are refused while the server behind their route refuses: set before it begins.
    package var mirrorsRefusal = false

    /// Nothing is accepted and nothing is open: what `stop` leads to.
    package private(set) var isAtRest = false

    private let network: any Network
    private let connectionLimit: Int
    private var listeners: [any Listener] = []
    /// One a route, or none.
    private var mirrors: [RefusalMirror] = []
    private var connections: [UInt32: Connection] = [:]
    /// Connections of its own, for copies.
    private(set) lazy var copies = LiveCopies(of: self)
    private var overtaken: [(connection: UInt32, direction: Direction)] = []
    private var lastNumber: UInt32 = 0
    private var isFull = false
    private var hasSaidFull = false
    private var hasSaidCannotAccept = false
    private var stopped: (() -> Void)?

    package init(
        network: any Network, routes: [Route], connectionLimit: Int = Proxy.maximumConnections
    ) {
        self.network = network
        self.routes = routes
        self.connectionLimit = connectionLimit
    }

    /// A proxy for a session that is there already; `start` is all that is left.
    package convenience init(
        session: Session, routes: [Route], connectionLimit: Int = Proxy.maximumConnections
    ) {
        self.init(
            network: session.network, routes: routes, connectionLimit: connectionLimit)
        begun = session
    }

    /// Its session, once it has begun.
    package var session: Session {
        guard let begun else { preconditionFailure("the proxy has not begun") }
        return begun
    }

    /// Takes the addresses and begins to accept.
    package func start() throws(NetworkError) {
        try listen()
        begin(session)
    }

    /// Where it really listens, one address a route: port 0 has become a port.
    package var addresses: [SocketAddress] { listeners.map(\.address) }

    /// Takes the addresses of all routes, or of none. Nobody is accepted yet: an address that is in
    /// use is known before anything else is begun.
    package func listen() throws(NetworkError) {
        do throws(NetworkError) {
            for index in routes.indices {
                let listener = try network.listen(on: routes[index].listen, handler: self)
                listener.isPaused = true
                listeners.append(listener)
                routes[index].listen = listener.address
            }
        } catch {
            closeListeners()
            throw error
        }
    }

    /// Begins to accept.
    package func begin(_ session: Session) {
        begun = session
        if mirrorsRefusal {
            mirrors = zip(listeners, routes).map { listener, route in
                RefusalMirror(of: route, listener: listener, session: session)
            }
            for mirror in mirrors { mirror.start() }
        }
        for listener in listeners { listener.isPaused = false }
    }

    /// A server answered a dial; nil: it accepted.
    func dialEnded(on route: Int, _ error: Errno?) {
        if mirrors.indices.contains(route) { mirrors[route].heard(error) }
        guard error == .tooManyDescriptors || error == .tooManyOpenFiles else { return }
        // There was a descriptor for the client and none for its server: the next would be reset
        // too, and can as well wait until a connection ends, or somebody else lets go of some.
        sayCannotAccept(on: route, error ?? .tooManyDescriptors)
        guard !isFull, stopped == nil else { return }
        pause()
        let time = network.now.advanced(byNanoseconds: Self.retryNanoseconds)
        network.schedule(at: time, self)
    }

    private func pause() {
        isFull = true
        for listener in listeners { listener.isPaused = true }
    }

    /// Once: while descriptors are short, each that is freed is taken at once.
    private func sayCannotAccept(on route: Int?, _ error: Errno) {
        if !hasSaidCannotAccept {
            begun?.note(.cannotAccept(route: route.map { routes[$0].name } ?? "", error))
        }
        hasSaidCannotAccept = true
    }

    /// Other rules apply from now on, on connections that are open too. What the rules before them
    /// hold stays due as it was: no byte that no rule touches is lost, nor its order.
    package func setRules(_ rules: LiveRules) {
        self.rules = rules
        for number in connections.keys.sorted() { connections[number]?.setRules(rules) }
    }

    /// Connections that rules take from the direct path, for as long as one is about them.
    package var injections: Int { connections.values.count { $0.injection != nil } }

    /// Stops accepting, and ends what is open in order: what was received is delivered, as far as
    /// the peers take it within `Connection.patienceNanoseconds`. Then calls `stopped`.
    package func stop(_ stopped: @escaping () -> Void) {
        closeListeners()
        self.stopped = stopped
        copies.stop()
        for number in connections.keys.sorted() { connections[number]?.stop() }
        comeToRest()
    }

    func ended(_ connection: Connection) {
        connections[connection.number] = nil
        copies.originalEnded(connection.number)
        goOn()
        comeToRest()
    }

    func isOpen(_ connection: UInt32) -> Bool { connections[connection] != nil }

    /// A message that waits on this connection has been overtaken. It goes on in the next turn, not
    /// in the middle of what another connection does now.
    func overtaken(_ connection: UInt32, _ direction: Direction) {
        if overtaken.isEmpty { network.callNextTurn(self) }
        overtaken.append((connection, direction))
    }

    private func goOn() {
        guard isFull, connections.count < connectionLimit else { return }
        isFull = false
        for listener in listeners { listener.isPaused = false }
    }

    private func comeToRest() {
        guard let stopped, connections.isEmpty else { return }
        self.stopped = nil
        isAtRest = true
        stopped()
    }

    private func closeListeners() {
        for mirror in mirrors { mirror.stop() }
        mirrors = []
        for listener in listeners { listener.close() }
        listeners = []
    }
}

extension Proxy: TurnHandler {
    package func nextTurn() {
        let going = overtaken
        overtaken = []
        for (connection, direction) in going {
            connections[connection]?.injection?.overtaken(direction)
        }
    }
}

extension Proxy: TimerHandler {
    package func timerFired(_ timer: TimerToken) { goOn() }
}

extension Proxy: ListenerHandler {
    package func accepted(_ socket: any Socket, by listener: any Listener) {
        guard let route = listeners.firstIndex(where: { $0 === listener }),
            let session = begun, lastNumber < .max
        else { return socket.reset() }
        lastNumber += 1
        session.counters.connections += 1
        session.counters.openConnections += 1
        connections[lastNumber] = Connection(
            number: lastNumber, route: route, client: socket, proxy: self, session: session)
        guard connections.count >= connectionLimit else { return }
        pause()
        if !hasSaidFull { session.note(.full(connections: connections.count)) }
        hasSaidFull = true
    }

    package func cannotAccept(_ error: Errno, by listener: any Listener) {
        sayCannotAccept(on: listeners.firstIndex { $0 === listener }, error)
    }
}
