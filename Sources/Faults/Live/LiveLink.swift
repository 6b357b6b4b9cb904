import Recordings
import Text

/// What an injector knows of one link.
///
///     arrived ──► under way ──whole──► decided ──► due
///                     │                   └──► waits for its neighbour, or until it is overtaken
///                     └──nothing rolled for it: passes as it comes
struct LiveLink {
    var held: HeldBytes
    /// All bytes before this offset are decided: sent, dropped, or with a unit that waits.
    var passed: UInt64
    /// The rules that may strike here, and the conditions.
    var rules: [StrikeRule] = []
    var conditions: LinkSchedule
    var conditionName = ""
    /// The rolls of the rules, and of latency, that depend on those before.
    private var walks: [ChanceWalk?] = []
    private var holdWalk: HoldWalk
    /// Messages (or cells) that passed before these rules came: rolls are walked from there.
    private var walkedFrom: UInt64 = 0
    /// Order is kept: nothing is due before what was sent before it.
    var lastDue = Instant(nanoseconds: .min)
    /// The strike or condition that held what was held last.
    var lastCause = ""

    /// The rules that strike at a byte that has not come yet, in the order of their places.
    var places: [LivePlace] = []
    /// The names of those that did, or could have.
    var passedPlaces: Set<String> = []
    /// Bytes that leave changed.
    var flips: [LiveFlip] = []

    var underWay: UnderWay?
    var swap: LiveSwap?
    var overtaking: LiveOvertaking?
    /// What waited is being let go, one message behind the other: nothing else comes in between.
    var releases = 0
    /// A group that a strike takes as a whole, and that goes on.
    var group: OpenGroup?
    var copies: [LaterCopy] = []
    var copiesBytes = 0
    /// The message that began the flight, and whether an answer has ended it.
    var flightStart: UInt64 = 1
    var isFlightOver = false
    /// No byte follows; the end is passed on behind the copies.
    var hasFinished = false
    /// Nothing more is sent.
    var isOver = false

    init(at offset: UInt64, conditions: LinkSchedule) {
        held = HeldBytes(from: offset)
        passed = offset
        self.conditions = conditions
        holdWalk = HoldWalk(conditions)
    }

    /// Other rules apply, behind so many messages (or cells).
    mutating func setRules(
        _ rules: [StrikeRule], _ conditions: LinkSchedule, named name: String,
        behind messages: UInt64
    ) {
        self.rules = rules
        self.conditions = conditions
        conditionName = name
        walks = rules.map { $0.walk(connection: conditions.connection, conditions.direction) }
        holdWalk = HoldWalk(conditions)
        walkedFrom = messages
    }

    /// Whether the dice of a rule say so, asked for rising messages.
    mutating func rolls(_ index: Int, message: UInt64) -> Bool {
        guard walks[index] != nil else {
            return rules[index].rolls(
                connection: conditions.connection, conditions.direction, message: message)
        }
        return walks[index]?.strikes(max(1, message - min(message, walkedFrom))) ?? false
    }

    /// For how long the conditions hold a message (or cell).
    mutating func holdNanoseconds(message: UInt64, began: Instant) -> Int64 {
        conditions.holdNanoseconds(
            message: message, began: began, behind: walkedFrom, &holdWalk)
    }

    /// A message whose end has not come.
    struct UnderWay {
        let number: UInt64
        let start: UInt64
        let began: Instant
        /// The indexes of the rules whose dice struck it.
        var rolled: [Int]
        /// Whether it passes as it comes.
        var passes: Bool
    }

    struct OpenGroup {
        let first: UInt64
        let start: UInt64
        let struck: LiveUnit.Struck
    }

    /// The first byte that may still be needed.
    var keepsFrom: UInt64 {
        var from = passed
        if let underWay, !underWay.rolled.isEmpty || mayBeState(underWay) {
            from = min(from, underWay.start)
        }
        if let swap { from = min(from, swap.start) }
        if let overtaking { from = min(from, overtaking.offset) }
        if let group, case .duplicate = group.struck.effect { from = min(from, group.start) }
        return from
    }

    /// Whether it is to be kept whole, because it may turn out to be session state.
    private func mayBeState(_ underWay: UnderWay) -> Bool {
        conditions.direction == .upstream
            && held.end - underWay.start <= UInt64(SessionStates.mostBytes)
    }

    /// Whether nothing waits here.
    var isIdle: Bool {
        underWay == nil && swap == nil && overtaking == nil && group == nil && copies.isEmpty
            && !hasFinished
    }
}

/// A rule that strikes behind so many bytes of a link.
struct LivePlace {
    var rule: StrikeRule
    var place: UInt64

    /// What changes a byte waits for it; all else is done once the bytes before have come.
    var changesByte: Bool { rule.fault is Corrupt }

    /// Whether it strikes now that the link has come to `end`, and may have more.
    func isReached(at end: UInt64, hasMore: Bool) -> Bool {
        end >= place && (hasMore || !changesByte)
    }
}

/// Bits of one byte of a link that are flipped.
struct LiveFlip {
    var place: UInt64
    var bits: [UInt64]
    var strike: LiveStrike
}

/// A whole message, and what strikes it.
struct LiveUnit {
    var placed: Conversation.Placed
    var range: Range<UInt64>
    /// Up to here it has been sent already.
    var sentTo: UInt64
    /// At most one of those that exclude each other.
    var struck: Struck?
    var delayNanoseconds: Int64 = 0
    /// The delay, or the reorder, because of which it leaves other than it came.
    var cause = ""
    /// Bits to be flipped, from its start.
    var flippedBits: [UInt64] = []
    /// Strikes that combine with all that is sent.
    var combined: [LiveStrike] = []

    struct Struck {
        var rule: StrikeRule
        var effect: LiveEffect
        var strike: LiveStrike
        var isRaw: Bool
    }

    var number: UInt64 { placed.message.number }
    /// Where the message ends, also of a part of it.
    var end: UInt64 { placed.offset + placed.length }
    var isClosed: Bool { placed.message.group == nil || placed.message.endsGroup }
}

/// What a strike does to live traffic, of those that exclude each other.
enum LiveEffect {
    case drop
    case duplicate(copies: UInt16, afterNanoseconds: Int64, on: Duplicate.Place)
    /// Nothing is sent for so long before the cut.
    case cut(Cut, silenceNanoseconds: Int64)
    /// nil: nothing is sent on this link any more.
    case stall(sentBytes: UInt64, nanoseconds: Int64?)
    case swap(depth: UInt64, within: TimeAmount)
    /// It waits until so many messages of other connections were sent.
    case overtake(depth: UInt64, within: TimeAmount)

    /// Whether it waits for another message, whose place in the order it changes.
    var isReorder: Bool {
        switch self {
        case .swap, .overtake: true
        default: false
        }
    }
}

/// A reorder that waits for its neighbour. A group is one place.
struct LiveSwap {
    var places: [[LiveUnit]]
    let depth: UInt64
    let within: TimeAmount
    let struck: LiveUnit.Struck

    /// Counted from when the struck message was whole.
    var deadline: Instant {
        let whole = places.first?.first?.placed.ended ?? .start
        return whole.advanced(byNanoseconds: within.nanoseconds)
    }

    /// Answers that were put back into the client's order lie in another one than they wait in.
    var start: UInt64 { places.lazy.flatMap { $0 }.map(\.range.lowerBound).min() ?? .max }

    var isWhole: Bool {
        UInt64(places.count) == depth + 1 && places.last?.last?.isClosed == true
    }

    mutating func add(_ unit: LiveUnit) {
        if places.last?.last?.isClosed == false, unit.placed.message.group != nil {
            places[places.count - 1].append(unit)
        } else {
            places.append([unit])
        }
    }
}

/// A copy that is sent later.
struct LaterCopy {
    var due: Instant
    var bytes: [UInt8]
    var message: UInt64
    var copy: UInt16
    var holdNanoseconds: Int64
    var struck: LiveUnit.Struck
}
