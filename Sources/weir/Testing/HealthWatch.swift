import Platform
import Text

/// How it is seen that the consumer is well: `--health`.
enum HealthOption: Hashable, Sendable {
    /// It accepts connections there.
    case accepts(String)
    /// A command of the shell exits with 0.
    case command(String)

    /// An address (`:8080`, `:{listen}`, `host:80`, `unix:path`), else a command.
    init(parsing text: String) throws(UsageError) {
        guard !text.isEmpty else { throw UsageError("it is empty; write an address or a command") }
        // What a run fills in is a port; or a path, of which only unix: makes an address.
        let filled = PortWords.filledForTrial(text)
        let isPath = filled.contains("/") && !filled.hasPrefix("unix:")
        let isAddress = !isPath && (try? AddressText(filled)) != nil
        self = isAddress ? .accepts(text) : .command(text)
    }
}

/// Looks once a second whether the consumer is well, and says so.
final class HealthWatch: TimerHandler {
    /// Between two looks, and how long one may take, in nanoseconds.
    static let intervalNanoseconds: Int64 = 1_000_000_000
    static let patienceNanoseconds: Int64 = 1_000_000_000

    /// What is looked at.
    enum Subject {
        case address(SocketAddress)
        case command(String, environment: [(name: String, value: String)])
    }

    private let subject: Subject
    private let network: SystemNetwork
    /// Hears each result: 0 is well, how long it took, and what a command printed.
    private let told: (Int32, UInt64, [UInt8]) -> Void
    private var timer: TimerToken?
    private var connecting: ConnectionTry?
    private var running: ShellCommand?
    private var began: MonotonicTime

    init(
        _ subject: Subject, on network: SystemNetwork,
        told: @escaping (Int32, UInt64, [UInt8]) -> Void
    ) {
        self.subject = subject
        self.network = network
        self.told = told
        began = network.readClock()
    }

    /// Looks in a second for the first time, and then each second.
    func start() { scheduleLook(after: Self.intervalNanoseconds) }

    /// Looks no more by itself; what is under way is given up.
    func stop() {
        if let timer { network.cancel(timer) }
        timer = nil
        connecting?.abandon()
        connecting = nil
        running?.abandon()
        running = nil
    }

    /// Looks once, now.
    func look(on loop: TestLoop) throws(Failure) {
        stop()
        try begin()
        try loop.wait(atMost: Self.patienceNanoseconds, until: finishLook)
        if !finishLook() { giveUp() }
    }

    func timerFired(_ timer: TimerToken) {
        guard timer == self.timer else { return }
        self.timer = nil
        if connecting == nil, running == nil {
            // What cannot be looked at is not well.
            do throws(Failure) { try begin() } catch { tell(1, []) }
            return scheduleLook(after: Self.pollNanoseconds)
        }
        let isOld = network.readClock().nanoseconds(since: began) > Self.patienceNanoseconds
        if finishLook() {
            scheduleLook(after: Self.intervalNanoseconds)
        } else if isOld {
            giveUp()
            scheduleLook(after: Self.intervalNanoseconds)
        } else {
            scheduleLook(after: Self.pollNanoseconds)
        }
    }

    /// While a look is under way, it is asked for so often.
    private static let pollNanoseconds: Int64 = 10_000_000

    private func begin() throws(Failure) {
        began = network.readClock()
        switch subject {
        case .address(let address): connecting = ConnectionTry(address, on: network)
        case .command(let command, let environment):
            running = try ShellCommand(command, environment: environment, on: network)
        }
    }

    /// Says what came of it, where that is known.
    private func finishLook() -> Bool {
        if let accepted = connecting?.wasAccepted {
            connecting = nil
            tell(accepted ? 0 : 1, [])
            return true
        }
        guard let outcome = running?.outcome else { return connecting == nil && running == nil }
        running = nil
        tell(outcome.exitCode, outcome.output)
        return true
    }

    private func giveUp() {
        connecting?.abandon()
        connecting = nil
        running?.abandon()
        running = nil
        tell(1, [])
    }

    private func tell(_ code: Int32, _ output: [UInt8]) {
        let took = network.readClock().nanoseconds(since: began)
        told(code, UInt64(clamping: took), output)
    }

    private func scheduleLook(after nanoseconds: Int64) {
        timer = network.schedule(
            at: network.now.advanced(byNanoseconds: nanoseconds), self)
    }
}
