import Platform
import Simulation
import Testing

/// What a contract test runs on: the same body on the simulated network, quiet and rough, and on
/// the kernel's.
enum Ground: CustomStringConvertible, CaseIterable {
    case simulated, rough, live

    var description: String {
        switch self {
        case .simulated: "simulated"
        case .rough: "simulated and rough"
        case .live: "live"
        }
    }

    /// Those without misbehaviour, where each single call's outcome is known.
    static let quiet = [Ground.simulated, .live]

    func makeBench() throws -> Bench {
        switch self {
        case .simulated: SimulatedBench(SimulatedNetwork())
        case .rough: SimulatedBench(SimulatedNetwork(seed: 7, misbehaviour: .rough))
        case .live: LiveBench(try SystemNetwork())
        }
    }
}

/// A network to test on, and a way to let it run.
class Bench {
    let network: any Network
    let log: TimeDiagram

    init(_ network: any Network) {
        self.network = network
        log = TimeDiagram(of: network)
    }

    /// An address to listen on; its port is free.
    var address: SocketAddress { .ipv4(bytes: [127, 0, 0, 1], port: 0) }

    /// Bytes that do not repeat in step with any buffer, and more than both kernels hold.
    var moreThanBuffersHold: [UInt8] {
        let period = (0..<251).map { UInt8($0) }
        return Array(repeatElement(period, count: capacity / period.count + 2).joined())
    }

    /// The most that the buffers of both ends of a connection take.
    var capacity: Int { 2 * 65_536 }

    /// Runs until the condition holds; throws when that does not come.
    func run(until isDone: () -> Bool) throws {}

    /// A connection whose two ends the test drives by hand.
    func connect() throws -> (client: Probe, server: Probe, listener: any Listener) {
        let probes = ProbeListener()
        let listener = try network.listen(on: address, handler: probes)
        let client = Probe()
        client.socket = network.dial(listener.address, handler: client)
        try run { probes.accepted.count == 1 && client.hasConnected }
        return (client, try #require(probes.accepted.first), listener)
    }
}

final class SimulatedBench: Bench {
    let simulated: SimulatedNetwork

    init(_ network: SimulatedNetwork) {
        simulated = network
        super.init(network)
    }

    override func run(until isDone: () -> Bool) throws {
        try simulated.run(until: isDone)
    }
}

/// The kernel's network, over loopback.
final class LiveBench: Bench {
    /// A run that takes longer hangs.
    static let limitNanoseconds: Int64 = 20_000_000_000

    let live: SystemNetwork

    init(_ network: SystemNetwork) {
        live = network
        super.init(network)
    }

    // A sender keeps at most `tcp_wmem` (4 MiB here); who never receives is not given a larger
    // window.
    override var capacity: Int { 5 << 20 }

    override func run(until isDone: () -> Bool) throws {
        let end = live.readClock().advanced(byNanoseconds: Self.limitNanoseconds)
        while !isDone() {
            let left = end.nanoseconds(since: live.readClock())
            try #require(left > 0, "what was waited for has not come")
            live.turn(waitingAtMost: left)
        }
    }
}

/// One end of a connection that a test drives by hand; it remembers what it was told.
final class Probe: SocketHandler {
    var socket: (any Socket)?
    /// Each readiness that it was told, in order.
    var edges: [Readiness] = []
    var hasConnected = false
    var failure: Errno?
    /// A callback came while one of this probe's calls was running.
    private(set) var wasCalledInside = false
    private var isCalling = false

    /// All readiness that it was told since the last time it was asked for.
    var told: Readiness { edges.reduce([]) { $0.union($1) } }

    func send(_ text: String) -> SendOutcome? { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) -> SendOutcome? {
        isCalling = true
        defer { isCalling = false }
        return bytes.withUnsafeBytes { socket?.send($0) }
    }

    /// What `receive` says, and what it received.
    func receive(_ count: Int = 100) -> (Received?, String) {
        isCalling = true
        defer { isCalling = false }
        var buffer = [UInt8](repeating: 0, count: count)
        let received = buffer.withUnsafeMutableBytes { socket?.receive(into: $0) }
        guard case .bytes(let count, _) = received else { return (received, "") }
        return (received, String(decoding: buffer.prefix(count), as: UTF8.self))
    }

    /// Calls something of the socket, while which no callback may come.
    func call(_ action: (any Socket) -> Void) {
        isCalling = true
        defer { isCalling = false }
        if let socket { action(socket) }
    }

    func connected(_ socket: any Socket) {
        note()
        hasConnected = true
    }

    func failed(_ socket: any Socket, _ error: Errno) {
        note()
        failure = error
    }

    func ready(_ socket: any Socket, _ readiness: Readiness) {
        note()
        edges.append(readiness)
    }

    private func note() { wasCalledInside = wasCalledInside || isCalling }
}

/// Accepts; each connection gets a probe.
final class ProbeListener: ListenerHandler {
    private(set) var accepted: [Probe] = []
    private(set) var errors: [Errno] = []

    func accepted(_ socket: any Socket, by listener: any Listener) {
        let probe = Probe()
        probe.socket = socket
        socket.handler = probe
        accepted.append(probe)
    }

    func cannotAccept(_ error: Errno, by listener: any Listener) { errors.append(error) }
}
