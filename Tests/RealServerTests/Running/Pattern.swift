import Foundation

/// Bytes that tell where they belong: a run of drawn ones whose length is a prime, again and again,
/// so that no piece of a power of two looks like another.
enum Pattern {
    private static let period = 1_048_573

    private static let run: Data = {
        var state: UInt64 = 20_261_124
        var bytes = [UInt8](repeating: 0, count: period)
        for index in bytes.indices {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            bytes[index] = UInt8(truncatingIfNeeded: state >> 56)
        }
        return Data(bytes)
    }()

    /// The bytes from this offset on.
    static func bytes(from offset: Int, count: Int) -> Data {
        var all = Data(capacity: count)
        while all.count < count {
            let start = (offset + all.count) % period
            all += run[start..<min(period, start + count - all.count)]
        }
        return all
    }

    static func write(_ count: Int, to path: String) throws {
        try Data().write(to: URL(fileURLWithPath: path))
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        var offset = 0
        while offset < count {
            let piece = bytes(from: offset, count: min(count - offset, 8 << 20))
            try file.write(contentsOf: piece)
            offset += piece.count
        }
        try file.close()
    }
}
