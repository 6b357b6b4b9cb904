/// A message is not sent, and owes no answer.
package struct Drop: StrikeFault {
    package static let name = "drop"
    package static let summary = "not sent"
    package static let label = FaultLabel.delivery
    package static let takesGroups = true
    package static let settings: [Setting<Drop>] = []

    package init() {}

    package func draw(at place: StrikePlace) -> StrikeDraw { .effect(.drop) }

    package static let details = settings
    package static var blankDetail: Drop { Drop() }
    package static func effect(_ detail: Drop) -> StrikeEffect { .drop }

    package static func detail(of effect: StrikeEffect) -> Drop? {
        effect == .drop ? Drop() : nil
    }
}
