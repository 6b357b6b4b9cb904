import Recordings
import Text

/// One kind of thing that goes wrong, with its settings.
///
/// What a kind says of itself here is all that the grammar, the plan file, the schedule file, the
/// errors and the help know of it. To add one: a file beside this one, and a line in `FaultKinds`.
package protocol Fault: Sendable {
    static var name: String { get }
    /// What it does, a line for the help.
    static var summary: String { get }
    /// How such a thing could come about, with its defaults.
    static var label: FaultLabel { get }
    static var settings: [Setting<Self>] { get }
    /// Settings that it will have, and has not yet.
    static var later: [String] { get }
    /// With its defaults.
    init()
}

extension Fault {
    package static var later: [String] { [] }
}

/// A fault over stretches of links: one line of a schedule.
package protocol ConditionFault: Fault {
    var effect: ConditionEffect { get }
    /// nil where that is another kind's.
    init?(_ effect: ConditionEffect)
    /// The direction that it is about in a replay.
    static var direction: Direction { get }
    /// Whether what it does depends on where messages begin.
    var drawsByCell: Bool { get }
}

extension ConditionFault {
    package static var direction: Direction { Scheduler.sends }
    package var drawsByCell: Bool { false }
}

/// A fault at one message.
package protocol StrikeFault: Fault {
    /// Whether a group of messages is one message to it.
    static var takesGroups: Bool { get }
    /// Whether it combines with all others; else a message takes at most one such.
    static var combines: Bool { get }
    /// Whether handshakes and session state are struck only when that is asked for.
    var sparesState: Bool { get }
    /// Whether it can strike what Weir receives in a replay.
    static var strikesReceived: Bool { get }
    /// Whether it may strike a message that has these bytes of its link.
    func mayStrike(bytes: Range<UInt64>) -> Bool
    /// Where on its link it strikes, behind so many bytes; nil: at messages.
    var bytePlace: UInt64? { get }
    /// What it does at a place, with everything drawn that there is to draw.
    func draw(at place: StrikePlace) -> StrikeDraw

    /// What is left of the settings once all is drawn: what a schedule's line says.
    associatedtype Detail: Sendable
    static var details: [Setting<Detail>] { get }
    /// A detail with its defaults, to read a line into.
    static var blankDetail: Detail { get }
    static func effect(_ detail: Detail) -> StrikeEffect
    /// nil where that is another kind's.
    static func detail(of effect: StrikeEffect) -> Detail?
}

extension StrikeFault {
    package static var takesGroups: Bool { false }
    package static var combines: Bool { false }
    package static var strikesReceived: Bool { false }
    package var bytePlace: UInt64? { nil }
    package var sparesState: Bool { true }
    package func mayStrike(bytes: Range<UInt64>) -> Bool { true }
}

/// A message that a rule strikes, as far as it is known when it is struck.
package struct StrikePlace: Sendable {
    package var message: UInt64
    /// In bytes.
    package var length: UInt64
    /// Bytes from the link's start to the message's first byte.
    package var offset: UInt64
    /// The dice of this rule and this message, in the lane of places.
    package var dice: Dice
    /// What a producer sends again when it is cut at this message; rising, apart.
    package var unanswered: [ClosedRange<UInt64>]

    package init(
        message: UInt64, length: UInt64, offset: UInt64 = 0, dice: Dice,
        unanswered: [ClosedRange<UInt64>] = []
    ) {
        self.message = message
        self.length = length
        self.offset = offset
        self.dice = dice
        self.unanswered = unanswered
    }
}

/// What came of drawing a strike.
package enum StrikeDraw: Hashable, Sendable {
    case effect(StrikeEffect)
    /// It changes places with the one so many behind it, which is not known yet.
    case swap(depth: UInt64)
    /// One of another connection overtakes it, so many behind it, which is not known yet.
    case overtake(depth: UInt64, withinNanoseconds: Int64)
}

/// The kinds of faults: the one list of them.
package enum FaultKinds {
    package static let conditions: [any ConditionFault.Type] = [
        Latency.self,
        Bandwidth.self,
        Slicer.self,
        SlowReader.self,
        SlowClose.self,
    ]

    /// In the order in which they stand where several strike one message; those that combine with
    /// all come first.
    package static let strikes: [any StrikeFault.Type] = [
        Delay.self,
        Corrupt.self,
        Drop.self,
        Truncate.self,
        Refuse.self,
        Reset.self,
        LimitData.self,
        Timeout.self,
        Stall.self,
        Disconnect.self,
        Duplicate.self,
        Reorder.self,
    ]

    package static let all: [any Fault.Type] = conditions + strikes

    package static func named(_ name: String) -> (any Fault.Type)? {
        all.first { $0.name == name }
    }

    /// Where a kind stands in the order of composition: the lower one stands.
    static func rank(of name: String) -> Int {
        strikes.firstIndex { $0.name == name } ?? strikes.count
    }
}
