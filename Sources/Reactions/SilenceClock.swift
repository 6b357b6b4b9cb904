import Recordings

/// The deadlines of attempts, the earliest first: a heap with at most one entry an attempt.
struct SilenceClock {
    struct Deadline: Hashable {
        var instant: Instant
        var track: Int

        /// By instant; the track breaks ties, so that the order is always the same.
        func isBefore(_ other: Deadline) -> Bool {
            instant != other.instant ? instant < other.instant : track < other.track
        }
    }

    private var heap: [Deadline] = []

    var first: Deadline? { heap.first }

    mutating func append(_ deadline: Deadline) {
        heap.append(deadline)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].isBefore(heap[least]) {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(least, parent)
            parent = least
        }
    }
}
