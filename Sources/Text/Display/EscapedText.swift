/// Bytes as one line of printable ASCII: `GET k\r\n\xff`.
///
/// It can be shown anywhere: on a terminal no byte of it acts. Quotes and backslashes are escaped,
/// so that it can stand between quotes, and different bytes are different text, as far as the
/// limit.
package struct EscapedText: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// - Parameter limit: bytes that are shown; `…` stands for the rest.
    package init(_ bytes: Span<UInt8>, limit: Int = .max) {
        var text: [UInt8] = []
        for index in 0..<min(bytes.count, max(0, limit)) { Self.append(bytes[index], to: &text) }
        let shown = String(decoding: text, as: UTF8.self)
        description = bytes.count > limit ? shown + "…" : shown
    }

    package init(_ text: String, limit: Int = .max) {
        let bytes = Array(text.utf8)
        self.init(bytes.span, limit: limit)
    }

    private static func append(_ byte: UInt8, to text: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\r"): text += "\\r".utf8
        case UInt8(ascii: "\n"): text += "\\n".utf8
        case UInt8(ascii: "\t"): text += "\\t".utf8
        case UInt8(ascii: "\\"): text += "\\\\".utf8
        case UInt8(ascii: "\""): text += "\\\"".utf8
        case 0x20...0x7e: text.append(byte)
        default: text += [UInt8(ascii: "\\"), UInt8(ascii: "x"), hex(byte >> 4), hex(byte & 15)]
        }
    }
}

/// The lower-case hexadecimal digit of a number below 16.
func hex(_ number: UInt8) -> UInt8 {
    number < 10 ? UInt8(ascii: "0") + number : UInt8(ascii: "a") + (number & 15) - 10
}
