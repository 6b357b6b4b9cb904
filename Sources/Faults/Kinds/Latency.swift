import Text

/// Every cell of a link (a message, or so many bytes where there are none) is held; order is kept.
package struct Latency: ConditionFault, Hashable {
    package static let name = "latency"
    package static let summary = "holds every message (or 1,460 bytes); order is kept"
    package static let label = FaultLabel.transport
    package static let settings: [Setting<Latency>] = [
        .amount("latency", \.latency, atMost: longestHold, isRequired: true, "how long"),
        .amount("jitter", \.jitter, atMost: longestHold, "how much more or less"),
        .choice(
            "distribution", \.distribution,
            "uniform: up to jitter more or less; of the others it is the standard deviation"),
        .optional(
            "correlation", \.correlation, "how much each hold resembles the one before it"),
    ]

    package var latencyNanoseconds: Int64
    package var jitterNanoseconds: Int64
    package var distribution: Distribution
    package var correlation: Chance?

    package init(
        latencyNanoseconds: Int64, jitterNanoseconds: Int64 = 0,
        distribution: Distribution = .uniform
    ) {
        self.latencyNanoseconds = latencyNanoseconds
        self.jitterNanoseconds = jitterNanoseconds
        self.distribution = distribution
    }

    package init() { self.init(latencyNanoseconds: 0) }

    package var effect: ConditionEffect { .latency(self) }

    package var drawsByCell: Bool { jitterNanoseconds > 0 }

    package init?(_ effect: ConditionEffect) {
        guard case .latency(let latency) = effect else { return nil }
        self = latency
    }

    /// Uniform: from latency − jitter to latency + jitter. The others: latency is the mean, jitter
    /// one deviation; pareto and lognormal have a long tail.
    package enum Distribution: String, Hashable, Sendable, CaseIterable {
        case uniform, normal, pareto, lognormal
    }

    /// How long one cell is held, in nanoseconds; never below 0.
    /// - Parameter dice: of the cell's place, in the lane of amounts.
    package func hold(_ dice: Dice) -> Int64 {
        guard jitterNanoseconds > 0 else { return max(0, latencyNanoseconds) }
        return hold { dice.roll(below: $0) }
    }

    /// How long one cell is held, by a roll that resembles the one before it.
    func hold(roll: UInt64) -> Int64 {
        guard jitterNanoseconds > 0 else { return max(0, latencyNanoseconds) }
        return hold { bound in UInt64((UInt128(roll) * UInt128(bound)) >> 32) }
    }

    private func hold(_ roll: (_ bound: UInt64) -> UInt64) -> Int64 {
        // 128 bits hold whatever is drawn, so that no amount overflows.
        let jitter = Int128(jitterNanoseconds)
        let moved: Int128
        switch distribution {
        case .uniform:
            moved = Int128(roll(2 * UInt64(jitterNanoseconds) + 1)) - jitter
        case .normal, .pareto, .lognormal:
            let index = Int(roll(UInt64(NormalQuantiles.count)))
            moved = jitter * Int128(quantile(index)) / Int128(NormalQuantiles.unit)
        }
        return Int64(clamping: max(0, Int128(latencyNanoseconds) + moved))
    }

    private func quantile(_ index: Int) -> Int64 {
        switch distribution {
        case .pareto: TailQuantiles.pareto[index]
        case .lognormal: TailQuantiles.lognormal[index]
        case .uniform, .normal: NormalQuantiles.quantile(index)
        }
    }
}

extension Latency {
    fileprivate var latency: TimeAmount {
        get { TimeAmount(nanoseconds: latencyNanoseconds) }
        set { latencyNanoseconds = newValue.nanoseconds }
    }

    fileprivate var jitter: TimeAmount {
        get { TimeAmount(nanoseconds: jitterNanoseconds) }
        set { jitterNanoseconds = newValue.nanoseconds }
    }
}
