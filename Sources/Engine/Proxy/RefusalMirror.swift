import Platform
import Recordings

/// Has a route's clients be refused while its server refuses, and served when it accepts again.
///
///     listening ──a dial was refused──► refusing: the port is kept, and nobody listens on it
///         ▲────────a dial was accepted────────┘
///
/// Every dial tells, a client's or one of its own: it asks the server by connecting and closing at
/// once, while no client of it does. Only a refusal is mirrored: a server that hangs or cannot be
/// reached does not refuse.
final class RefusalMirror {
    /// How long after the last answer the server is asked.
    static let askNanoseconds: Int64 = 200_000_000
    /// A server that has not answered after so long does not refuse.
    static let patienceNanoseconds: Int64 = 1_000_000_000

    private let route: Route
    private let listener: any Listener
    private let session: Session
    private(set) var isRefusing = false
    private var question: (any Socket)?
    private var timer: TimerToken?
    private var lastAnswer: MonotonicTime
    private var isStopped = false
    private var hasSaidCannot = false

    init(of route: Route, listener: any Listener, session: Session) {
        self.route = route
        self.listener = listener
        self.session = session
        lastAnswer = session.network.now
    }

    /// Asks for the first time.
    func start() { ask() }

    /// Asks no more.
    func stop() {
        isStopped = true
        question?.reset()
        question = nil
        if let timer { session.network.cancel(timer) }
        timer = nil
    }

    /// The server answered a dial; nil: it accepted.
    func heard(_ error: Errno?) {
        guard !isStopped else { return }
        lastAnswer = session.network.now
        let isRefused = error.map { Event.Refusal($0) == .refused } ?? false
        guard isRefused != isRefusing else { return }
        if isRefused { refuse() } else { listenAgain() }
    }

    private func refuse() {
        isRefusing = true
        listener.refuse()
        mark("refuses")
        session.note(.refusing(route))
    }

    private func listenAgain() {
        do throws(Errno) {
            try listener.listenAgain()
        } catch {
            // Somebody may have taken the address: it is tried again with the next answer.
            if !hasSaidCannot { session.note(.cannotListenAgain(route, error)) }
            hasSaidCannot = true
            return
        }
        isRefusing = false
        hasSaidCannot = false
        mark("accepts again")
        session.note(.acceptingAgain(route))
    }

    /// What clients were told meanwhile is not in the recording otherwise: they were not accepted.
    private func mark(_ what: String) {
        let label = "\(route.name): \(route.upstream) \(what)"
        session.recorder.record(Event(at: session.instant, .mark(label: label)))
    }
}

/// Asking.
extension RefusalMirror: SocketHandler, TimerHandler {
    private func ask() {
        question = session.network.dial(route.upstream, handler: self)
        wait(until: session.network.now.advanced(byNanoseconds: Self.patienceNanoseconds))
    }

    private func wait(until time: MonotonicTime) {
        if let timer { session.network.cancel(timer) }
        timer = session.network.schedule(at: time, self)
    }

    private func answered(_ error: Errno?) {
        question = nil
        heard(error)
        if !isStopped { wait(until: nextQuestion) }
    }

    private var nextQuestion: MonotonicTime {
        lastAnswer.advanced(byNanoseconds: Self.askNanoseconds)
    }

    func connected(_ socket: any Socket) {
        socket.close()
        answered(nil)
    }

    func failed(_ socket: any Socket, _ error: Errno) { answered(error) }

    func ready(_ socket: any Socket, _ readiness: Readiness) {}

    func timerFired(_ timer: TimerToken) {
        self.timer = nil
        guard !isStopped else { return }
        if let question {
            question.reset()
            return answered(.timedOut)
        }
        // While it refuses nobody else asks; else a client may have meanwhile.
        guard session.network.now >= nextQuestion else { return wait(until: nextQuestion) }
        ask()
    }
}
