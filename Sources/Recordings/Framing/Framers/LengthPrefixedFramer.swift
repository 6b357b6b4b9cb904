/// Messages with a length in a field near their front, as Kafka, Thrift, DNS over TCP and many
/// protocols of one's own have them.
///
/// The field has `width` bytes and begins after `offset` bytes. It counts the body behind itself
/// or the whole message; `adjustment` is added to what it says. The settings are Netty's
/// (`LengthFieldBasedFrameDecoder`): its `lengthAdjustment` is `adjustment` with `counts=body`.
package struct LengthPrefixedFramer: Framer {
    package static let name = "length-prefixed"

    /// A message is at most this long, its header included. A length that is read where none is
    /// stands for gigabytes, so a longer message is taken for lost sync.
    package static let maximumMessageBytes = 256 << 20
    /// So many bytes may stand before the length.
    package static let offsets = 0...255
    package static let adjustments = -65_536...65_536

    /// Bytes of the length field.
    package enum Width: String, Hashable, Sendable, CaseIterable {
        case one = "1"
        case two = "2"
        case three = "3"
        case four = "4"
        case eight = "8"

        var bytes: Int {
            switch self {
            case .one: 1
            case .two: 2
            case .three: 3
            case .four: 4
            case .eight: 8
            }
        }
    }

    /// Which byte of the length comes first.
    package enum Endianness: String, Hashable, Sendable, CaseIterable {
        /// The one that counts most.
        case big
        case little
    }

    /// What the length counts.
    package enum Counts: String, Hashable, Sendable, CaseIterable {
        /// The bytes behind the length field.
        case body
        /// All bytes of the message: those before the field, the field, those behind it.
        case message
    }

    static let settings = [
        Framers.Setting("offset", offsets, default: 0),
        Framers.Setting("width", default: Width.four),
        Framers.Setting("endianness", default: Endianness.big),
        Framers.Setting("counts", default: Counts.body),
        Framers.Setting("adjustment", adjustments, default: 0),
        Framers.Setting("pairing", default: Pairing.order),
    ]

    /// The message that is under way on a link.
    private struct Progress: Sendable {
        var headerBytes = 0
        var length: UInt64 = 0
        /// Known once the header is whole.
        var bodyLeft = 0
    }

    private let offset: Int
    private let headerBytes: Int
    private let endianness: Endianness
    private let counts: Counts
    private let adjustment: Int
    private let pairing: Pairing
    private var progress = PerDirection(Progress())
    private var numbers = PairedNumbers()

    /// - Parameters:
    ///   - offset: in `offsets`.
    ///   - adjustment: in `adjustments`.
    package init(
        offset: Int = 0, width: Width = .four, endianness: Endianness = .big,
        counts: Counts = .body, adjustment: Int = 0, pairing: Pairing = .order
    ) {
        precondition(Self.offsets.contains(offset) && Self.adjustments.contains(adjustment))
        self.offset = offset
        headerBytes = offset + width.bytes
        self.endianness = endianness
        self.counts = counts
        self.adjustment = adjustment
        self.pairing = pairing
    }

    package var pairsAnswers: Bool { pairing == .order }

    package mutating func advance(_ bytes: Span<UInt8>, _ direction: Direction) -> FramingStep {
        var index = 0
        while index < bytes.count && progress[direction].headerBytes < headerBytes {
            takeHeader(bytes[index], &progress[direction])
            index += 1
            guard progress[direction].headerBytes == headerBytes else { continue }
            switch bodyBytes(progress[direction].length) {
            case .success(let body): progress[direction].bodyLeft = body
            case .failure(let wrong):
                return .lostSync(consumed: index - 1, reason: wrong.reason)
            }
        }
        guard progress[direction].headerBytes == headerBytes else { return .needMore }
        let taken = min(progress[direction].bodyLeft, bytes.count - index)
        progress[direction].bodyLeft -= taken
        guard progress[direction].bodyLeft == 0 else { return .needMore }
        progress[direction] = Progress()
        return .message(
            consumed: index + taken, numbers.next(direction, pairing: pairing, kind: "message"))
    }

    /// Any bytes may be a length, so it is never found but named.
    package static func recognises(
        upstream: Span<UInt8>, downstream: Span<UInt8>
    ) -> Recognition { .no }

    private func takeHeader(_ byte: UInt8, _ progress: inout Progress) {
        let place = progress.headerBytes - offset
        progress.headerBytes += 1
        guard place >= 0 else { return }
        switch endianness {
        case .big: progress.length = progress.length << 8 | UInt64(byte)
        case .little: progress.length |= UInt64(byte) << UInt64(place * 8)
        }
    }

    private struct WrongLength: Error {
        var reason: String
    }

    /// How many bytes follow the header, by what its length says.
    private func bodyBytes(_ length: UInt64) -> Result<Int, WrongLength> {
        // Each is far from where an Int ends: the length that is too long, and both settings.
        let said = Int(clamping: min(length, UInt64(2 * Self.maximumMessageBytes)))
        let body = said + adjustment - (counts == .message ? headerBytes : 0)
        guard body >= 0 else {
            return .failure(WrongLength(reason: "a length of \(length) is too short"))
        }
        guard headerBytes + body <= Self.maximumMessageBytes else {
            return .failure(
                WrongLength(
                    reason: "a length of \(length) makes a message longer than "
                        + "\(Self.maximumMessageBytes) bytes"))
        }
        return .success(body)
    }
}
