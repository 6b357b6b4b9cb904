import Text

/// Bytes to look for in messages, written as text with escapes: `SET `, `\r\n`, `\x00`.
package struct BytePattern: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    /// Longer ones are refused.
    package static let mostBytes = 256

    init(reading text: String) throws(SettingProblem) {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            guard let value = Self.escaped(&rest) else {
                throw SettingProblem(
                    message: "\"\(EscapedText(text, limit: 60))\" has an escape that is not known; "
                        + #"write \n, \r, \t, \\, \" or \xff"#)
            }
            bytes.append(value)
        }
        guard 1...Self.mostBytes ~= bytes.count else {
            throw SettingProblem(
                message: bytes.isEmpty
                    ? "the empty text is in every message; write some of its bytes, or leave it out"
                    : "there are \(bytes.count) bytes; write at most \(Self.mostBytes)")
        }
        self.bytes = bytes
    }

    package var description: String { EscapedText(bytes.span).description }

    private static func escaped(_ rest: inout ArraySlice<UInt8>) -> UInt8? {
        switch rest.popFirst() {
        case UInt8(ascii: "n"): return 10
        case UInt8(ascii: "r"): return 13
        case UInt8(ascii: "t"): return 9
        case UInt8(ascii: "\\"): return UInt8(ascii: "\\")
        case UInt8(ascii: "\""): return UInt8(ascii: "\"")
        case UInt8(ascii: "x"):
            guard rest.count >= 2, let high = hexDigit(rest.removeFirst()),
                let low = hexDigit(rest.removeFirst())
            else { return nil }
            return high << 4 | low
        default: return nil
        }
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
    }
}
