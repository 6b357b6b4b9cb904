import Recordings
import Text

/// What comes is read slowly, so that the peer's window closes.
package struct SlowReader: ConditionFault, Hashable {
    package static let name = "slow_reader"
    package static let summary = "reads slowly what comes: the peer's window closes"
    package static let label = FaultLabel.transport
    package static let settings: [Setting<SlowReader>] = [
        .amount(
            "rate", \.rate, atLeast: ByteRate(bytesPerSecond: 1), isRequired: true,
            "bytes a second that are read")
    ]
    package static let direction = Direction.downstream

    package var rate = ByteRate(bytesPerSecond: 1)

    package init() {}

    package var effect: ConditionEffect { .slowReader(self) }

    package init?(_ effect: ConditionEffect) {
        guard case .slowReader(let slow) = effect else { return nil }
        self = slow
    }

    /// So much is read at once: a twentieth of a second's worth.
    package var portion: UInt64 { max(1, rate.bytesPerSecond / 20) }

    /// Its times and amounts.
    package var bandwidth: Bandwidth { Bandwidth(rate: rate) }
}
