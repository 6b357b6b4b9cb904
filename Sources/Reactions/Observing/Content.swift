import Recordings

/// What the bytes of an answer were, in bounded memory: the first of them, and a hash of the rest.
package struct Content: Hashable, Sendable {
    /// Of a longer one only so many bytes are kept; what follows them is compared by its hash.
    package static let keptBytes = 4_096
    /// The same of all that comes on a link that is not read as messages.
    package static let keptLinkBytes = 16 << 10

    /// All bytes, or the first `keptBytes`.
    package private(set) var head: [UInt8] = []
    /// How many there are in all.
    package private(set) var bytes: UInt64 = 0
    /// Of the bytes behind the head; the hash of nothing where there are none.
    package private(set) var tailHash = ContentHash()

    package init() {}

    package init(_ bytes: [UInt8]) { take(bytes.span) }

    package var isWhole: Bool { bytes == UInt64(head.count) }

    /// Takes the bytes that come next.
    package mutating func take(_ piece: Span<UInt8>) {
        take(piece, keeping: Self.keptBytes)
    }

    /// - Parameter limit: so many bytes are kept; the same in all calls.
    mutating func take(_ piece: Span<UInt8>, keeping limit: Int) {
        let fits = min(piece.count, limit - head.count)
        for index in 0..<fits { head.append(piece[index]) }
        tailHash.take(piece.extracting(fits..<piece.count))
        bytes = bytes.adding(UInt64(piece.count))
    }
}

/// A hash of bytes as they come (FNV-1a, 64 bits): what two runs of one program answered is
/// compared with it, not what an adversary chose.
package struct ContentHash: Hashable, Sendable {
    package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    package init() {}

    package mutating func take(_ bytes: Span<UInt8>) {
        var value = value
        for index in bytes.indices {
            value = (value ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01b3
        }
        self.value = value
    }

    /// The eight bytes of a number.
    mutating func take(_ number: UInt64) {
        for shift in stride(from: 0, to: UInt64.bitWidth, by: 8) {
            value = (value ^ (number >> UInt64(shift)) & 0xff) &* 0x0000_0100_0000_01b3
        }
    }
}
