import Text

/// A message changes places with one behind it in its flight.
package struct Reorder: StrikeFault {
    package static let name = "reorder"
    package static let summary = "changes places with the one `depth` behind it in its flight"
    package static let label = FaultLabel.delivery
    package static let takesGroups = true
    package static let settings: [Setting<Reorder>] = [
        .count("depth", \.depth, in: 1...mostDepth, "how far behind the other one stands"),
        .choice("force", \.force, "whether also with one that is not in its flight: a violation"),
        .amount(
            "within", \.within, atMost: longestHold, "in proxy: how long it waits for that one"),
    ]
    package static let later = ["across"]

    /// A strike waits for what stands so far behind it.
    package static let mostDepth: UInt64 = 100

    package var depth: UInt64 = 1
    package var force = Force.no

    /// Whether messages change places that no correct peer would send in another order.
    package enum Force: String, Hashable, Sendable, CaseIterable {
        case no, yes
    }

    /// Live traffic alone: in a recording it is known what stands behind.
    package var within = TimeAmount(nanoseconds: 50_000_000)

    package init() {}

    package func draw(at place: StrikePlace) -> StrikeDraw { .swap(depth: depth) }

    /// The message, or group, that stands behind.
    package struct Detail: Sendable {
        var with: MessageRange?
    }

    package static let details: [Setting<Detail>] = [
        .custom(
            "with", form: "18", isRequired: true, "the message (or group) that it changes with",
            read: { (text, detail) throws(SettingProblem) in
                detail.with = try MessageRange(reading: text)
            },
            write: { $0.with?.description })
    ]
    package static var blankDetail: Detail { Detail() }

    package static func effect(_ detail: Detail) -> StrikeEffect {
        .reorder(with: detail.with?.range ?? 0...0)
    }

    package static func detail(of effect: StrikeEffect) -> Detail? {
        guard case .reorder(let with) = effect else { return nil }
        return Detail(with: MessageRange(with))
    }
}
