import Text

/// What is sent goes out in small pieces.
package struct Slicer: ConditionFault, Hashable {
    package static let name = "slicer"
    package static let summary = "sends in small pieces"
    package static let label = FaultLabel.transport
    package static let settings: [Setting<Slicer>] = [
        .amount("size", \.size, atLeast: ByteCount(bytes: 1), "bytes of a piece"),
        .amount("variation", \.variation, "how many more or fewer, as drawn; at least 1 is sent"),
        .amount("delay", \.delay, atMost: longestHold, "from one piece to the next"),
    ]

    package var size = ByteCount(bytes: 64)
    package var variation = ByteCount(bytes: 0)
    package var delay = TimeAmount.zero

    package init() {}

    package var effect: ConditionEffect { .slicer(self) }

    package init?(_ effect: ConditionEffect) {
        guard case .slicer(let slicer) = effect else { return nil }
        self = slicer
    }

    /// What it did, in words.
    package func achieved(_ id: String, bytes: UInt64, pieces: UInt64) -> String {
        "\(id): pieces of \(size) asked for, \(bytes) bytes in \(pieces) pieces"
    }

    /// How many bytes one piece has.
    /// - Parameter dice: of the piece's place, in the lane of places.
    package func bytes(_ dice: Dice) -> UInt64 {
        guard variation.bytes > 0 else { return size.bytes }
        let least = size.bytes > variation.bytes ? size.bytes - variation.bytes : 1
        let (most, overflow) = size.bytes.addingReportingOverflow(variation.bytes)
        let span = (overflow ? .max : most) - least
        return least + (span == .max ? dice.bits : dice.roll(below: span + 1))
    }
}
