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
        .choice(
            "on", \.on,
            "the same connection, or a new one for each, as a broker's redelivery is: only for "
                + "what clients send"),
    ]

    package static let mostCopies: UInt64 = 1_000

    package var copies: UInt64 = 1
    package var after = TimeAmount.zero
    package var on = Place.same

    /// Which connection a copy is sent on.
    package enum Place: String, Hashable, Sendable, CaseIterable {
        /// That of the original.
        case same
        /// One of its own, beside the original's, which lives on.
        case new
    }

    package init() {}

    package func draw(at place: StrikePlace) -> StrikeDraw { .effect(Self.effect(self)) }

    /// The label of the mark that stands before the dial of a copy's own connection.
    package static func redeliveryMark(_ strike: String) -> String { markStart + strike }

    /// The strike that such a mark names; nil: it is another mark.
    package static func redelivery(mark: String) -> String? {
        mark.hasPrefix(markStart) ? String(mark.dropFirst(markStart.count)) : nil
    }

    private static let markStart = "redelivery "

    /// Its own place is said only where it is not the usual one.
    package static let details: [Setting<Duplicate>] =
        Array(settings.dropLast()) + [
            .custom(
                "on", form: "new", "the connection that it is sent on",
                read: { (text, duplicate) throws(SettingProblem) in
                    try settings.last?.read(text, &duplicate)
                },
                write: { $0.on == .same ? nil : $0.on.rawValue })
        ]
    package static var blankDetail: Duplicate { Duplicate() }

    package static func effect(_ detail: Duplicate) -> StrikeEffect {
        .duplicate(
            copies: UInt16(clamping: detail.copies), afterNanoseconds: detail.after.nanoseconds,
            on: detail.on)
    }

    package static func detail(of effect: StrikeEffect) -> Duplicate? {
        guard case .duplicate(let copies, let after, let on) = effect else { return nil }
        var duplicate = Duplicate()
        duplicate.copies = UInt64(copies)
        duplicate.after = TimeAmount(nanoseconds: after)
        duplicate.on = on
        return duplicate
    }
}
