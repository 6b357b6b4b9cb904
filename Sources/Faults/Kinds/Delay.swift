import Text

/// This message, and what comes behind it on its link, is sent later.
package struct Delay: StrikeFault {
    package static let name = "delay"
    package static let summary = "this message, and what comes behind it, later"
    package static let label = FaultLabel.transport
    package static let combines = true
    package static let settings: [Setting<Delay>] = [
        .amount("by", \.by, atMost: longestHold, isRequired: true, "how much later")
    ]

    package var by = TimeAmount.zero

    package init() {}

    package func draw(at place: StrikePlace) -> StrikeDraw { .effect(Self.effect(self)) }

    package static let details = settings
    package static var blankDetail: Delay { Delay() }

    package static func effect(_ detail: Delay) -> StrikeEffect {
        .delay(nanoseconds: detail.by.nanoseconds)
    }

    package static func detail(of effect: StrikeEffect) -> Delay? {
        guard case .delay(let nanoseconds) = effect else { return nil }
        var delay = Delay()
        delay.by = TimeAmount(nanoseconds: nanoseconds)
        return delay
    }
}

extension TimeAmount {
    /// What was measured, for people: to the unit in which it is a number below 10,000.
    init(measured nanoseconds: Int64) {
        var unit: Int64 = 1
        while unit < 1_000_000_000, nanoseconds / unit >= 10_000 { unit *= 1_000 }
        self.init(nanoseconds: nanoseconds / unit * unit)
    }
}

/// No fault holds anything longer than this.
let longestHold = TimeAmount(nanoseconds: 24 * 3_600_000_000_000)
