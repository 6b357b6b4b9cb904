import Engine
import Faults
import Platform
import Reactions
import Recordings
import Text

/// One run on the bench, while it goes on.
final class BenchRun {
    /// So long the end of a replay that was stopped is awaited, and the end of its files.
    private static let closingNanoseconds: Int64 = 30_000_000_000
    /// A consumer that dialled ends by itself, or is ended once this is over.
    private static let departureNanoseconds: Int64 = 500_000_000

    let replay: ReplayRun
    private let request: Bench.Request
    private let setup: BenchSetup
    private let loop: TestLoop
    private let words: PortWords
    /// The consumer is the one that dials.
    private let isServing: Bool
    private let began: MonotonicTime
    private var consumer: ConsumerProcess?
    private var isEndingConsumer = false
    /// A consumer that dials has done what it had to do.
    private var hasFinished = false
    /// A consumer that dials has done so.
    private var hasDialled = false
    private var log: LogFollower?
    private var health: HealthWatch?
    private var probes: [(probe: Probe, outcome: ShellCommand.Outcome)] = []
    private var nanoseconds: Int64 = 0

    /// Opens the session: its files are there, its clock runs.
    init(
        _ request: Bench.Request, _ setup: BenchSetup, store: any BlockStore, on loop: TestLoop,
        _ reacted: @escaping (Reaction) -> Void
    ) throws(Failure) {
        var request = request
        var serving = request.served
        if let asked = request.serving {
            serving = try asked.options.serving(
                request.source, asked.playback, on: loop.network)
        }
        if let serving {
            request.settings = serving.settings.replay
        } else if request.settings.address.port == 0 {
            request.settings.address = try Self.freePort(request.settings.address, loop.network)
        }
        self.request = request
        self.setup = setup
        self.loop = loop
        isServing = serving != nil
        let address = request.settings.address
        words = serving == nil ? PortWords(listen: address) : PortWords(upstream: address)
        began = loop.network.readClock()
        replay = try ReplayRun(
            ReplayRun.Request(
                source: request.source, schedule: request.schedule, settings: request.settings,
                consumer: request.settings.consumers, serving: serving, speed: request.speed,
                repeating: request.repeating, plan: request.plan,
                keepsContent: true),
            in: request.folder, store: store, on: loop.network)
        replay.endsWithReplay = false
        replay.reacted = { [weak self] reaction in
            if case .accepted = reaction.what { self?.hasDialled = true }
            reacted(reaction)
        }
        replay.open()
    }

    /// From the reset to the last health check.
    func perform() throws(Failure) {
        try reset()
        try followLog()
        if !isServing {
            try startConsumer()
            try play()
        } else {
            try replay.play()
            try startClient()
            try watchHealth()
            try loop.wait { replay.isPlayed }
        }
        // Long, where a service answers late: what it owes is part of what it did.
        try loop.wait(atMost: setup.settle.nanoseconds) { false }
        try probe()
        try health?.look(on: loop)
        health?.stop()
        nanoseconds = loop.network.readClock().nanoseconds(since: began)
    }

    /// The consumer ended although nobody had asked it to: its exit code, and how it looked.
    var crash: (exitCode: Int32, account: String)? {
        guard let consumer, let code = consumer.exitCode, !isEndingConsumer, !hasFinished else {
            return nil
        }
        return (code, consumer.account)
    }

    func result() throws(Failure) -> Take {
        if let failure = replay.failure { throw failure }
        guard let report = replay.report else {
            throw Failure(.defect, "a run ended without a report; please report this")
        }
        return Take(
            folder: request.folder, schedule: request.schedule, outcomes: replay.outcomes,
            report: report, nanoseconds: nanoseconds, crash: crash, hasFinished: hasFinished,
            probes: probes, missedOutputBytes: consumer?.missedBytes ?? 0)
    }

    /// Ends the consumer and the files, whatever has happened.
    /// - Returns: what could not be ended.
    func close() -> Failure? {
        loop.isClosing = true
        defer { loop.isClosing = false }
        health?.stop()
        do throws(Failure) {
            if !replay.isPlayed {
                replay.stop()
                try loop.wait(atMost: Self.closingNanoseconds) { replay.isPlayed }
            }
            try endConsumer()
            log?.stop()
            replay.close()
            guard try loop.wait(atMost: Self.closingNanoseconds, until: { replay.isOver }) else {
                return Failure(
                    .unwritable, "\(request.folder.recording) is not written; look at the disk")
            }
        } catch {
            return error
        }
        return nil
    }

    /// Ends the consumer at once: Weir is about to end.
    func abandon() { consumer?.abandon() }

    // MARK: - Parts

    private func play() throws(Failure) {
        try watchHealth()
        guard consumer?.exitCode == nil else { return }
        try replay.play()
        try loop.wait { replay.isPlayed }
    }

    private func reset() throws(Failure) {
        guard let reset = setup.reset else { return }
        let outcome = try run(reset, as: Probe.resetName)
        guard let problem = outcome.problem else { return }
        throw Failure(
            .inconclusive,
            "--reset \(shown(reset)) failed, so that nothing can be compared: \(problem); "
                + outcome.lastWords)
    }

    private func probe() throws(Failure) {
        for probe in setup.probes {
            probes.append((probe, try run(probe.command, as: probe.name)))
        }
    }

    /// Runs a command of the shell, and tells what it printed.
    private func run(_ command: String, as name: String) throws(Failure) -> ShellCommand.Outcome {
        let outcome = try ShellCommand.run(
            words.filled(command), environment: words.environment, atMost: setup.commandTimeout,
            on: loop)
        // What is compared is its result, not what it says beside it.
        replay.tell(
            .command(
                name: name, exitCode: outcome.exitCode, tookNanoseconds: outcome.tookNanoseconds),
            outcome.output)
        return outcome
    }

    private func watchHealth() throws(Failure) {
        guard setup.watchesHealth else { return }
        let subject: HealthWatch.Subject
        switch setup.health {
        case nil:
            // A consumer that dials need not listen.
            guard !isServing else { return }
            subject = .address(request.settings.address)
        case .command(let command):
            subject = .command(words.filled(command), environment: words.environment)
        case .accepts(let text):
            do {
                subject = .address(try SocketAddress.resolve(words.filled(text)))
            } catch {
                throw Failure(.unreachable, "--health \(EscapedText(text)): \(error)")
            }
        }
        let watch = HealthWatch(subject, on: loop.network) { [weak self] code, took, output in
            self?.replay.tell(
                .command(name: Probe.healthName, exitCode: code, tookNanoseconds: took), output)
        }
        health = watch
        watch.start()
    }

    private func followLog() throws(Failure) {
        guard let path = setup.consumerLog else { return }
        log = try LogFollower(path, on: loop.network) { [weak self] line in
            self?.replay.tell(.output(stream: .standardError, line: line))
        }
    }

    private func shown(_ command: String) -> String { "\"\(EscapedText(command, limit: 100))\"" }

    /// A port that nobody listens on at the moment.
    private static func freePort(
        _ address: SocketAddress, _ network: SystemNetwork
    ) throws(Failure) -> SocketAddress {
        do throws(NetworkError) {
            let listener = try network.listen(on: address, handler: RefusingHandler())
            defer { listener.close() }
            return listener.address
        } catch {
            throw Failure(.unreachable, "no free port is to be had: \(error)")
        }
    }
}

/// The consumer's life.
extension BenchRun {
    /// Between two attempts to connect, and what each may take.
    private static let attemptNanoseconds: Int64 = 10_000_000
    private static let attemptPatience: Int64 = 1_000_000_000

    /// Starts the consumer, where there is one to start, and waits until it accepts.
    private func startConsumer() throws(Failure) {
        guard let command = setup.consumer else { return try awaitStranger() }
        let address = request.settings.address
        if try ConnectionTry.succeeds(address, within: Self.attemptPatience, on: loop) {
            throw Failure(
                .unreachable,
                "somebody accepts on \(address) already; end it, or write --to :0, which takes a "
                    + "free port for each run")
        }
        let started = try start(command)
        var waitedFor: SocketAddress?
        if let text = setup.waitFor { waitedFor = try Self.resolve(text) }
        try awaitAcceptance(waitedFor ?? address, of: started)
    }

    /// Starts a consumer that dials, and waits until it has.
    private func startClient() throws(Failure) {
        if setup.waitFor != nil { try awaitStranger() }
        guard let command = setup.consumer else { return }
        let started = try start(command)
        try loop.wait(atMost: setup.startTimeout.nanoseconds) {
            started.exitCode != nil || hasDialled
        }
        guard !hasDialled else { return }
        throw Failure(
            .unreachable,
            "\(ConsumerProcess.shown(started.words)) never dialled "
                + "\(request.settings.address) within \(setup.startTimeout) (--start-timeout): "
                + started.account)
    }

    private func start(_ command: [String]) throws(Failure) -> ConsumerProcess {
        let started = try ConsumerProcess(
            command.map(words.filled), environment: words.environment, loud: setup.loudLog,
            on: loop.network,
            tellLine: { [weak self] source, line in
                self?.replay.tell(.output(stream: source, line: line))
            },
            tellExit: { [weak self] in self?.consumerExited($0) })
        consumer = started
        return started
    }

    /// Waits for a consumer that was started elsewhere, where that was asked for.
    private func awaitStranger() throws(Failure) {
        guard let text = setup.waitFor else { return }
        try awaitAcceptance(Self.resolve(text), of: nil)
    }

    private func awaitAcceptance(
        _ address: SocketAddress, of started: ConsumerProcess?
    ) throws(Failure) {
        let deadline = loop.network.readClock().advanced(
            byNanoseconds: setup.startTimeout.nanoseconds)
        while loop.network.readClock() < deadline {
            if let started, started.exitCode != nil {
                throw Failure(
                    .unreachable,
                    "\(ConsumerProcess.shown(started.words)) never accepted on \(address): "
                        + started.account)
            }
            if try ConnectionTry.succeeds(address, within: Self.attemptPatience, on: loop) {
                return
            }
            try loop.wait(atMost: Self.attemptNanoseconds) { started?.exitCode != nil }
        }
        let who = started.map { ConsumerProcess.shown($0.words) } ?? "nobody"
        throw Failure(
            .unreachable,
            "\(who) \(started == nil ? "accepts" : "does not accept") on \(address) within "
                + "\(setup.startTimeout) (--start-timeout)"
                + (started.map { "; \($0.account)" } ?? "; start the consumer"))
    }

    private func consumerExited(_ code: Int32) {
        if isEndingConsumer {
            replay.tell(.mark(label: "the consumer ended with exit code \(code), as it was asked"))
        } else if isServing, code == 0 {
            hasFinished = true
            replay.tell(.mark(label: "the consumer came to its end, with exit code 0"))
            replay.stop()
        } else {
            replay.tell(.exited(code: code))
            // Nobody is left to play to.
            replay.stop()
        }
    }

    private func endConsumer() throws(Failure) {
        guard let consumer else { return }
        let hasEnded = { consumer.exitCode != nil }
        // Who dialled and has been served has a last word to say.
        if isServing {
            try loop.wait(atMost: Self.departureNanoseconds, until: hasEnded)
        }
        if consumer.exitCode == nil {
            isEndingConsumer = true
            replay.tell(.mark(label: "the consumer is asked to end"))
            consumer.terminate()
            if try !loop.wait(atMost: ConsumerProcess.graceNanoseconds, until: hasEnded) {
                replay.tell(.mark(label: "the consumer did not end, and is killed"))
                consumer.kill()
                try loop.wait(atMost: ConsumerProcess.graceNanoseconds, until: hasEnded)
            }
        }
        consumer.abandon()
        guard consumer.missedBytes > 0 else { return }
        let missed = ByteCount(bytes: consumer.missedBytes).forPeople
        replay.tell(.mark(label: "\(missed) more of the consumer's output were not kept"))
    }

    private static func resolve(_ text: AddressText) throws(Failure) -> SocketAddress {
        switch text {
        case .address(let address): return address
        case .host(let host, let port):
            do {
                return try SocketAddress.resolve("\(host):\(port)")
            } catch {
                throw Failure(.unreachable, "\(error)")
            }
        }
    }
}

/// Listens for a moment, to learn a free port.
private final class RefusingHandler: ListenerHandler {
    func accepted(_ socket: any Socket, by listener: any Listener) { socket.reset() }

    func cannotAccept(_ error: Errno, by listener: any Listener) {}
}
