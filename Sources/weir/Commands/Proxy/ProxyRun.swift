import Engine
import Faults
import Platform
import Recordings
import Text

/// One session of a proxy, recorded or not, from its beginning to its end.
final class ProxyRun {
    /// How often the live counters are looked at.
    static let counterInterval: Int64 = 250_000_000

    private let verb: String
    private let settings: SessionSettings
    private let console: Console
    private let network: SystemNetwork
    private let proxy: Proxy
    private var session: Session?
    private var log: SessionLog?
    private var durationTimer: TimerToken?
    private var counterTimer: TimerToken?
    private var ending: ExitCode?

    /// Takes the addresses. Nothing is written yet.
    init(
        _ verb: String, _ settings: SessionSettings, _ console: Console, rules: LiveRules? = nil
    ) throws(Failure) {
        self.verb = verb
        self.settings = settings
        self.console = console
        var routes: [Route] = []
        for route in settings.routes {
            routes.append(
                Route(
                    name: route.name, listen: try Self.resolve(route.listen),
                    upstream: try Self.resolve(route.upstream)))
        }
        network = try Self.network()
        proxy = Proxy(
            network: network, routes: routes,
            connectionLimit: Self.connectionLimit(
                beside: settings.mirrorsRefusal ? routes.count * 2 : routes.count))
        proxy.mirrorsRefusal = settings.mirrorsRefusal
        if let rules { proxy.setRules(rules) }
        do {
            try proxy.listen()
        } catch {
            throw Failure(.unreachable, Self.text(of: error))
        }
    }

    func run() throws(Failure) -> ExitCode {
        do throws(Errno) {
            // Before the writer's thread is started, which inherits it.
            let hangUp: [Signal] = Signal.hangUp.isIgnored ? [] : [.hangUp]
            try network.hear([.interrupt, .terminate] + hangUp, self)
        } catch {
            throw Self.cannot("signals cannot be heard", error)
        }
        let session = try makeSession()
        let log = SessionLog(
            console, verb: verb, settings: settings, stop: { [weak self] in self?.stop($0) })
        self.session = session
        self.log = log
        session.observer = log
        console.isLive = true
        log.begins(proxy.routes)
        proxy.begin(session)
        if let duration = settings.duration {
            let end = session.recorder.time(of: Instant(nanoseconds: duration.nanoseconds))
            durationTimer = network.schedule(at: end, self)
        }
        showCounters()
        network.run()
        console.isLive = false
        console.endProgress()
        // Whoever takes the summary may be asleep.
        network.stopHearing()
        do throws(Failure) {
            try log.summarise(session, proxy.rules)
        } catch {
            // Who wanted no summary still wants to know how it ended.
            if error != .outputClosed { throw error }
        }
        let isIncomplete = session.recorder.failure != nil || session.recorder.isIncomplete
        return isIncomplete ? .unwritable : ending ?? .done
    }

    /// Ends in order: what was received is passed on, the recording gets its index.
    private func stop(_ code: ExitCode) {
        guard ending == nil, let session else { return }
        ending = code
        proxy.stop { [network] in
            session.recorder.finish { network.stop() }
        }
    }

    private func showCounters() {
        guard let session, ending == nil else { return }
        console.showProgress(
            verb, done: 0, of: nil, note: log?.liveText(session) ?? "", at: network.now)
        counterTimer = network.schedule(
            at: network.now.advanced(byNanoseconds: Self.counterInterval), self)
    }
}

extension ProxyRun: SignalHandler, TimerHandler {
    func received(_ signal: Signal) {
        let code = signal == .interrupt ? ExitCode.interrupted : .terminated
        guard ending == nil else { ProcessEnvironment.exit(code.rawValue) }
        stop(code)
    }

    func timerFired(_ timer: TimerToken) {
        if timer == durationTimer { stop(.done) }
        if timer == counterTimer { showCounters() }
    }
}

/// Before the session begins.
extension ProxyRun {
    /// As many as there are descriptors for, two a connection: a client that is accepted without
    /// one left for its server would have to be reset, and can as well wait.
    private static func connectionLimit(beside others: Int) -> Int {
        guard let limit = try? Machine.raiseDescriptorLimit() else {
            return Proxy.maximumConnections
        }
        return min(max((limit - ownDescriptors - others) / 2, 1), Proxy.maximumConnections)
    }

    /// The file, the loop's own, and some to spare.
    private static let ownDescriptors = 16

    private static func resolve(_ text: String) throws(Failure) -> SocketAddress {
        do {
            return try SocketAddress.resolve(text)
        } catch {
            throw Failure(.unreachable, "\(error)")
        }
    }

    private static func network() throws(Failure) -> SystemNetwork {
        do {
            // Two for each connection; where the system refuses, fewer clients are served at once.
            _ = try? Machine.raiseDescriptorLimit()
            let network = try SystemNetwork()
            network.prefersLocalCongestionControl = true
            return network
        } catch {
            throw Self.cannot("the event loop cannot be made", error)
        }
    }

    private static func cannot(_ sentence: String, _ error: Errno) -> Failure {
        guard error == .tooManyDescriptors else {
            return Failure(.defect, "\(sentence): \(error); report this")
        }
        return Failure(.usage, "\(sentence): \(error); raise ulimit -n")
    }

    private static func text(of error: NetworkError) -> String {
        let advice =
            error.errno == .addressInUse
            ? "something listens there already; end it, or take another port (:0 finds one)"
            : "choose another address"
        return "cannot \(error.doing) on \(error.address): \(error.errno); \(advice)"
    }

    /// Creates the file, and what writes it.
    private func makeSession() throws(Failure) -> Session {
        guard let path = settings.path else {
            do {
                let recorder = try Recorder(network: network, store: nil)
                return Session(network: network, recorder: recorder, framing: settings.framing)
            } catch {
                throw Failure(.defect, "the session cannot begin: \(error); report this")
            }
        }
        let file: File
        do {
            file = try File.create(path, replacing: settings.replaces, isDirect: true)
        } catch {
            throw Failure(error.errno == .exists ? .usage : .unwritable, "\(error)")
        }
        var recorderSettings = RecorderSettings()
        recorderSettings.flushNanoseconds = settings.flushEvery.nanoseconds
        recorderSettings.maximumWaitNanoseconds = settings.maximumWait.nanoseconds
        recorderSettings.mustRecord = settings.mustRecord
        recorderSettings.maximumBytes = settings.maximumSize?.bytes
        do {
            let writer = try BlockWriter(to: file, pool: BlockPool(), network: network)
            let recorder = try Recorder(
                network: network, store: writer, header: header(isDirect: file.isDirect),
                session: try Machine.randomSeed(), settings: recorderSettings)
            return Session(network: network, recorder: recorder, framing: settings.framing)
        } catch {
            throw Failure(.unwritable, "\(path) cannot be recorded to: \(error)")
        }
    }

    private func header(isDirect: Bool) -> RecordingHeader {
        RecordingHeader(
            wallClockStart: WallClock.read(), toolVersion: Version.text,
            protocolText: settings.framing?.description,
            routes: proxy.routes.map { route in
                RecordingHeader.Route(
                    name: route.name, listen: "\(route.listen)", upstream: "\(route.upstream)")
            },
            notes: isDirect
                ? [] : [RecordingHeader.Note(key: "written", value: "through the page cache")])
    }
}
