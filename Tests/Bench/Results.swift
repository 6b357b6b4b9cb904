/// What was measured: for each workload, measure and rival one value a round.
struct Results {
    /// The measure that every workload has: CPU seconds of the rival.
    static let cpu = "CPU seconds"

    private struct Key: Hashable {
        var workload: String
        var measure: String
        var rival: String
    }

    private var values: [Key: [Double]] = [:]

    mutating func add(_ value: Double, _ workload: String, _ measure: String, _ rival: String) {
        let key = Key(workload: workload, measure: measure, rival: rival)
        values[key, default: []].append(value)
    }

    func values(_ workload: String, _ measure: String, _ rival: String) -> [Double] {
        values[Key(workload: workload, measure: measure, rival: rival)] ?? []
    }

    /// Each round's value as a multiple of the other rival's in the same round: what slows the
    /// whole machine for a while slows both.
    func ratios(
        _ workload: String, _ measure: String, _ rival: String, to other: String
    ) -> [Double] {
        let own = values(workload, measure, rival)
        let others = values(workload, measure, other)
        guard own.count == others.count else { return [] }
        return zip(own, others).filter { $0.1 > 0 }.map { $0.0 / $0.1 }
    }
}

extension [Double] {
    /// The middle one of the sorted values, or the mean of the middle two; nil of none.
    var median: Double? {
        let sorted = sorted()
        guard !sorted.isEmpty else { return nil }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
