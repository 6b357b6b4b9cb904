import Recordings
import Testing

struct DurationHistogramTests {
    @Test func `percentiles are exact up to 255 and within 1 in 128 above`() {
        var histogram = DurationHistogram()
        for value in Int64(1)...100 { histogram.add(nanoseconds: value) }
        #expect(histogram.percentile(50) == 50 && histogram.percentile(99) == 99)
        #expect(histogram.percentile(100) == 100 && histogram.percentile(0) == 1)
        var value: Int64 = 256
        while value < .max / 3 {
            var one = DurationHistogram()
            one.add(nanoseconds: value)
            one.add(nanoseconds: .max)
            let median = one.percentile(50)
            #expect(median >= value && median - value <= value / 128, "\(value): \(median)")
            value = value * 3 - 7
        }
    }

    @Test func `two histograms are as good as one, and what is negative is nothing`() {
        var first = DurationHistogram()
        var second = DurationHistogram()
        var both = DurationHistogram()
        for value in [5, 70_000, -3, 1 << 40] as [Int64] {
            first.add(nanoseconds: value)
            both.add(nanoseconds: value)
        }
        for value in [9, 300] as [Int64] {
            second.add(nanoseconds: value)
            both.add(nanoseconds: value)
        }
        second.add(first)
        #expect(second == both && both.count == 6 && both.maximum == 1 << 40)
        #expect(both.percentile(1) == 0 && DurationHistogram().percentile(99) == 0)
    }
}
