import Text

/// Bits of a message are flipped.
package struct Corrupt: StrikeFault {
    package static let name = "corrupt"
    package static let summary = "flips bits of a message, or of one byte of the link"
    package static let label = FaultLabel.violation
    package static let combines = true
    package static let settings: [Setting<Corrupt>] = [
        .count("bits", \.bits, in: 1...mostBits, "how many, at places that are drawn"),
        .optional("at", \.at, "in the byte behind so many bytes of the link"),
    ]

    package static let mostBits: UInt64 = 64

    package var bits: UInt64 = 1
    package var at: ByteCount?

    package init() {}

    package var bytePlace: UInt64? { at?.bytes }
    package var sparesState: Bool { at == nil }

    package func mayStrike(bytes: Range<UInt64>) -> Bool {
        at.map { bytes.contains($0.bytes) } ?? true
    }

    package func draw(at place: StrikePlace) -> StrikeDraw {
        var first: UInt64 = 0
        var count = min(place.length, UInt64.max / 8) * 8
        if let at, at.bytes >= place.offset {
            first = (at.bytes - place.offset) * 8
            count = 8
        }
        // Floyd's: each set of places is as likely as any other, and no roll is repeated.
        var places: Set<UInt64> = []
        for last in (count - min(bits, count))..<count {
            let place = place.dice.at(last).roll(below: last + 1)
            if !places.insert(place).inserted { places.insert(last) }
        }
        return .effect(.corrupt(bits: places.sorted().map { $0 + first }))
    }

    /// The bits, from the message's first; 0 is the lowest of its first byte.
    package struct Detail: Sendable {
        var bits: [UInt64] = []
    }

    package static let details: [Setting<Detail>] = [
        .custom(
            "bits", form: "3,17", isRequired: true,
            "bits from the message's start; 8 is the lowest of its second byte",
            read: { (text, detail) throws(SettingProblem) in
                detail.bits = try Self.list(reading: text)
            },
            write: { $0.bits.map { "\($0)" }.joined(separator: ",") })
    ]
    package static var blankDetail: Detail { Detail() }
    package static func effect(_ detail: Detail) -> StrikeEffect { .corrupt(bits: detail.bits) }

    package static func detail(of effect: StrikeEffect) -> Detail? {
        guard case .corrupt(let bits) = effect else { return nil }
        return Detail(bits: bits)
    }

    private static func list(reading text: String) throws(SettingProblem) -> [UInt64] {
        var bits: [UInt64] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let bit = UInt64(word), bits.last.map({ $0 < bit }) ?? true,
                bits.count < Int(mostBits)
            else {
                throw SettingProblem(
                    message: "\"\(EscapedText(text, limit: 60))\" is not a list of bits; write at "
                        + "most \(mostBits) numbers in rising order, like \"3,17\"")
            }
            bits.append(bit)
        }
        return bits
    }
}
