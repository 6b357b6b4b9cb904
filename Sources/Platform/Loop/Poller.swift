import CLinux

/// What has a descriptor that the poller watches.
protocol Pollable: AnyObject {
    /// Something became ready, by epoll's flags.
    func polled(_ events: UInt32)
}

/// Which descriptors are ready, as epoll tells it: by edges, each registered once.
///
/// Beside the descriptor, epoll keeps the number of its use: what it tells of a descriptor that was
/// closed and given out again within one turn carries the old number, and is not believed.
final class Poller {
    /// The most events that one wait takes.
    static let eventsPerTurn = 256

    private struct Entry {
        var use: UInt32 = 0
        var source: (any Pollable)?
    }

    /// By descriptor: the kernel gives out the lowest that is free, so this stays as small as most
    /// descriptors were open at once.
    private var entries: [Entry] = []
    private let descriptor: FileDescriptor
    private let events: UnsafeMutablePointer<epoll_event>

    init() throws(Errno) {
        descriptor = try FileDescriptor(result: weir_epoll_create())
        events = .allocate(capacity: Self.eventsPerTurn)
        events.initialize(repeating: epoll_event(), count: Self.eventsPerTurn)
    }

    deinit {
        events.deallocate()
    }

    /// Watches a descriptor, and keeps its source alive until `remove`.
    func add(_ raw: Int32, _ source: any Pollable, for flags: UInt32) throws(Errno) {
        let index = Int(raw)
        if index >= entries.count {
            entries.append(contentsOf: repeatElement(Entry(), count: index + 1 - entries.count))
        }
        let token = UInt64(entries[index].use) << 32 | UInt64(UInt32(raw))
        try Errno.check(weir_epoll_add(descriptor.raw, raw, flags | Flags.edge, token))
        entries[index].source = source
    }

    /// Forgets a descriptor that is about to be closed, which is what ends the kernel's watching.
    func remove(_ raw: Int32) {
        guard entries.indices.contains(Int(raw)) else { return }
        // Let go when the table is at rest again: what goes with the source may remove more.
        let source = entries[Int(raw)].source
        entries[Int(raw)].use &+= 1
        entries[Int(raw)].source = nil
        withExtendedLifetime(source) {}
    }

    /// Forgets all, so that what only the poller kept alive goes.
    func removeAll() {
        for index in entries.indices { remove(Int32(index)) }
    }

    /// Waits for so many nanoseconds at most, or for ever when negative; says how many became
    /// ready.
    func wait(nanoseconds: Int64) -> Int {
        let count = weir_epoll_wait(
            descriptor.raw, events, Int32(Self.eventsPerTurn), nanoseconds)
        precondition(count >= 0, "epoll cannot wait: \(Errno(code: -count))")
        return Int(count)
    }

    /// Tells the source of the event at `index`, unless its descriptor has been closed meanwhile.
    func tell(_ index: Int) {
        let event = events[index]
        let entry = entries[Int(UInt32(truncatingIfNeeded: event.data.u64))]
        guard entry.use == UInt32(event.data.u64 >> 32) else { return }
        entry.source?.polled(event.events)
    }

    /// The flags of epoll.
    enum Flags {
        static let readable = EPOLLIN.rawValue
        static let writable = EPOLLOUT.rawValue
        static let urgent = EPOLLPRI.rawValue
        static let peerFinished = EPOLLRDHUP.rawValue
        static let broken = EPOLLERR.rawValue | EPOLLHUP.rawValue
        static let edge = EPOLLET.rawValue
    }
}
