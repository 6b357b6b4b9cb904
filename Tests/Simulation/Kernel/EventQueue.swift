import Platform

/// What is to happen, by time; at the same time, in the order in which it was put in.
struct EventQueue<Payload> {
    struct Entry {
        var time: MonotonicTime
        var sequence: UInt64
        var payload: Payload

        func isBefore(_ other: Entry) -> Bool {
            time == other.time ? sequence < other.sequence : time < other.time
        }
    }

    // A binary heap: the first entry comes before all, each before its two children.
    private var heap: [Entry] = []
    private var sequence: UInt64 = 0

    var first: Entry? { heap.first }

    /// All that is in it, in order, to look at.
    var sorted: [Entry] { heap.sorted { $0.isBefore($1) } }

    mutating func push(_ payload: Payload, at time: MonotonicTime) {
        sequence += 1
        heap.append(Entry(time: time, sequence: sequence, payload: payload))
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            let children = (2 * parent + 1)..<min(2 * parent + 3, max(heap.count, 2 * parent + 1))
            guard let least = children.min(by: { heap[$0].isBefore(heap[$1]) }),
                heap[least].isBefore(heap[parent])
            else { return }
            heap.swapAt(least, parent)
            parent = least
        }
    }
}
