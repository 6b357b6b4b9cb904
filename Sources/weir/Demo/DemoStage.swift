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
    private static let turnNanoseconds: Int64 = 100_000_000

    let network: any Network
    let freeAddress = SocketAddress.ipv4(bytes: [127, 0, 0, 1], port: 0)
    private let system: SystemNetwork
    private var interruption: ExitCode?

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
            system.turn(waitingAtMost: Self.turnNanoseconds)
            if let interruption { throw Failure(interruption, "") }
            guard system.now < deadline else {
                throw Failure(.defect, "\(waitingFor) does not come; please report this")
            }
        }
    }

    /// For what goes on until somebody ends it.
    func runUntilInterrupted() -> ExitCode {
        while true {
            system.turn()
            if let interruption { return interruption }
        }
    }

    /// Leaves signals to whoever hears them next.
    func stopHearing() { system.stopHearing() }

    /// A new file that takes a recording.
    func makeStore(
        _ path: String, replacing: Bool = false
    ) throws(Failure) -> any BlockStore {
        do {
            let file = try File.create(path, replacing: replacing)
            return try BlockWriter(to: file, pool: BlockPool(count: 4), network: system)
        } catch let error as FileError {
            throw Failure(error.errno == .exists ? .usage : .unwritable, "\(error)")
        } catch {
            throw Failure(.defect, "\(path) cannot be recorded to: \(error)")
        }
    }

    func received(_ signal: Signal) {
        interruption = signal == .interrupt ? .interrupted : .terminated
    }
}
