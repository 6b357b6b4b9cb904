import Platform
import Simulation
import Testing

/// What goes wrong in the simulated network when a test asks for it, and what it refuses.
struct SimulatedMishapTests {
    @Test func `an unanswered dial times out`() throws {
        let world = World()
        world.network.path.dialling = .unanswered
        world.network.path.dialTimeoutNanoseconds = 3_000_000_000
        let client = world.client([.expectDialFailure(.timedOut)])
        try world.network.runUntilIdle()
        #expect(client.isDone)
        #expect(
            world.log.text == """
                0ms client dials
                3000ms client cannot dial: connection timed out

                """)
    }

    @Test func `a dial fails as its path says, after a round trip`() throws {
        let world = World()
        world.network.paths[world.address] = NetworkPath(delayNanoseconds: 4_000_000)
        world.network.paths[world.address]?.dialling = .failing(.hostUnreachable)
        let client = world.client([.expectDialFailure(.hostUnreachable)])
        try world.network.runUntilIdle()
        #expect(client.isDone)
        #expect(world.network.now == .milliseconds(8))
    }

    @Test func `a dial that is closed before it is answered is never heard of`() throws {
        for moment in 0...5 as ClosedRange<Int64> {
            let world = World()
            world.network.path = NetworkPath(delayNanoseconds: 2)
            let probes = ProbeListener()
            let listener = try world.network.listen(on: world.address, handler: probes)
            let client = Probe()
            client.socket = world.network.dial(world.address, handler: client)
            try world.network.run(forNanoseconds: moment)
            client.call { $0.close() }
            try world.network.runUntilIdle()
            #expect(client.hasConnected == (moment >= 4))
            #expect(client.failure == nil)
            #expect(probes.accepted.count == (moment >= 4 ? 1 : 0))
            listener.close()
        }
    }

    @Test func `want of descriptors is said once, and accepting goes on after`() throws {
        let world = World()
        world.network.descriptorLimit = 3
        let probes = ProbeListener()
        let listener = try world.network.listen(on: world.address, handler: probes)
        let clients = (0..<4).map { _ in world.client([.expectEnd, .close]) }
        try world.network.run(forNanoseconds: 350_000_000)
        #expect(probes.accepted.count == 2)
        #expect(probes.errors == [.tooManyDescriptors])
        let dialler = Probe()
        dialler.socket = world.network.dial(world.address, handler: dialler)
        try world.network.run { dialler.failure != nil }
        #expect(dialler.failure == .tooManyDescriptors)
        for probe in probes.accepted { probe.call { $0.close() } }
        try world.network.run { probes.accepted.count == 4 }
        for probe in probes.accepted { probe.call { $0.close() } }
        listener.close()
        try world.network.runUntilIdle()
        #expect(clients.map { $0.isDone } == [true, true, true, true])
        #expect(world.network.openDescriptors == 0)
        #expect(probes.errors == [.tooManyDescriptors])
    }

    @Test func `a backlog is reset when its listener closes`() throws {
        let world = World()
        let listener = try world.network.listen(on: world.address, handler: ProbeListener())
        listener.isPaused = true
        let client = world.client([.expectReset, .close])
        try world.network.runUntilIdle()
        #expect(!client.isDone)
        listener.close()
        try world.network.runUntilIdle()
        #expect(client.isDone)
    }

    @Test func `what never comes to rest fails and says what is pending`() throws {
        let network = SimulatedNetwork(seed: 42)
        network.callNextTurn(Spinner(network))
        let error = #expect(throws: SimulationError.self) { try network.runUntilIdle(limit: 100) }
        #expect(
            error?.description == """
                not at rest after 100 turns (seed 42, at 0ms)
                pending: next turn of Spinner
                open:    nothing
                """)
    }

    @Test func `waiting for what never comes fails when all is at rest`() throws {
        let world = World(seed: 5)
        let client = world.client([.expectDialFailure(.connectionRefused)])
        let error = #expect(throws: SimulationError.self) { try world.network.run { false } }
        #expect(client.isDone)
        #expect(
            error?.description == """
                all is at rest, and what was waited for has not come (seed 5, at 0ms)
                pending: nothing
                open:    nothing
                """)
    }

    @Test func `using a closed socket is reported`() throws {
        let bench = SimulatedBench(SimulatedNetwork())
        let (client, _, listener) = try bench.connect()
        listener.close()
        client.call { $0.close() }
        client.call { $0.close() }
        #expect(bench.simulated.violations == [])
        #expect(client.send("x") == .failed(Errno(code: 9)))
        bench.simulated.callNextTurn(Spinner(bench.simulated))
        let error = #expect(throws: SimulationError.self) { try bench.simulated.runUntilIdle() }
        #expect(error?.description.hasPrefix("0ms send connection 1 client to") == true)
    }

    @Test func `time goes by inside a callback when it is spent there`() throws {
        let network = SimulatedNetwork()
        let spender = Spender(network)
        network.schedule(at: .milliseconds(10), spender)
        try network.runUntilIdle()
        #expect(spender.seen == ["10ms", "10ms", "17ms"])
        try network.run(until: .milliseconds(30))
        #expect(network.now == .milliseconds(30))
    }

    /// Each kind of misbehaviour happens when asked for: none of the other tests is idle.
    @Test func `every misbehaviour shows`() throws {
        func run(_ change: (inout Misbehaviour) -> Void) throws -> String {
            var misbehaviour = Misbehaviour.none
            change(&misbehaviour)
            let network = SimulatedNetwork(seed: 3, misbehaviour: misbehaviour)
            return try Observer.observe(network)
        }
        let quiet = try run { _ in }
        let half = Odds(1, in: 2)
        let changes: [(inout Misbehaviour) -> Void] = [
            { $0.shortReads = half }, { $0.shortSends = half }, { $0.blockedReceives = half },
            { $0.blockedSends = half }, { $0.cutSegments = half }, { $0.latePackets = half },
            { $0.lateTimers = half }, { $0.extraReadiness = half }, { $0.splitTurns = half },
            { $0.shuffledTurns = half }, { $0.starvedAccepts = half },
        ]
        for (index, change) in changes.enumerated() {
            #expect(try run(change) != quiet, "change \(index)")
        }
        #expect(try run { _ in } == quiet)
    }
}

private final class Spinner: TurnHandler {
    unowned let network: SimulatedNetwork
    init(_ network: SimulatedNetwork) { self.network = network }
    func nextTurn() { network.callNextTurn(self) }
}

private final class Spender: TimerHandler {
    unowned let network: SimulatedNetwork
    private(set) var seen: [String] = []
    init(_ network: SimulatedNetwork) { self.network = network }

    func timerFired(_ timer: TimerToken) {
        seen.append(network.now.inMilliseconds)
        network.spend(nanoseconds: 7_000_000)
        seen.append(network.now.inMilliseconds)
        seen.append(network.readClock().inMilliseconds)
    }
}

/// Writes down everything that a program can see of a network, over a few exchanges.
private final class Observer: SocketHandler, ListenerHandler, TimerHandler {
    private let network: SimulatedNetwork
    private var lines: [String] = []

    private init(_ network: SimulatedNetwork) { self.network = network }

    static func observe(_ network: SimulatedNetwork) throws -> String {
        let observer = Observer(network)
        let listener = try network.listen(on: .simulated(1), handler: observer)
        for milliseconds in 1...4 {
            network.schedule(at: .milliseconds(Int64(milliseconds)), observer)
            _ = network.dial(.simulated(1), handler: observer)
        }
        try network.runUntilIdle()
        listener.close()
        return observer.lines.joined(separator: "\n")
    }

    private func note(_ what: String) { lines.append("\(network.now.inMilliseconds) \(what)") }

    func accepted(_ socket: any Socket, by listener: any Listener) {
        note("accepted")
        socket.handler = self
    }

    func cannotAccept(_ error: Errno, by listener: any Listener) { note("cannot accept") }

    func failed(_ socket: any Socket, _ error: Errno) { note("failed") }

    func timerFired(_ timer: TimerToken) { note("timer \(timer.id)") }

    func connected(_ socket: any Socket) {
        note("\(socket) connected")
        let bytes = [UInt8](repeating: 7, count: 50)
        for _ in 0..<2 { note("sent \(bytes.withUnsafeBytes { socket.send($0) })") }
    }

    func ready(_ socket: any Socket, _ readiness: Readiness) {
        note("\(socket) ready \(readiness.rawValue)")
        var buffer = [UInt8](repeating: 0, count: 30)
        for _ in 0..<4 {
            note("received \(buffer.withUnsafeMutableBytes { socket.receive(into: $0) })")
        }
    }
}
