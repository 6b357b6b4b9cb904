import Recordings

/// What stands behind a struck message on its link: the end of its group, and its neighbours.
///
/// Messages are taken as units: a group is one, and so is each message outside of groups.
struct LinkLookahead {
    /// A strike that takes a whole unit.
    struct Member {
        var strike: RolledStrike
        var draw: StrikeDraw
        /// What it looks for, as a bit; 0: nothing.
        var wanted: UInt64
        var includesState: Bool
        /// It does not matter to it where flights end.
        var isForced: Bool
    }

    private struct Unit {
        var first: UInt64
        var last: UInt64
        var group: UInt64?
        var firstFlight: UInt64
        var lastFlight: UInt64
        var lastSeat: UInt64
        var found: UInt64
        var hasState: Bool
        var members: [Member]
    }

    /// A reorder whose other place is not known yet; those that are not forced are of the current
    /// flight.
    private struct Swap {
        var strike: RolledStrike
        var last: UInt64
        /// Units until that place.
        var remaining: UInt64
        var includesState: Bool
        var isForced: Bool
        var flight: UInt64
    }

    /// A strike that takes a message of another connection, once its own unit is known.
    struct Overtake {
        var strike: RolledStrike
        var last: UInt64
        var lastSeat: UInt64
        var depth: UInt64
        var withinNanoseconds: Int64
    }

    private var unit: Unit?
    private var overtakes: [Overtake] = []
    private var swaps: [Swap] = []
    private var flight: UInt64 = 0
    private var flightStart: UInt64 = 0

    private static let noNeighbour = "no neighbour in flight"

    /// Takes the next message of the link.
    mutating func add(
        _ tracked: ExchangeTracker.Tracked, seat: UInt64, found: UInt64, _ members: [Member]
    ) {
        let message = tracked.placed.message
        let isNewFlight = tracked.flight != flight
        if isNewFlight {
            flight = tracked.flight
            flightStart = message.number
        }
        let belongs = message.group != nil && message.group == unit?.group
        if !belongs { close() }
        // What closes just now has no neighbour in its flight either.
        if isNewFlight { skipSwaps() }
        if belongs, var open = unit {
            open.last = message.number
            open.lastFlight = tracked.flight
            open.lastSeat = seat
            open.found |= found
            open.hasState = open.hasState || message.state != nil
            open.members += members
            unit = open
        } else {
            unit = Unit(
                first: message.number, last: message.number, group: message.group,
                firstFlight: tracked.flight, lastFlight: tracked.flight, lastSeat: seat,
                found: found, hasState: message.state != nil, members: members)
        }
        if message.group == nil || message.endsGroup { close() }
    }

    mutating func answerBegan(to message: UInt64) {
        if message >= flightStart { skipSwaps() }
    }

    /// No message behind this belongs to the same flight.
    mutating func endFlight() { skipSwaps() }

    /// The link has no more messages.
    mutating func finish() {
        close()
        skipSwaps()
        for swap in swaps { swap.strike.skip("no message stands behind it") }
        swaps = []
    }

    /// Those whose own unit is known since the last call.
    mutating func takeOvertakes() -> [Overtake] {
        defer { if !overtakes.isEmpty { overtakes = [] } }
        return overtakes
    }

    private mutating func skipSwaps() {
        guard !swaps.isEmpty else { return }
        for swap in swaps where !swap.isForced { swap.strike.skip(Self.noNeighbour) }
        swaps.removeAll { !$0.isForced }
    }

    private mutating func close() {
        guard let unit else { return }
        self.unit = nil
        if !swaps.isEmpty { pass(unit) }
        for member in unit.members where member.strike.isWaiting {
            guard member.wanted == 0 || unit.found & member.wanted != 0,
                !unit.hasState || member.includesState
            else {
                member.strike.discard()
                continue
            }
            switch member.draw {
            case .effect(let effect):
                member.strike.work(out: effect, last: unit.last, horizon: unit.lastSeat)
            case .overtake(let depth, let within):
                member.strike.last = unit.last
                overtakes.append(
                    Overtake(
                        strike: member.strike, last: unit.last, lastSeat: unit.lastSeat,
                        depth: depth, withinNanoseconds: within))
            case .swap(let depth):
                member.strike.last = unit.last
                guard unit.firstFlight == unit.lastFlight || member.isForced else {
                    member.strike.skip("its group is not in one flight")
                    continue
                }
                swaps.append(
                    Swap(
                        strike: member.strike, last: unit.last, remaining: depth,
                        includesState: member.includesState, isForced: member.isForced,
                        flight: unit.firstFlight))
            }
        }
    }

    /// A unit stands behind those that wait for their neighbour.
    private mutating func pass(_ unit: Unit) {
        var kept = 0
        for index in swaps.indices {
            var swap = swaps[index]
            swap.remaining -= 1
            if unit.hasState && !swap.includesState {
                swap.strike.skip("session state stands behind it")
            } else if swap.remaining == 0 {
                swap.strike.isViolation = swap.isForced && unit.lastFlight != swap.flight
                swap.strike.work(
                    out: .reorder(with: unit.first...unit.last), last: swap.last,
                    horizon: unit.lastSeat)
            } else if swap.strike.isWaiting {
                swaps[kept] = swap
                kept += 1
            }
        }
        swaps.removeLast(swaps.count - kept)
    }
}
