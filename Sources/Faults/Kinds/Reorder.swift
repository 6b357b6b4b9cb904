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
        .choice(
            "across", \.across, "with one of its own flight, or behind one of another connection"),
        .amount(
            "within", \.within, atMost: longestHold,
            "in proxy, and across connections: how long it waits for that one"),
    ]

    /// A strike waits for what stands so far behind it.
    package static let mostDepth: UInt64 = 100

    package var depth: UInt64 = 1
    package var force = Force.no
    package var across = Across.flight

    /// Where the other message is looked for.
    package enum Across: String, Hashable, Sendable, CaseIterable {
        case flight
        /// On another connection: it overtakes.
        case connections
    }

    /// Whether messages change places that no correct peer would send in another order.
    package enum Force: String, Hashable, Sendable, CaseIterable {
        case no, yes
    }

    /// In a recording it is known what stands behind in a flight; across connections the other
    /// message must begin so soon.
    package var within = TimeAmount(nanoseconds: 50_000_000)

    package init() {}

    package func draw(at place: StrikePlace) -> StrikeDraw {
        across == .flight
            ? .swap(depth: depth)
            : .overtake(depth: depth, withinNanoseconds: within.nanoseconds)
    }

    /// The message, or group, that stands behind; on another connection, one message.
    package struct Detail: Sendable {
        var with: MessageRange?
        var connection: UInt64?
    }

    package static let details: [Setting<Detail>] = [
        .custom(
            "with", form: "18", isRequired: true, "the message (or group) that it changes with",
            read: { (text, detail) throws(SettingProblem) in
                detail.with = try MessageRange(reading: text)
            },
            write: { $0.with?.description }),
        .optionalCount(
            "of_connection", \.connection, in: 1...UInt64(UInt32.max),
            "the other connection, where it is on another"),
    ]
    package static var blankDetail: Detail { Detail() }

    package static func effect(_ detail: Detail) -> StrikeEffect {
        let with = detail.with?.range ?? 0...0
        guard let connection = detail.connection else { return .reorder(with: with) }
        return .overtaken(by: with.upperBound, of: UInt32(clamping: connection))
    }

    package static func detail(of effect: StrikeEffect) -> Detail? {
        switch effect {
        case .reorder(let with): Detail(with: MessageRange(with))
        case .overtaken(let message, let connection):
            Detail(with: MessageRange(message...message), connection: UInt64(connection))
        default: nil
        }
    }
}
