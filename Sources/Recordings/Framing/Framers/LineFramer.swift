/// Lines that end with LF or CRLF: one line answers one, in order, or none answers any.
///
/// It understands nothing of what a line says. An empty line is a message too. Settings: `pairing`,
/// `order` (the default) or `none`.
package struct LineFramer: Framer {
    package static let name = "line"

    /// A line is at most this long, its end included; a longer one is not this protocol.
    package static let maximumLineBytes = 1 << 20

    package let pairing: Pairing
    private var lineBytes = PerDirection(0)
    private var numbers = PairedNumbers()

    package init(pairing: Pairing = .order) {
        self.pairing = pairing
    }

    package var pairsAnswers: Bool { pairing == .order }

    package mutating func advance(_ bytes: Span<UInt8>, _ direction: Direction) -> FramingStep {
        let before = lineBytes[direction]
        let room = Self.maximumLineBytes - before
        let end = Self.indexAfterLineFeed(bytes, within: min(room, bytes.count))
        if let end {
            lineBytes[direction] = 0
            return .message(
                consumed: end, numbers.next(direction, pairing: pairing, kind: "line"))
        }
        guard bytes.count < room else {
            return .lostSync(
                consumed: room, reason: "a line is longer than \(Self.maximumLineBytes) bytes")
        }
        lineBytes[direction] = before + bytes.count
        return .needMore
    }

    package static func recognises(
        upstream: Span<UInt8>, downstream: Span<UInt8>
    ) -> Recognition {
        let links = (textLines(upstream), textLines(downstream))
        if links.0 == .no || links.1 == .no { return .no }
        // Text both ways, a whole line of each: one of them alone is too little to go by.
        return links.0 == .yes && links.1 == .yes ? .yes : .undecided
    }

    private static func indexAfterLineFeed(_ bytes: Span<UInt8>, within limit: Int) -> Int? {
        for index in 0..<limit where bytes[index] == UInt8(ascii: "\n") { return index + 1 }
        return nil
    }

    /// Whether a link begins with a whole line of text (`yes`), may still (`undecided`), or not.
    private static func textLines(_ bytes: Span<UInt8>) -> Recognition {
        for index in 0..<bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\n"): return .yes
            case UInt8(ascii: "\t"), UInt8(ascii: "\r"), 0x20..<0x7f, 0x80...0xff: continue
            default: return .no
            }
        }
        return .undecided
    }
}
