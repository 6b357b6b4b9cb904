import Faults
import Recordings

/// Works out what a consumer did that dialled a replay as the server, from the recording and the
/// events of that replay as they happen.
///
/// As `ReactionLog` does for a replay as the client: a pure function of the recording and the
/// replay's events, so that over a replay that is read back it gives what it gave live. Which
/// recorded message a request was taken for stands in the replay's marks.
package struct ServingLog {
    /// What is known of one recorded connection, over all its attempts.
    private struct Track {
        /// In the transcript; nil: it plays none.
        var recorded: Int?
        /// Its attempt that was accepted last, when that was, and when it ended.
        var acceptedAt = Instant.start
        var endedAt: Instant?
        /// The last strike that was applied on it.
        var strike = ""
        var struckAt = Instant.start
        /// Messages that came on all its attempts, those apart that came again.
        var requests: UInt64 = 0
    }

    /// One attempt while it is open.
    private struct Attempt {
        var conversation: Conversation
        var ends: PerDirection<Party?> = PerDirection(nil)
        var stalledSince: Instant?
        /// When bytes came last: a mark about a request follows them.
        var receivedAt = Instant.start
    }

    private struct Key: Hashable {
        var connection: UInt32
        var attempt: UInt16
    }

    private let transcript: Transcript
    private let settings: ReactionSettings
    private var places: [UInt32: Int] = [:]
    private var tracks: [UInt32: Track] = [:]
    private var attempts: [Key: Attempt] = [:]
    private var reactions: [Reaction] = []
    private var told = 0

    /// - Throws: when there is no such framer.
    package init(of recorded: Transcript, settings: ReactionSettings) throws(FramerError) {
        _ = try settings.framing.makeFramer(units: settings.units)
        transcript = recorded
        self.settings = settings
        for (index, connection) in recorded.connections.enumerated()
        where places[connection.number] == nil {
            places[connection.number] = index
        }
    }

    // MARK: - Events

    private mutating func end(_ event: Event, _ how: Ending.How, _ by: Party) {
        let key = Key(connection: event.connection, attempt: event.attempt)
        guard var attempt = attempts[key] else { return }
        let isUnasked = by == settings.consumer && isUnasked(attempt, event.connection)
        for link in Direction.allCases where how != .closed || (event.direction ?? link) == link {
            attempt.ends[link] = attempt.ends[link] ?? by
        }
        attempts[key] = attempt
        react(
            event, strike: by == .weir ? latestStrike(event.connection) : "",
            .ended(
                Ending(
                    how: how, by: by, direction: how == .closed ? event.direction : nil,
                    isUnasked: isUnasked)))
        guard attempt.ends.upstream != nil, attempt.ends.downstream != nil else { return }
        attempts[key] = nil
        tracks[event.connection]?.endedAt = event.instant
    }

    /// The strike that was applied on the attempt that was accepted last.
    private func latestStrike(_ connection: UInt32) -> String {
        guard let track = tracks[connection], track.struckAt >= track.acceptedAt else { return "" }
        return track.strike
    }

    /// Whether the consumer ended it before anyone else did, and before it had asked for all that
    /// it had asked for in the recording, or where it had not ended it there.
    private func isUnasked(_ attempt: Attempt, _ connection: UInt32) -> Bool {
        guard attempt.ends.downstream == nil, attempt.ends.upstream == nil else { return false }
        guard let track = tracks[connection], let recorded = track.recorded else { return true }
        let link = transcript.connections[recorded].upstream
        return link.end?.by != settings.consumer || track.requests < link.count
    }

    private mutating func mark(_ event: Event, _ mark: ServingMark) {
        switch mark {
        case .accepted(let by, let after):
            var track =
                tracks[event.connection] ?? Track(recorded: places[event.connection])
            let instant = event.instant.advanced(byNanoseconds: -after)
            let isLater = event.attempt > 1
            let strike = isLater ? latestStrike(event.connection) : ""
            let since = isLater ? track.endedAt.map { instant.nanoseconds(since: $0) } : nil
            track.acceptedAt = instant
            tracks[event.connection] = track
            let framer = try? settings.framing.makeFramer(units: settings.units)
            attempts[Key(connection: event.connection, attempt: event.attempt)] = Attempt(
                conversation: Conversation(framer: framer ?? nil))
            react(
                event, strike: strike,
                .accepted(Accepted(by: by, instant: instant, sinceEndNanoseconds: since)))
        case .request(let request):
            self.request(event, request)
        }
    }

    private mutating func request(_ event: Event, _ request: ServingMark.Request) {
        switch request.match {
        case .unknown(let bytes):
            react(
                event, strike: latestStrike(event.connection),
                .unknown(request: request.number, bytes: bytes))
        case .elsewhere(let connection, let message):
            react(
                event,
                .elsewhere(request: request.number, connection: connection, message: message))
        case .again(let again):
            if let count = tracks[event.connection]?.requests, count > 0 {
                tracks[event.connection]?.requests = count - 1
            }
            let key = Key(connection: event.connection, attempt: event.attempt)
            let came = attempts[key]?.receivedAt ?? event.instant
            let sent = came.advanced(byNanoseconds: -again.sinceNanoseconds)
            let message = recorded(again)
            react(
                event, strike: strike(since: sent, [event.connection, again.connection]),
                .resent(
                    Resent(
                        request: request.number, message: again.message,
                        connection: again.connection, kind: message?.kind ?? "",
                        isSessionState: message?.isSpared ?? false, answer: again.answer,
                        times: again.times, sinceNanoseconds: again.sinceNanoseconds)))
        }
    }

    private func recorded(_ again: ServingMark.Again) -> TranscriptMessage? {
        guard let place = places[again.connection] else { return nil }
        let link = transcript.connections[place].upstream
        guard again.message >= 1, again.message <= link.count else { return nil }
        return link.message(again.message)
    }

    /// The last strike that was applied on one of these connections since then.
    private func strike(since instant: Instant, _ connections: [UInt32]) -> String {
        let struck = connections.compactMap { tracks[$0] }.filter {
            !$0.strike.isEmpty && $0.struckAt >= instant
        }
        return struck.max { $0.struckAt < $1.struckAt }?.strike ?? ""
    }

    private mutating func react(_ event: Event, strike: String = "", _ what: Reaction.What) {
        reactions.append(
            Reaction(
                at: event.instant, connection: event.connection, attempt: event.attempt,
                strike: strike, what))
    }

    /// Counts what the consumer sent, as the framer cuts it.
    private mutating func read(_ event: Event, _ bytes: Span<UInt8>, _ direction: Direction) {
        let key = Key(connection: event.connection, attempt: event.attempt)
        var start = 0
        while start < bytes.count {
            let rest = bytes.extracting(start..<bytes.count)
            switch attempts[key]?.conversation.advance(rest, direction, at: event.instant) {
            case .message(let consumed, _):
                start += consumed
                if direction == .upstream { tracks[event.connection]?.requests += 1 }
            case .needMore, .lostSync, .opaque, nil: return
            }
        }
    }
}

extension ServingLog: ReactionWorker {
    package mutating func next() -> Reaction? {
        guard told < reactions.count else {
            reactions.removeAll(keepingCapacity: reactions.count <= 4_096)
            told = 0
            return nil
        }
        told += 1
        return reactions[told - 1]
    }

    package mutating func receive(_ event: Event, _ bytes: Span<UInt8>) {
        let key = Key(connection: event.connection, attempt: event.attempt)
        switch event.fact {
        case .mark(let label):
            if let mark = ServingMark(label: label) { self.mark(event, mark) }
        case .chunk where event.direction == .upstream:
            attempts[key]?.receivedAt = event.instant
            read(event, bytes, .upstream)
        case .sent where event.direction == .downstream: read(event, bytes, .downstream)
        case .strike(let outcome) where outcome.result == .applied:
            tracks[event.connection]?.strike = outcome.id
            tracks[event.connection]?.struckAt = event.instant
        case .finished(let by): end(event, .closed, by)
        case .reset(let by): end(event, .reset, by)
        case .failed(let errno, let by): end(event, .failed(errno: errno), by)
        case .stalled:
            attempts[key]?.stalledSince = event.instant
            react(event, .stalled)
        case .resumed:
            let since = attempts[key]?.stalledSince ?? event.instant
            react(event, .resumed(afterNanoseconds: event.instant.nanoseconds(since: since)))
        case .output(let source, let line): react(event, .output(source, line: line))
        case .exited(let code): react(event, .exited(code: code))
        case .command(let name, let exitCode, let took):
            var outcome = CommandOutcome(
                name: name, exitCode: exitCode, tookNanoseconds: took,
                output: (0..<min(bytes.count, Difference.excerptBytes)).map { bytes[$0] })
            if settings.keepsContent {
                outcome.content = Content()
                outcome.content?.take(bytes)
            }
            react(event, .command(outcome))
        case .dialled, .opened, .refused, .chunk, .sent, .gap, .strike: break
        }
    }

    package mutating func pass(to instant: Instant) {}

    package mutating func finish() { attempts = [:] }
}
