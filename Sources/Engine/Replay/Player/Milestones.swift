import Recordings

/// When a number that only rises reached what: bytes that came, places whose answers are complete.
///
/// Asked for rising numbers; what is behind the last one asked for is forgotten.
struct Milestones: Sendable {
    /// More are not kept: the latest then stands for those after it, at the later time.
    static let limit = 1_024

    private struct Milestone: Sendable {
        var value: UInt64
        var instant: Instant
    }

    private var kept: [Milestone] = []
    private var head = 0

    /// The number is now this, and was lower before.
    mutating func reached(_ value: UInt64, at instant: Instant) {
        let isFull = kept.count - head >= Self.limit
        if kept.count > head, isFull || kept[kept.count - 1].instant == instant {
            kept[kept.count - 1] = Milestone(value: value, instant: instant)
            return
        }
        if head > 64, head * 2 > kept.count {
            kept.removeFirst(head)
            head = 0
        }
        kept.append(Milestone(value: value, instant: instant))
    }

    /// When the number reached `value`, as far as is known; nil when it has not.
    mutating func instant(reaching value: UInt64) -> Instant? {
        while head < kept.count, kept[head].value < value { head += 1 }
        return head < kept.count ? kept[head].instant : nil
    }

    /// The number was taken back to this.
    mutating func lower(to value: UInt64) {
        guard let first = kept[head...].firstIndex(where: { $0.value > value }) else { return }
        let instant = kept[first].instant
        kept.removeLast(kept.count - first)
        if kept.count == head || kept[kept.count - 1].value < value {
            kept.append(Milestone(value: value, instant: instant))
        }
    }

    mutating func removeAll() {
        kept.removeAll(keepingCapacity: kept.capacity <= 64)
        head = 0
    }
}
