import CChecksum

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4), with the processor's instruction where it has one.
package enum Checksum {
    /// The checksum of `bytes`, going on from the checksum of what came before (0 to begin).
    package static func crc32c(_ bytes: Span<UInt8>, continuing crc: UInt32 = 0) -> UInt32 {
        // The pointer is used for the length of the call, with the span's own count.
        unsafe bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { return crc }
            return unsafe weir_crc32c(crc, start, buffer.count)
        }
    }

    /// The checksum of so many zeros.
    package static func ofZeros(count: UInt64) -> UInt32 { ~combine(.max, 0, count: count) }

    /// The checksum of one run of bytes followed by another, from theirs and the second's length.
    package static func combine(_ first: UInt32, _ second: UInt32, count: UInt64) -> UInt32 {
        weir_crc32c_combine(first, second, count)
    }
}
