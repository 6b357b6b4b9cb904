import Engine
import Faults
import Platform
import Reactions
import Recordings
import Simulation

/// A replay as the server over the simulated network, consumers that follow scripts, and all that
/// it told.
final class StandInBench: ReplayLog {
    let network: SimulatedNetwork
    let log: TimeDiagram
    let address = SocketAddress.simulated(6_379)
    private(set) var standIn: StandIn?
    private var consumers: [ScriptedClient] = []
    private var take: Take?

    init(seed: UInt64 = 1, misbehaviour: Misbehaviour = .none) {
        network = SimulatedNetwork(seed: seed, misbehaviour: misbehaviour)
        log = TimeDiagram(of: network)
    }

    func start(
        _ take: Take, _ strikes: [Strike] = [], conditions: [Condition] = [],
        _ change: (inout StandInSettings) -> Void = { _ in }
    ) throws {
        self.take = take
        var settings = StandInSettings(ReplaySettings(to: address, framing: take.framing))
        settings.idleNanoseconds = 1_000_000_000
        change(&settings)
        let door = try Door(on: address, network: network)
        let standIn = StandIn(
            of: take.transcript, bytes: take.bytes,
            schedule: Schedule(seed: 7, conditions: conditions, strikes: strikes),
            settings: settings, at: door, on: network, observer: self)
        self.standIn = standIn
        standIn.start(sessionStart: network.now)
    }

    /// A consumer that dials at once.
    @discardableResult
    func consume(_ steps: [ScriptStep], _ name: String = "consumer") -> ScriptedClient {
        let client = ScriptedClient(name, on: network.outside, to: address, log: log, steps)
        consumers.append(client)
        return client
    }

    /// Until it is over.
    @discardableResult
    func run() throws -> ReplayResult {
        try network.run { self.result != nil }
        return result ?? ReplayResult()
    }

    /// Why a consumer's script could not go on, the first one's.
    var failure: String? { consumers.lazy.compactMap(\.failure).first }

    /// The reactions, worked out from what it told.
    func reactions() throws -> [Reaction] {
        guard let take else { return [] }
        var log = try ServingLog(
            of: take.transcript,
            settings: ReactionSettings(framing: take.framing, consumer: .client))
        var reactions: [Reaction] = []
        for (event, bytes) in events {
            log.receive(event, bytes.span)
            while let reaction = log.next() { reactions.append(reaction) }
        }
        log.finish()
        while let reaction = log.next() { reactions.append(reaction) }
        return reactions
    }

    func retries() throws -> ConsumerRetries {
        var retries = ConsumerRetries()
        for reaction in try reactions() { retries.add(reaction) }
        return retries
    }

    static func strike(
        _ effect: StrikeEffect, at message: UInt64, connection: UInt32 = 1
    ) -> Strike {
        Strike(
            id: "s", rule: "s", connection: connection, direction: .downstream, message: message,
            effect: effect)
    }
}
