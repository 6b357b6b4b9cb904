import Recordings

/// The rules of one connection about messages that Weir receives in a replay.
struct ReceivedRules {
    let rules: [StrikeRule]
    private let connection: UInt32
    private var walks: [ChanceWalk?]
    private let strikes = LinkStrikes()

    init(_ rules: [StrikeRule], _ connection: UInt32) {
        self.rules = rules
        self.connection = connection
        walks = rules.map { $0.walk(connection: connection, $0.direction) }
    }

    var isEmpty: Bool { rules.isEmpty }

    /// Rolls for a message that is whole. These strikes need no more to be worked out, and take no
    /// seat: what is sent is scheduled as if there were none.
    mutating func roll(_ placed: Conversation.Placed, _ queue: inout StrikeQueue) {
        let bytes = placed.offset..<(placed.offset + placed.length)
        for (index, rule) in rules.enumerated() {
            guard !queue.isUsedUp(rule: rule.index), rule.fault.mayStrike(bytes: bytes),
                rule.strikes(connection: connection, placed),
                walks[index]?.strikes(placed.message.number) ?? true,
                placed.message.state == nil || !rule.sparesState
            else { continue }
            let strike = rule.roll(
                connection: connection, message: placed.message.number, at: placed.began,
                seat: queue.currentSeat, strikes)
            queue.add(strike)
            let place = rule.place(connection: connection, placed, unanswered: [])
            guard case .effect(let effect) = rule.fault.draw(at: place) else { continue }
            strike.work(out: effect, last: strike.message, horizon: strike.seat)
        }
    }
}

/// The rules of one connection about places in bytes, where there are no messages: a cell stands
/// for the message then, as it does to conditions.
struct BytePlaces {
    private var entries: [Entry]
    private let connection: UInt32
    private var passed = PerDirection<UInt64>(0)
    private let strikes = PerDirection(upstream: LinkStrikes(), downstream: LinkStrikes())

    private struct Entry {
        var rule: StrikeRule
        var place: UInt64
        var walk: ChanceWalk?
        var isDone = false
    }

    init(_ rules: [StrikeRule], _ connection: UInt32) {
        self.connection = connection
        entries = rules.compactMap { rule in
            rule.fault.bytePlace.map {
                Entry(
                    rule: rule, place: $0,
                    walk: rule.walk(connection: connection, rule.direction))
            }
        }
    }

    /// Those that have not come to their place yet.
    func rules(_ direction: Direction) -> [StrikeRule] {
        entries.filter { !$0.isDone && $0.rule.direction == direction }.map(\.rule)
    }

    /// So many bytes of a link came.
    mutating func pass(
        _ count: Int, _ direction: Direction, at instant: Instant, _ queue: inout StrikeQueue
    ) {
        guard !entries.isEmpty else { return }
        passed[direction] += UInt64(count)
        for index in entries.indices
        where !entries[index].isDone && entries[index].rule.direction == direction {
            guard let cell = cell(of: entries[index], passed[direction]) else { continue }
            entries[index].isDone = true
            strike(&entries[index], cell, direction, at: instant, &queue)
        }
    }

    /// What stands behind missing bytes is not where it seems to be.
    mutating func gap(_ direction: Direction, _ missing: UInt64) {
        for index in entries.indices where entries[index].rule.direction == direction {
            entries[index].isDone = true
        }
    }

    /// The cell that its place lies in, from 1, once as many bytes came.
    private func cell(of entry: Entry, _ passed: UInt64) -> UInt64? {
        let size = LinkSchedule.cellBytes
        for number in [(max(entry.place, 1) - 1) / size, entry.place / size] {
            let (start, overflow) = number.multipliedReportingOverflow(by: size)
            guard !overflow, start < passed else { continue }
            let end = passed - start > size ? start + size : passed
            if entry.rule.fault.mayStrike(bytes: start..<end) { return number + 1 }
        }
        return nil
    }

    private func strike(
        _ entry: inout Entry, _ cell: UInt64, _ direction: Direction, at instant: Instant,
        _ queue: inout StrikeQueue
    ) {
        let rule = entry.rule
        let isWalked = entry.walk?.strikes(cell) ?? true
        guard !queue.isUsedUp(rule: rule.index), isWalked,
            rule.isAbout(message: cell, began: instant),
            entry.walk != nil || rule.rolls(connection: connection, direction, message: cell)
        else { return }
        let strike = rule.roll(
            connection: connection, message: cell, at: instant, seat: queue.takeSeat(),
            strikes[direction])
        queue.add(strike)
        let place = rule.place(
            connection: connection, direction, cell: cell, length: LinkSchedule.cellBytes)
        guard case .effect(let effect) = rule.fault.draw(at: place) else { return }
        strike.work(out: effect, last: cell, horizon: strike.seat)
    }
}
