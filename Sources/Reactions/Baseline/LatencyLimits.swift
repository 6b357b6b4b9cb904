import Recordings

/// How late an answer may be, by the kind of its message, from the clean runs' service times.
struct LatencyLimits: Hashable, Sendable {
    /// Late is above so many times the clean p99, …
    static let factor: Int64 = 3
    // … and above it by `JudgeSettings.latenessNanoseconds`, …
    // … and above all that a clean run showed: what happens without faults accuses nobody.

    private var kinds: [String: BaselineAccount.Limit] = [:]

    /// - Parameter least: so much above the clean p99 is not late, in nanoseconds.
    init(_ runs: [ServiceTimes], least: Int64) {
        var pooled: [String: DurationHistogram] = [:]
        for run in runs {
            for (kind, times) in run.kinds {
                pooled[kind, default: DurationHistogram()].add(times)
            }
        }
        for (kind, times) in pooled { kinds[kind] = Self.limit(of: kind, times, least: least) }
    }

    /// - Parameter times: of clean runs.
    static func limit(
        of kind: String, _ times: DurationHistogram, least: Int64
    ) -> BaselineAccount.Limit {
        var limit = BaselineAccount.Limit(
            kind: kind, samples: times.count, p99Nanoseconds: times.percentile(99),
            limitNanoseconds: nil)
        guard let p99 = times.percentile99 else { return limit }
        let (product, overflow) = p99.multipliedReportingOverflow(by: factor)
        let (sum, sumOverflow) = p99.addingReportingOverflow(least)
        guard !overflow, !sumOverflow else { return limit }
        limit.limitNanoseconds = max(product, sum, times.maximum)
        return limit
    }

    /// Of kinds beyond `ServiceTimes.maximumKinds` it is the common one.
    subscript(kind: String) -> BaselineAccount.Limit? { kinds[kind] ?? kinds["other"] }

    /// Most samples first; the name breaks ties.
    var sorted: [BaselineAccount.Limit] {
        kinds.values.sorted { ($1.samples, $0.kind) < ($0.samples, $1.kind) }
    }
}
