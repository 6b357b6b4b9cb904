/// A message's bytes in 16 bytes, so that a message that comes can be found among recorded ones
/// without keeping either: two messages of equal length and digest are taken for the same.
///
/// Two mixes of 64 bits, each with its own odd factor. It is no defence against someone who makes
/// two messages alike on purpose: such a consumer gets the answer to the wrong one.
package struct MessageDigest: Hashable, Sendable {
    private var first: UInt64 = 0x243F_6A88_85A3_08D3
    private var second: UInt64 = 0x1319_8A2E_0370_7344
    private var count: UInt64 = 0

    package init() {}

    /// Takes the message's next bytes.
    package mutating func add(_ bytes: Span<UInt8>) {
        for index in bytes.indices {
            let byte = UInt64(bytes[index])
            first = (first ^ byte) &* 0x9E37_79B9_7F4A_7C15
            first ^= first >> 29
            second = (second &+ byte &+ 1) &* 0xD6E8_FEB8_6659_FD93
            second ^= second >> 32
        }
        count &+= UInt64(bytes.count)
    }
}
