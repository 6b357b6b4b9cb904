import Text

/// The end of a connection is held.
package struct SlowClose: ConditionFault, Hashable {
    package static let name = "slow_close"
    package static let summary = "holds the end of the connection"
    package static let label = FaultLabel.transport
    package static let settings: [Setting<SlowClose>] = [
        .amount("delay", \.delay, atMost: longestHold, isRequired: true, "how long")
    ]

    package var delay = TimeAmount.zero

    package init() {}

    package var effect: ConditionEffect { .slowClose(self) }

    /// What it did, in words.
    package static func achieved(_ id: String, asked: Int64, held: Int64) -> String {
        "\(id): the end held for \(TimeAmount(measured: held)), "
            + "\(TimeAmount(nanoseconds: asked)) asked for"
    }

    package init?(_ effect: ConditionEffect) {
        guard case .slowClose(let slow) = effect else { return nil }
        self = slow
    }
}
