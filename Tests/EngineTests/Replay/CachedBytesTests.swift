import Engine
import Recordings
import Testing

struct CachedBytesTests {
    /// Bytes that tell where they lie.
    private struct Numbers: RandomAccessBytes {
        var count: UInt64
        var reads = Counter()
        final class Counter { var value = 0 }

        static func byte(_ offset: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: offset % 251) }

        mutating func read(
            at offset: UInt64, into buffer: inout MutableSpan<UInt8>
        ) throws(RecordingFileError) -> Int {
            reads.value += 1
            if offset >= 40_000_000 { throw .cannotRead(offset: offset, reason: "bad sector") }
            // A third at a time, as a file may give it.
            let length = Int(min(UInt64(buffer.count), count - min(count, offset), 100_000))
            for index in 0..<length { buffer[index] = Self.byte(offset + UInt64(index)) }
            return length
        }
    }

    private func read(
        _ bytes: CachedBytes<Numbers>, _ offset: UInt64, _ count: Int
    ) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        try buffer.withUnsafeMutableBytes { try bytes.copyBytes(at: offset, into: $0) }
        return buffer
    }

    @Test func `bytes come from where they lie, across windows and after a window gave way`() throws
    {
        let source = Numbers(count: 30_000_000)
        let bytes = CachedBytes(of: source, named: "a.weir")
        for offset in [0, 262_143, 262_100, 5, 20_000_000, 262_144 * 3 - 1] as [UInt64] {
            #expect(
                try read(bytes, offset, 300)
                    == (0..<300).map { Numbers.byte(offset + UInt64($0)) })
        }
        let before = source.reads.value
        _ = try read(bytes, 20, 100)
        #expect(source.reads.value == before)
        for window in 0..<UInt64(100) { _ = try read(bytes, window * 262_144, 1) }
        #expect(try read(bytes, 7, 3) == [7, 8, 9])
    }

    @Test func `a file that became shorter, or cannot be read, says so`() throws {
        let bytes = CachedBytes(of: Numbers(count: 300_000), named: "a.weir")
        _ = try read(bytes, 299_999, 1)
        let short = RecordedBytesError(
            reason: "a.weir: the file ends before byte 300000, and was longer when it was read")
        #expect(throws: short) { try read(bytes, 299_999, 2) }
        let damaged = RecordedBytesError(
            reason: "a.weir: the recording cannot be read at byte 50069504: bad sector; "
                + "check the disk")
        #expect(throws: damaged) { try read(bytes, 50_069_600, 2) }
    }
}
