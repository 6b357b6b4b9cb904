import Recordings
import Text

/// A rule that strikes messages, ready to be rolled.
struct StrikeRule {
    let index: Int
    let name: String
    let faultName: String
    let fault: any StrikeFault
    let target: Target
    /// nil: it combines with all others.
    let rank: Int?
    let takesGroups: Bool
    /// What is looked for in messages.
    let search: ByteSearch?
    let pattern: Pattern?
    private let chanceDice: Dice
    private let placeDice: Dice
    private let chainDice: Dice

    private let route: NamedRoute?
    /// What Weir sends, where it is not said.
    private let sends: Direction

    init(
        _ index: Int, _ rule: Rule, _ fault: any StrikeFault, seed: UInt64,
        sends: Direction = Scheduler.sends, on route: NamedRoute? = nil
    ) {
        self.sends = sends
        self.route = route
        self.index = index
        self.fault = fault
        name = rule.name
        faultName = rule.faultName
        target = rule.target
        let kind = type(of: fault)
        rank = kind.combines ? nil : FaultKinds.rank(of: rule.faultName)
        takesGroups = kind.takesGroups
        search = rule.target.contains.map { ByteSearch($0.bytes) }
        pattern = rule.target.match
        let dice = Dice(seed: seed).at(rule: rule.name)
        chanceDice = dice.at(.chance)
        placeDice = dice.at(.place)
        chainDice = dice.at(.chain)
    }

    /// Whether what is in a message matters.
    var looksInside: Bool { search != nil || pattern != nil }

    /// Where on its link it strikes, whatever the messages are; nil: at messages.
    var bytePlace: UInt64? { looksInside ? nil : fault.bytePlace }

    /// Whether it strikes before anything is said, whatever the messages will be.
    var isAtOpening: Bool { fault is Refuse && !looksInside }

    /// Whether session state is left alone.
    var sparesState: Bool { fault.sparesState && target.state == .spare }

    /// The direction that it is about in a replay.
    var direction: Direction { target.direction ?? sends }

    /// A strike of this rule.
    /// - Parameter link: the strikes that it may exclude, or be excluded by; nil: none.
    func roll(
        connection: UInt32, message: UInt64, at instant: Instant, seat: UInt64, _ link: LinkStrikes?
    ) -> RolledStrike {
        RolledStrike(
            rule: index, named: name, fault: faultName, connection: connection, direction,
            message: message, instant: instant, seat: seat, rank: link == nil ? nil : rank,
            link: link)
    }

    /// Whether it may strike this connection.
    /// - Parameter number: that of the connection's route.
    func covers(connection: UInt32, route number: UInt16) -> Bool {
        route.map { $0.number == number } ?? true
            && target.connections?.contains(UInt64(connection)) ?? true
            && target.chance.ratio.numerator > 0
    }

    /// The rolls of one link, where each depends on those before; nil: by themselves.
    func walk(connection: UInt32, _ direction: Direction) -> ChanceWalk? {
        ChanceWalk(target, chainDice.at(connection: connection, direction))
    }

    /// Whether messages may still come, from this one on, that it strikes.
    func reaches(message: UInt64, at instant: Instant) -> Bool {
        (target.messages?.ranges.last?.upperBound ?? .max) >= message
            && (target.window?.range.upperBound ?? instant) >= instant
    }

    /// The roll for one message, and whether the rule is about it at all; what is in it apart.
    func strikes(connection: UInt32, _ placed: Conversation.Placed) -> Bool {
        guard isAbout(placed.message),
            isAbout(message: placed.message.number, began: placed.began)
        else { return false }
        // Those that depend on the rolls before are walked along the link.
        return target.correlation != nil || target.burst != nil
            || rolls(connection: connection, placed.direction, message: placed.message.number)
    }

    /// Whether it is rolled for this message, or stands for its group.
    func isAbout(_ message: Message) -> Bool {
        !takesGroups || message.group == nil || message.group == message.number
    }

    /// Whether the rule is about a message, as far as its beginning tells.
    func isAbout(message: UInt64, began: Instant) -> Bool {
        target.messages?.contains(message) ?? true && target.window?.range.contains(began) ?? true
    }

    /// Whether the dice say so.
    func rolls(connection: UInt32, _ direction: Direction, message: UInt64) -> Bool {
        let ratio = target.chance.ratio
        guard ratio.numerator < ratio.denominator else { return true }
        let dice = chanceDice.at(connection: connection, direction).at(message)
        return dice.roll(below: ratio.denominator) < ratio.numerator
    }

    /// What it does at a byte of a link; its dice are those of the message that has that byte.
    func draw(
        connection: UInt32, _ direction: Direction, message: UInt64, byte: UInt64
    ) -> StrikeDraw {
        let dice = placeDice.at(connection: connection, direction).at(message)
        return fault.draw(
            at: StrikePlace(message: message, length: 1, offset: byte, dice: dice))
    }

    /// A place in a link that has no messages.
    func place(
        connection: UInt32, _ direction: Direction, cell: UInt64, length: UInt64
    ) -> StrikePlace {
        StrikePlace(
            message: cell, length: length, offset: (cell - 1) * length,
            dice: placeDice.at(connection: connection, direction).at(cell))
    }

    func place(
        connection: UInt32, _ placed: Conversation.Placed,
        unanswered: [ClosedRange<UInt64>]
    ) -> StrikePlace {
        let number = placed.message.number
        return StrikePlace(
            message: number, length: placed.length, offset: placed.offset,
            dice: placeDice.at(connection: connection, placed.direction).at(number),
            unanswered: unanswered)
    }
}
