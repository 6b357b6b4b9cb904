/// What has passed through a session so far, for live display.
package struct Counters: Hashable, Sendable {
    /// Connections accepted, and those that are open now.
    package internal(set) var connections: UInt64 = 0
    package internal(set) var openConnections = 0
    /// Attempts to reach the server that failed.
    package internal(set) var refusals: UInt64 = 0
    /// Copies of messages that were sent on connections of their own.
    package internal(set) var redeliveries: UInt64 = 0
    package internal(set) var upstream = LinkCounters()
    package internal(set) var downstream = LinkCounters()
    /// How often a receiver stopped reading for longer than `Link.stallNanoseconds`.
    package internal(set) var stalls: UInt64 = 0
    /// Bytes that links hold now because their receivers do not take them, and the most so far.
    package internal(set) var heldBytes = 0
    package internal(set) var mostHeldBytes = 0

    package init() {}

    mutating func hold(_ bytes: Int) {
        heldBytes += bytes
        mostHeldBytes = max(mostHeldBytes, heldBytes)
    }
}

/// What has passed in one direction: bytes, and the chunks they came in.
package struct LinkCounters: Hashable, Sendable {
    package internal(set) var bytes: UInt64 = 0
    package internal(set) var chunks: UInt64 = 0

    package init() {}

    mutating func add(_ count: Int) {
        bytes += UInt64(count)
        chunks += 1
    }
}
