import CChecksum
import Testing

@testable import Recordings

@Suite struct ChecksumTests {
    /// RFC 3720, appendix B.4, and the value that catalogues of checksums give.
    static let vectors: [(bytes: [UInt8], checksum: UInt32)] = [
        ([], 0),
        (Array("123456789".utf8), 0xe306_9283),
        ([UInt8](repeating: 0, count: 32), 0x8a91_36aa),
        ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
        (Array(0..<32), 0x46dd_794e),
        (Array((0..<32).reversed()), 0x113f_db5c),
        (
            [
                0x01, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 4, 0, 0,
                0, 0, 0x14, 0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0,
            ], 0xd996_3a56
        ),
    ]

    @Test func `the checksum is the one of RFC 3720, with the instruction and without`() {
        for (bytes, checksum) in Self.vectors {
            #expect(Checksum.crc32c(bytes.span) == checksum)
            #expect(weir_crc32c_portable(0, bytes, bytes.count) == checksum)
        }
    }

    @Test func `the instruction and the tables agree at every length and place`() {
        var dice = TestDice(seed: 11)
        let bytes = (0..<70_000).map { _ in dice.byte() }
        bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { return }
            let long = [4095, 4096, 12_287, 12_288, 12_289, 24_577, 65_535]
            for count in Array(0...1_700) + long {
                let place = start + count % 9
                let expected = weir_crc32c_portable(7, place, count)
                #expect(weir_crc32c(7, place, count) == expected, "\(count) bytes")
            }
        }
    }

    @Test func `the checksum of zeros is known without reading them`() {
        for count in [0, 1, 7, 8, 4_000] {
            let zeros = [UInt8](repeating: 0, count: count)
            #expect(Checksum.ofZeros(count: UInt64(count)) == Checksum.crc32c(zeros.span))
        }
    }

    @Test func `a checksum that goes on, or is put together, is that of all bytes`() {
        var dice = TestDice(seed: 12)
        let bytes = (0..<5_000).map { _ in dice.byte() }
        let whole = Checksum.crc32c(bytes.span)
        for cut in [0, 1, 7, 8, 255, 768, 4_999, 5_000] {
            let first = Checksum.crc32c(bytes.span.extracting(0..<cut))
            let rest = bytes.span.extracting(cut..<bytes.count)
            #expect(Checksum.crc32c(rest, continuing: first) == whole)
            let second = Checksum.crc32c(rest)
            #expect(Checksum.combine(first, second, count: UInt64(rest.count)) == whole)
        }
    }
}
