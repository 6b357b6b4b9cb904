/// Timers by their time, and those of the same time in the order in which they were set.
///
/// A binary heap in which each timer knows its place, so that cancelling really removes it: setting
/// and cancelling a far deadline for each message leaves nothing behind.
struct TimerQueue {
    private struct Entry {
        var time: MonotonicTime
        var sequence: UInt64
        var slot: Int

        func isBefore(_ other: Entry) -> Bool {
            time == other.time ? sequence < other.sequence : time < other.time
        }
    }

    private struct Slot {
        /// How often this slot was given out: the upper half of the token.
        var use: UInt32 = 0
        /// Where it is in the heap; -1 when it is due and waits for its call.
        var place = -1
        var handler: (any TimerHandler)?
    }

    private var heap: [Entry] = []
    private var slots: [Slot] = []
    private var freeSlots: [Int] = []
    private var sequence: UInt64 = 0

    /// When the next timer is due.
    var nextTime: MonotonicTime? { heap.first?.time }

    /// How many are set.
    var count: Int { heap.count }

    mutating func add(at time: MonotonicTime, _ handler: any TimerHandler) -> TimerToken {
        let slot = freeSlots.popLast() ?? slots.count
        if slot == slots.count { slots.append(Slot()) }
        slots[slot].handler = handler
        sequence += 1
        heap.append(Entry(time: time, sequence: sequence, slot: slot))
        moveUp(heap.count - 1)
        return TimerToken(id: UInt64(slots[slot].use) << 32 | UInt64(UInt32(slot)))
    }

    /// Gives back the handler, to be let go when the queue is at rest: what goes with it may cancel
    /// more.
    mutating func cancel(_ timer: TimerToken) -> (any TimerHandler)? {
        guard let slot = slot(of: timer) else { return nil }
        let place = slots[slot].place
        if place >= 0 { removeEntry(at: place) }
        return release(slot)
    }

    /// Takes the next timer that is due out of the order. It waits for `takeHandler`.
    mutating func removeDue(at now: MonotonicTime) -> TimerToken? {
        guard let first = heap.first, first.time <= now else { return nil }
        removeEntry(at: 0)
        slots[first.slot].place = -1
        return TimerToken(id: UInt64(slots[first.slot].use) << 32 | UInt64(UInt32(first.slot)))
    }

    /// Whom to call of a timer that is due; nil when it was cancelled since.
    mutating func takeHandler(of timer: TimerToken) -> (any TimerHandler)? {
        slot(of: timer).flatMap { release($0) }
    }

    private func slot(of timer: TimerToken) -> Int? {
        let slot = Int(UInt32(truncatingIfNeeded: timer.id))
        guard slot < slots.count, slots[slot].use == UInt32(timer.id >> 32) else { return nil }
        return slots[slot].handler == nil ? nil : slot
    }

    private mutating func release(_ slot: Int) -> (any TimerHandler)? {
        let handler = slots[slot].handler
        slots[slot].handler = nil
        slots[slot].use &+= 1
        freeSlots.append(slot)
        return handler
    }

    private mutating func removeEntry(at place: Int) {
        let last = heap.removeLast()
        guard place < heap.count else { return }
        heap[place] = last
        moveDown(place)
        moveUp(place)
    }

    private mutating func moveUp(_ start: Int) {
        let entry = heap[start]
        var place = start
        while place > 0, entry.isBefore(heap[(place - 1) / 2]) {
            put(heap[(place - 1) / 2], at: place)
            place = (place - 1) / 2
        }
        put(entry, at: place)
    }

    private mutating func moveDown(_ start: Int) {
        let entry = heap[start]
        var place = start
        while 2 * place + 1 < heap.count {
            var child = 2 * place + 1
            if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
            guard heap[child].isBefore(entry) else { break }
            put(heap[child], at: place)
            place = child
        }
        put(entry, at: place)
    }

    private mutating func put(_ entry: Entry, at place: Int) {
        heap[place] = entry
        slots[entry.slot].place = place
    }
}
