/// Distributions with a long tail, as integers of `NormalQuantiles.unit`: mean 0, deviation 1.
///
/// They are worked out in whole numbers alone, so that every machine has the same; a test holds
/// each to its definition.
enum TailQuantiles {
    /// Pareto's with the exponent 3, as netem's: (u^(−1/3) − 3/2) × 2/√3 where u is the part above.
    static let pareto: [Int64] = (0..<count).map { index in
        let above = UInt128(2 * (count - index) - 1)
        let root = cubeRoot((UInt128(2 * count) << (3 * rootBits)) / above)
        let distance = Int128(root) - (Int128(3) << rootBits) / 2
        return rounded(distance * 9_459_307, over: Int128(1_000) << rootBits)
    }

    /// The lognormal's whose logarithm has the deviation 1: (e^z − √e) / √(e² − e).
    static let lognormal: [Int64] = (0..<count).map { index in
        let power = exponential(NormalQuantiles.quantile(index))
        // √e and √(e² − e), in millionths.
        let distance = power * 1_000_000 - Int128(1_648_721) << powerBits
        return rounded(
            distance * Int128(NormalQuantiles.unit), over: Int128(2_161_197) << powerBits)
    }

    private static let count = NormalQuantiles.count
    private static let rootBits = 20
    private static let powerBits = 40

    private static func cubeRoot(_ value: UInt128) -> UInt128 {
        var root: UInt128 = 0
        for bit in stride(from: 30, through: 0, by: -1) {
            let next = root | UInt128(1) << bit
            if next * next * next <= value { root = next }
        }
        return root
    }

    /// e to the power of `quantile` / 8,192, in 2⁻⁴⁰: the series at a 64th, squared six times.
    private static func exponential(_ quantile: Int64) -> Int128 {
        let one = Int128(1) << powerBits
        let small = Int128(quantile) * one / Int128(NormalQuantiles.unit * 64)
        var sum = one
        var term = one
        for index in Int128(1)...8 {
            term = term * small / one / index
            sum += term
        }
        for _ in 0..<6 { sum = sum * sum / one }
        return sum
    }

    private static func rounded(_ value: Int128, over divisor: Int128) -> Int64 {
        let half = divisor / 2
        return Int64((value >= 0 ? value + half : value - half) / divisor)
    }
}
