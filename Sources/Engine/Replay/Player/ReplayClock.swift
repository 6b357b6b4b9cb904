import Recordings

/// Turns recorded instants into instants of the replay: another start, another speed, and no gap
/// longer than the longest allowed. Deadlines come from it alone, so that errors never add up.
struct ReplayClock: Sendable {
    /// A stretch of the recording that is left out.
    private struct Cut: Sendable {
        var from: Int64
        var to: Int64
        /// Nanoseconds that all earlier cuts left out.
        var removedBefore: Int64
    }

    let origin: Instant
    let start: Instant
    let speed: ReplaySpeed
    private var cuts: [Cut] = []

    /// - Parameters:
    ///   - origin: the recorded instant that is played at `start`.
    ///   - instants: of everything that happens in what is played, in any order; only needed with a
    ///     longest gap.
    init(
        origin: Instant, start: Instant, speed: ReplaySpeed, maximumGapNanoseconds: Int64? = nil,
        instants: [Int64] = []
    ) {
        self.origin = origin
        self.start = start
        self.speed = speed
        guard let longest = maximumGapNanoseconds else { return }
        var last = origin.nanoseconds
        var removed: Int64 = 0
        for instant in instants.sorted() where instant > last {
            if instant - last > longest {
                cuts.append(Cut(from: last + longest, to: instant, removedBefore: removed))
                removed += instant - last - longest
            }
            last = instant
        }
    }

    /// When what was recorded at this instant is due.
    func due(_ recorded: Instant) -> Instant {
        let since = recorded.nanoseconds(since: origin) - removed(before: recorded.nanoseconds)
        return start.advanced(byNanoseconds: speed.scaled(since))
    }

    /// How long a recorded stretch takes; 0 when it runs backwards.
    func nanoseconds(from first: Instant, to last: Instant) -> Int64 {
        guard first < last else { return 0 }
        let removed = removed(before: last.nanoseconds) - removed(before: first.nanoseconds)
        return speed.scaled(last.nanoseconds(since: first) - removed)
    }

    /// Nanoseconds that are left out before an instant.
    private func removed(before instant: Int64) -> Int64 {
        var (low, high) = (0, cuts.count)
        while low < high {
            let middle = low + (high - low) / 2
            if cuts[middle].from < instant { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return 0 }
        let cut = cuts[low - 1]
        return cut.removedBefore + min(instant, cut.to) - cut.from
    }
}
