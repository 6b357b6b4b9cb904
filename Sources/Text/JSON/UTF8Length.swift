/// How many bytes the character at `index` has; 0 where no valid UTF-8 character begins there.
func utf8Length(_ bytes: Span<UInt8>, at index: Int) -> Int {
    let first = bytes[index]
    let length: Int
    // The second byte's range, which keeps out overlong forms and surrogates (RFC 3629 §4).
    let second: ClosedRange<UInt8>
    switch first {
    case 0x00...0x7f: return 1
    case 0xc2...0xdf: (length, second) = (2, 0x80...0xbf)
    case 0xe0: (length, second) = (3, 0xa0...0xbf)
    case 0xed: (length, second) = (3, 0x80...0x9f)
    case 0xe1...0xef: (length, second) = (3, 0x80...0xbf)
    case 0xf0: (length, second) = (4, 0x90...0xbf)
    case 0xf1...0xf3: (length, second) = (4, 0x80...0xbf)
    case 0xf4: (length, second) = (4, 0x80...0x8f)
    default: return 0
    }
    guard length <= bytes.count - index, second.contains(bytes[index + 1]) else { return 0 }
    for place in (index + 2)..<max(index + 2, index + length)
    where !(0x80...0xbf).contains(bytes[place]) {
        return 0
    }
    return length
}
