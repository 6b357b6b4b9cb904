/// Escaped text, back to bytes.
extension EscapedText {
    /// The bytes that an escaped text stands for; nil where it is none: an escape that is not
    /// known, a character that would have been escaped. The `…` of a limit is none either.
    package static func bytes(of text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            guard byte == UInt8(ascii: "\\") else {
                guard 0x20...0x7e ~= byte, byte != UInt8(ascii: "\"") else { return nil }
                bytes.append(byte)
                continue
            }
            switch rest.next() {
            case UInt8(ascii: "r"): bytes.append(0x0d)
            case UInt8(ascii: "n"): bytes.append(0x0a)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "\\"): bytes.append(UInt8(ascii: "\\"))
            case UInt8(ascii: "\""): bytes.append(UInt8(ascii: "\""))
            case UInt8(ascii: "x"):
                guard let high = number(rest.next()), let low = number(rest.next()) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            default: return nil
            }
        }
        return bytes
    }

    /// What a lower-case hexadecimal digit stands for.
    private static func number(_ digit: UInt8?) -> UInt8? {
        switch digit {
        case .some(let digit) where UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit:
            digit - UInt8(ascii: "0")
        case .some(let digit) where UInt8(ascii: "a")...UInt8(ascii: "f") ~= digit:
            digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
