/// The number in a RESP header, digit by digit: the `3` of `*3\r\n`, the `-1` of `$-1\r\n`, or `?`.
struct RedisNumber: Sendable {
    enum Step {
        case more
        case done
        case bad
    }

    /// Nothing in RESP counts further.
    static let largest = Int(Int64(1) << 40)

    private var magnitude = 0
    private var digits = 0
    private var isNegative = false
    private var endsNow = false
    /// `?`: the parts follow one by one, to an end mark (RESP3's streamed types).
    private(set) var isStreamed = false

    var value: Int { isNegative ? -magnitude : magnitude }

    @inline(__always)
    mutating func take(_ byte: UInt8) -> Step {
        if endsNow { return byte == UInt8(ascii: "\n") ? .done : .bad }
        let digit = Int(byte) - 0x30
        if digit >= 0 && digit <= 9 {
            // A leading zero is what Redis refuses, too.
            guard !isStreamed, digits == 0 || magnitude != 0, magnitude <= Self.largest else {
                return .bad
            }
            magnitude = magnitude &* 10 &+ digit
            digits += 1
            return .more
        }
        if byte == UInt8(ascii: "\r") {
            guard digits > 0 || isStreamed else { return .bad }
            endsNow = true
            return .more
        }
        guard digits == 0, !isNegative, !isStreamed else { return .bad }
        if byte == UInt8(ascii: "-") {
            isNegative = true
        } else if byte == UInt8(ascii: "?") {
            isStreamed = true
        } else {
            return .bad
        }
        return .more
    }
}
