import Engine
import Faults
import Platform
import Recordings
import Simulation

/// A replay over the simulated network, and all that it told.
final class ReplayBench: ReplayLog {
    let network: SimulatedNetwork
    let log: TimeDiagram
    let address = SocketAddress.simulated(6_379)
    private(set) var replay: Replay?

    init(seed: UInt64 = 1, misbehaviour: Misbehaviour = .none) {
        network = SimulatedNetwork(seed: seed, misbehaviour: misbehaviour)
        log = TimeDiagram(of: network)
    }

    /// A server that answers each line, and closes when the client has ended.
    func serve(
        greeting: [ScriptStep] = [], _ answer: @escaping (String) -> [ScriptStep]
    ) throws -> ScriptedServer {
        try ScriptedServer(
            on: network.outside, at: address, log: log, serving: .lines(answer), greeting: greeting)
    }

    /// Each line is answered by itself, at once.
    func serveEcho(afterNanoseconds delay: Int64 = 0) throws -> ScriptedServer {
        try serve { line in
            (delay > 0 ? [.wait(delay)] : []) + [.send(ScriptBytes("=" + line + "\n"))]
        }
    }

    func start(
        _ take: Take, _ strikes: [Strike] = [], conditions: [Condition] = [],
        _ change: (inout ReplaySettings) -> Void = { _ in }
    ) {
        var settings = ReplaySettings(to: address, framing: take.framing)
        change(&settings)
        let replay = Replay(
            of: take.transcript, bytes: take.bytes,
            schedule: Schedule(seed: 7, conditions: conditions, strikes: strikes),
            settings: settings, on: network, observer: self)
        self.replay = replay
        replay.start(sessionStart: network.now)
    }

    /// Replays from the beginning to the end.
    @discardableResult
    func play(
        _ take: Take, _ strikes: [Strike] = [], conditions: [Condition] = [],
        _ change: (inout ReplaySettings) -> Void = { _ in }
    ) throws -> ReplayResult {
        start(take, strikes, conditions: conditions, change)
        try network.run { self.result != nil }
        return result ?? ReplayResult()
    }
}
