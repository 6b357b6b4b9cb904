import Recordings
import Text

/// Works a plan out for a recording, event by event: values in, a schedule's lines out.
///
/// Feed it all events in recorded order with `receive`, then call `finish`; after each call take
/// the strikes that are certain with `next` until that gives nil. Memory is bounded by the
/// connections that are open at once and by `StrikeQueue`'s limits, however long the recording is.
package final class Scheduler {
    /// Connections open at once beyond so many are not struck.
    package static let maximumConnections = 1 << 20
    /// What Weir sends in a replay, as the client; as the server it sends the other way.
    package static let sends = Direction.upstream

    /// What a schedule's first line says.
    package let header: ScheduleHeader
    /// The conditions, each a line.
    package let conditions: [Condition]

    private let framing: FramingChoice
    private let units: MessageUnits
    private let sends: Direction
    private let includesPartial: Bool
    private let rules: [StrikeRule]
    /// Where a rule looks at messages of other connections.
    private let session: SessionOrder?
    private var queue: StrikeQueue
    private var tracks: [UInt32: SchedulerTrack] = [:]
    private var latest: (connection: UInt32, track: SchedulerTrack)?
    private var ended = EndedConnections()
    private var ordinal: UInt64 = 0
    private var ready: [RolledStrike] = []
    private var taken = 0

    /// - Parameters:
    ///   - seed: that of the plan, or the one that was drawn for it.
    ///   - framing: how the recording's bytes are read.
    ///   - recording: its identity: `crc32c:1f0a…`.
    ///   - routes: the names of the recording's routes, in their order, for rules that name one.
    ///   - includesPartial: strike connections that were picked up in the middle too.
    ///   - sends: what Weir sends in the replay: upstream as the client, downstream as the server.
    package init(
        _ plan: Plan, seed: UInt64, framing: FramingChoice, recording: String = "",
        routes: [String] = [], includesPartial: Bool = false, sends: Direction = Scheduler.sends
    ) throws(SchedulerError) {
        let namesRoutes = plan.rules.contains { $0.target.route != nil }
        header = ScheduleHeader(
            seed: seed, recording: recording, framing: framing, units: plan.units,
            routes: namesRoutes ? routes : [])
        self.framing = framing
        self.includesPartial = includesPartial
        self.sends = sends
        units = plan.units
        do throws(FramerError) {
            _ = try framing.makeFramer(units: units)
        } catch {
            throw .framer(error)
        }
        queue = StrikeQueue(rules: plan.rules)
        var conditions: [Condition] = []
        var rules: [StrikeRule] = []
        for (index, rule) in plan.rules.enumerated() {
            let route = try rule.route(among: routes)
            let kind = type(of: rule.fault) as? any ConditionFault.Type
            let isReceived = kind.map { $0.direction != Self.sends } ?? false
            let own = isReceived ? sends.opposite : sends
            if Self.strikesReceived(rule, sends) {
                guard rule.target.contains == nil, rule.target.match == nil else {
                    let reason = "what is received is struck before it is looked into"
                    queue.add(Self.note(index, rule, reason))
                    continue
                }
            } else if rule.target.direction ?? own != own {
                let does = isReceived ? "receives nothing" : "does not send"
                let reason = "a replay \(sends == .upstream ? "to" : "as") a server \(does) "
                queue.add(Self.note(index, rule, reason + own.opposite.name))
                continue
            }
            if sends == .downstream, let what = Self.notAsServer(rule.fault) {
                throw .clientsOnly(rule: rule.name, what)
            }
            let hasMessages = framing != .none || units == .chunks
            if let fault = rule.fault as? any ConditionFault {
                guard hasMessages || rule.target.messageRanges.isEmpty else {
                    throw .noMessages(rule: rule.name, "it names messages")
                }
                conditions.append(Condition(rule, fault.effect, own, on: route))
            } else if let fault = rule.fault as? any StrikeFault {
                let needsNone = fault.bytePlace != nil || fault is Refuse
                guard hasMessages || needsNone && sends == .upstream else {
                    throw .noMessages(rule: rule.name, "\(rule.faultName) strikes messages")
                }
                guard hasMessages || !rule.target.namesMessages else {
                    throw .noMessages(rule: rule.name, "it names messages")
                }
                rules.append(
                    StrikeRule(index, rule, fault, seed: seed, sends: sends, on: route))
            }
        }
        self.conditions = conditions
        self.rules = rules
        let isCrossing = { (rule: StrikeRule) in
            (rule.fault as? Reorder)?.across == .connections
        }
        session = rules.contains(where: isCrossing) ? SessionOrder() : nil
        advance()
    }

    /// Takes the next event, with the bytes beside it.
    package func receive(_ event: Event, _ bytes: Span<UInt8>) {
        ordinal += 1
        guard event.connection > 0, event.attempt <= 1 else { return }
        switch event.fact {
        case .opened:
            _ = track(event, isOpening: true)
        case .chunk:
            receive(bytes, event, isArrival: true)
        case .sent(let sent) where sent.source == .literal:
            receive(bytes, event, isArrival: false)
        case .finished, .reset, .failed:
            end(event)
        case .gap(let missing, _):
            guard let direction = event.direction else { return }
            track(event, isOpening: false)?.gap(direction, missing, event.instant, &queue)
        default:
            return
        }
        advance()
    }

    /// There are no more events.
    package func finish() {
        // In the order of their numbers: a dictionary has none.
        for connection in tracks.keys.sorted() { tracks[connection]?.finish(&queue) }
        tracks = [:]
        latest = nil
        session?.finish()
        advance()
    }

    /// The next strike, in recorded order.
    package func next() -> ScheduledStrike? {
        guard taken < ready.count else {
            ready.removeAll(keepingCapacity: ready.count <= 4_096)
            taken = 0
            return nil
        }
        taken += 1
        return ScheduledStrike(ready[taken - 1])
    }

    /// How many strikes are kept; it stays below `StrikeQueue.mostWaiting` and a few.
    var waitingCount: Int { queue.count }

    private func advance() {
        queue.advance()
        ready += queue.takeTold()
    }

    private func receive(_ bytes: Span<UInt8>, _ event: Event, isArrival: Bool) {
        guard let direction = event.direction, !bytes.isEmpty,
            let track = track(event, isOpening: false)
        else { return }
        track.receive(
            bytes, direction, at: event.instant, ordinal: ordinal, isArrival: isArrival, &queue)
    }

    private func end(_ event: Event) {
        let connection = event.connection
        guard let track = tracks[connection] else { return }
        guard track.end(event, &queue) else { return }
        tracks[connection] = nil
        if latest?.connection == connection { latest = nil }
        ended.insert(connection)
    }

    /// A connection's track; nil where it is over.
    private func track(_ event: Event, isOpening: Bool) -> SchedulerTrack? {
        let connection = event.connection
        if let latest, latest.connection == connection { return latest.track }
        if let track = tracks[connection] {
            latest = (connection, track)
            return track
        }
        // What still comes of a connection after its end is not the beginning of another.
        guard !ended.contains(connection) else { return nil }
        // The initialiser has made sure that there is such a framer.
        let framer = try? framing.makeFramer(units: units)
        var route: UInt16 = 0
        if case .opened(let number, _, _) = event.fact { route = number }
        let track = SchedulerTrack(
            connection, route: route, framer: framer,
            rules: rules.filter { $0.covers(connection: connection, route: route) },
            session: session,
            openedAt: queue.currentSeat, sends: sends)
        tracks[connection] = track
        latest = (connection, track)
        if tracks.count > Self.maximumConnections {
            track.leaveOut(
                "more than \(Self.maximumConnections) connections are open at once",
                event.instant, &queue)
        } else if !isOpening && !includesPartial {
            track.leaveOut(
                "the connection was picked up in the middle", event.instant, &queue)
        } else if isOpening {
            track.open(at: event.instant, &queue)
        }
        return track
    }

    /// A rule as a whole is skipped.
    private static func note(_ index: Int, _ rule: Rule, _ reason: String) -> RolledStrike {
        let strike = RolledStrike(
            rule: index, named: rule.name, fault: rule.faultName, connection: 0,
            rule.target.direction ?? sends, message: 0, instant: .start, seat: 0, rank: nil,
            link: nil)
        strike.skip(reason)
        return strike
    }

    /// What a fault asks for that is the consumer's to decide where it is the one that dials.
    /// Whether it strikes what Weir receives, which it can do as the client.
    private static func strikesReceived(_ rule: Rule, _ sends: Direction) -> Bool {
        let kind = type(of: rule.fault) as? any StrikeFault.Type
        return sends == .upstream && rule.target.direction == .downstream
            && kind?.strikesReceived ?? false
    }

    private static func notAsServer(_ fault: any Fault) -> String? {
        if let duplicate = fault as? Duplicate, duplicate.on == .new { return "on=new" }
        if let reorder = fault as? Reorder, reorder.across == .connections {
            return "across=connections"
        }
        guard let cut = fault as? Disconnect else { return nil }
        let usual = Disconnect()
        if cut.then != usual.then { return "then=\(cut.then.rawValue)" }
        if cut.wait != usual.wait { return "wait=\(cut.wait)" }
        if case .last = cut.resend { return "resend=\(cut.resend)" }
        return nil
    }
}

/// A strike with its place in time, for people.
package struct ScheduledStrike: Hashable, Sendable {
    package var strike: Strike
    /// When its message's first byte was recorded.
    package var instant: Instant

    init(_ rolled: RolledStrike) {
        var effect = StrikeEffect.unresolved(fault: rolled.faultName)
        var state = Strike.State.planned
        switch rolled.state {
        case .ready(let drawn): effect = drawn
        case .skipped(let reason): state = .skipped(reason: reason)
        case .waiting, .discarded: preconditionFailure("a strike is told before it is known")
        }
        if case .preempted(let other) = rolled.decision { state = .preempted(by: other) }
        strike = Strike(
            id: rolled.id, rule: rolled.ruleName, connection: rolled.connection,
            direction: rolled.direction, message: rolled.message, lastMessage: rolled.last,
            effect: effect, state: state)
        if rolled.isViolation { strike.label = .violation }
        instant = rolled.instant
    }
}

/// Why a plan cannot be worked out for a recording.
package enum SchedulerError: Error, Hashable, Sendable, CustomStringConvertible {
    case framer(FramerError)
    case noMessages(rule: String, String)
    /// It names a route that is not there; those that are.
    case unknownRoute(rule: String, route: String, known: [String])
    /// Where the consumer is the one that dials, it decides this.
    case clientsOnly(rule: String, String)
    /// Live traffic cannot be disturbed so; what to write.
    case notLive(rule: String, String)

    package var description: String {
        switch self {
        case .framer(let error): error.description
        case .clientsOnly(let rule, let what):
            "the rule \(rule) asks for \(what), which is the consumer's to decide where it is the "
                + "one that dials; leave it out"
        case .notLive(let rule, let what): "the rule \(rule) asks for \(what)"
        case .unknownRoute(let rule, let route, let known):
            "the rule \(rule) is about the route \"\(EscapedText(route, limit: 60))\", which is "
                + "not there; "
                + (known.isEmpty
                    ? "leave it out: no route has a name"
                    : "write one of \(EscapedText(known.joined(separator: ", "), limit: 400))")
        case .noMessages(let rule, let why):
            "the rule \(rule) needs messages (\(why)), and this recording is not read as any; "
                + "name its protocol with --protocol, or let each chunk be a message: units=chunks"
        }
    }
}

extension Condition {
    init(
        _ rule: Rule, _ effect: ConditionEffect, _ direction: Direction, on route: NamedRoute?
    ) {
        self.init(
            id: rule.name, effect: effect, direction: direction, route: route,
            connections: rule.target.connectionRanges, messages: rule.target.messageRanges,
            window: rule.target.window?.range, chance: rule.target.chance.ratio.numerator,
            outOf: rule.target.chance.ratio.denominator)
    }
}
