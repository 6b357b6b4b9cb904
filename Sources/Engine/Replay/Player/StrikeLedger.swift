import Faults
import Recordings

/// The planned strikes of one link, and what became of each: every one gets exactly one outcome.
struct StrikeLedger: Sendable {
    /// In recorded order.
    let strikes: [Strike]
    private(set) var outcomes: [StrikeOutcome] = []
    private var isSettled: [Bool]
    private var unsettled: Int

    /// The messages that one strike takes (a reorder takes two runs of them).
    private struct Taken: Sendable {
        var messages: ClosedRange<UInt64>
        var strike: Int
    }

    /// Delays apart: no message is in two of them.
    private var taken: [Taken] = []
    /// Delays by message: several may strike the same.
    private var delays: [Taken] = []
    /// The strike that flips bits, by message.
    private var corruptions: [UInt64: Int] = [:]
    /// The strikes that reset the connection once it is open.
    private var refusals: [Int] = []
    private var hint = 0
    /// Of duplicates that are not settled: how many copies were sent whole.
    private var copies: [Int: UInt16] = [:]

    /// - Parameters:
    ///   - strikes: what is planned on this link.
    ///   - link: which messages there are.
    ///   - isByCells: the link has no messages: cells stand for them.
    init(_ strikes: [Strike], on link: TranscriptLink, isByCells: Bool = false) {
        self.strikes = strikes.sorted { $0.message < $1.message }
        isSettled = Array(repeating: false, count: strikes.count)
        unsettled = strikes.count
        for index in self.strikes.indices { enter(index, Units(link, isByCells: isByCells)) }
    }

    var isEmpty: Bool { strikes.isEmpty }

    func isSettled(_ index: Int) -> Bool { isSettled[index] }

    /// Settles a strike, unless it is settled already.
    mutating func settle(_ index: Int, _ result: StrikeOutcome.Result, _ reason: String = "") {
        guard !isSettled[index] else { return }
        isSettled[index] = true
        unsettled -= 1
        outcomes.append(StrikeOutcome(id: strikes[index].id, result: result, reason: reason))
    }

    /// What becomes of it is told elsewhere.
    mutating func handOver(_ index: Int) {
        guard !isSettled[index] else { return }
        isSettled[index] = true
        unsettled -= 1
    }

    /// A copy was sent whole; with the last one its duplicate is applied.
    mutating func sentCopy(_ copy: UInt16, of index: Int) {
        guard case .duplicate(let count, _, _) = strikes[index].effect else { return }
        copies[index] = copy < count ? copy : nil
        if copy == count { settle(index, .applied) }
    }

    /// What is not settled will not be. A duplicate of which some copies were sent has struck.
    mutating func preemptAll(_ reason: String) {
        guard unsettled > 0 else { return }
        for index in strikes.indices where !isSettled[index] {
            if let sent = copies[index] {
                settle(index, .applied, "with \(sent) of its copies: \(reason)")
            } else {
                settle(index, .preempted, reason)
            }
        }
    }

    var hasOutcomes: Bool { !outcomes.isEmpty }

    /// The outcomes that were not taken yet, in order.
    mutating func takeOutcomes() -> [StrikeOutcome] {
        defer { outcomes = [] }
        return outcomes
    }

    /// The strike, delays apart, that takes this message.
    mutating func strike(taking message: UInt64) -> Int? {
        guard !taken.isEmpty else { return nil }
        if hint < taken.count, taken[hint].messages.contains(message) { return taken[hint].strike }
        let isBetween =
            (hint == taken.count || message < taken[hint].messages.lowerBound)
            && (hint == 0 || message > taken[hint - 1].messages.upperBound)
        if !isBetween { hint = Self.firstIndex(in: taken, endingAtOrBehind: message) }
        guard hint < taken.count, taken[hint].messages.contains(message) else { return nil }
        return taken[hint].strike
    }

    /// The delays that are still to strike this message: their sum, and the first one's index.
    func delay(of message: UInt64) -> (nanoseconds: Int64, strike: Int)? {
        guard !delays.isEmpty else { return nil }
        var index = Self.firstIndex(in: delays, endingAtOrBehind: message)
        guard index < delays.count, delays[index].messages.contains(message) else { return nil }
        let first = delays[index].strike
        guard !isSettled[first] else { return nil }
        var sum: Int64 = 0
        while index < delays.count, delays[index].messages.contains(message) {
            if case .delay(let nanoseconds) = strikes[delays[index].strike].effect {
                let (total, overflow) = sum.addingReportingOverflow(max(0, nanoseconds))
                sum = overflow ? .max : total
            }
            index += 1
        }
        return (sum, first)
    }

    /// The strike that flips bits of this message.
    func corruption(of message: UInt64) -> Int? { corruptions[message] }

    /// The strike that resets the connection once it is open.
    var refusal: Int? { refusals.first }

    /// The first strike that is not settled, delays apart.
    var firstUnsettled: Int? { taken.lazy.map(\.strike).first { !isSettled[$0] } }

    /// The delays of this message struck.
    mutating func delayApplied(to message: UInt64) {
        var index = Self.firstIndex(in: delays, endingAtOrBehind: message)
        while index < delays.count, delays[index].messages.contains(message) {
            settle(delays[index].strike, .applied)
            index += 1
        }
    }

    /// The reorders whose first message is in the range, in order.
    func reorders(from first: UInt64, through last: UInt64) -> [Int] {
        var index = Self.firstIndex(in: taken, endingAtOrBehind: first)
        var found: [Int] = []
        while index < taken.count, taken[index].messages.lowerBound <= last {
            let strike = strikes[taken[index].strike]
            if case .reorder = strike.effect, strike.message == taken[index].messages.lowerBound,
                strike.message >= first
            {
                found.append(taken[index].strike)
            }
            index += 1
        }
        return found
    }
}

/// A schedule may have been edited by hand: what cannot be done is skipped, and why.
extension StrikeLedger {
    /// What stands for the messages of a link.
    private struct Units {
        let link: TranscriptLink
        let isByCells: Bool

        init(_ link: TranscriptLink, isByCells: Bool) {
            self.link = link
            self.isByCells = isByCells
        }

        var count: UInt64 { isByCells ? link.cells : link.count }

        func length(of unit: UInt64) -> UInt64 {
            isByCells ? link.cellLength(unit) : UInt64(link.range(of: unit).count)
        }
    }

    private mutating func enter(_ index: Int, _ link: Units) {
        let strike = strikes[index]
        if case .end(let ending) = strike.effect, ending.kind == .refuse {
            refusals.append(index)
            return
        }
        if let reason = Self.impossible(strike, link) { return settle(index, .skipped, reason) }
        let own = strike.message...strike.lastMessage
        if case .delay = strike.effect {
            delays.append(Taken(messages: own, strike: index))
            return
        }
        if case .corrupt = strike.effect {
            if let other = corruptions[strike.message] {
                settle(
                    index, .preempted, "\(strikes[other].id) flips bits of the same message")
            } else {
                corruptions[strike.message] = index
            }
            return
        }
        var runs = [own]
        if case .reorder(let other) = strike.effect { runs.append(other) }
        for run in runs {
            let place = Self.firstIndex(in: taken, endingAtOrBehind: run.lowerBound)
            guard place < taken.count, taken[place].messages.overlaps(run) else { continue }
            let other = strikes[taken[place].strike].id
            return settle(index, .preempted, "\(other) takes the same message")
        }
        for run in runs {
            let place = Self.firstIndex(in: taken, endingAtOrBehind: run.lowerBound)
            taken.insert(Taken(messages: run, strike: index), at: place)
        }
    }

    private static func impossible(_ strike: Strike, _ link: Units) -> String? {
        if link.isByCells, !strike.effect.isAtBytes { return "the link has no messages" }
        let noun = link.isByCells ? "cell" : "message"
        guard strike.message >= 1, strike.message <= strike.lastMessage,
            strike.lastMessage <= link.count
        else { return "the link has only \(link.count) \(noun)s" }
        guard strike.effect.neededBytes <= link.length(of: strike.message) else {
            return "the \(noun) has fewer than \(strike.effect.neededBytes) bytes"
        }
        switch strike.effect {
        case .reorder(let other):
            guard other.lowerBound > strike.lastMessage, other.upperBound <= link.count else {
                return "messages \(other.lowerBound) to \(other.upperBound) do not follow it"
            }
        case .disconnect(let cut):
            var last: UInt64 = 0
            for range in cut.resend {
                guard range.lowerBound > last, range.upperBound <= strike.message else {
                    return "its resend list is not rising up to the message"
                }
                last = range.upperBound
            }
        case .delay, .duplicate, .overtaken, .drop, .end, .stall, .corrupt: break
        case .unresolved(let fault): return "the schedule does not say what its \(fault) does"
        }
        return nil
    }

    private static func firstIndex(
        in taken: [Taken], endingAtOrBehind message: UInt64
    ) -> Int {
        var (low, high) = (0, taken.count)
        while low < high {
            let middle = low + (high - low) / 2
            if taken[middle].messages.upperBound < message {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
