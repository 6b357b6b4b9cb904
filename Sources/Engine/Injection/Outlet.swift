import Faults
import Recordings

/// What a link was told to do and has not done yet, in order.
struct Outlet {
    enum Item {
        /// So many of its bytes are sent already.
        case send(LiveSend, sent: Int)
        case finish(due: Instant)
        case cut(Cut.How, strike: String, due: Instant)

        var due: Instant {
            switch self {
            case .send(let send, _): send.due
            case .finish(let due), .cut(_, _, let due): due
            }
        }
    }

    private var items: [Item] = []
    private var start = 0

    var isEmpty: Bool { start == items.count }
    var first: Item? { isEmpty ? nil : items[start] }
    var lastDue: Instant? { isEmpty ? nil : items.last?.due }

    mutating func append(_ item: Item) { items.append(item) }

    /// So many more bytes of the first item were sent, which does not end it.
    mutating func advance(_ count: Int) {
        guard case .send(let send, let sent)? = first else { return }
        items[start] = .send(send, sent: sent + count)
    }

    mutating func removeFirst() {
        start += 1
        if start == items.count {
            removeAll()
        } else if start >= max(1_024, items.count / 2) {
            items.removeFirst(start)
            start = 0
        }
    }

    mutating func removeAll() {
        items.removeAll(keepingCapacity: items.capacity <= 1_024)
        start = 0
    }

    /// The first byte of what arrived that is still to be sent; nil: none is.
    var keepsFrom: UInt64? {
        var from: UInt64?
        for item in items[start...] {
            guard case .send(let send, _) = item, case .arrived(let range) = send.bytes else {
                continue
            }
            from = min(from ?? range.lowerBound, range.lowerBound)
        }
        return from
    }
}
