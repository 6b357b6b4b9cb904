import Platform
import Simulation

@testable import weir

/// The demo's stage in memory, with virtual time.
final class SimulatedStage: DemoStage {
    let simulated: SimulatedNetwork
    var network: any Network { simulated }
    let freeAddress = SocketAddress.simulated(0)

    init(seed: UInt64 = 1, misbehaviour: Misbehaviour = .none) {
        simulated = SimulatedNetwork(seed: seed, misbehaviour: misbehaviour)
    }

    func run(_ waitingFor: String, until isDone: () -> Bool) throws(Failure) {
        do throws(SimulationError) {
            try simulated.run(until: isDone)
        } catch {
            throw Failure(.defect, "\(waitingFor): \(error)")
        }
    }
}
