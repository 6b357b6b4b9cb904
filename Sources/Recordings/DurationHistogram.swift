/// How long things took, counted: percentiles of any number of durations in bounded memory.
///
/// A duration up to 255 ns is kept exactly, a longer one to within 1/128 of itself (0.8 %); the
/// largest is kept exactly. At most 58 KB.
package struct DurationHistogram: Hashable, Sendable {
    /// Each power of two is divided into so many buckets.
    private static let bucketBits = 7

    private var buckets: [UInt64] = []
    package private(set) var count: UInt64 = 0
    /// The largest, in nanoseconds; 0 when there are none.
    package private(set) var maximum: Int64 = 0
    /// All together, in nanoseconds; it stops at the largest number.
    package private(set) var total: Int64 = 0

    package init() {}

    /// Counts a duration; a negative one counts as 0.
    package mutating func add(nanoseconds: Int64) {
        let value = max(0, nanoseconds)
        let index = Self.bucket(of: UInt64(value))
        if index >= buckets.count {
            buckets.append(contentsOf: repeatElement(0, count: index + 1 - buckets.count))
        }
        buckets[index] += 1
        count += 1
        maximum = max(maximum, value)
        let (sum, overflow) = total.addingReportingOverflow(value)
        total = overflow ? .max : sum
    }

    /// Counts all that another one counted.
    package mutating func add(_ other: DurationHistogram) {
        if other.buckets.count > buckets.count {
            let missing = other.buckets.count - buckets.count
            buckets.append(contentsOf: repeatElement(0, count: missing))
        }
        for index in other.buckets.indices { buckets[index] += other.buckets[index] }
        count += other.count
        maximum = max(maximum, other.maximum)
        let (sum, overflow) = total.addingReportingOverflow(other.total)
        total = overflow ? .max : sum
    }

    /// The duration, in nanoseconds, that `share` of `outOf` durations do not exceed: 50 of 100 is
    /// the median. 0 when there are none.
    package func percentile(_ share: UInt64, outOf: UInt64 = 100) -> Int64 {
        precondition(outOf > 0 && share <= outOf, "the share \(share) of \(outOf)")
        guard count > 0 else { return 0 }
        // The nearest rank (from 1), rounded up.
        let product = count.multipliedFullWidth(by: share)
        let (whole, rest) = outOf.dividingFullWidth(product)
        let rank = max(1, whole + (rest > 0 ? 1 : 0))
        var seen: UInt64 = 0
        for index in buckets.indices {
            seen += buckets[index]
            if seen >= rank { return min(maximum, Self.largest(inBucket: index)) }
        }
        return maximum
    }

    private static func bucket(of value: UInt64) -> Int {
        let exponent = UInt64.bitWidth - value.leadingZeroBitCount
        guard exponent > bucketBits + 1 else { return Int(value) }
        let shift = exponent - bucketBits - 1
        return (shift << bucketBits) + Int(value >> UInt64(shift))
    }

    private static func largest(inBucket index: Int) -> Int64 {
        guard index >= 2 << bucketBits else { return Int64(index) }
        let shift = (index >> bucketBits) - 1
        let mantissa = UInt64(index - (shift << bucketBits))
        return Int64(clamping: ((mantissa + 1) << UInt64(shift)) - 1)
    }
}
