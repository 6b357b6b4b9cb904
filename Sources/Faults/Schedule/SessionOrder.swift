import Recordings
import Text

/// The messages of a whole session in recorded order, as far as a reorder across connections looks:
/// for the message of another connection that overtakes the struck one.
///
/// That is the `depth`-th one behind it that stands on another connection of the rule's, which was
/// open already, in no group, and is no session state. Connections that open later may wait in a
/// replay for the struck one's to end, so that holding it for them would last for ever.
final class SessionOrder {
    /// More strikes do not wait at once for messages of other connections.
    static let mostWaiting = 4_096

    /// A message that is whole.
    struct Entry {
        var seat: UInt64
        var connection: UInt32
        /// The number of its route.
        var route: UInt16
        var message: UInt64
        var began: Instant
        /// How many messages of the session were whole when its connection opened.
        var openedAt: UInt64
        /// It is in no group, and no session state.
        var isPlain: Bool
        /// The strikes of its link.
        var strikes: LinkStrikes
    }

    /// A strike that looks for the message that overtakes.
    struct Overtake {
        var strike: RolledStrike
        var rule: StrikeRule
        /// The last message of its group, and its seat.
        var last: UInt64
        var lastSeat: UInt64
        var depth: UInt64
        var withinNanoseconds: Int64
    }

    // Those before `head` are forgotten.
    private var entries: [Entry] = []
    private var head = 0
    private var hasForgotten = false
    private var waiting: [Overtake] = []

    /// The next message of the session is whole.
    func add(_ entry: Entry) {
        if !waiting.isEmpty {
            var kept = 0
            for index in waiting.indices where !pass(entry, &waiting[index]) {
                waiting.swapAt(kept, index)
                kept += 1
            }
            waiting.removeLast(waiting.count - kept)
        }
        entries.append(entry)
        guard entries.count - head > Int(StrikeQueue.lookahead) else { return }
        head += 1
        hasForgotten = true
        guard head >= 4_096, head * 2 >= entries.count else { return }
        entries.removeFirst(head)
        head = 0
    }

    /// The strike's message, or group, is known to its end.
    func wait(_ overtake: Overtake) {
        var overtake = overtake
        let next = overtake.lastSeat + 1
        guard !hasForgotten || head < entries.count && entries[head].seat <= next else {
            return overtake.strike.skip("what follows it is not known any more")
        }
        for entry in entries[firstIndex(notBefore: next)...] where pass(entry, &overtake) { return }
        guard waiting.count < Self.mostWaiting else {
            return overtake.strike.skip(
                "\(Self.mostWaiting) others wait for messages of other connections")
        }
        waiting.append(overtake)
    }

    /// The session has no more messages.
    func finish() {
        for overtake in waiting {
            overtake.strike.skip("no message of another connection stands behind it")
        }
        waiting = []
    }

    /// - Returns: whether the strike looks no further.
    private func pass(_ entry: Entry, _ overtake: inout Overtake) -> Bool {
        let strike = overtake.strike
        guard strike.isWaiting else { return true }
        guard entry.began.nanoseconds(since: strike.instant) <= overtake.withinNanoseconds else {
            let within = TimeAmount(nanoseconds: overtake.withinNanoseconds)
            strike.skip("no message of another connection begins within \(within)")
            return true
        }
        guard entry.connection != strike.connection, entry.isPlain,
            entry.openedAt < overtake.lastSeat,
            overtake.rule.covers(connection: entry.connection, route: entry.route)
        else { return false }
        overtake.depth -= 1
        guard overtake.depth == 0 else { return false }
        strike.isOvertaken(by: entry.message, of: entry.connection, entry.strikes)
        strike.work(
            out: .overtaken(by: entry.message, of: entry.connection), last: overtake.last,
            horizon: entry.seat)
        return true
    }

    private func firstIndex(notBefore seat: UInt64) -> Int {
        var (low, high) = (head, entries.count)
        while low < high {
            let middle = low + (high - low) / 2
            if entries[middle].seat < seat { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
