/// The index in its block.
extension RecordingIndex {
    /// Runs, buckets, shift and four zeros, before the runs and the buckets themselves.
    static let preambleLength = 16

    /// Writes it at `offset`, where it fits by the builder's limits.
    func encode(into block: inout MutableSpan<UInt8>, at offset: Int) -> Int {
        var place = offset
        block.store(UInt32(clamping: runs.count), at: &place)
        block.store(UInt32(clamping: buckets.count), at: &place)
        block.store(shift, at: &place)
        block.store(0 as UInt32, at: &place)
        for run in runs {
            block.store(run.offset, at: &place)
            block.store(run.length, at: &place)
            block.store(run.first.nanoseconds, at: &place)
            block.store(run.last.nanoseconds, at: &place)
            block.store(run.lowestConnection, at: &place)
            block.store(run.highestConnection, at: &place)
            block.store(run.blocks, at: &place)
            block.store(0 as UInt32, at: &place)
        }
        for bucket in buckets {
            block.store(bucket.firstRun, at: &place)
            block.store(bucket.lastRun, at: &place)
        }
        return place
    }

    /// Reads it back; nil when it makes no sense for a file in which it lies at `end`.
    static func decode(_ bytes: Span<UInt8>, _ range: Range<Int>, end: UInt64) -> RecordingIndex? {
        guard range.count >= preambleLength else { return nil }
        var index = RecordingIndex()
        let runs = Int(bytes.integer(at: range.lowerBound, as: UInt32.self))
        let buckets = Int(bytes.integer(at: range.lowerBound + 4, as: UInt32.self))
        index.shift = bytes.integer(at: range.lowerBound + 8)
        guard index.shift < 32,
            preambleLength + runs * Run.length + buckets * Bucket.length == range.count
        else { return nil }
        var place = range.lowerBound + preambleLength
        var previous: UInt64 = 0
        for _ in 0..<runs {
            let run = Run(
                offset: bytes.integer(at: place), length: bytes.integer(at: place + 8),
                first: Instant(nanoseconds: bytes.integer(at: place + 16)),
                last: Instant(nanoseconds: bytes.integer(at: place + 24)),
                lowestConnection: bytes.integer(at: place + 32),
                highestConnection: bytes.integer(at: place + 36),
                blocks: bytes.integer(at: place + 40))
            let (runEnd, overflow) = run.offset.addingReportingOverflow(run.length)
            guard !overflow, run.offset >= previous, runEnd <= end else { return nil }
            previous = runEnd
            index.runs.append(run)
            place += Run.length
        }
        for _ in 0..<buckets {
            index.buckets.append(
                Bucket(firstRun: bytes.integer(at: place), lastRun: bytes.integer(at: place + 4)))
            place += Bucket.length
        }
        return index
    }
}
