import Text

/// A link takes at most so many bytes a second.
package struct Bandwidth: ConditionFault, Hashable {
    package static let name = "bandwidth"
    package static let summary = "at most this much a link"
    package static let label = FaultLabel.transport
    package static let settings: [Setting<Bandwidth>] = [
        .amount(
            "rate", \.rate, atLeast: ByteRate(bytesPerSecond: 1), isRequired: true,
            "bytes a second"),
        .amount(
            "burst", \.burst, atLeast: ByteCount(bytes: 1), "so much passes at once after a rest"),
    ]

    package var rate = ByteRate(bytesPerSecond: 1)
    package var burst = ByteCount(bytes: 16_384)

    package init() {}

    package init(rate: ByteRate) { self.rate = rate }

    package var effect: ConditionEffect { .bandwidth(self) }

    package init?(_ effect: ConditionEffect) {
        guard case .bandwidth(let bandwidth) = effect else { return nil }
        self = bandwidth
    }

    /// How long so many bytes take, in nanoseconds, rounded up.
    package func nanoseconds(_ bytes: UInt64) -> Int64 {
        let (high, low) = bytes.multipliedFullWidth(by: 1_000_000_000)
        guard high < rate.bytesPerSecond else { return .max }
        let (quotient, rest) = rate.bytesPerSecond.dividingFullWidth((high, low))
        return Int64(clamping: quotient) + (rest > 0 && quotient < Int64.max ? 1 : 0)
    }

    /// What it did, in words.
    package func achieved(_ id: String, bytes: UInt64, nanoseconds: Int64) -> String {
        let amount =
            "\(id): \(rate) asked for, \(bytes) bytes in "
            + "\(TimeAmount(measured: nanoseconds))"
        guard nanoseconds > 0 else { return amount }
        let product = bytes.multipliedFullWidth(by: 1_000_000_000)
        guard product.high < UInt64(nanoseconds) else { return amount }
        let achieved = UInt64(nanoseconds).dividingFullWidth(product).quotient
        return amount + " (\(achieved) bytes/s)"
    }

    /// How many bytes pass in so long.
    package func bytes(_ nanoseconds: Int64) -> UInt64 {
        guard nanoseconds > 0 else { return 0 }
        let product = UInt64(nanoseconds).multipliedFullWidth(by: rate.bytesPerSecond)
        guard product.high < 1_000_000_000 else { return .max }
        return UInt64(1_000_000_000).dividingFullWidth(product).quotient
    }
}
