import Faults
import Recordings

/// Which messages the applied strikes of a run touched: of these a wrong answer accuses nobody.
///
/// | Strike | Touches | What never arrives whole |
/// |---|---|---|
/// | duplicate | its message (its group) | |
/// | reorder | all from the one to the other: each has overtaken one, or was overtaken | |
/// | … across connections | its message, and the one of the other that overtook it | |
/// | disconnect | the cut message and those sent again | the cut message, unless it is sent again |
/// | … then=stop, and what ends its connection | | the struck one and all behind it |
/// | drop | | its message (its group) |
/// | stall forever | | the struck one and all behind it |
/// | corrupt | its message and all behind it: a right consumer reads them differently too | |
/// | what ends what Weir receives, or stalls it forever | | all that was not sent by then |
/// | delay, a stall that ends, conditions | nothing | |
struct TouchedMessages: Sendable {
    enum State: Hashable {
        case untouched
        case touched
        /// It did not come, or not whole: no answer is owed.
        case neverArrived
    }

    fileprivate struct Link {
        var touched = MessageRanges()
        var neverArrived = MessageRanges()
        /// From this message on nobody knows where one ends: bits were flipped in it.
        var garbledFrom = UInt64.max
    }

    private var links: [UInt32: Link] = [:]
    /// Connections on which Weir received no more from some point on, by a strike.
    private var deafened: Set<UInt32> = []

    init(_ strikes: [OutcomeLedger.Entry]) {
        for entry in strikes where entry.outcome.result == .applied { add(entry.strike) }
        merge()
    }

    /// Of a run whose consumer is the one that is dialled, with what was sent in it.
    init(of run: Observation) {
        for entry in run.strikes where entry.outcome.result == .applied { add(entry.strike) }
        for (connection, first) in run.unsent {
            links[connection, default: Link()].neverArrived.add(first...UInt64.max)
            deafened.insert(connection)
        }
        merge()
    }

    private mutating func merge() {
        for key in links.keys {
            links[key]?.touched.merge()
            links[key]?.neverArrived.merge()
        }
    }

    func state(connection: UInt32, message: UInt64) -> State {
        guard let link = links[connection] else { return .untouched }
        if link.neverArrived.contains(message) { return .neverArrived }
        return link.touched.contains(message) ? .touched : .untouched
    }

    /// Whether flipped bits may have joined this message to another one, or split it.
    func isGarbled(connection: UInt32, message: UInt64) -> Bool {
        message >= links[connection]?.garbledFrom ?? .max
    }

    /// Whether a strike let this connection end for good, so that its rest was not sent.
    func isStopped(connection: UInt32) -> Bool {
        links[connection]?.neverArrived.isOpenEnded ?? false
    }

    /// Whether a strike let Weir receive no more on this connection from some point on: what did
    /// not come behind it accuses nobody.
    func isDeafened(connection: UInt32) -> Bool { deafened.contains(connection) }

    /// Whether any strike touched this connection.
    func isTouched(connection: UInt32) -> Bool { links[connection] != nil }

    private mutating func add(_ strike: Strike) {
        // What Weir sends downstream touches what the consumer asks next; there is no message here
        // whose answer it could change. Where it receives downstream, `Observation.unsent` says
        // what a strike there kept from being sent.
        guard strike.connection > 0, strike.direction == .upstream else { return }
        let own = strike.message...max(strike.message, strike.lastMessage)
        let rest = strike.message...UInt64.max
        var link = links[strike.connection] ?? Link()
        switch strike.effect {
        case .duplicate: link.touched.add(own)
        case .reorder(let with):
            link.touched.add(strike.message...max(own.upperBound, with.upperBound))
        case .overtaken(let other, let connection):
            link.touched.add(own)
            links[connection, default: Link()].touched.add(other...other)
        case .drop: link.neverArrived.add(own)
        case .disconnect(let cut): link.add(cut, of: strike.message)
        case .end: link.neverArrived.add(rest)
        case .stall(_, let nanoseconds):
            guard nanoseconds == nil else { return }
            link.neverArrived.add(rest)
        case .corrupt:
            link.touched.add(rest)
            link.garbledFrom = min(link.garbledFrom, strike.message)
        case .delay, .unresolved: return
        }
        links[strike.connection] = link
    }
}

extension TouchedMessages.Link {
    fileprivate mutating func add(_ cut: Cut, of message: UInt64) {
        for range in cut.resend { touched.add(range) }
        if cut.then == .stop {
            neverArrived.add(message...UInt64.max)
        } else if cut.sentBytes > 0, !cut.resend.contains(where: { $0.contains(message) }) {
            neverArrived.add(message...message)
        } else {
            touched.add(message...message)
        }
    }
}

/// Runs of message numbers.
struct MessageRanges: Sendable {
    private var ranges: [ClosedRange<UInt64>] = []

    mutating func add(_ range: ClosedRange<UInt64>) { ranges.append(range) }

    /// Puts them in order; to be called before they are asked.
    mutating func merge() {
        ranges.sort { $0.lowerBound < $1.lowerBound }
        var merged: [ClosedRange<UInt64>] = []
        for range in ranges {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                merged[merged.count - 1] =
                    last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        ranges = merged
    }

    var isOpenEnded: Bool { ranges.last?.upperBound == .max }

    func contains(_ number: UInt64) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = low + (high - low) / 2
            if ranges[middle].upperBound < number { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].lowerBound <= number
    }
}
