import Recordings

/// Contents of one run, one behind the other, up to a limit; beyond it only length and hash.
struct ContentStore: Sendable {
    private var bytes: [UInt8] = []
    /// Contents of which no byte was kept, because there was no more room.
    private(set) var notKept: UInt64 = 0

    mutating func add(_ content: Content, limit: Int) -> StoredContent {
        var whole = ContentHash()
        whole.take(content.head.span)
        whole.take(content.tailHash.value)
        var stored = StoredContent(
            length: content.bytes, hash: whole.value, tailHash: content.tailHash.value,
            start: 0, count: 0)
        if bytes.count + content.head.count <= limit {
            stored.start = UInt32(clamping: bytes.count)
            stored.count = UInt32(clamping: content.head.count)
            bytes += content.head
        } else {
            stored.isKept = false
            notKept += 1
        }
        return stored
    }

    /// The bytes at hand of a content: all, the first ones, or none.
    func withBytes<Result>(_ content: StoredContent, _ body: (Span<UInt8>) -> Result) -> Result {
        let start = Int(content.start)
        return body(bytes.span.extracting(start..<(start + Int(content.count))))
    }
}

/// A content of a `ContentStore`.
struct StoredContent: Hashable, Sendable {
    var length: UInt64
    /// Of all its bytes.
    var hash: UInt64
    /// Of the bytes behind those at hand.
    var tailHash: UInt64
    var start: UInt32
    var count: UInt32
    /// Whether its first bytes are at hand.
    var isKept = true

    static let none = StoredContent(length: 0, hash: 0, tailHash: 0, start: 0, count: 0)

    /// Whether all of its bytes are at hand.
    var isWhole: Bool { isKept && UInt64(count) == length }

    /// Whether the bytes are the same, as far as a hash tells.
    func isSame(as other: StoredContent) -> Bool { length == other.length && hash == other.hash }
}
