/// What the network does to the program under test that TCP allows and a quiet machine seldom does.
package struct Misbehaviour: Sendable {
    /// `receive` gives fewer bytes than there are, and says that there is more.
    package var shortReads = Odds.never
    /// `send` takes fewer bytes than there is room for; writable is told again.
    package var shortSends = Odds.never
    /// `receive` says `wouldBlock` where there is something, and an edge follows.
    package var blockedReceives = Odds.never
    /// `send` says `wouldBlock` where there is room, and an edge follows.
    package var blockedSends = Odds.never
    /// What is sent at once is cut into smaller segments, each up to `lateness` after the other.
    package var cutSegments = Odds.never
    /// A packet is up to `lateness` late, and what comes after it waits for it.
    package var latePackets = Odds.never
    /// A timer fires up to `lateness` late.
    package var lateTimers = Odds.never
    /// The most that something is late, in nanoseconds.
    package var lateness: Int64 = 1_000_000
    /// Readiness comes with all that may be done at that moment, as epoll says it, not only with
    /// what is new; a new connection is told to be writable.
    package var extraReadiness = Odds.never
    /// A turn ends although more has arrived by its time.
    package var splitTurns = Odds.never
    /// The sockets of a turn are told in another order than that in which they became ready.
    package var shuffledTurns = Odds.never
    /// Accepting fails for want of descriptors (`EMFILE`).
    package var starvedAccepts = Odds.never

    package init() {}

    /// Nothing beyond TCP.
    package static let none = Misbehaviour()

    /// Some of everything, except starved accepts.
    package static let rough: Misbehaviour = {
        var rough = Misbehaviour()
        rough.shortReads = Odds(1, in: 4)
        rough.shortSends = Odds(1, in: 4)
        rough.blockedReceives = Odds(1, in: 8)
        rough.blockedSends = Odds(1, in: 8)
        rough.cutSegments = Odds(1, in: 3)
        rough.latePackets = Odds(1, in: 8)
        rough.lateTimers = Odds(1, in: 8)
        rough.extraReadiness = Odds(1, in: 4)
        rough.splitTurns = Odds(1, in: 4)
        rough.shuffledTurns = Odds(1, in: 4)
        return rough
    }()
}

/// A probability as a ratio of whole numbers.
package struct Odds: Hashable, Sendable {
    let numerator: UInt64
    let denominator: UInt64

    /// `times` in `trials`; between never and always.
    package init(_ times: UInt64, in trials: UInt64) {
        precondition(trials > 0 && times <= trials, "odds of \(times) in \(trials)")
        numerator = times
        denominator = trials
    }

    package static let never = Odds(0, in: 1)
    package static let always = Odds(1, in: 1)
}

/// Random numbers from a seed: SplitMix64 (Steele, Lea, Flood 2014). The same on every machine.
package struct SeededDice: Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A whole number from 0 to just below `bound`; 0 when the bound is.
    package mutating func draw<Number: FixedWidthInteger>(below bound: Number) -> Number {
        bound <= 0 ? 0 : Number(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// Whether something with these odds happens. What never does draws no number.
    package mutating func roll(_ odds: Odds) -> Bool {
        odds.numerator > 0 && draw(below: odds.denominator) < odds.numerator
    }

    package mutating func shuffle<Element>(_ elements: inout [Element]) {
        for index in elements.indices.dropFirst() {
            elements.swapAt(index, draw(below: index + 1))
        }
    }
}
