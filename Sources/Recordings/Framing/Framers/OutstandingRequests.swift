/// Requests that still await answers, first in, first out, in a ring that grows to a named limit.
struct OutstandingRequests<Request: Sendable>: Sendable {
    /// More requests than this awaiting answers is more than is kept in mind.
    static var limit: Int { 1 << 20 }
    /// A ring that grew over this is given back when it empties.
    private static var keptCapacity: Int { 1 << 12 }

    private var ring: [Request] = []
    private var head = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// False when the limit is reached.
    mutating func append(_ request: Request) -> Bool {
        guard count < Self.limit else { return false }
        if count == ring.count { grow(like: request) }
        ring[(head + count) & (ring.count - 1)] = request
        count += 1
        return true
    }

    /// The one whose answer comes next; there must be one.
    var first: Request {
        get { ring[head] }
        _modify { yield &ring[head] }
    }

    /// The one behind the first; there must be two.
    var second: Request { ring[(head + 1) & (ring.count - 1)] }

    mutating func removeFirst() {
        head = (head + 1) & (ring.count - 1)
        count -= 1
        if count == 0 {
            head = 0
            if ring.count > Self.keptCapacity { ring = [] }
        }
    }

    mutating func removeAll() {
        self = OutstandingRequests()
    }

    private mutating func grow(like filler: Request) {
        var larger: [Request] = []
        larger.reserveCapacity(max(16, ring.count * 2))
        for index in 0..<count { larger.append(ring[(head + index) & (ring.count - 1)]) }
        let capacity = max(16, ring.count * 2)
        while larger.count < capacity { larger.append(filler) }
        ring = larger
        head = 0
    }
}
