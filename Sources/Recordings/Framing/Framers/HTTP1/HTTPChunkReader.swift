/// A chunked body (RFC 9112 §7.1): chunks with their extensions, and the trailer section.
struct HTTPChunkReader: Sendable {
    enum Outcome {
        case ended(taken: Int)
        case needMore
        case broken(taken: Int, reason: String)
    }

    /// Leading zeros count: more digits are no size of anything.
    static let maximumSizeDigits = 15
    /// What stands behind one chunk's size.
    static let maximumExtensionBytes = 16 << 10

    private enum Phase: UInt8 {
        case size, chunkExtension, sizeLineFeed, data, dataReturn, dataLineFeed, trailer
    }

    private var phase = Phase.size
    private var digits = 0
    private var left = 0
    private var extensionBytes = 0
    private var trailer = HTTPFields(.trailer)
    private var trailerBytes = 0

    @inline(__always)
    mutating func advance(_ bytes: Span<UInt8>) -> Outcome {
        var index = 0
        while index < bytes.count {
            switch phase {
            case .data:
                let taken = min(left, bytes.count - index)
                left -= taken
                index += taken
                if left == 0 { phase = .dataReturn }
            case .trailer:
                return takeTrailer(bytes, from: index)
            default:
                if let reason = take(bytes[index]) {
                    return .broken(taken: index, reason: reason)
                }
                index += 1
            }
        }
        return .needMore
    }

    /// Takes a byte of what stands around the data.
    /// - Returns: what is wrong with it.
    private mutating func take(_ byte: UInt8) -> String? {
        switch phase {
        case .size:
            return takeSize(byte)
        case .chunkExtension:
            if byte == UInt8(ascii: "\r") {
                phase = .sizeLineFeed
                return nil
            }
            guard byte != UInt8(ascii: "\n") else { return "a chunk's size ends with a lone LF" }
            extensionBytes += 1
            return extensionBytes <= Self.maximumExtensionBytes
                ? nil : "a chunk's extensions are longer than \(Self.maximumExtensionBytes) bytes"
        case .sizeLineFeed:
            guard byte == UInt8(ascii: "\n") else { return "a CR stands without LF" }
            phase = left == 0 ? .trailer : .data
            digits = 0
            extensionBytes = 0
        case .dataReturn:
            guard byte == UInt8(ascii: "\r") else { return Self.badEnd }
            phase = .dataLineFeed
        case .dataLineFeed:
            guard byte == UInt8(ascii: "\n") else { return Self.badEnd }
            phase = .size
        case .data, .trailer:
            break
        }
        return nil
    }

    private static let badEnd = "a chunk does not end where its size says"

    private mutating func takeSize(_ byte: UInt8) -> String? {
        if let digit = Self.hexadecimal(byte) {
            guard digits < Self.maximumSizeDigits else {
                return "a chunk's size has more than \(Self.maximumSizeDigits) digits"
            }
            left = left << 4 | digit
            digits += 1
            return nil
        }
        guard digits > 0 else { return "a chunk's size is not a number" }
        switch byte {
        case UInt8(ascii: "\r"): phase = .sizeLineFeed
        case UInt8(ascii: "\n"): return "a chunk's size ends with a lone LF"
        case UInt8(ascii: ";"), UInt8(ascii: " "), UInt8(ascii: "\t"): phase = .chunkExtension
        default: return "a chunk's size is not a number"
        }
        return nil
    }

    private static func hexadecimal(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte) - 0x30
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte) - 0x57
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte) - 0x37
        default: nil
        }
    }

    private mutating func takeTrailer(_ bytes: Span<UInt8>, from start: Int) -> Outcome {
        let room = HTTPMessageReader.maximumHeadBytes - trailerBytes
        let end = min(bytes.count, start + room)
        let (taken, step) = trailer.advance(bytes.extracting(start..<end))
        trailerBytes += taken
        switch step {
        case .done: return .ended(taken: start + taken)
        case .bad(let reason): return .broken(taken: start + taken, reason: reason)
        case .more where end < bytes.count:
            return .broken(
                taken: end,
                reason: "trailers are longer than \(HTTPMessageReader.maximumHeadBytes) bytes")
        case .more: return .needMore
        }
    }
}
