import Recordings

/// What a responder is to send, in the order of sending: the answers to what was asked, pushes
/// between them, and copies.
struct Outbox {
    /// A consumer that asks for more before it takes answers waits.
    static let mostAsked = 1_024
    /// So many messages are looked at ahead, so that two of them can change places.
    static let ahead = 256

    /// A request, whose answers are to be sent.
    struct Asked: Hashable {
        /// Which recorded connection it is from, and which of its requests it is.
        var source: Int
        var message: UInt64
        /// Counted through all connections.
        var request: Int
        var at: Instant
    }

    /// A message that is to be sent.
    struct Entry: Hashable {
        enum Kind: Hashable { case answer, push, copy }

        var kind: Kind
        var source: Int
        var message: UInt64
        var due: Instant
        /// Counted through all connections; -1 for pushes and copies.
        var request = -1
        var copy: UInt16 = 0
        /// The strike that made the copy.
        var strike = -1
    }

    /// A copy that is sent at its own time, between messages.
    struct LaterCopy: Hashable {
        var entries: [Entry]
        var due: Instant
    }

    private var asked: [Asked] = []
    private var askedHead = 0
    /// Of the request at the front: its answers, and how many have been taken over.
    var answers: (of: Asked, list: [UInt64], taken: Int)?
    /// In the order of sending.
    var entries: [Entry] = []
    private var head = 0
    private(set) var laterCopies: [LaterCopy] = []

    var isEmpty: Bool {
        head == entries.count && askedHead == asked.count && answers == nil && laterCopies.isEmpty
    }
    var hasRoom: Bool { asked.count - askedHead < Self.mostAsked }
    var first: Entry? { head < entries.count ? entries[head] : nil }
    /// Those to be sent, in order.
    var waiting: ArraySlice<Entry> { entries[head...] }

    mutating func ask(_ request: Asked) { asked.append(request) }

    /// The request whose answers come next.
    mutating func nextAsked() -> Asked? {
        guard askedHead < asked.count else { return nil }
        let request = asked[askedHead]
        askedHead += 1
        if askedHead == asked.count {
            asked.removeAll(keepingCapacity: asked.capacity <= 4_096)
            askedHead = 0
        } else if askedHead >= 1_024, askedHead * 2 > asked.count {
            asked.removeFirst(askedHead)
            askedHead = 0
        }
        return request
    }

    mutating func removeFirst() -> Entry {
        defer {
            head += 1
            if head == entries.count {
                entries.removeAll(keepingCapacity: entries.capacity <= 1_024)
                head = 0
            } else if head >= 256, head * 2 > entries.count {
                entries.removeFirst(head)
                head = 0
            }
        }
        return entries[head]
    }

    /// Puts entries before all others.
    mutating func insertFirst(_ more: [Entry]) { entries.insert(contentsOf: more, at: head) }

    /// Puts an answer behind what stands before it: pushes that were recorded after it, or are due
    /// after it, wait.
    mutating func insert(_ answer: Entry, own: Int?) {
        var place = entries.count
        while place > head, entries[place - 1].kind == .push {
            let push = entries[place - 1]
            let goesFirst =
                answer.source == own ? push.message > answer.message : push.due > answer.due
            guard goesFirst else { break }
            place -= 1
        }
        // What was recorded before it comes before it, however early it was asked for.
        var index = place
        while index > head, entries[index - 1].kind == .push {
            index -= 1
            entries[index].due = min(entries[index].due, answer.due)
        }
        entries.insert(answer, at: place)
    }

    /// Puts a push before the answers that were recorded after it.
    mutating func insertPush(_ push: Entry) {
        let behind = entries[head...].firstIndex {
            $0.kind == .answer && $0.source == push.source && $0.message > push.message
        }
        guard let behind else { return entries.append(push) }
        var push = push
        push.due = min(push.due, entries[behind].due)
        entries.insert(push, at: behind)
    }

    /// Who has finished waits for answers alone.
    mutating func removePushes() {
        entries = entries[head...].filter { $0.kind != .push }
        head = 0
    }

    mutating func later(_ copy: LaterCopy) {
        let index = laterCopies.firstIndex { $0.due > copy.due } ?? laterCopies.count
        laterCopies.insert(copy, at: index)
    }

    mutating func takeLaterCopy() { insertFirst(laterCopies.removeFirst().entries) }

    /// Lets two runs of messages of one link change places; the first stands at the front.
    /// - Returns: false while not all of them are there.
    mutating func swap(
        _ first: ClosedRange<UInt64>, _ second: ClosedRange<UInt64>, of source: Int
    ) -> Bool {
        func run(_ range: ClosedRange<UInt64>, from start: Int) -> Range<Int>? {
            guard
                let begin = entries[start...].firstIndex(where: {
                    $0.source == source && $0.message == range.lowerBound && $0.kind != .copy
                }),
                let end = entries[begin...].firstIndex(where: {
                    $0.source == source && $0.message == range.upperBound && $0.kind != .copy
                })
            else { return nil }
            return begin..<(end + 1)
        }
        guard let one = run(first, from: head), let other = run(second, from: one.upperBound) else {
            return false
        }
        let due = entries[one.lowerBound].due
        var moved = Array(entries[other]) + Array(entries[one.upperBound..<other.lowerBound])
        moved += entries[one]
        for index in moved.indices { moved[index].due = max(moved[index].due, due) }
        entries.replaceSubrange(one.lowerBound..<other.upperBound, with: moved)
        return true
    }
}
