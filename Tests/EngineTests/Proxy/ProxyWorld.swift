import Engine
import Platform
import Recordings
import Simulation

/// A proxy on a simulated network, with a disk in memory, between peers that a test brings.
final class ProxyWorld: SessionObserver {
    let network: SimulatedNetwork
    let log: TimeDiagram
    let store: MemoryBlockStore
    let session: Session
    let proxy: Proxy
    private(set) var notices: [Notice] = []

    /// Where the proxy listens for a second route, `users`, to the same server, if it has one.
    let side = SocketAddress.simulated(7_001)
    /// Where the proxy listens, and where the server behind it does.
    let front = SocketAddress.simulated(7_000)
    let back = SocketAddress.simulated(6_379)

    var outside: any Network { network.outside }
    var recorder: Recorder { session.recorder }

    init(
        _ network: SimulatedNetwork = SimulatedNetwork(), blocks: Int = 4, blockBytes: Int = 65_536,
        settings: RecorderSettings = RecorderSettings(), framing: FramingChoice? = nil,
        connectionLimit: Int = Proxy.maximumConnections, mirrorsRefusal: Bool = false,
        hasSide: Bool = false
    ) throws {
        self.network = network
        log = TimeDiagram(of: network)
        store = MemoryBlockStore(on: network, blocks: blocks, blockBytes: blockBytes)
        let recorder = try Recorder(
            network: network, store: store, settings: settings)
        session = Session(network: network, recorder: recorder, framing: framing)
        proxy = Proxy(
            session: session,
            routes: [Route(name: "orders", listen: front, upstream: back)]
                + (hasSide ? [Route(name: "users", listen: side, upstream: back)] : []),
            connectionLimit: connectionLimit)
        session.observer = self
        proxy.mirrorsRefusal = mirrorsRefusal
        try proxy.start()
    }

    func note(_ notice: Notice) { notices.append(notice) }

    /// The lives of the connections that have ended.
    var summaries: [ConnectionSummary] {
        notices.compactMap { notice in
            if case .ended(let summary) = notice { summary } else { nil }
        }
    }

    var recorderNotices: [RecorderNotice] {
        notices.compactMap { notice in
            if case .recorder(let notice) = notice { notice } else { nil }
        }
    }

    func client(_ steps: [ScriptStep]) -> ScriptedClient {
        ScriptedClient(on: outside, to: front, log: log, steps)
    }

    func server(_ steps: [ScriptStep]) throws -> ScriptedServer {
        try ScriptedServer(on: outside, at: back, log: log, steps)
    }

    /// Ends the session and the recording, and reads it back.
    @discardableResult
    func finish() throws -> ReadRecording {
        proxy.stop {}
        try network.run { self.proxy.isAtRest }
        recorder.finish {}
        try network.run { self.store.isClosed }
        return try ReadRecording(store.file)
    }
}
