/// Every cell of a link (a message, or so many bytes where there are none) is held; order is kept.
package struct Latency: Hashable, Sendable {
    package var latencyNanoseconds: Int64
    package var jitterNanoseconds: Int64
    package var distribution: Distribution

    package init(
        latencyNanoseconds: Int64, jitterNanoseconds: Int64 = 0,
        distribution: Distribution = .uniform
    ) {
        self.latencyNanoseconds = latencyNanoseconds
        self.jitterNanoseconds = jitterNanoseconds
        self.distribution = distribution
    }

    /// Uniform: from latency − jitter to latency + jitter. Normal: jitter is one deviation.
    package enum Distribution: String, Hashable, Sendable, CaseIterable {
        case uniform, normal
    }

    /// How long one cell is held, in nanoseconds; never below 0.
    /// - Parameter dice: of the cell's place, in the lane of amounts.
    package func hold(_ dice: Dice) -> Int64 {
        guard jitterNanoseconds > 0 else { return max(0, latencyNanoseconds) }
        // 128 bits hold whatever is drawn, so that no amount overflows.
        let jitter = Int128(jitterNanoseconds)
        let moved: Int128
        switch distribution {
        case .uniform:
            moved = Int128(dice.roll(below: 2 * UInt64(jitterNanoseconds) + 1)) - jitter
        case .normal:
            let index = Int(dice.roll(below: UInt64(NormalQuantiles.count)))
            moved =
                jitter * Int128(NormalQuantiles.quantile(index)) / Int128(NormalQuantiles.unit)
        }
        return Int64(clamping: max(0, Int128(latencyNanoseconds) + moved))
    }
}
