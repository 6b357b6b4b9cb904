/// The bytes of a message that comes piece by piece, for patterns, which see it whole.
///
/// A message that comes in one piece is not copied.
struct MessageText {
    /// Patterns look no further into a message than this.
    static let mostBytes = 65_536

    /// Whether anything looks for patterns at all.
    let isWanted: Bool
    private var earlier: [UInt8] = []

    init(isWanted: Bool) { self.isWanted = isWanted }

    /// Takes the next bytes.
    /// - Parameter isLast: the message ends with them.
    mutating func add(_ bytes: Span<UInt8>, isLast: Bool) {
        guard isWanted, !isLast || !earlier.isEmpty else { return }
        let count = min(bytes.count, Self.mostBytes - earlier.count)
        for index in 0..<count { earlier.append(bytes[index]) }
    }

    /// Reads the message that has ended, and forgets it.
    /// - Parameter last: the bytes that were added last.
    mutating func read(_ last: Span<UInt8>, _ body: (Span<UInt8>) -> Void) {
        guard isWanted else { return }
        if earlier.isEmpty {
            body(last.extracting(0..<min(last.count, Self.mostBytes)))
        } else {
            body(earlier.span)
            earlier.removeAll(keepingCapacity: earlier.capacity <= 4_096)
        }
    }
}
