import Text

/// A message is sent again.
package struct Duplicate: StrikeFault {
    package static let name = "duplicate"
    package static let summary = "sent again"
    package static let label = FaultLabel.delivery
    package static let takesGroups = true
    package static let settings: [Setting<Duplicate>] = [
        .count("copies", \.copies, in: 1...mostCopies, "how many times it is sent again"),
        .amount("after", \.after, atMost: longestHold, "each so long behind the one before"),
    ]
    package static let later = ["on"]

    package static let mostCopies: UInt64 = 1_000

    package var copies: UInt64 = 1
    package var after = TimeAmount.zero

    package init() {}

    package func draw(at place: StrikePlace) -> StrikeDraw { .effect(Self.effect(self)) }

    package static let details = settings
    package static var blankDetail: Duplicate { Duplicate() }

    package static func effect(_ detail: Duplicate) -> StrikeEffect {
        .duplicate(
            copies: UInt16(clamping: detail.copies), afterNanoseconds: detail.after.nanoseconds)
    }

    package static func detail(of effect: StrikeEffect) -> Duplicate? {
        guard case .duplicate(let copies, let after) = effect else { return nil }
        var duplicate = Duplicate()
        duplicate.copies = UInt64(copies)
        duplicate.after = TimeAmount(nanoseconds: after)
        return duplicate
    }
}
