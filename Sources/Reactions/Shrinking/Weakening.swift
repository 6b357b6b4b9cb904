import Faults

/// Weaker settings of what strikes, the weakest first.
package enum Weakening {
    /// Effects that do less than this one, each of one setting alone; at most a few.
    package static func steps(_ effect: StrikeEffect) -> [StrikeEffect] {
        switch effect {
        case .duplicate(let copies, let after, let on):
            let fewer = amounts(UInt64(copies), least: 1).map {
                StrikeEffect.duplicate(
                    copies: UInt16(clamping: $0), afterNanoseconds: after, on: on)
            }
            let sooner: [StrikeEffect] =
                after > 0 ? [.duplicate(copies: copies, afterNanoseconds: 0, on: on)] : []
            return fewer + sooner
        case .delay(let nanoseconds):
            return durations(nanoseconds).map { .delay(nanoseconds: $0) }
        case .disconnect(var cut):
            guard cut.then == .reconnect else { return [] }
            var steps: [StrikeEffect] = []
            if let last = cut.resend.last?.upperBound, cut.resend != [last...last] {
                var fewer = cut
                fewer.resend = [last...last]
                steps.append(.disconnect(fewer))
            }
            if cut.waitNanoseconds > 0 {
                cut.waitNanoseconds = 0
                steps.append(.disconnect(cut))
            }
            return steps
        case .stall(let sent, let nanoseconds):
            return durations(nanoseconds ?? 0).map { .stall(sentBytes: sent, nanoseconds: $0) }
        case .corrupt(let bits):
            guard let first = bits.first, bits.count > 1 else { return [] }
            return [.corrupt(bits: [first])]
        case .reorder, .overtaken, .drop, .end, .unresolved: return []
        }
    }

    /// Conditions that do less than this one.
    package static func steps(_ effect: ConditionEffect) -> [ConditionEffect] {
        switch effect {
        case .latency(let latency):
            var steps: [ConditionEffect] = []
            if latency.jitterNanoseconds > 0, latency.latencyNanoseconds > 0 {
                var steady = latency
                steady.jitterNanoseconds = 0
                steady.correlation = nil
                steps.append(.latency(steady))
            }
            for share: Int64 in [8, 2] {
                var less = latency
                less.latencyNanoseconds /= share
                less.jitterNanoseconds /= share
                if less != latency { steps.append(.latency(less)) }
            }
            return steps
        // A link's rate is no amount that could be less of a fault in steps worth their runs.
        case .bandwidth, .slicer, .slowClose, .slowReader: return []
        }
    }

    private static func amounts(_ amount: UInt64, least: UInt64) -> [UInt64] {
        var amounts = [least, amount / 4, amount / 2].filter { $0 >= least && $0 < amount }
        amounts = amounts.enumerated().filter { index, value in
            index == 0 || value > amounts[index - 1]
        }.map(\.element)
        return amounts
    }

    private static func durations(_ nanoseconds: Int64) -> [Int64] {
        [nanoseconds / 8, nanoseconds / 2].filter { $0 > 0 && $0 < nanoseconds }
    }
}
