import Recordings
import Text

/// What an injector knows of one link.
///
///     arrived ──► under way ──whole──► decided ──► due
///                     │                   └──► waits for its neighbour (a reorder)
///                     └──nothing rolled for it: passes as it comes
struct LiveLink {
    var held: HeldBytes
    /// All bytes before this offset are decided: sent, dropped, or with a unit that waits.
    var passed: UInt64
    /// The rules that may strike here, and the conditions.
    var rules: [StrikeRule] = []
    var conditions: LinkSchedule
    var conditionName = ""
    /// Order is kept: nothing is due before what was sent before it.
    var lastDue = Instant(nanoseconds: .min)
    /// The strike or condition that held what was held last.
    var lastCause = ""

    var underWay: UnderWay?
    var swap: LiveSwap?
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
        if let underWay, !underWay.rolled.isEmpty { from = min(from, underWay.start) }
        if let swap { from = min(from, swap.start) }
        if let group, case .duplicate = group.struck.effect { from = min(from, group.start) }
        return from
    }

    /// Whether nothing waits here.
    var isIdle: Bool {
        underWay == nil && swap == nil && group == nil && copies.isEmpty && !hasFinished
    }
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
    var isClosed: Bool { placed.message.group == nil || placed.message.endsGroup }
}

/// What a strike does to live traffic, of those that exclude each other.
enum LiveEffect {
    case drop
    case duplicate(copies: UInt16, afterNanoseconds: Int64)
    /// Nothing is sent for so long before the cut.
    case cut(Cut, silenceNanoseconds: Int64)
    /// nil: nothing is sent on this link any more.
    case stall(sentBytes: UInt64, nanoseconds: Int64?)
    case swap(depth: UInt64, within: TimeAmount)
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

    var start: UInt64 { places.first?.first?.range.lowerBound ?? .max }

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
