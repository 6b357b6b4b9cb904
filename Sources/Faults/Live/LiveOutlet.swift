import Recordings

/// What leaves on one link, in order, and when.
///
/// The engine asks for the next step, does it, and says how much of it the socket took:
///
///     actions ──► next ──► send so much of these bytes ──► took
///                   └──► wait until then; the end; a cut
///
/// Delays are due as they were decided. Bandwidth, slicer and slow_close hold what is at the front,
/// as the rules of the moment say, so that a slow receiver does not let more pass afterwards.
package struct LiveOutlet: Sendable {
    package enum Step: Hashable, Sendable {
        case nothing
        /// Nothing is due before then.
        case wait(until: Instant)
        /// Of these bytes, so many from there on.
        case send(LiveSend, from: Int, count: Int)
        case finish
        case cut(Cut.How, strike: String)
        /// All before it was sent: its copies may come.
        case redeliver(LiveRedelivery)
    }

    private enum Item: Sendable {
        case send(LiveSend)
        case finish(due: Instant)
        case cut(Cut.How, strike: String, due: Instant)
        case redeliver(LiveRedelivery, due: Instant)

        var due: Instant {
            switch self {
            case .send(let send): send.due
            case .finish(let due), .cut(_, _, let due), .redeliver(_, let due): due
            }
        }
    }

    private var items: [Item] = []
    private var start = 0
    private var throttle: Throttle
    /// So many bytes of the first item were sent already.
    private var sent = 0
    /// The condition that held them, and until when.
    private var heldBy = ""
    private var release = Instant(nanoseconds: .min)
    /// The how-many-eth message or cell is under way, and which one that is.
    private var number: UInt64 = 0
    private var head: (cell: UInt64, copy: UInt16) = (0, 0)
    /// Since when the end is held.
    private var closeHeldSince: Instant?
    private var closeAchieved: String?

    package init(_ conditions: LinkSchedule) { throttle = Throttle(conditions) }

    package var isEmpty: Bool { start == items.count }

    /// Other conditions hold what is here from now on.
    package mutating func setConditions(_ conditions: LinkSchedule) {
        throttle = Throttle(conditions, after: throttle)
    }

    package mutating func append(_ send: LiveSend) { items.append(.send(send)) }

    package mutating func appendFinish(due: Instant) { items.append(.finish(due: due)) }

    package mutating func appendCut(_ how: Cut.How, strike: String, due: Instant) {
        items.append(.cut(how, strike: strike, due: due))
    }

    package mutating func append(_ redelivery: LiveRedelivery, due: Instant) {
        items.append(.redeliver(redelivery, due: due))
    }

    /// What to do now. A finish, a cut and a redelivery are given once, and nothing stands behind a
    /// cut.
    /// - Parameter isHurried: nothing waits for its time any more.
    package mutating func next(_ now: Instant, isHurried: Bool = false) -> Step {
        guard let (due, count) = front(now, isHurried) else { return .nothing }
        guard isHurried || due <= now else { return .wait(until: due) }
        switch items[start] {
        case .send(let send): return .send(send, from: sent, count: count)
        case .finish:
            if !throttle.closes.isEmpty, let since = closeHeldSince {
                closeAchieved = SlowClose.achieved(
                    throttle.closeIDs, asked: throttle.closeNanoseconds,
                    held: now.nanoseconds(since: since))
            }
            removeFirst()
            return .finish
        case .cut(let how, let strike, _):
            removeAll()
            return .cut(how, strike: strike)
        case .redeliver(let redelivery, _):
            removeFirst()
            return .redeliver(redelivery)
        }
    }

    /// When `next` has something to do; nil: not before more comes.
    package mutating func nextDue(_ now: Instant, isHurried: Bool = false) -> Instant? {
        front(now, isHurried)?.due
    }

    /// The socket took so many bytes of what `next` gave. What was sent is given back once the last
    /// of it has left, with the condition that held it, and when that let it go.
    package mutating func took(_ count: Int, at now: Instant) -> LiveSend? {
        guard !isEmpty, case .send(var send) = items[start] else { return nil }
        if !throttle.isIdle {
            let (cell, place) = send.cell(from: sent)
            _ = throttle.passed(count, at: place, of: cell, now)
        }
        sent += count
        guard sent == send.count else { return nil }
        if !heldBy.isEmpty {
            if send.cause.isEmpty { send.cause = heldBy }
            send.due = max(send.due, release)
        }
        removeFirst()
        return send
    }

    /// - Returns: what would have followed what is not sent.
    @discardableResult
    package mutating func removeAll() -> [LiveRedelivery] {
        let lost = items[start...].compactMap { item in
            if case .redeliver(let redelivery, _) = item { redelivery } else { nil }
        }
        items.removeAll(keepingCapacity: items.capacity <= 1_024)
        start = 0
        beginFirst()
        return lost
    }

    /// The first byte of what arrived that is still to be sent; nil: none is.
    package var keepsFrom: UInt64? {
        var from: UInt64?
        for item in items[start...] {
            guard case .send(let send) = item, case .arrived(let range) = send.bytes else {
                continue
            }
            from = min(from ?? range.lowerBound, range.lowerBound)
        }
        return from
    }

    /// Until when something waits for its time, as far as that is known; nil: nothing does.
    package var lastDue: Instant? {
        guard !isEmpty, let last = items.last else { return nil }
        return max(last.due, release)
    }

    /// What conditions were asked for and what they achieved, a line each.
    package var achieved: [String] { throttle.achieved + (closeAchieved.map { [$0] } ?? []) }

    /// When the first item, or how many bytes of it, may go.
    private mutating func front(_ now: Instant, _ isHurried: Bool) -> (due: Instant, count: Int)? {
        guard !isEmpty else { return nil }
        switch items[start] {
        case .send(let send):
            let rest = send.count - sent
            guard !throttle.isIdle, !isHurried, send.due <= now else { return (send.due, rest) }
            let (cell, place) = send.cell(from: sent)
            if sent == 0, head != (cell.number, send.copy) || number == 0 {
                head = (cell.number, send.copy)
                number += 1
            }
            let portion = throttle.portion(
                rest, at: place, of: cell, number: number, release: send.due, now)
            if portion.release > send.arrived, !portion.cause.isEmpty { heldBy = portion.cause }
            release = portion.release
            return (portion.release, portion.count)
        case .finish(let due):
            guard !throttle.closes.isEmpty, !isHurried else { return (due, 0) }
            let since = closeHeldSince ?? max(due, now)
            closeHeldSince = since
            release = since.advanced(byNanoseconds: throttle.closeNanoseconds)
            return (release, 0)
        case .cut(_, _, let due), .redeliver(_, let due): return (due, 0)
        }
    }

    private mutating func removeFirst() {
        start += 1
        if start == items.count {
            items.removeAll(keepingCapacity: items.capacity <= 1_024)
            start = 0
        } else if start >= max(1_024, items.count / 2) {
            items.removeFirst(start)
            start = 0
        }
        beginFirst()
    }

    private mutating func beginFirst() {
        sent = 0
        heldBy = ""
        release = Instant(nanoseconds: .min)
        closeHeldSince = nil
    }
}
