import Recordings

/// Service times, in all and for each kind of message.
package struct ServiceTimes: Hashable, Sendable {
    /// Kinds beyond this many are counted together as `other`.
    package static let maximumKinds = 64
    /// Below this many a p99 says nothing.
    package static let fewest: UInt64 = 30

    package private(set) var all = DurationHistogram()
    package private(set) var kinds: [String: DurationHistogram] = [:]

    package init() {}

    package mutating func add(_ nanoseconds: Int64, kind: String) {
        all.add(nanoseconds: nanoseconds)
        let isKnown = kinds[kind] != nil || kinds.count < Self.maximumKinds
        kinds[isKnown ? kind : "other", default: DurationHistogram()].add(
            nanoseconds: nanoseconds)
    }

    /// The kinds, most answers first; the name breaks ties.
    package var sortedKinds: [(kind: String, times: DurationHistogram)] {
        kinds.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
            .map { (kind: $0.key, times: $0.value) }
    }
}

extension DurationHistogram {
    /// The p99; nil where there are too few to say.
    package var percentile99: Int64? {
        count < ServiceTimes.fewest ? nil : percentile(99)
    }
}
