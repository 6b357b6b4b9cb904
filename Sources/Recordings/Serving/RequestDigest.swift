/// A request's digest, as two requests are compared: byte for byte, but for what must vary because
/// the consumer dials another address than it did when it was recorded.
///
/// That is the value of HTTP's `Host` alone: it has the port that the consumer dialled.
package struct RequestDigest: Sendable {
    private static let host = Array("host:".utf8)

    /// Where in an HTTP message's head the next byte stands.
    private enum Place: Hashable, Sendable {
        /// So many bytes of the line are those of `host:`; at 0 the line begins.
        case lineStart(matched: Int)
        case line
        /// In the value of `Host`, which does not count.
        case hostValue
        /// Every byte counts.
        case body
    }

    private let start: Place
    private var place: Place
    private var digest = MessageDigest()
    /// Bytes of the message so far, those too that do not count.
    package private(set) var bytes: UInt64 = 0

    /// - Parameter framing: how the connection is read as messages.
    package init(_ framing: FramingChoice) {
        start =
            if case .framer(let settings) = framing, settings.name == HTTP1Framer.name {
                .lineStart(matched: 0)
            } else {
                .body
            }
        place = start
    }

    /// Takes the message's next bytes.
    package mutating func add(_ bytes: Span<UInt8>) {
        self.bytes &+= UInt64(bytes.count)
        var from = 0
        var index = 0
        while index < bytes.count, place != .body {
            let wasCounted = place != .hostValue
            pass(bytes[index])
            let isCounted = place != .hostValue
            if wasCounted, !isCounted {
                digest.add(bytes.extracting(from..<(index + 1)))
            } else if !wasCounted, isCounted {
                from = index
            }
            index += 1
        }
        if place != .hostValue { digest.add(bytes.extracting(from..<bytes.count)) }
    }

    private mutating func pass(_ byte: UInt8) {
        let isEnd = byte == 0x0A || byte == 0x0D
        switch place {
        case .lineStart(matched: 0) where isEnd:
            // A line without a byte ends the head.
            place = .body
        case .lineStart where byte == 0x0A:
            place = .lineStart(matched: 0)
        case .lineStart(let matched):
            guard byte | 0x20 == Self.host[matched] || byte == Self.host[matched] else {
                place = .line
                return
            }
            place =
                matched + 1 == Self.host.count ? .hostValue : .lineStart(matched: matched + 1)
        case .line, .hostValue:
            if byte == 0x0A { place = .lineStart(matched: 0) }
        case .body: break
        }
    }

    /// The whole message's digest; the next message begins.
    package mutating func take() -> MessageDigest {
        defer {
            digest = MessageDigest()
            place = start
            bytes = 0
        }
        return digest
    }
}
