import Faults
import Platform
import Recordings

/// A client's connection and the one to the server behind it, as two links.
///
///     dialling ──► open ──both links over──► closed
///         │          └──RST from a peer──► breaking: what it sent before is delivered ──► closed
///         │          └──a rule cuts it──► cutting: what was sent is delivered ──► closed
///         └──refused, or the client broke off and the server does not answer──► closed
final class Connection {
    /// How long a peer may take nothing of what is left for it, when the other has gone.
    static let patienceNanoseconds: Int64 = 1_000_000_000
    /// How often to look whether it has taken all, at first; doubled up to the longest.
    static let firstLookNanoseconds: Int64 = 1_000_000
    static let longestLookNanoseconds: Int64 = 64_000_000

    enum State: Equatable {
        case dialling
        case open
        /// This peer's connection broke; the other is told so once it has what was sent before.
        case breaking(by: Party)
        /// A rule cut it: both peers are told so once they have what was sent before.
        case cutting(Cut.How)
        case closed
    }

    let number: UInt32
    let session: Session
    let proxy: Proxy
    private let route: Int
    private let client: any Socket
    private var server: (any Socket)?
    private(set) var state = State.dialling
    private var links: (upstream: Link, downstream: Link)?
    /// What rules make of the bytes that pass; nil where there are none.
    private(set) var injection: Injection?
    private var summary: ConnectionSummary
    /// A peer to which sending failed: the end of what it sent tells no more how it ended.
    private var lost: (party: Party, error: Errno)?
    private var isStopping = false
    private var timer: TimerToken?
    private var lookNanoseconds = Connection.firstLookNanoseconds
    /// What had passed and what waited at the last progress, and when that was.
    private var progress = (passed: UInt64(0), waiting: 0)
    private var lastProgress: MonotonicTime

    /// A client was accepted: the server is dialled.
    init(
        number: UInt32, route: Int, client: any Socket, proxy: Proxy, session: Session
    ) {
        self.number = number
        self.route = route
        self.client = client
        self.proxy = proxy
        self.session = session
        lastProgress = session.network.now
        let upstream = proxy.routes[route].upstream
        let opened = session.instant
        summary = ConnectionSummary(
            number: number, route: proxy.routes[route].name,
            client: client.peerAddress?.description ?? "", server: upstream.description,
            opened: opened, ended: opened, ending: .stopped)
        client.handler = self
        record(.dialled(route: UInt16(clamping: route), address: upstream.description))
        server = session.network.dial(upstream, handler: self)
    }

    var isOpen: Bool { state == .open }

    /// Ends in order what is still open: what was received is delivered first.
    func stop() {
        guard !isStopping else { return }
        isStopping = true
        switch state {
        case .dialling:
            client.reset()
            server?.reset()
            close(.stopped)
        case .open:
            summary.ending = .stopped
            beginLooking()
            links?.upstream.finish(by: .weir)
            links?.downstream.finish(by: .weir)
            injection?.hurry()
        case .breaking, .cutting, .closed:
            break
        }
    }
}

extension Connection: SocketHandler {
    func connected(_ socket: any Socket) {
        guard state == .dialling, let server else { return }
        proxy.dialEnded(on: route, nil)
        state = .open
        let local = client.localAddress?.description ?? ""
        record(
            .opened(
                route: UInt16(clamping: route), client: summary.client,
                server: server.peerAddress?.description ?? local))
        let upstream = Link(.upstream, of: self, from: client, to: server)
        let downstream = Link(.downstream, of: self, from: server, to: client)
        links = (upstream, downstream)
        if lost != nil {
            downstream.abandon()
            cancelTimer()
            beginLooking()
        }
        if let rules = proxy.rules { setRules(rules) }
        upstream.move()
        downstream.move()
    }

    func failed(_ socket: any Socket, _ error: Errno) {
        guard state == .dialling else { return }
        let took = session.instant.nanoseconds(since: summary.opened)
        record(
            .refused(
                reason: Event.Refusal(error), errno: error.code,
                tookNanoseconds: UInt64(clamping: took)))
        session.counters.refusals += 1
        server = nil
        client.reset()
        close(.refused(error))
        proxy.dialEnded(on: route, error)
    }

    /// A client broke off before its server has answered. A server that is only slow still gets
    /// what was sent before; one that hangs is not waited for.
    private func clientEndedWhileDialling() {
        guard state == .dialling, lost == nil, let error = client.takeError() else { return }
        lost = (.client, error)
        let end = session.network.now.advanced(byNanoseconds: Self.patienceNanoseconds)
        timer = session.network.schedule(at: end, self)
    }

    func ready(_ socket: any Socket, _ readiness: Readiness) {
        guard let links else {
            if readiness.contains(.peerEnded) { clientEndedWhileDialling() }
            return
        }
        let (from, to) =
            socket === client
            ? (links.upstream, links.downstream) : (links.downstream, links.upstream)
        if readiness.contains(.writable) { to.becameWritable() }
        guard isOpen else { return look() }
        if readiness.contains(.readable) { from.becameReadable() }
        // A link that receives nothing, or no more, does not see its sender break.
        if readiness.contains(.peerEnded), isOpen, !from.isReceiving,
            let error = socket.takeError()
        {
            lose(from.direction.producer, error)
        }
    }
}

/// What links tell.
extension Connection {
    /// The sender of this link ended: in order, unless sending to it has failed before.
    func finished(_ link: Link) {
        let party = link.direction.producer
        if let lost, lost.party == party { return failed(party, lost.error) }
        if summary.ending == .stopped, !isStopping { summary.ending = .finished(first: party) }
        link.finish(by: party)
    }

    /// A link's end was passed on.
    func linkIsOver() {
        guard state == .open, let links, links.upstream.isOver, links.downstream.isOver else {
            return
        }
        client.close()
        server?.close()
        close(summary.ending)
    }

    /// Sending failed: the receiver has gone.
    func failedSending(_ link: Link, _ error: Errno) {
        let party = link.direction.consumer
        link.abandon()
        if state != .open {
            socket(of: party)?.reset()
            return close(summary.ending)
        }
        lose(party, error)
    }

    /// The connection to this peer broke. What it sent before may wait to be received, and is
    /// delivered before its end is.
    private func lose(_ party: Party, _ error: Errno) {
        guard state == .open, lost == nil else { return }
        lost = (party, error)
        link(to: party)?.abandon()
        guard let link = link(from: party), !link.hasEnded else { return failed(party, error) }
        beginLooking()
        link.becameReadable()
    }

    /// This peer's connection broke.
    func failed(_ party: Party, _ error: Errno) {
        guard state == .open else { return }
        state = .breaking(by: party)
        summary.ending = broke(party, error)
        // First, so that nothing is sent to it when what is held is let go.
        link(to: party)?.abandon()
        link(from: party)?.stopReceiving()
        socket(of: party)?.reset()
        beginLooking()
    }

    /// Records how this peer's connection broke.
    private func broke(_ party: Party, _ error: Errno) -> ConnectionSummary.Ending {
        guard error == .connectionReset || error == .brokenPipe else {
            record(.failed(errno: error.code, by: party))
            return .failed(error, by: party)
        }
        record(.reset(by: party))
        return .reset(by: party)
    }
}

/// What rules do.
extension Connection {
    /// Other rules apply to what passes from now on.
    func setRules(_ rules: LiveRules) {
        guard state == .open, let links else { return }
        if let injection { return injection.setRules(rules) }
        guard rules.covers(connection: number, on: route) else { return }
        let offsets = PerDirection(
            upstream: links.upstream.counters.bytes, downstream: links.downstream.counters.bytes)
        injection = Injection(
            Injector(connection: number, route: route, rules: rules, from: offsets),
            upstream: links.upstream, downstream: links.downstream)
        injection?.begin()
    }

    /// No rule is left that anything waits for.
    func retire(_ injection: Injection) {
        guard self.injection === injection else { return }
        self.injection = nil
        injection.end()
    }

    /// A strike cuts the connection, at what has been sent on this link.
    func cut(_ link: Link, _ how: Cut.How, strike: String) {
        guard state == .open else { return }
        guard how != .halfClose else { return link.cutShort() }
        state = .cutting(how)
        summary.ending = .cut(strike: strike)
        if how == .reset {
            record(.reset(by: .weir))
        } else {
            links?.upstream.record(.finished(by: .weir))
            links?.downstream.record(.finished(by: .weir))
            client.finish()
            server?.finish()
        }
        links?.upstream.abandon()
        links?.downstream.abandon()
        beginLooking()
    }
}

/// The end of what remains when a peer has gone.
extension Connection: TimerHandler {
    func timerFired(_ timer: TimerToken) {
        self.timer = nil
        look()
    }

    private func beginLooking() {
        lookNanoseconds = Self.firstLookNanoseconds
        lastProgress = session.network.now
        look()
    }

    /// Looks whether what was received before the end has been taken, or will not be.
    private func look() {
        switch state {
        case .closed:
            return
        case .dialling:
            guard let lost else { return }
            server?.reset()
            client.reset()
            close(broke(lost.party, lost.error))
        case .cutting(let how):
            let waiting = client.unacknowledgedBytes + (server?.unacknowledgedBytes ?? 0)
            guard waiting == 0 || isOutOfPatience(waiting: waiting) else { return lookLater() }
            if how == .reset {
                client.reset()
                server?.reset()
            } else {
                client.close()
                server?.close()
            }
            close(summary.ending)
        case .open:
            // Stopping, or a peer has gone that still has bytes to be delivered.
            guard lost != nil || isStopping else { return }
            guard isOutOfPatience(waiting: heldBytes) else { return lookLater() }
            if let lost { return failed(lost.party, lost.error) }
            client.reset()
            server?.reset()
            close(summary.ending)
        case .breaking(let party):
            guard let survivor = socket(of: party == .client ? .server : .client) else { return }
            let waiting = heldBytes + survivor.unacknowledgedBytes
            guard waiting == 0 || isOutOfPatience(waiting: waiting) else { return lookLater() }
            survivor.reset()
            close(summary.ending)
        }
    }

    private func cancelTimer() {
        if let timer { session.network.cancel(timer) }
        timer = nil
    }

    private func isOutOfPatience(waiting: Int) -> Bool {
        let passed = (links?.upstream.counters.bytes ?? 0) + (links?.downstream.counters.bytes ?? 0)
        let now = session.network.now
        if progress != (passed, waiting) {
            progress = (passed, waiting)
            lastProgress = now
        }
        if let due = injection?.lastDue, session.instant < due { lastProgress = now }
        return now >= lastProgress.advanced(byNanoseconds: Self.patienceNanoseconds)
    }

    private func lookLater() {
        guard timer == nil else { return }
        let time = session.network.now.advanced(byNanoseconds: lookNanoseconds)
        lookNanoseconds = min(lookNanoseconds * 2, Self.longestLookNanoseconds)
        timer = session.network.schedule(at: time, self)
    }

    private var heldBytes: Int {
        (links?.upstream.heldBytes ?? 0) + (links?.downstream.heldBytes ?? 0)
    }
}

extension Connection {
    private func link(from party: Party) -> Link? {
        party == .client ? links?.upstream : links?.downstream
    }

    private func link(to party: Party) -> Link? {
        party == .client ? links?.downstream : links?.upstream
    }

    private func socket(of party: Party) -> (any Socket)? {
        party == .client ? client : server
    }

    private func record(_ fact: Event.Fact) {
        session.recorder.record(
            Event(at: session.instant, connection: number, attempt: 1, fact))
    }

    private func close(_ ending: ConnectionSummary.Ending) {
        state = .closed
        cancelTimer()
        summary.ended = session.instant
        summary.ending = ending
        if let links {
            summary.upstream = links.upstream.counters
            summary.downstream = links.downstream.counters
            links.upstream.abandon()
            links.downstream.abandon()
        }
        links = nil
        injection?.end()
        injection = nil
        session.counters.openConnections -= 1
        session.note(.ended(summary))
        proxy.ended(self)
    }
}

extension Event.Refusal {
    /// What an error of dialling means to people.
    init(_ error: Errno) {
        switch error {
        case .connectionRefused, .connectionReset, .noEntry: self = .refused
        case .timedOut: self = .timedOut
        case .hostUnreachable, .networkUnreachable: self = .unreachable
        default: self = .other
        }
    }
}
