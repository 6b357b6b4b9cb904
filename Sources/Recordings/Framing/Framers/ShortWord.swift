/// A short word in upper case, packed into registers: the name of a command, a method or a field.
///
/// Up to 24 bytes are kept; a longer word is equal to no other but longer ones, and to none that
/// a framer looks for.
struct ShortWord: Hashable, Sendable {
    static let capacity = 24

    private var first: UInt64 = 0
    private var second: UInt64 = 0
    private var third: UInt64 = 0
    private var count = 0

    init() {}

    init(_ text: String) {
        for byte in text.utf8 { append(byte) }
    }

    var isEmpty: Bool { count == 0 }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        let isLower = byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
        let upper = UInt64(isLower ? byte & 0xdf : byte)
        let shift = UInt64(count & 7) &* 8
        switch count {
        case 0..<8: first |= upper &<< shift
        case 8..<16: second |= upper &<< shift
        case 16..<24: third |= upper &<< shift
        case 24: break
        default: return
        }
        count += 1
    }

    var hash: Int {
        var mixed = first &* 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ second) &* 0xff51_afd7_ed55_8ccd
        mixed = (mixed ^ third) &* 0xc4ce_b9fe_1a85_ec53
        return Int(truncatingIfNeeded: (mixed ^ (mixed >> 29)) >> 7)
    }
}
