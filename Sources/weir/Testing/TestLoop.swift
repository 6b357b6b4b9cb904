import Platform
import Text

/// Lets time go by on the kernel's network until something is so, or until somebody interrupts.
final class TestLoop: SignalHandler {
    /// So long at most between two looks at what is awaited.
    private static let turnNanoseconds: Int64 = 50_000_000

    let network: SystemNetwork
    /// Ends what runs now, at once, when it is interrupted a second time.
    var endAtOnce: (() -> Void)?
    /// The exit code that goes with the interruption.
    private(set) var interruption: ExitCode?
    /// While it is set, an interruption ends no waiting: what was begun is brought to its end.
    var isClosing = false

    /// Hears signals from now on: before other threads are started, which inherit that.
    init() throws(Failure) {
        do throws(Errno) {
            network = try SystemNetwork()
            network.prefersLocalCongestionControl = true
            let hangUp: [Signal] = Signal.hangUp.isIgnored ? [] : [.hangUp]
            try network.hear([.interrupt, .terminate] + hangUp, self)
        } catch {
            throw Failure(.defect, "the event loop cannot be made: \(error); report this")
        }
    }

    /// Waits until it is so.
    /// - Returns: whether it is; false: the time is over.
    /// - Throws: when it is interrupted; nothing is said then.
    @discardableResult
    func wait(
        atMost nanoseconds: Int64 = .max, until isDone: () -> Bool
    ) throws(Failure) -> Bool {
        let deadline = network.readClock().advanced(byNanoseconds: nanoseconds)
        while !isDone() {
            if let interruption, !isClosing { throw Failure(interruption, "") }
            let left = deadline.nanoseconds(since: network.readClock())
            guard left > 0 else { return false }
            network.turn(waitingAtMost: min(left, Self.turnNanoseconds))
        }
        return true
    }

    func received(_ signal: Signal) {
        let code = signal == .interrupt ? ExitCode.interrupted : .terminated
        guard interruption == nil else {
            endAtOnce?()
            ProcessEnvironment.exit(code.rawValue)
        }
        interruption = code
    }
}
