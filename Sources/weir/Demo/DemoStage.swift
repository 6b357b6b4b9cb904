import Platform

/// Where the demo plays: a network, and a way to let time go by on it.
protocol DemoStage: AnyObject {
    var network: any Network { get }

    /// Where ledgers and the recorder listen: a free port.
    var freeAddress: SocketAddress { get }

    /// Lets the network run until it is so. Throws when that takes longer than it can take, or when
    /// the demo is interrupted.
    func run(_ waitingFor: String, until isDone: () -> Bool) throws(Failure)
}

/// The kernel's network, and the clock on the wall.
final class SystemStage: DemoStage, SignalHandler {
    /// No part of the demo takes nearly so long.
    static let patienceNanoseconds: Int64 = 60_000_000_000

    let network: any Network
    let freeAddress = SocketAddress.ipv4(bytes: [127, 0, 0, 1], port: 0)
    private let system: SystemNetwork
    private var interruption: Signal?

    init() throws(Failure) {
        do throws(Errno) {
            system = try SystemNetwork()
            network = system
            try system.hear([.interrupt, .terminate], self)
        } catch {
            throw Failure(.defect, "the network cannot be set up: \(error); free some descriptors")
        }
    }

    func run(_ waitingFor: String, until isDone: () -> Bool) throws(Failure) {
        let deadline = system.readClock().advanced(byNanoseconds: Self.patienceNanoseconds)
        while !isDone() {
            // A turn ends with the next event; now and then it looks at the clock.
            system.turn(waitingAtMost: 100_000_000)
            if let interruption {
                throw Failure(interruption == .interrupt ? .interrupted : .terminated, "")
            }
            guard system.now < deadline else {
                throw Failure(.defect, "\(waitingFor) does not come; please report this")
            }
        }
    }

    func received(_ signal: Signal) { interruption = signal }
}
