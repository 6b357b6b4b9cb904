/// Bytes as lines of hexadecimal numbers, with the printable ones beside them:
///
/// ```
/// 00000010  2a 31 0d 0a 24 34 0d 0a  50 49 4e 47 0d 0a        |*1..$4..PING..|
/// ```
package struct HexDump: Sendable {
    package let lines: [String]

    /// - Parameters:
    ///   - offset: the first byte's place in the whole.
    ///   - limit: bytes that are shown; a last line counts the rest.
    package init(_ bytes: Span<UInt8>, offset: UInt64 = 0, limit: Int = .max) {
        let count = min(bytes.count, max(0, limit))
        var lines: [String] = []
        var start = 0
        while start < count {
            let end = min(count, start + Self.bytesPerLine)
            lines.append(
                Self.line(bytes.extracting(start..<end), offset: offset &+ UInt64(start)))
            start = end
        }
        if count < bytes.count {
            lines.append("… and \(UInt64(bytes.count - count).grouped) bytes more")
        }
        self.lines = lines
    }

    private static let bytesPerLine = 16

    private static func line(_ bytes: Span<UInt8>, offset: UInt64) -> String {
        let address = String(offset, radix: 16)
        var numbers = ""
        var text = ""
        for index in 0..<bytesPerLine {
            if index == bytesPerLine / 2 { numbers += " " }
            guard index < bytes.count else {
                numbers += "   "
                continue
            }
            let byte = bytes[index]
            numbers += " " + String(decoding: [hex(byte >> 4), hex(byte & 15)], as: UTF8.self)
            text.unicodeScalars.append(
                0x20...0x7e ~= byte ? Unicode.Scalar(byte) : Unicode.Scalar(UInt8(ascii: ".")))
        }
        let zeros = String(repeating: "0", count: max(0, 8 - address.count))
        return "\(zeros)\(address) \(numbers)  |\(text)|"
    }
}
