import Recordings

/// The messages of one attempt that await answers, oldest first, up to a named limit.
struct SentMessages {
    /// More messages than this are not kept in mind: the oldest is forgotten. Its answer, if it
    /// comes, is an extra; if none comes, it is not missed.
    static let limit = 1 << 20

    struct Entry {
        /// On its attempt, from 1: what the framer's answers name.
        var number: UInt64
        /// In the recording; 0 where it is in none.
        var message: UInt64
        var copy: UInt16
        var strike: String
        /// Its last byte.
        var ended: Instant
        var ordinal: UInt64
        /// Answers that came.
        var parts: UInt32 = 0
        var isDone = false
    }

    private var entries: [Entry] = []
    private var head = 0
    /// Entries that are not done.
    private(set) var outstanding: UInt64 = 0

    /// The oldest one that awaits an answer.
    var first: Entry? { head < entries.count ? entries[head] : nil }

    mutating func append(_ entry: Entry) {
        if entries.count - head >= Self.limit { end(at: head) }
        entries.append(entry)
        outstanding += 1
    }

    /// The entry with this number, for a change; nil where there is none (any more).
    func index(of number: UInt64) -> Int? {
        var low = head
        var high = entries.count
        if low < high, entries[low].number == number { high = low }
        while low < high {
            let middle = low + (high - low) / 2
            if entries[middle].number < number { low = middle + 1 } else { high = middle }
        }
        guard low < entries.count, entries[low].number == number, !entries[low].isDone else {
            return nil
        }
        return low
    }

    subscript(index: Int) -> Entry {
        get { entries[index] }
        _modify { yield &entries[index] }
    }

    /// It awaits no more answers.
    mutating func end(at index: Int) {
        entries[index].isDone = true
        outstanding -= 1
        while head < entries.count, entries[head].isDone { head += 1 }
        if head == entries.count {
            entries.removeAll(keepingCapacity: entries.capacity <= 4_096)
            head = 0
        } else if head >= 64, head * 2 >= entries.count {
            entries.removeFirst(head)
            head = 0
        }
    }

    /// What was sent before this message will not be answered any more.
    mutating func passOver(before number: UInt64) {
        while let first, first.number < number { end(at: head) }
    }

    /// Takes all out that await answers.
    mutating func removeAll() -> [Entry] {
        let rest = entries[head...].filter { !$0.isDone }
        entries = []
        head = 0
        outstanding = 0
        return rest
    }
}
