import Recordings

/// A recording's bytes out of its file, a window at a time: connections that were recorded side by
/// side lie side by side, so that most reads are in a window that is there already.
package final class CachedBytes<Source: RandomAccessBytes>: RecordedBytes {
    /// Windows begin at multiples of this.
    package static var windowBytes: Int { 262_144 }
    /// So many are kept, 8 MiB in all; the one that was used longest ago gives way.
    package static var windows: Int { 32 }

    private struct Window {
        var number: UInt64
        var count: Int
        var lastUse: UInt64
    }

    private var source: Source
    private let name: String
    private var kept: [Window] = []
    private var memory: [UInt8] = []
    private var latest = 0
    private var uses: UInt64 = 0

    /// - Parameter name: what errors call it: the file's path.
    package init(of source: Source, named name: String) {
        self.source = source
        self.name = name
    }

    package func copyBytes(
        at fileOffset: UInt64, into buffer: UnsafeMutableRawBufferPointer
    ) throws(RecordedBytesError) {
        var done = 0
        while done < buffer.count {
            let (offset, overflow) = fileOffset.addingReportingOverflow(UInt64(done))
            guard !overflow else { throw missing(at: fileOffset) }
            let number = offset / UInt64(Self.windowBytes)
            let slot = try slot(of: number)
            let start = Int(offset - number * UInt64(Self.windowBytes))
            let count = min(buffer.count - done, kept[slot].count - start)
            guard count > 0 else { throw missing(at: offset) }
            let first = slot * Self.windowBytes + start
            memory.withUnsafeBytes { bytes in
                let part = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<(done + count)])
                part.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: bytes[first..<(first + count)]))
            }
            done += count
        }
    }

    private func missing(at offset: UInt64) -> RecordedBytesError {
        RecordedBytesError(
            reason: "\(name): the file ends before byte \(offset), and was longer when it was read")
    }

    /// Where a window is; it is read when it is not there.
    private func slot(of number: UInt64) throws(RecordedBytesError) -> Int {
        uses += 1
        if latest < kept.count, kept[latest].number == number {
            kept[latest].lastUse = uses
            return latest
        }
        // A linear search: there are 32 windows, and the latest one is mostly right.
        if let index = kept.firstIndex(where: { $0.number == number }) {
            kept[index].lastUse = uses
            latest = index
            return index
        }
        var index = kept.count
        if index < Self.windows {
            memory.append(contentsOf: repeatElement(0, count: Self.windowBytes))
            kept.append(Window(number: number, count: 0, lastUse: uses))
        } else {
            index = kept.indices.min { kept[$0].lastUse < kept[$1].lastUse } ?? 0
            // Until it is read, it holds nothing.
            kept[index] = Window(number: number, count: 0, lastUse: uses)
        }
        kept[index].count = try read(number, into: index)
        latest = index
        return index
    }

    private func read(_ number: UInt64, into index: Int) throws(RecordedBytesError) -> Int {
        let offset = number * UInt64(Self.windowBytes)
        var count = 0
        do throws(RecordingFileError) {
            while count < Self.windowBytes {
                let first = index * Self.windowBytes + count
                let more = try readOnce(
                    at: offset + UInt64(count), first..<((index + 1) * Self.windowBytes))
                if more == 0 { break }
                count += more
            }
        } catch {
            throw RecordedBytesError(reason: "\(name): \(error)")
        }
        return count
    }

    private func readOnce(
        at offset: UInt64, _ range: Range<Int>
    ) throws(RecordingFileError) -> Int {
        try memory.withUnsafeMutableBufferPointer { bytes throws(RecordingFileError) in
            var part = UnsafeMutableBufferPointer(rebasing: bytes[range]).mutableSpan
            return try source.read(at: offset, into: &part)
        }
    }
}
